import { deepEqual, equal } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener, ServerResponse } from 'node:http';
import { arch } from 'node:os';
import { join } from 'node:path';
import { listFiles } from '../../../src/adapters/files.ts';
import { until } from '../../fakes/processes.ts';
import { startDownloadServer, type DownloadServer } from '../download-server.ts';
import { failed, passed, says } from '../expectations.ts';
import { reportOf } from '../invariants.ts';
import { fastClock } from '../preload.ts';
import type { Case, Row } from '../row.ts';
import type { FaultJob, FaultJobOptions, Trial } from '../trial.ts';

/** D: kind can not be downloaded as it should. */

interface Downloading {
  readonly job: FaultJob;
  readonly server: DownloadServer;
  /** The binary that is pinned. */
  readonly kind: Buffer;
}

/** `file` is what should be there. */
type Answer = (response: ServerResponse, file: Buffer) => void;

/** A job whose tool cache has no kind, on a fast clock; the answers to its downloads in their order, the last one for all others. */
async function downloading(
  trial: Trial,
  answers: readonly Answer[],
  options: FaultJobOptions = {},
): Promise<Downloading> {
  let asked = 0;
  const listener: RequestListener = ({ url = '' }, response) => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    answer?.(response, readFileSync(join(job.tools.bin, url.includes('kubectl') ? 'kubectl' : 'kind')));
  };
  const server = await startDownloadServer(trial.folder(), listener);
  trial.defer(() => {
    server.close();
  });
  const job = await trial.job({ ...options, env: { ...server.env, ...fastClock('install-tools', 3), ...options.env } });
  rmSync(join(job.home, 'cache', 'kind'), { recursive: true });
  const kind = readFileSync(join(job.tools.bin, 'kind'));
  return { job, server, kind };
}

const whole: Answer = (response, file) => {
  response.end(file);
};
const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) => {
    response.writeHead(code, headers).end('<html>no</html>');
  };
const page: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please log in</html>');
};
const empty: Answer = (response) => {
  response.end();
};
const cutWithLength: Answer = (response, file) => {
  response.writeHead(200, { 'content-length': String(file.length) });
  response.write(file.subarray(0, 20), () => response.destroy());
};
const cutWithoutLength: Answer = (response, file) => {
  response.writeHead(200, { connection: 'close' });
  response.useChunkedEncodingByDefault = false;
  response.end(file.subarray(0, 20));
};
const silence: Answer = (response, file) => {
  response.writeHead(200, { 'content-length': String(file.length) });
  response.write(file.subarray(0, 20));
};

const refused =
  (
    code: Parameters<typeof failed>[2],
    answer: Answer,
    look: (downloading: Downloading) => void = () => undefined,
  ): Case =>
  async (trial) => {
    const all = await downloading(trial, [answer]);
    failed(all.job, await all.job.main(), code, 'install-tools');
    deepEqual(cached(all.job), []);
    equal(all.job.tools.lines('kind').length, 0, 'what was downloaded was run');
    look(all);
  };

/** It passes, and the tool cache has the whole file. */
const mended =
  (requests: number, ...answers: readonly Answer[]): Case =>
  async (trial) => {
    const { job, server, kind } = await downloading(trial, answers);
    passed(job, await job.main());
    equal(server.requests.length, requests);
    deepEqual(readFileSync(inCache(job)), kind);
  };

const inCache = (job: FaultJob): string => join(job.home, 'cache', 'kind', '0.33.0', arch(), 'kind');
const cached = (job: FaultJob): string[] => listFiles(join(job.home, 'cache', 'kind'));

export const DOWNLOAD_ROWS: readonly Row[] = [
  {
    id: 'D1',
    kind: 'slow',
    fault: 'There is no such version: 404',
    expected:
      '`download-failed` immediately, with version and address (all failed downloads have one code; the message says which it was)',
    cases: {
      '404': async (trial) => {
        const { job, server } = await downloading(trial, [status(404)]);
        const main = await job.main();
        failed(job, main, 'download-failed', 'install-tools');
        says(
          main,
          /kind v0\.33\.0 could not be downloaded from https:\/\/github\.com\/\S+: Unexpected HTTP response: 404/,
        );
        equal(server.requests.length, 1);
      },
    },
  },
  {
    id: 'D2',
    kind: 'slow',
    fault: '502 twice, then the file',
    expected: 'Two retries, then it continues',
    cases: { '502': mended(3, status(502), status(502), whole) },
  },
  {
    id: 'D3',
    kind: 'slow',
    fault: '429 with Retry-After: 3',
    expected: 'It waits as long as requested, at most a minute, then continues',
    cases: { '429': mended(2, status(429, { 'retry-after': '3' }), whole) },
  },
  {
    id: 'D4',
    kind: 'slow',
    fault: 'The body breaks off before its Content-Length',
    expected: 'It is retried; `download-failed` if that does not help',
    cases: { once: mended(2, cutWithLength, whole), always: refused('download-failed', cutWithLength) },
  },
  {
    id: 'D5',
    kind: 'slow',
    fault: 'The body breaks off and had no length',
    expected: '`checksum-mismatch`; the file is removed, not run and not kept',
    cases: { cut: refused('checksum-mismatch', cutWithoutLength) },
  },
  {
    id: 'D6',
    kind: 'slow',
    fault: 'The answer is 200 with a page of HTML, or with nothing',
    expected: '`checksum-mismatch`, with both checksums',
    cases: {
      HTML: refused('checksum-mismatch', page),
      nothing: refused('checksum-mismatch', empty),
      'both checksums': async (trial) => {
        const { job, kind } = await downloading(trial, [empty]);
        const main = await job.main();
        failed(job, main, 'checksum-mismatch', 'install-tools');
        says(main, createHash('sha256').update('').digest('hex'));
        says(main, createHash('sha256').update(kind).digest('hex'));
      },
    },
  },
  {
    id: 'D7',
    kind: 'slow',
    fault: 'One bit of 60 MB is flipped',
    expected: '`checksum-mismatch`',
    cases: {
      'one bit': async (trial) => {
        const large = Buffer.alloc(60_000_000, '# padding\n');
        const flipped = Buffer.from(large);
        const place = Math.floor(trial.random() * large.length);
        flipped.writeUInt8(flipped.readUInt8(place) ^ (1 << Math.floor(trial.random() * 8)), place);
        const { job } = await downloading(
          trial,
          [
            (response) => {
              response.end(flipped);
            },
          ],
          { inputs: { 'kind-sha256': createHash('sha256').update(large).digest('hex') } },
        );
        failed(job, await job.main(), 'checksum-mismatch', 'install-tools');
        deepEqual(cached(job), []);
      },
    },
  },
  {
    id: 'D8',
    kind: 'slow',
    fault: 'The download stalls: some bytes, then silence',
    expected: 'It is retried after half a minute without a byte; `download-failed` after the fifth attempt',
    cases: {
      once: mended(2, silence, whole),
      always: refused('download-failed', silence, ({ server }) => {
        equal(server.requests.length, 5);
      }),
    },
  },
  {
    id: 'D9',
    kind: 'slow',
    fault: 'The file in the tool cache was changed',
    expected: 'It is removed with a warning and downloaded again',
    cases: {
      'another content': async (trial) => {
        const { job, server, kind } = await downloading(trial, [whole]);
        job.tools.fillToolCache(join(job.home, 'cache'));
        writeFileSync(inCache(job), '#!/bin/sh\necho evil\n');
        const main = await job.main();
        passed(job, main);
        says(main, /::warning::kind v0\.33\.0 in the tool cache has the checksum \S+, not \S+: it is removed/);
        equal(server.requests.length, 1);
        deepEqual(readFileSync(inCache(job)), kind);
      },
    },
  },
  {
    id: 'D10',
    kind: 'slow',
    fault: 'Jobs fill the same tool cache at the same time',
    expected: 'Each gets a whole file, and the cache has one',
    cases: {
      'four jobs': async (trial) => {
        const { job: first, server, kind } = await downloading(trial, [whole]);
        const jobs = [first];
        const cache = join(first.home, 'cache');
        while (jobs.length < 4)
          jobs.push(await trial.job({ beside: first, env: { ...server.env, RUNNER_TOOL_CACHE: cache } }));
        const steps = await Promise.all(jobs.map((job) => job.main()));
        jobs.forEach((job, index) => {
          const main = steps[index];
          if (main !== undefined) passed(job, main);
        });
        deepEqual(readFileSync(inCache(first)), kind);
        deepEqual(cached(first).length, 2, cached(first).join(', '));
      },
    },
  },
  {
    id: 'D11',
    kind: 'quick',
    fault: 'The requested version has no known checksum',
    expected: '`version-unknown` before any network request',
    cases: {
      'without a checksum': async (trial) => {
        const job = await trial.job({
          inputs: { 'kind-version': 'v0.99.0', 'kind-sha256': '' },
          env: { https_proxy: 'http://127.0.0.1:9' },
        });
        const main = await job.main();
        failed(job, main, 'version-unknown', 'validate');
        says(main, 'give the checksum of its binary as kind-sha256');
      },
    },
  },
  {
    id: 'D12',
    kind: 'slow',
    fault: 'The download is redirected: to plain HTTP, or to another host',
    expected:
      'Plain HTTP is refused. Another host is accepted: the checksum decides, not the location, and projects move their storage',
    cases: {
      'plain HTTP': refused('download-failed', (response) => {
        response.writeHead(302, { location: 'http://127.0.0.1:9/kind' }).end();
      }),
      'another host with the file': mended(
        2,
        (response) => {
          response.writeHead(302, { location: 'https://objects.example.com/kind' }).end();
        },
        whole,
      ),
      'another host with another file': async (trial) => {
        const { job } = await downloading(trial, [
          (response) => {
            response.writeHead(302, { location: 'https://objects.example.com/kind' }).end();
          },
          page,
        ]);
        failed(job, await job.main(), 'checksum-mismatch', 'install-tools');
      },
    },
  },
  {
    id: 'D13',
    kind: 'slow',
    fault: 'The tool cache is not writable',
    expected: 'A warning; the tool runs from RUNNER_TEMP, which the runner empties',
    cases: {
      'not a folder': async (trial) => {
        const file = join(trial.folder(), 'cache');
        writeFileSync(file, '');
        const { job } = await downloading(trial, [whole], {
          env: { RUNNER_TOOL_CACHE: join(file, 'tools') },
          exempt: { I3: 'The tools stay in RUNNER_TEMP, which the runner removes with the job' },
        });
        const main = await job.main();
        passed(job, main);
        says(main, '::warning::kind v0.33.0 could not be kept in the tool cache');
      },
    },
  },
  {
    id: 'D14',
    kind: 'quick',
    fault: 'The main step is killed outright while a tool is downloaded',
    expected: 'The post step removes what was downloaded so far',
    cases: {
      'the main step': async (trial) => {
        const { job, server } = await downloading(trial, [silence]);
        await job.main(async ({ kill, ended }) => {
          await until(() => server.requests.length > 0 && listFiles(job.temp).length > 0);
          kill('SIGKILL');
          await ended;
        });
        await job.post();
        equal(reportOf(job).outcome.code, 'cancelled');
      },
    },
  },
];
