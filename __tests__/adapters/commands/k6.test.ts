import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/adapters/clock.ts';
import { type K6Ending, type K6Run, runK6 } from '../../../src/adapters/commands/k6.ts';
import { openShell } from '../../../src/adapters/commands/shell.ts';
import { sendCountedLoad } from '../../../src/adapters/engine/load-generator.ts';
import { K6CsvReader } from '../../../src/load/k6/k6-csv.ts';
import { K6Samples } from '../../../src/load/k6/k6-samples.ts';
import { k6Script } from '../../../src/load/k6/k6-script.ts';
import type { LoadPlan } from '../../../src/load/requests/plan.ts';
import { onLoopback } from '../../../src/model/endpoint.ts';
import { type LoadResult, loadResult } from '../../../src/model/load.ts';
import { temporaryFolders } from '../../fakes/folder.ts';
import { plan } from '../../load/engine/fakes.ts';
import { BEHAVIOURS, startUnrulyServer } from '../engine/unruly-server.ts';

const folder = temporaryFolders();
const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

/** A program in place of k6. */
function fakeK6(home: string, body: string): string {
  const file = join(home, 'fake-k6');
  // The file after csv=, and the one after --summary-export.
  const find =
    'for a in "$@"; do case "$a" in csv=*) csv="${a#csv=}";; esac; [ "$last" = --summary-export ] && summary="$a"; last="$a"; done';
  writeFileSync(file, `#!/bin/sh\n${find}\n${body}\n`, { mode: 0o755 });
  return file;
}

async function start(
  path: string,
  home: string,
  changes: Partial<K6Run> = {},
  signal = new AbortController().signal,
): Promise<{ ending: K6Ending; csv: string }> {
  let csv = '';
  const run: K6Run = {
    script: { text: '// generated' },
    connection: { hosts: { 'foo.localhost': '127.0.0.1:80', 'foo.localhost:443': '127.0.0.1:443' } },
    authorities: [],
    variables: { A: 'b c' },
    folder: join(home, 'out'),
    deadlineMs: 20_000,
    onCsv: (text) => {
      csv += text;
    },
    ...changes,
  };
  const ending = await runK6(path, run, { shell: openShell({ signal }), clock: systemClock, signal });
  return { ending, csv };
}

describe('a run of k6', () => {
  test('gives samples, summary, log and exit code, and leaves script and configuration behind', async () => {
    const home = folder();
    const path = fakeK6(home, 'printf "a\\nä" > "$csv"; echo {} > "$summary"; echo out; echo err >&2; exit 99');
    const { ending, csv } = await start(path, home);
    expect(ending).toMatchObject({ exitCode: 99, ended: null, stdout: 'out\n', stderr: 'err\n', summary: '{}\n' });
    expect(csv).toBe('a\nä');
    expect(readdirSync(join(home, 'out')).sort()).toEqual(['config.json', 'script.js', 'summary.json']);
    expect(readFileSync(join(home, 'out', 'script.js'), 'utf8')).toBe('// generated');
    expect(JSON.parse(readFileSync(join(home, 'out', 'config.json'), 'utf8'))).toEqual({
      hosts: { 'foo.localhost': '127.0.0.1:80', 'foo.localhost:443': '127.0.0.1:443' },
    });
    expect(ending.command).toContain(`--env 'A=b c' ${join(home, 'out', 'script.js')}`);
  });

  test('hands on samples while they come', async () => {
    const home = folder();
    const seen: string[] = [];
    const told = join(home, 'told');
    const path = fakeK6(home, `echo one >> "$csv"; until [ -e '${told}' ]; do sleep 0.1; done; echo two >> "$csv"`);
    const onCsv = (text: string): void => {
      seen.push(text);
      writeFileSync(told, '');
    };
    await start(path, home, { onCsv });
    expect(seen).toEqual(['one\n', 'two\n']);
  });

  test('does not show the summary of an earlier one', async () => {
    const home = folder();
    await start(fakeK6(home, 'echo old > "$summary"'), home);
    const { ending } = await start(fakeK6(home, 'exit 1'), home);
    expect(ending).toMatchObject({ summary: '', exitCode: 1 });
  });

  test('is not changed by the environment, unless the script is the user’s own', async () => {
    process.env['K6_VUS'] = '5';
    process.env['NO_PROXY'] = 'example.org';
    const home = folder();
    const path = fakeK6(home, 'echo "[$K6_VUS] $K6_CSV_TIME_FORMAT $K6_AUTO_EXTENSION_RESOLUTION $NO_PROXY $no_proxy"');
    const hosts = 'example.org,127.0.0.1,foo.localhost';
    expect((await start(path, home)).ending.stdout).toBe(`[] unix_micro false ${hosts} ${hosts}\n`);
    const own = join(home, 'own.js');
    const { ending } = await start(path, home, { script: { path: own } });
    expect(ending.stdout).toMatch(/^\[5\] /);
    expect(ending.command.endsWith(` ${own}`)).toBe(true);
  });

  test('is not given the tokens of the action', async () => {
    for (const name of [
      'INPUT_GITHUB-TOKEN',
      'GITHUB_TOKEN',
      'INPUT_PULL-SECRET',
      'PULL_SECRET',
      'ACTIONS_RUNTIME_TOKEN',
      'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
    ])
      process.env[name] = 'secret';
    process.env['SHOP'] = 'open';
    const home = folder();
    const { ending } = await start(fakeK6(home, 'env'), home, { script: { path: join(home, 'own.js') } });
    expect(ending.stdout).toContain('SHOP=open');
    expect(ending.stdout).not.toContain('secret');
  });

  test('that is cancelled gives what there was until then', async () => {
    const home = folder();
    const controller = new AbortController();
    const path = fakeK6(
      home,
      'trap \'echo last >> "$csv"; exit 105\' INT; echo first >> "$csv"; while :; do sleep 0.1; done',
    );
    let csv = '';
    const { ending } = await start(
      path,
      home,
      {
        onCsv: (text) => {
          csv += text;
          controller.abort(new Error('stop'));
        },
      },
      controller.signal,
    );
    expect(ending).toMatchObject({ ended: 'cancelled', exitCode: 105 });
    expect(csv).toBe('first\nlast\n');
  });

  test('that takes too long is ended', async () => {
    const home = folder();
    const { ending } = await start(fakeK6(home, 'echo x >> "$csv"; exec sleep 30'), home, { deadlineMs: 300 });
    expect(ending).toMatchObject({ ended: 'timeout', exitCode: null });
  });

  test('whose samples can’t be read is ended too', async () => {
    const home = folder();
    const fail = (): never => {
      throw new Error('unreadable');
    };
    const endless = fakeK6(home, 'echo x >> "$csv"; exec sleep 1000');
    await expect(start(endless, home, { onCsv: fail })).rejects.toThrow(/^unreadable$/);
    expect(existsSync(join(home, 'out', 'samples.csv'))).toBe(false);
  });

  test('that can’t be started is an error', async () => {
    await expect(start('/nonexistent/k6', folder())).rejects.toMatchObject({ reason: 'not-started' });
  });
});

const REAL = realK6();

function realK6(): string | null {
  try {
    const path = execFileSync('sh', ['-c', 'command -v k6'], { encoding: 'utf8' }).trim();
    return /^k6 v[12]\./.test(execFileSync(path, ['version'], { encoding: 'utf8' })) ? path : null;
  } catch {
    return null;
  }
}

(REAL === null ? describe.skip : describe)(
  REAL === null ? 'the real k6 (skipped: k6 v1 or v2 is not on PATH)' : 'the real k6',
  () => {
    let server: Awaited<ReturnType<typeof startUnrulyServer>>;
    beforeAll(async () => {
      server = await startUnrulyServer();
    });
    afterAll(() => {
      server.close();
    });

    async function load(given: LoadPlan): Promise<LoadResult> {
      const samples = new K6Samples(given, false);
      const reader = new K6CsvReader(samples.metrics, (sample) => {
        samples.add(sample);
      });
      const { ending } = await start(REAL ?? '', folder(), {
        script: { text: k6Script(given, onLoopback(server.port)) },
        onCsv: (text) => {
          reader.push(text);
        },
      });
      expect(ending).toMatchObject({ exitCode: 0, ended: null });
      return loadResult.parse(samples.result(true));
    }

    const right = [
      { host: 'a.localhost', path: '/right', expectedText: 'foo' },
      { host: 'b.localhost', path: '/unicode' },
    ];
    const common = { targets: right, seed: 'k6', warmupRequests: 10 };

    const table: { name: string; given: Partial<LoadPlan>; sent: (count: number) => boolean }[] = [
      { name: 'a count in the closed model', given: { requests: 500 }, sent: (count) => count === 500 },
      { name: 'fewer requests than connections', given: { requests: 2 }, sent: (count) => count === 2 },
      { name: 'a time in the closed model', given: { requests: null, durationMs: 1000 }, sent: (count) => count > 10 },
      {
        name: 'a count in the open model',
        given: { requests: 70, model: { kind: 'open', ratePerSecond: 55.5, arrivals: 'constant', concurrency: 5 } },
        sent: (count) => count >= 65 && count <= 70,
      },
      {
        name: 'a time in the open model, after a ramp',
        given: {
          requests: null,
          durationMs: 1000,
          rampUpMs: 500,
          model: { kind: 'open', ratePerSecond: 60, arrivals: 'constant', concurrency: 5 },
        },
        sent: (count) => count >= 55 && count <= 60,
      },
      {
        name: 'a count in the closed model, after a ramp',
        given: { requests: 100, rampUpMs: 500, warmupRequests: 0 },
        sent: (count) => count === 100,
      },
    ];
    test.each(table)('sends $name', async ({ given, sent }) => {
      const result = await load(plan({ ...common, ...given }));
      expect(result.total.failures).toEqual({});
      expect(sent(result.total.sent)).toBe(true);
      const planned = given.requests === null ? 60 : given.requests;
      if (given.model !== undefined) expect(result.notSent).toBe((planned ?? 0) - result.total.sent);
      for (const host of result.hosts) expect(host.bytesReceived).toBe((host.path === '/right' ? 4 : 11) * host.sent);
    });

    test('sends the same to each host when the seed is the same', async () => {
      const counts = async (): Promise<number[]> =>
        (await load(plan({ ...common, requests: 200 }))).hosts.map(({ sent }) => sent);
      expect(await counts()).toEqual(await counts());
    });

    test('has failures of the same classes, and as many bytes, as the built-in engine', async () => {
      const targets = Object.keys(BEHAVIOURS).map((path, i) => ({
        host: `h${String(i)}.localhost`,
        path,
        ...(i <= 2 ? { expectedText: 'foo' } : {}),
      }));
      const given = plan({ targets, requests: 90, requestTimeoutMs: 400 });
      const theirs = await load(given);
      const { load: ours } = await sendCountedLoad(given, { endpoint: onLoopback(server.port), workers: 1, entry: '' });
      const view = ({ hosts }: LoadResult): unknown[] =>
        hosts.map(({ path, sent, failures, statuses, bytesReceived }) => ({
          path,
          failures: Object.keys(failures),
          statuses: Object.keys(statuses),
          bytes: (bytesReceived ?? NaN) / sent,
        }));
      expect(view(theirs)).toEqual(view(ours));
    });
  },
);
