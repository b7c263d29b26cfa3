import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { K6CsvReader, type K6Sample } from '../../../src/load/k6/k6-csv.ts';
import { connectionFailed, failureOfConnection } from '../../../src/load/k6/k6-failures.ts';
import { K6Samples } from '../../../src/load/k6/k6-samples.ts';
import { type FailureClass, type LoadResult, loadResult } from '../../../src/model/load.ts';
import { BEHAVIOURS } from '../../adapters/engine/unruly-server.ts';
import { plan } from '../engine/fakes.ts';

const targets = Object.keys(BEHAVIOURS).map((path, index) => ({ host: `h${String(index)}.localhost`, path }));

function readFixture(file: string, script: boolean): K6Samples {
  const samples = new K6Samples(plan({ targets, requests: 60, warmupRequests: 4, percentiles: [99.9] }), script);
  const reader = new K6CsvReader(samples.metrics, (sample) => {
    samples.add(sample);
  });
  reader.push(readFileSync(`__tests__/fixtures/k6/${file}`, 'utf8'));
  return samples;
}

const failuresOf = (load: LoadResult): Record<string, unknown> =>
  Object.fromEntries(load.hosts.map(({ host, path, failures }) => [`${host}${path}`, failures]));

describe.each(['v1.8.1', 'v2.2.0'])('the samples of k6 %s', (version) => {
  test('of the generated script make a whole result', () => {
    const samples = readFixture(`generated-${version}.csv`, false);
    const load = loadResult.parse(samples.result(true));
    expect(load.total).toMatchObject({
      sent: 60,
      retried: null,
      failures: { 'http-status': 6, redirect: 5, 'wrong-answer': 8, reset: 12, timeout: 10, protocol: 8 },
    });
    expect(load.total.sent).toBe(load.total.succeeded + load.total.failed);
    const classes = load.hosts.map(({ path, failures }) => [path, Object.keys(failures)]);
    expect(Object.fromEntries(classes)).toEqual({
      '/right': [],
      '/wrong': ['wrong-answer'],
      '/unicode': [],
      '/error': ['http-status'],
      '/moved': ['redirect'],
      '/cut': ['reset'],
      '/garbage': ['protocol'],
      '/reset': ['reset'],
      '/silent': ['timeout'],
    });
    for (const { path, sent, statuses, bytesReceived, latencyMs } of load.hosts) {
      const bytes = { '/right': 4, '/wrong': 4, '/unicode': 11, '/error': 2, '/cut': 3 }[path] ?? 0;
      expect(bytesReceived).toBe(bytes * sent);
      const answered = Object.values(statuses).reduce((sum, count) => sum + count, 0);
      expect(latencyMs === null).toBe(answered === 0);
    }
    expect(load).toMatchObject({ notSent: 0, sentLate: 0, warmupRequests: 4, generator: null });
    expect(load.total.latencyPercentilesMs?.['99.9']).toBe(load.total.latencyMs?.max);
    // The ramp-up came before it and lasted half a second.
    expect(load.durationSeconds).toBeGreaterThan(0.4);
    expect(Date.parse(load.endedAt) - Date.parse(load.startedAt)).toBeCloseTo(load.durationSeconds * 1000, -1);
    expect(samples.progress()).toMatchObject({ sent: 60, answered: 30, failed: 49 });
  });

  test('of a script are counted by host and by what k6 expected', () => {
    const load = loadResult.parse(readFixture(`script-${version}.csv`, true).scriptResult('own.js'));
    expect(load.model).toEqual({ kind: 'script', script: 'own.js', concurrency: load.model.concurrency });
    // Without those of setup() and teardown(): eleven requests in each of four iterations.
    expect(load.total).toMatchObject({ sent: 44, bytesReceived: null, retried: null });
    expect(failuresOf(load)).toEqual({
      'foo.localhost/': { 'http-status': 4, reset: 8, protocol: 4, timeout: 4 },
      'bar.localhost/': { 'wrong-answer': 4 },
      '127.0.0.1:1/': { refused: 4 },
    });
    expect(load.hosts[1]).toMatchObject({ sent: 8, succeeded: 4, statuses: { 200: 4, 503: 4 } });
    expect(load).toMatchObject({ warmupRequests: 0, rampUpSeconds: 0 });
  });
});

function sample(metric: string, value: number, tags: Record<string, string>, timeMs = 1e12): K6Sample {
  return { metric, value, timeMs, systemTag: (name) => tags[name] ?? '', ownTag: (name) => tags[name] ?? '' };
}

describe('samples', () => {
  test('of which there are none make a result without figures', () => {
    const load = loadResult.parse(new K6Samples(plan(), false).result(false));
    expect(load.total).toMatchObject({ sent: 0, successRatio: null, latencyMs: null, requestsPerSecond: null });
    expect(load).toMatchObject({ notSent: 100, durationSeconds: 0 });
    const script = loadResult.parse(new K6Samples(plan(), true).scriptResult('x.js'));
    expect(script).toMatchObject({ hosts: [], model: { concurrency: null }, total: { bytesReceived: null } });
  });

  test('of dropped arrivals are requests that were not sent', () => {
    const open = plan({
      model: { kind: 'open', ratePerSecond: 10, arrivals: 'constant', concurrency: 1 },
      requests: null,
      durationMs: 1000,
    });
    const samples = new K6Samples(open, false);
    samples.add(sample('dropped_iterations', 3, { scenario: 'load' }));
    samples.add(sample('dropped_iterations', 5, { scenario: 'ramp-up' }));
    for (let i = 0; i < 7; i++)
      samples.add(
        sample('loadtest_answer', 2, { scenario: 'load', target: '0', http_status: '200', code: '0' }, 1e12 + i * 100),
      );
    expect(samples.result(true)).toMatchObject({ notSent: 3, durationSeconds: 1, total: { sent: 7 } });
    expect(samples.result(false)).toMatchObject({ notSent: 3, durationSeconds: 0.602 });
  });

  test('of the ramp-up, or of a target that is none, do not count', () => {
    const samples = new K6Samples(plan(), false);
    samples.add(sample('loadtest_answer', 2, { scenario: 'ramp-up', target: '0', http_status: '200' }));
    samples.add(sample('loadtest_answer', 2, { scenario: 'load', target: '9', http_status: '200' }));
    samples.add(sample('loadtest_answer', 2, { scenario: 'load', target: 'x', http_status: '200' }));
    expect(samples.progress()).toMatchObject({ sent: 0 });
  });

  test('of checks are counted by name, and those of too many names together', () => {
    const samples = new K6Samples(plan(), true);
    expect(samples.metrics).toContain('checks');
    for (const value of [1, 1, 0]) samples.add(sample('checks', value, { check: 'status is 200' }));
    for (let i = 0; i < 150; i++) samples.add(sample('checks', 1, { check: `check ${String(i)}` }));
    const { checks = [] } = loadResult.parse(samples.scriptResult('x.js'));
    expect(checks[0]).toEqual({ name: 'status is 200', passed: 2, failed: 1 });
    expect(checks).toHaveLength(101);
    expect(checks.at(-1)).toEqual({ name: 'other checks', passed: 51, failed: 0 });
  });

  test('of ever more hosts are counted together from the hundredth on', () => {
    const samples = new K6Samples(plan(), true);
    for (let i = 0; i < 300; i++)
      samples.add(sample('http_req_duration', 2, { url: `https://user@h${String(i)}.test:8080/x`, status: '200' }));
    const { hosts, total } = loadResult.parse(samples.scriptResult('x.js'));
    expect(hosts).toHaveLength(101);
    expect(hosts[0]?.host).toBe('h0.test:8080');
    expect(hosts.at(-1)).toMatchObject({ host: 'other hosts', sent: 200 });
    expect(total.sent).toBe(300);
  });
});

describe('a failed connection', () => {
  const table: { code: number; error: string; expected: FailureClass }[] = [
    { code: 1000, error: 'EOF', expected: 'reset' },
    { code: 1000, error: 'http: server closed idle connection', expected: 'reset' },
    {
      code: 1000,
      error: 'net/http: HTTP/1.x transport connection broken: malformed HTTP status code "x"',
      expected: 'protocol',
    },
    { code: 1000, error: 'context canceled', expected: 'cancelled' },
    { code: 1000, error: 'something else', expected: 'protocol' },
    { code: 1010, error: 'write unix: broken', expected: 'reset' },
    { code: 1050, error: 'request timeout', expected: 'timeout' },
    { code: 1101, error: 'lookup: no such host', expected: 'refused' },
    { code: 1111, error: 'hostname is blocked', expected: 'refused' },
    { code: 1200, error: 'read tcp 127.0.0.1:0->127.0.0.1:0: i/o timeout', expected: 'timeout' },
    { code: 1201, error: 'write: broken pipe', expected: 'reset' },
    {
      code: 1202,
      error: 'write: unknown errno `55` on darwin with message `no buffer space available`',
      expected: 'client-resource',
    },
    { code: 1210, error: 'dial tcp 127.0.0.1:80: socket: too many open files', expected: 'client-resource' },
    { code: 1211, error: 'dial: i/o timeout', expected: 'timeout' },
    { code: 1212, error: 'dial: connection refused', expected: 'refused' },
    {
      code: 1213,
      error: 'dial: unknown errno 0 error with msg `cannot assign requested address`',
      expected: 'client-resource',
    },
    { code: 1213, error: 'dial: unknown errno 0 error with msg `no route to host`', expected: 'reset' },
    { code: 1220, error: 'read: connection reset by peer', expected: 'reset' },
    { code: 1310, error: 'x509: unknown authority', expected: 'tls' },
    { code: 1633, error: 'http2: stream error with http2 ErrCode FLOW_CONTROL_ERROR', expected: 'protocol' },
    { code: 0, error: '', expected: 'protocol' },
  ];
  test.each(table)('$code $error: $expected', ({ code, error, expected }) => {
    expect(failureOfConnection({ status: 0, errorCode: code, error })).toBe(expected);
  });

  test('is one although a status came, and a bad status alone is none', () => {
    expect(connectionFailed({ status: 200, errorCode: 1220, error: '' })).toBe(true);
    expect(connectionFailed({ status: 503, errorCode: 1503, error: '' })).toBe(false);
    expect(connectionFailed({ status: 200, errorCode: 0, error: '' })).toBe(false);
    expect(connectionFailed({ status: 0, errorCode: 0, error: '' })).toBe(true);
  });
});

test('parts of a request count where they took place: no 0 of a connection that was open, nothing of a setup', () => {
  const samples = new K6Samples(plan({ targets, requests: 2 }), false);
  const [warmUp, load] = [{ scenario: '' }, { scenario: 'load' }];
  samples.add(sample('http_req_tls_handshaking', 5, { ...warmUp, target: '0' }));
  samples.add(sample('http_req_tls_handshaking', 0, { ...load, target: '0' }));
  samples.add(sample('http_req_tls_handshaking', 7, { ...load, target: '1' }));
  samples.add(sample('http_req_waiting', 3, { ...warmUp, target: '0' }));
  samples.add(sample('http_req_waiting', 4, { ...load, target: '0' }));
  const { total } = samples.result(true);
  expect(total.tlsHandshakes).toMatchObject({ count: 2, inWindow: 1, resumed: 0, timeMs: { min: 5, max: 7 } });
  expect(total.waitingMs).toMatchObject({ avg: 4, max: 4 });
  const script = new K6Samples(plan({ targets }), true);
  const url = 'https://shop.test/x';
  script.add(sample('http_req_waiting', 3, { url, group: '::setup' }));
  script.add(sample('http_req_waiting', 4, { url, scenario: 'ramp-up' }));
  script.add(sample('http_req_tls_handshaking', 7, { url }));
  expect(script.scriptResult('a.js').hosts).toMatchObject([
    { host: 'shop.test', waitingMs: { min: 4, max: 4 }, tlsHandshakes: { count: 1, inWindow: 1 } },
  ]);
});
