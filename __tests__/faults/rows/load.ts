import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { promisify } from 'node:util';
import type { Report } from '../../../src/model/report.ts';
import { type Finished, startIngress } from '../../dist/runner.ts';
import { failed } from '../expectations.ts';
import { addsUp, reportOf } from '../invariants.ts';
import { preload } from '../preload.ts';
import type { Case, Row } from '../row.ts';
import { noToxiproxy, type Proxy, startProxy } from '../toxiproxy.ts';
import type { FaultJob, Trial } from '../trial.ts';
import { startWitness } from '../witness.ts';

const execute = promisify(execFile);

/** Three good answers of each of two hosts come before the load. */
const HEALTH_REQUESTS = 6;

interface ProxiedOptions {
  readonly inputs?: Readonly<Record<string, string>>;
  /** Brings the fault about: after the checks of health, before the first measured request. */
  readonly fault: (proxy: Proxy) => Promise<void>;
  /** Whether each request has a connection of its own, as a fault of a connection is then one of a request. */
  readonly closes?: boolean;
  readonly body?: string;
  /** Stands before the proxy. */
  readonly witnessed?: boolean;
}

interface Proxied {
  readonly job: FaultJob;
  readonly main: Finished;
  readonly report: Report;
  /** Bytes of one answer, head and body. */
  readonly answerBytes: () => number;
  /** How long each answer took as the witness saw it, in the order of the requests. */
  readonly seenMs: () => readonly number[];
}

/** Runs the action against an application behind toxiproxy. */
async function behindProxy(
  trial: Trial,
  { inputs, fault, closes = false, body = '', witnessed = false }: ProxiedOptions,
): Promise<Proxied> {
  let [seen, answerBytes] = [0, 0];
  let proxy: Proxy | null = null;
  const listener: RequestListener = (request, response) => {
    seen += 1;
    const before = request.socket.bytesWritten;
    const answer = (): void => {
      response.setHeader('connection', closes ? 'close' : 'keep-alive');
      response.end(`${request.headers.host?.split('.')[0] ?? ''}\n${body}`, () => {
        answerBytes = request.socket.bytesWritten - before;
      });
    };
    // The first one after the checks is the warm-up.
    if (seen === HEALTH_REQUESTS + 1 && proxy !== null) void fault(proxy).finally(answer);
    else answer();
  };
  const { port, server } = await startIngress(listener);
  server.keepAliveTimeout = 60_000;
  trial.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  proxy = await startProxy(trial, port);
  const witness = witnessed ? await startWitness(trial, proxy.port) : null;
  const job = await trial.job({
    scenario: { httpPort: witness?.port ?? proxy.port },
    inputs: { 'warmup-requests': '1', workers: '1', ...inputs },
  });
  const main = await job.main();
  return { job, main, report: reportOf(job), answerBytes: () => answerBytes, seenMs: () => witness?.seenMs() ?? [] };
}

/** A case of requests that are lost with a probability: what was lost is in one class, and about as much as was injected. */
function lost(options: Omit<ProxiedOptions, 'closes'>, classes: readonly string[], share: number): Case {
  return async (trial) => {
    const { report } = await behindProxy(trial, {
      ...options,
      closes: true,
      inputs: { requests: '400', thresholds: 'http_req_failed: rate<0.999', ...options.inputs },
    });
    const { total } = addsUp(report);
    deepEqual(
      Object.keys(total.failures).filter((name) => !classes.includes(name)),
      [],
    );
    // Five standard deviations of a binomial distribution.
    const [expected, margin] = [total.sent * share, 5 * Math.sqrt(total.sent * share * (1 - share))];
    ok(
      Math.abs(total.failed - expected) <= margin,
      `${String(total.failed)} of ${String(total.sent)} failed; injected were ${expected.toFixed(0)} ± ${margin.toFixed(0)}`,
    );
  };
}

const PERCENTILES = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
] as const;
const TOLERANCE = 0.02;
const MEASUREMENTS = 3;

/**
 * Percentiles beside those of what a witness between generator and proxy has seen, as the timers of the
 * proxy are late themselves on a busy machine; and beside what was injected, which no answer can be faster
 * than. A measurement of which the report itself says that the generator was the bottleneck is none, and is
 * taken again.
 */
function measures(
  options: Omit<ProxiedOptions, 'fault' | 'witnessed'>,
  toxic: (proxy: Proxy) => Promise<void>,
  injectedMs: (share: number, answerBytes: number) => number,
): Case {
  return async (trial) => {
    let differences: string[] = [];
    for (let attempt = 1; attempt <= MEASUREMENTS; attempt += 1) {
      const { report, answerBytes, seenMs } = await behindProxy(trial, { ...options, fault: toxic, witnessed: true });
      const { total, generator } = addsUp(report);
      equal(total.failed, 0);
      // The first one is the warm-up, whose answer brought the fault about.
      const seen = seenMs()
        .slice(-total.sent)
        .sort((a, b) => a - b);
      equal(seen.length, total.sent);
      differences = PERCENTILES.flatMap(([name, share]) => {
        const truth = seen[Math.ceil(share * seen.length) - 1] ?? NaN;
        const measured = total.latencyMs?.[name] ?? NaN;
        const least = injectedMs(share, answerBytes()) * (1 - TOLERANCE);
        return [
          ...(Math.abs(measured - truth) <= TOLERANCE * truth
            ? []
            : [`${name} is ${measured.toFixed(1)} ms, seen were ${truth.toFixed(1)} ms`]),
          ...(truth >= least
            ? []
            : [`${name} of what was seen is ${truth.toFixed(1)} ms, at least ${least.toFixed(1)} ms were injected`]),
        ];
      });
      if (differences.length === 0) return;
      if (generator?.limited !== true && attempt > 1) break;
    }
    deepEqual(differences, []);
  };
}

/** Runs this program again for one row in a network of its own with a hundred ports. */
async function insideSmallNetwork(id: string): Promise<void> {
  const script = 'ip link set lo up && echo "40000 40099" > /proc/sys/net/ipv4/ip_local_port_range && exec "$@"';
  const root = process.getuid?.() === 0 ? [] : ['sudo', '--non-interactive', '--preserve-env'];
  const [command, ...args] = [
    ...root,
    'unshare',
    '--net',
    'sh',
    '-c',
    script,
    'sh',
    process.execPath,
    '--import',
    'tsx',
    '__tests__/faults/run.ts',
    id,
  ];
  await execute(command, args, { env: { ...process.env, FAULTS_SMALL_NETWORK: '1' }, timeout: 240_000 }).catch(
    (error: unknown) => {
      throw new Error(`In a network of its own: ${(error as { stdout?: string }).stdout ?? ''}${String(error)}`);
    },
  );
}

const noNetworks = (): string | null => (process.platform === 'linux' ? null : 'there are no network namespaces');

const TOXIPROXY: Pick<Row, 'skip'> = { skip: noToxiproxy };

/** L: between the generator and the application. Sent = succeeded + each class of failure in every one. */
export const LOAD_ROWS: readonly Row[] = [
  {
    id: 'L1',
    kind: 'slow',
    ...TOXIPROXY,
    fault: 'Nothing listens any more',
    expected: 'all requests fail, counted as `refused`; `threshold-failed`, no crash',
    cases: {
      'from the warm-up on': async (trial) => {
        const { job, main } = await behindProxy(trial, {
          inputs: { requests: '200' },
          fault: (proxy) => proxy.disable(),
        });
        const { total } = addsUp(failed(job, main, 'threshold-failed', 'run-load'));
        deepEqual(
          { succeeded: total.succeeded, failures: Object.keys(total.failures) },
          { succeeded: 0, failures: ['refused'] },
        );
      },
    },
  },
  {
    id: 'L2',
    kind: 'slow',
    ...TOXIPROXY,
    fault: 'One connection in ten is reset',
    expected: 'one request in ten is lost, as `reset`',
    cases: { 'at once': lost({ fault: (proxy) => proxy.toxic('reset_peer', { timeout: 0 }, 0.1) }, ['reset'], 0.1) },
  },
  {
    id: 'L3',
    kind: 'load',
    ...TOXIPROXY,
    fault: 'Answers are delayed by a known distribution',
    expected: 'p50, p90, p95 and p99 are within 2 % of what a witness in front of the proxy saw',
    cases: {
      // Few at once: all of them would be answered, and sent again, at the same moment.
      'by 100 ms': measures(
        { inputs: { requests: '400', concurrency: '4' } },
        (proxy) => proxy.toxic('latency', { latency: 100, jitter: 0 }),
        () => 100,
      ),
      'by 200 ms ± 50 ms': measures(
        { inputs: { requests: '1600', concurrency: '20' } },
        (proxy) => proxy.toxic('latency', { latency: 200, jitter: 50 }),
        (share) => 150 + 100 * share,
      ),
    },
  },
  {
    id: 'L4',
    kind: 'slow',
    ...TOXIPROXY,
    fault: 'Answers come byte by byte',
    expected: 'none is lost or mistaken for another',
    cases: {
      'each byte a packet': async (trial) => {
        const { job, main } = await behindProxy(trial, {
          inputs: { requests: '200' },
          fault: (proxy) => proxy.toxic('slicer', { average_size: 1, size_variation: 0, delay: 10 }),
        });
        equal(addsUp(reportOf(job)).total.failed, 0);
        equal(main.exitCode, 0);
      },
    },
  },
  {
    id: 'L5',
    kind: 'slow',
    ...TOXIPROXY,
    fault: 'Connections end in the middle of the body',
    expected: 'these requests are lost, as `reset`',
    cases: {
      'three in ten': lost(
        { body: 'x'.repeat(4000), fault: (proxy) => proxy.toxic('limit_data', { bytes: 1000 }, 0.3) },
        ['reset'],
        0.3,
      ),
    },
  },
  {
    id: 'L6',
    kind: 'slow',
    ...TOXIPROXY,
    fault: 'Answers never come',
    expected: 'these requests are lost after `request-timeout`, as `timeout`',
    cases: {
      'none of them': async (trial) => {
        const { job, main } = await behindProxy(trial, {
          inputs: { requests: '30', 'request-timeout': '1s' },
          fault: (proxy) => proxy.toxic('timeout', { timeout: 0 }),
        });
        deepEqual(addsUp(failed(job, main, 'threshold-failed', 'run-load')).total.failures, { timeout: 30 });
      },
    },
  },
  {
    id: 'L7',
    kind: 'load',
    ...TOXIPROXY,
    fault: 'The return path carries 1 KB/s',
    expected:
      'none is lost; the percentiles are within 2 % of what a witness saw, which is the time that the bytes take',
    cases: {
      'answers of about 800 bytes': measures(
        { body: 'x'.repeat(600), inputs: { requests: '60' } },
        (proxy) => proxy.toxic('bandwidth', { rate: 1 }),
        (_, bytes) => bytes,
      ),
    },
  },
  {
    id: 'L8',
    kind: 'slow',
    fault: 'The server closes connections that were idle for a second, just when they are used again',
    expected: 'the request is sent again if no byte of an answer came; none is lost',
    cases: {
      'at one request per connection and second': async (trial) => {
        const server = createServer((socket) => {
          let seen = '';
          socket.on('error', () => undefined);
          socket.setTimeout(1000, () => socket.end());
          socket.on('data', (chunk) => {
            seen += chunk.toString('latin1');
            for (let end = seen.indexOf('\r\n\r\n'); end >= 0; end = seen.indexOf('\r\n\r\n')) {
              const host = /host: (\w+)/i.exec(seen)?.[1] ?? '';
              seen = seen.slice(end + 4);
              socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${String(host.length)}\r\n\r\n${host}`);
            }
          });
        });
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        trial.defer(() => {
          server.close();
        });
        const job = await trial.job({
          scenario: { httpPort: (server.address() as AddressInfo).port },
          inputs: { requests: '100', rate: '10', concurrency: '10' },
        });
        const main = await job.main();
        equal(addsUp(reportOf(job)).total.failed, 0);
        equal(main.exitCode, 0);
      },
    },
  },
  {
    id: 'L9',
    kind: 'slow',
    skip: noNetworks,
    fault: 'This machine has no port left for new connections (a range of 100)',
    expected: '`client-resource`; the run has no verdict (`generator-saturated`), nothing is blamed on the application',
    cases: {
      'a new connection for each request': async (trial) => {
        if (process.env['FAULTS_SMALL_NETWORK'] === undefined) {
          await insideSmallNetwork('L9');
          return;
        }
        const job = await trial.job({
          ingress: (request) => {
            const text = `${request.headers.host?.split('.')[0] ?? ''}\n`;
            // The side that closes first keeps the port. Node's server would close, too, and be first on a busy machine.
            request.socket.write(
              `HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${String(text.length)}\r\n\r\n${text}`,
            );
          },
          inputs: { requests: '600', concurrency: '150', rate: '200' },
        });
        const main = await job.main();
        const report = reportOf(job);
        const { total } = addsUp(report);
        ok((total.failures['client-resource'] ?? 0) > 0, JSON.stringify(total.failures));
        deepEqual(
          { code: report.outcome.code, result: report.outcome.result, exitCode: main.exitCode },
          { code: 'generator-saturated', result: 'invalid', exitCode: 0 },
        );
      },
    },
  },
  {
    id: 'L10',
    kind: 'slow',
    fault: 'Some answers are errors of the ingress, some come from another application',
    expected: 'each is counted, as `http-status` and `wrong-answer`',
    cases: {
      'each third and each fifth': async (trial) => {
        const sent = { 'http-status': 0, 'wrong-answer': 0 };
        let seen = 0;
        const job = await trial.job({
          inputs: { requests: '300' },
          ingress: (request, response) => {
            seen += 1;
            const number = seen - HEALTH_REQUESTS;
            const host = request.headers.host?.split('.')[0] ?? '';
            if (number > 0 && number % 3 === 0) {
              sent['http-status'] += 1;
              response.writeHead(503).end('default backend');
            } else if (number > 0 && number % 5 === 0) {
              sent['wrong-answer'] += 1;
              response.end(host === 'foo' ? 'bar\n' : 'foo\n');
            } else {
              response.end(`${host}\n`);
            }
          },
        });
        deepEqual(addsUp(failed(job, await job.main(), 'threshold-failed', 'run-load')).total.failures, sent);
      },
    },
  },
  {
    id: 'L11',
    kind: 'quick',
    fault:
      'Inputs of the load are out of range: 0 requests, a negative or huge concurrency, no duration, invalid hosts',
    expected: '`input-invalid`, with all of them in one error, before anything exists',
    cases: {
      'all at once': async (trial) => {
        const inputs = {
          requests: '0',
          concurrency: '-1',
          duration: '0s',
          rate: 'NaN',
          hosts: '-x\nshop.localhost:80\nfoo.localhost\nfoo.localhost',
          'request-timeout': '1e9',
        };
        const job = await trial.job({ inputs });
        const { outcome } = failed(job, await job.main(), 'input-invalid', 'validate');
        for (const name of Object.keys(inputs)) match(outcome.failure?.message ?? '', new RegExp(`\\b${name}\\b`));
        equal(job.tools.lines('kind').length, 0);
      },
      'a concurrency that no machine has': async (trial) => {
        const job = await trial.job({ inputs: { concurrency: '1000000000' } });
        failed(job, await job.main(), 'input-invalid', 'validate');
      },
    },
  },
  {
    id: 'L12',
    kind: 'load',
    fault: 'The generator itself is stopped for two seconds',
    expected:
      'no verdict (`generator-saturated`), with the length of the stop; the latency of the open model includes the missing seconds',
    cases: {
      'in the open model': async (trial) => {
        const job = await trial.job({
          env: preload('stall', 'run-load'),
          inputs: {
            requests: '',
            duration: '6s',
            rate: '100',
            workers: '1',
            thresholds: 'http_req_duration: p(99)<10000',
          },
        });
        const main = await job.main();
        const report = reportOf(job);
        const { total, generator } = addsUp(report);
        deepEqual(
          { code: report.outcome.code, result: report.outcome.result, exitCode: main.exitCode },
          { code: 'generator-saturated', result: 'invalid', exitCode: 0 },
        );
        ok((generator?.eventLoopDelayMs.max ?? 0) > 1900, JSON.stringify(generator));
        // A request that was due at the beginning of the stall waited for all of it.
        ok((total.latencyMs?.max ?? 0) > 1800, JSON.stringify(total.latencyMs));
      },
    },
  },
];
