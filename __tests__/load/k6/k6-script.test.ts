import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { K6CsvReader, type K6Sample } from '../../../src/load/k6/k6-csv.ts';
import { connectionOptions, k6DeadlineMs, k6Script, plannedRequests } from '../../../src/load/k6/k6-script.ts';
import type { LoadPlan } from '../../../src/load/requests/plan.ts';
import { onLoopback } from '../../../src/model/endpoint.ts';
import { plan } from '../engine/fakes.ts';

interface Options {
  readonly hosts: Record<string, string>;
  readonly scenarios: Record<string, Record<string, unknown>>;
  readonly batch: number;
}

interface Evaluated {
  readonly options: Options;
  readonly targetOf: (index: number) => number;
  readonly TARGETS: { url: string; text: string }[];
  readonly byteLength: (body: unknown) => number;
}

/** Runs the script as far as it goes without k6. */
function evaluate(given: LoadPlan, port = 8080): Evaluated {
  const script = k6Script(given, onLoopback(port))
    .replace(/^import .*$/gm, '')
    .replace(/^export default function/m, 'function main')
    .replace(/^export /gm, '');
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- it is the code under test
  return new Function('Trend', 'Counter', `${script}; return { options, targetOf, TARGETS, byteLength };`)(
    Object,
    Object,
  ) as Evaluated;
}

const open = (ratePerSecond: number): LoadPlan['model'] => ({
  kind: 'open',
  ratePerSecond,
  arrivals: 'constant',
  concurrency: 7,
});
const scenarioOf = (overrides: Partial<LoadPlan>): Record<string, unknown> | undefined =>
  evaluate(plan({ requestTimeoutMs: 2000, ...overrides })).options.scenarios['load'];

describe('the scenario of the measured load', () => {
  const graceful = { startTime: '0ms', gracefulStop: '3000ms' };
  test('shares the requests of the closed model among its users, of which there are no more than requests', () => {
    expect(scenarioOf({})).toEqual({
      ...graceful,
      executor: 'shared-iterations',
      vus: 4,
      iterations: 100,
      maxDuration: '86400000ms',
    });
    expect(scenarioOf({ requests: 3 })).toMatchObject({ vus: 3, iterations: 3 });
  });

  test('lasts as long as was asked for', () => {
    expect(scenarioOf({ requests: null, durationMs: 30_000 })).toEqual({
      ...graceful,
      executor: 'constant-vus',
      vus: 4,
      duration: '30000ms',
    });
  });

  test('has the arrivals of the open model in whole numbers', () => {
    const arrivals = { ...graceful, executor: 'constant-arrival-rate', preAllocatedVUs: 7, maxVUs: 7 };
    expect(scenarioOf({ model: open(300), requests: null, durationMs: 5000 })).toEqual({
      ...arrivals,
      rate: 300,
      timeUnit: '1s',
      duration: '5000ms',
    });
    expect(scenarioOf({ model: open(150.25), requests: null, durationMs: 5000 })).toMatchObject({
      rate: 15025,
      timeUnit: '100s',
    });
    expect(scenarioOf({ model: open(0.1), requests: 3 })).toMatchObject({
      rate: 1,
      timeUnit: '10s',
      duration: '25000ms',
    });
    expect(scenarioOf({ model: open(1000 / 60), requests: null, durationMs: 5000 })).toMatchObject({
      rate: 1000,
      timeUnit: '60s',
    });
    // k6 refuses less than a second.
    expect(scenarioOf({ model: open(1000), requests: 10 })).toMatchObject({ duration: '1000ms' });
  });

  test('comes after the ramp, which is a scenario of its own', () => {
    const closed = evaluate(plan({ rampUpMs: 5000 })).options.scenarios;
    expect(closed['ramp-up']).toMatchObject({
      executor: 'ramping-vus',
      exec: 'rampUp',
      startVUs: 0,
      stages: [{ duration: '5000ms', target: 4 }],
    });
    expect(closed['load']).toMatchObject({ startTime: '5000ms' });
    const arrivals = evaluate(plan({ rampUpMs: 5000, model: open(2.5) })).options.scenarios['ramp-up'];
    expect(arrivals).toMatchObject({
      executor: 'ramping-arrival-rate',
      startRate: 0,
      timeUnit: '10s',
      stages: [{ duration: '5000ms', target: 25 }],
    });
    expect(arrivals).not.toHaveProperty('rate');
  });
});

test('hosts lead to the port without DNS, and texts can’t leave their place in the script', () => {
  const hostile = '</script>\u2028`${x}`"\'\\';
  const { options, TARGETS } = evaluate(
    plan({ targets: [{ host: 'foo.localhost', path: '/a"b`${c}', expectedText: hostile }] }),
    18080,
  );
  expect(options.hosts).toEqual({ 'foo.localhost': '127.0.0.1:18080' });
  expect(TARGETS).toEqual([{ url: 'http://foo.localhost/a"b`${c}', text: hostile }]);
});

test('hosts lead to the port of HTTPS, too, where something speaks TLS', () => {
  const tls = { port: 8443, authorities: [], unverified: [] };
  expect(
    connectionOptions({ targets: [{ host: 'a.localhost', path: '/' }] }, { address: '127.0.0.1', port: 8080, tls })
      .hosts,
  ).toEqual({
    'a.localhost': '127.0.0.1:8080',
    'a.localhost:443': '127.0.0.1:8443',
  });
});

test('one host that is used without being verified makes k6 verify none', () => {
  const targets = [
    { host: 'a.localhost', path: '/' },
    { host: 'b.localhost', path: '/' },
  ];
  const skips = (unverified: string[]): unknown =>
    connectionOptions(
      { targets },
      { address: '127.0.0.1', port: 8080, tls: { port: 8443, authorities: [], unverified } },
    ).insecureSkipTLSVerify;
  expect([skips([]), skips(['c.localhost']), skips(['b.localhost'])]).toEqual([undefined, undefined, true]);
});

test('in a runner each request is a line of the log, and the last line says how many there were', () => {
  const written: string[] = [];
  const script = k6Script(
    plan({ targets: [{ host: 'foo.localhost', path: '/' }] }),
    { address: '10.96.0.9', port: 80 },
    'lines',
  )
    .replace(/^import .*$/gm, '')
    .replace(/^export default function/m, 'function main')
    .replace(/^export /gm, '');
  class Counter {
    add(): void {
      /* k6 counts */
    }
  }
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- it is the code under test
  const { main, handleSummary } = new Function(
    'Counter',
    'http',
    'exec',
    'console',
    `${script}; return { main, handleSummary };`,
  )(
    Counter,
    {
      get: () => ({
        status: 503,
        error_code: 1503,
        error: 'dial tcp 10.0.0.1:80: "x", & more',
        body: 'no',
        timings: { duration: 1.25 },
      }),
    },
    { scenario: { iterationInTest: 0 } },
    { log: (line: string) => written.push(line) },
  ) as { main: () => void; handleSummary: (data: object) => { stdout: string } };
  main();
  const samples: K6Sample[] = [];
  const reader = new K6CsvReader(['loadtest_answer'], (sample) => samples.push(sample));
  reader.push(`metric_name,timestamp,metric_value,scenario,extra_tags\n${written.join('\n')}\n`);
  expect(samples).toHaveLength(1);
  const tag = (name: string): string | undefined => samples[0]?.ownTag(name);
  expect([samples[0]?.value, tag('target'), tag('http_status'), tag('code'), tag('wrong'), tag('bytes')]).toEqual([
    1.25,
    '0',
    '503',
    '1503',
    '0',
    '2',
  ]);
  expect(decodeURIComponent(tag('reason') ?? '')).toBe('dial tcp 0.0.0.0:0: "x", & more');
  expect(handleSummary({ metrics: { loadtest_sent: { values: { count: 7 } } } })).toEqual({
    stdout: 'loadtest_end,7\n',
  });
  expect(handleSummary({ metrics: {} })).toEqual({ stdout: 'loadtest_end,0\n' });
});

describe('the choice of hosts', () => {
  test('depends on the seed and the number of the request only', () => {
    const sequence = (seed: string): number[] =>
      Array.from({ length: 50 }, (_, i) => evaluate(plan({ seed })).targetOf(i));
    expect(sequence('a')).toEqual(sequence('a'));
    expect(sequence('a')).not.toEqual(sequence('b'));
  });

  test.each([2, 3, 7])('is uniform over %d hosts, also from one request to the next', (count) => {
    const targets = Array.from({ length: count }, (_, i) => ({ host: `h${String(i)}`, path: '/' }));
    const requests = 20_000;
    for (const seed of ['a', 'b', 'c', 'd', 'e']) {
      const { targetOf } = evaluate(plan({ targets, seed }));
      const pairs = new Float64Array(count * count);
      for (let i = 0; i < requests; i++) {
        const pair = targetOf(i) * count + targetOf(i + 1);
        pairs[pair] = (pairs[pair] ?? 0) + 1;
      }
      const expected = requests / pairs.length;
      const chiSquare = pairs.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
      const freedom = pairs.length - 1;
      // Five standard deviations above the mean of the distribution.
      expect(chiSquare).toBeLessThan(freedom + 5 * Math.sqrt(2 * freedom));
    }
  });
});

test('the length of a body is in bytes', () => {
  const { byteLength } = evaluate(plan());
  expect(byteLength(null)).toBe(0);
  expect(byteLength(new ArrayBuffer(7))).toBe(7);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(byteLength(text)).toBe(Buffer.byteLength(text));
    }),
  );
});

test('a number of requests is known for every plan but a closed one with a duration', () => {
  expect(plannedRequests(plan())).toBe(100);
  expect(plannedRequests(plan({ requests: null, durationMs: 1000 }))).toBeNull();
  expect(plannedRequests(plan({ requests: null, durationMs: 10_000, model: open(150) }))).toBe(1500);
  expect(plannedRequests(plan({ requests: null, durationMs: 1000, model: open(2.5) }))).toBe(3);
  expect(plannedRequests(plan({ requests: null, durationMs: 3000, model: open(0.1) }))).toBe(1);
});

test('the deadline holds every request at its timeout, and a day at most', () => {
  expect(k6DeadlineMs(plan({ warmupRequests: 8, rampUpMs: 500 }))).toBe(2000 + 500 + 25_000 + 2000 + 60_000);
  expect(k6DeadlineMs(plan({ requests: null, durationMs: 30_000 }))).toBe(30_000 + 2000 + 60_000);
  expect(k6DeadlineMs(plan({ requests: 1e8 }))).toBe(86_400_000);
});
