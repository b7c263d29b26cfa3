import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { undelivered } from '../../../src/load/counts/delivery.ts';
import { measuredText } from '../../../src/load/thresholds/measured-text.ts';
import { evaluateThresholds, thresholdVerdict } from '../../../src/load/thresholds/threshold-results.ts';
import { judged } from '../../../src/load/thresholds/without-verdict.ts';
import { parseThresholds } from '../../../src/load/thresholds/thresholds.ts';
import {
  type HostResult,
  hostResult,
  type LoadResult,
  loadResult,
  type ThresholdResult,
  thresholdResult,
} from '../../../src/model/load.ts';
import { resources } from '../../../src/model/resources.ts';
import { junitXml } from '../../../src/report/exports/junit.ts';

const latencyMs = {
  avg: 20,
  min: 1,
  p50: 15,
  p90: 40,
  p95: 60,
  p99: 90,
  max: 200,
};
const result = (changes: Partial<HostResult>): HostResult =>
  hostResult.parse({
    host: 'all',
    path: '',
    sent: 200,
    succeeded: 198,
    failed: 2,
    successRatio: 0.99,
    failures: { timeout: 2 },
    retried: 0,
    statuses: { '200': 198 },
    bytesReceived: 800,
    requestsPerSecond: 99,
    latencyMs,
    serviceTimeMs: latencyMs,
    ...changes,
  });
const load = loadResult.parse({
  model: { kind: 'closed', concurrency: 10 },
  seed: 's',
  warmupRequests: 0,
  rampUpSeconds: 0,
  workers: 1,
  startedAt: '2026-11-23T14:00:00.000Z',
  endedAt: '2026-11-23T14:00:02.000Z',
  durationSeconds: 2,
  sentLate: 0,
  notSent: 3,
  generator: null,
  total: result({
    latencyPercentilesMs: { '99.9': 150 },
    waitingMs: { ...latencyMs, p95: 50 },
    waitingPercentilesMs: { '99.9': 140 },
    tlsHandshakes: { count: 40, inWindow: 0, resumed: 3, timeMs: { ...latencyMs, p50: 4 }, percentilesMs: { '80': 7 } },
  }),
  hosts: [
    result({ host: 'foo.localhost', path: '/', failed: 0, succeeded: 200 }),
    result({
      host: 'bar.localhost',
      path: '/',
      sent: 0,
      succeeded: 0,
      failed: 0,
      successRatio: null,
      requestsPerSecond: null,
      latencyMs: null,
      serviceTimeMs: null,
    }),
    result({ host: 'two.localhost', path: '/a' }),
    result({ host: 'two.localhost', path: '/b' }),
  ],
});
const nothing = { value: null, samples: 0 };
const workload = (name: string, cores: number | null) => ({
  namespace: 'default',
  kind: 'Deployment',
  name,
  pods: 1,
  cpuCores: { value: cores, samples: 5 },
  cpuCoresMax: { value: 0.7, samples: 5 },
  cpuShareOfLimit: null,
  memoryBytes: { value: 5e7, samples: 5 },
  memoryShareOfLimit: null,
  networkReceivedBytesPerSecond: nothing,
  networkSentBytesPerSecond: nothing,
  cpuThrottledShare: nothing,
  restarts: 0,
});
const measuredResources = resources.parse({
  startedAt: '2026-11-23T14:00:00.000Z',
  endedAt: '2026-11-23T14:00:02.000Z',
  missing: [],
  workloads: [workload('foo', 0.3), workload('bar', null), workload('twin', 0.1), workload('twin', 0.1)],
  nodes: [
    {
      name: 'kind-worker',
      cpuCores: { value: 1.5, samples: 5 },
      memoryBytes: nothing,
      networkReceivedBytesPerSecond: nothing,
      networkSentBytesPerSecond: nothing,
    },
  ],
});

function check(
  rule: string,
  measured = { load, resources: measuredResources } as Parameters<typeof evaluateThresholds>[1],
): ThresholdResult {
  const { thresholds, faults } = parseThresholds(rule);
  expect(faults).toEqual([]);
  const [checked] = evaluateThresholds(thresholds, measured);
  return thresholdResult.parse(checked);
}

test('a rule on right answers alone leaves those out that were wrong', () => {
  const right = { ...latencyMs, p95: 30 };
  const mixed = { ...load, total: result({ rightLatencyMs: right, rightLatencyPercentilesMs: { '99.9': 70 } }) };
  const measured = { load: mixed, resources: null };
  expect(check('http_req_duration: p(95)<50', measured)).toMatchObject({ measured: 60, passed: false });
  expect(check('http_req_duration{expected_response:true}: p(95)<50', measured)).toMatchObject({ measured: 30 });
  expect(check('http_req_duration{expected_response:true}: p(99.9)<50', measured)).toMatchObject({ measured: 70 });
  const none = { load: { ...load, total: result({ rightLatencyMs: null, succeeded: 0 }) }, resources: null };
  expect(check('http_req_duration{expected_response:true}: p(95)<50', none)).toMatchObject({
    measured: null,
    passed: false,
  });
});

describe('requests that timed out', () => {
  const slow = { ...latencyMs, avg: 500, p95: 10_000, p99: 10_001, max: 10_002 };
  const timedOut = result({ latencyWithTimeoutsMs: slow, latencyWithTimeoutsPercentilesMs: { '99.9': 10_001 } });
  const measured = { load: { ...load, total: timedOut }, resources: null };

  test.each([
    ['http_req_duration: p(95)<500', 10_000, false],
    ['http_req_duration: p(99.9)<500', 10_001, false],
    ['http_req_duration: max<2000', 10_002, false],
    ['http_req_duration: med<20', 15, true],
  ])('count in %s as long as they were waited for', (rule, figure, passed) => {
    const found = check(rule, measured);
    expect(found).toMatchObject({ measured: figure, passed, timeouts: 2 });
    expect(measuredText(found)).toMatch(/ ms with 2 timeouts$/);
  });

  test.each(['http_req_duration{expected_response:true}: p(95)<500', 'http_req_waiting: p(95)<500'])(
    'are not in %s',
    (rule) => {
      const of = { load: { ...load, total: { ...timedOut, waitingMs: latencyMs } }, resources: null };
      expect(check(rule, of)).toMatchObject({ measured: 60, passed: true });
      expect(check(rule, of)).not.toHaveProperty('timeouts');
    },
  );
});

test('the share of journeys that failed has no error of rounding', () => {
  const journey = { name: 'buy', begun: 100, completed: 99, failed: 1, unfinished: 0, durationMs: null };
  const walked = { ...load, journeys: [{ ...journey, steps: [], problems: [] }] };
  expect(check('journey_failed: rate<=0.01', { load: walked, resources: null })).toMatchObject({
    measured: 0.01,
    passed: true,
  });
});

test('a rule on a stage is about what left in it', () => {
  const stage = (number: number | null, p95: number, sent: number, notSent: number) => ({
    number,
    seconds: 2,
    from: 50,
    to: 50,
    sentLate: 0,
    notSent,
    figures: result({ latencyMs: { ...latencyMs, p95 }, sent, succeeded: sent, failed: 0 }),
  });
  const stages = [stage(1, 10, 100, 0), stage(null, 20, 10, 0), stage(2, 30, 100, 50)];
  const open = { kind: 'open' as const, ratePerSecond: 50, arrivals: 'constant' as const, concurrency: 10 };
  const staged = { ...load, model: open, notSent: 1, stages };
  const measured = { load: staged, resources: null };
  expect(check('http_req_duration{stage:2}: p(95)<40', measured)).toMatchObject({ measured: 30, passed: true });
  expect(check('http_reqs{stage:2}: count>1', measured)).toMatchObject({ measured: 100 });
  expect(check('http_reqs{stage:1,expected_response:true}: rate>1', measured)).toMatchObject({ measured: 50 });
  expect(check('dropped_iterations{stage:2}: count<1', measured)).toMatchObject({ measured: 50, passed: false });
  expect(check('http_reqs{stage:3}: count>1', measured).missing).toBe('There is no stage 3; the load has 2.');
  expect(check('http_reqs{stage:1}: count>1').missing).toContain('The load has no stages');
  const rules = ['http_req_duration{stage:1}: p(95)<40', 'http_req_duration{stage:2}: p(95)<40'];
  const [first, second] = judged(
    rules.map((rule) => check(rule, measured)),
    staged,
  );
  expect(first).not.toHaveProperty('withoutVerdict');
  expect(second?.withoutVerdict).toContain('Only 66.7 % of 150 requests left on time');
});

test('checks are counted together or by name', () => {
  const checks = [
    { name: 'cart', passed: 90, failed: 10 },
    { name: 'front page', passed: 100, failed: 0 },
  ];
  const measured = { load: { ...load, checks }, resources: null };
  expect(check('checks: rate>0.9', measured)).toMatchObject({ measured: 0.95, passed: true, unit: 'share' });
  expect(check('checks{check:cart}: rate>0.9', measured)).toMatchObject({ measured: 0.9, passed: false });
  expect(check('checks{check:x}: rate>0.9', measured).missing).toBe(
    'There is no check x; available are cart, front page.',
  );
  expect(check('checks: rate>0.9').missing).toContain('Nothing was checked');
});

describe('a rule on what was measured', () => {
  test.each<[string, number, boolean]>([
    ['http_req_duration: p(95)<60', 60, false],
    ['http_req_duration: p(95)<=60', 60, true],
    ['http_req_duration: p(95)==60', 60, true],
    ['http_req_duration: p(95)!=60', 60, false],
    ['http_req_duration: p(95)>60', 60, false],
    ['http_req_duration: p(95)>=60', 60, true],
    ['http_req_duration: p(99.9)<100', 150, false],
    ['http_req_duration: p(0)<2', 1, true],
    ['http_req_duration: p(100)<2', 200, false],
    ['http_req_duration: avg<21', 20, true],
    ['http_req_duration: min<21', 1, true],
    ['http_req_duration: med<21', 15, true],
    ['http_req_duration: max<21', 200, false],
    ['http_req_duration{host:foo.localhost}: p(99)<800', 90, true],
    ['http_req_duration{expected_response:true}: p(95)<60', 60, false],
    ['http_reqs{expected_response:true}: count>=198', 198, true],
    ['http_reqs{expected_response:true}: rate>98', 99, true],
    ['http_req_waiting: p(95)<60', 50, true],
    ['http_req_waiting: p(99.9)<100', 140, false],
    ['http_req_tls_handshaking: med<5', 4, true],
    ['http_req_tls_handshaking: p(80)<5', 7, false],
    ['http_req_failed: rate<0.01', 0.01, false],
    ['http_req_failed{host:foo.localhost}: rate<0.01', 0, true],
    ['http_reqs: rate>100', 99, false],
    ['http_reqs: count>=200', 200, true],
    ['dropped_iterations: count<1', 3, false],
    ['resource_cpu{workload:foo}: avg<0.5', 0.3, true],
    ['resource_cpu{workload:foo}: max<0.5', 0.7, false],
    ['resource_cpu{node:kind-worker}: avg<1', 1.5, false],
    ['resource_memory{workload:foo}: max<64000000', 5e7, true],
  ])('%s', (rule, measured, passed) => {
    expect(check(rule)).toMatchObject({
      rule,
      measured,
      passed,
      missing: null,
    });
  });
});

describe('a rule on a request of a scenario', () => {
  const named = (name: string, host: string, p95: number) =>
    result({ host, path: '/', name, latencyMs: { avg: 1, min: 1, p50: 1, p90: 1, p95, p99: 99, max: 99 } });
  const measured = {
    load: {
      ...load,
      hosts: [named('cart', 'foo.localhost', 11), named('pay', 'foo.localhost', 22), named('pay', 'bar.localhost', 33)],
    },
    resources: null,
  };
  test.each([
    ['http_req_duration{name:cart}: p(95)<20', 11, true, null],
    ['http_req_duration{name:pay,host:bar.localhost}: p(95)<20', 33, false, null],
    ['http_req_duration{name:pay}: p(95)<20', null, false, '2 requests have the name pay; add the host.'],
    ['http_req_duration{name:buy}: p(95)<20', null, false, 'No request has the name buy; there are cart, pay, pay.'],
  ])('%s', (rule, value, passed, missing) => {
    expect(check(rule, measured)).toMatchObject({ measured: value, passed, missing });
  });

  test('without a scenario has nothing to be about', () => {
    expect(check('http_reqs{name:cart}: rate>1').missing).toBe(
      'No request has the name cart; only requests of a scenario have names.',
    );
  });
});

describe('a rule on what was not measured fails and says why', () => {
  test.each([
    ['http_req_duration{host:bar.localhost}: p(95)<500', 'No request was answered.'],
    ['http_req_failed{host:bar.localhost}: rate<1', 'No request was sent.'],
    ['http_reqs{host:bar.localhost}: rate<1', 'No request was sent.'],
    [
      'http_req_duration{host:baz.localhost}: p(95)<500',
      'There was no load on the host baz.localhost; there was on foo.localhost, bar.localhost',
    ],
    ['http_req_duration{host:two.localhost}: p(95)<500', 'loaded on 2 paths'],
    ['http_req_duration: p(97)<500', 'The percentile 97 was not kept.'],
    ['resource_cpu{workload:bar}: avg<0.5', 'Prometheus had no resource_cpu of the workload bar'],
    ['resource_cpu{workload:baz}: max<0.5', 'There is no workload baz; available are foo, bar'],
    ['resource_cpu{workload:twin}: avg<0.5', 'There are 2 workloads with the name twin'],
    ['resource_cpu{node:kind-worker}: max<9', 'Prometheus had no resource_cpu of the node kind-worker'],
    ['resource_memory{node:kind-worker}: max<1', 'Prometheus had no resource_memory'],
  ])('%s', (rule, missing) => {
    expect(check(rule)).toMatchObject({
      measured: null,
      passed: false,
      missing: expect.stringContaining(missing) as unknown,
    });
  });

  test('without any load or resources', () => {
    const none = { load: null, resources: null };
    expect(check('http_reqs: rate>=0', none)).toMatchObject({
      passed: false,
      missing: 'No load was measured.',
    });
    expect(check('resource_cpu{workload:foo}: avg>=0', none)).toMatchObject({
      passed: false,
      missing: 'No resources were measured.',
    });
  });
});

const verdictOf = (rules: readonly string[], of: LoadResult): string => {
  const { thresholds } = parseThresholds(rules.join('\n'));
  return thresholdVerdict(judged(evaluateThresholds(thresholds, { load: of, resources: null }), of));
};

describe('the verdict', () => {
  const limited = {
    cpuShare: 1,
    eventLoopUtilization: 1,
    eventLoopDelayMs: { p50: 0, p99: 0, max: 0 },
    sendDelayMs: null,
    limited: true,
    reason: 'x',
  };
  test.each([
    [['http_reqs: rate>1', 'http_reqs: rate>2'], null, 'passed'],
    [['http_reqs: rate>1', 'http_reqs: rate>200'], null, 'failed'],
    [['http_reqs: rate>1'], limited, 'invalid'],
    [['http_reqs: rate>200'], limited, 'invalid'],
    [['http_req_failed: rate<0.5'], limited, 'passed'],
    [['http_reqs: rate>200', 'http_req_failed: rate<0'], limited, 'failed'],
    [[], null, 'passed'],
  ])('of %j is %3$s', (rules, generator, verdict) => {
    expect(verdictOf(rules, { ...load, generator })).toBe(verdict);
  });
});

describe('a rate that was not delivered', () => {
  const open = { kind: 'open', ratePerSecond: 100, arrivals: 'constant', concurrency: 10 } as const;
  const late: LoadResult = { ...load, model: open, sentLate: 50, notSent: 20 };
  test.each([
    {
      name: 'leaves no verdict to a rule on times that holds',
      rules: ['http_req_duration: p(95)<500'],
      of: late,
      verdict: 'invalid',
    },
    {
      name: 'is no excuse for a limit that is broken: the rest would have been slower still',
      rules: ['http_req_duration: p(95)<50'],
      of: late,
      verdict: 'failed',
    },
    { name: 'makes no lower limit broken', rules: ['http_req_duration: p(95)>500'], of: late, verdict: 'invalid' },
    {
      name: 'is no excuse for a host that was not loaded',
      rules: ['http_req_duration{host:none}: p(95)<500'],
      of: late,
      verdict: 'invalid',
    },
    { name: 'leaves rules on failures as they are', rules: ['http_req_failed: rate<0.5'], of: late, verdict: 'passed' },
    { name: 'and those on what was not sent', rules: ['dropped_iterations: count<1'], of: late, verdict: 'failed' },
    {
      name: 'is one from 99 % on',
      rules: ['http_req_duration: p(95)<500'],
      of: { ...late, sentLate: 2, notSent: 0 },
      verdict: 'passed',
    },
    {
      name: 'is none of the closed model',
      rules: ['http_req_duration: p(95)<500'],
      of: { ...late, model: load.model },
      verdict: 'passed',
    },
  ])('$name', ({ rules, of, verdict }) => {
    expect(verdictOf(rules, of)).toBe(verdict);
  });

  test('is told with its figures', () => {
    expect(undelivered(late)).toBe(
      'Only 68.2 % of 220 requests left on time, 50 left late and 20 never: all 10 connections were busy.',
    );
  });
});

describe('what the generator added to a figure', () => {
  const generator = {
    cpuShare: 0.2,
    eventLoopUtilization: 0.2,
    eventLoopDelayMs: { p50: 0, p99: 0, max: 0 },
    sendDelayMs: null,
    addedMs: { avg: 1, p50: 2, p90: 4, p95: 12, p99: 20, max: 150 },
    limited: false,
    reason: null,
  };
  test.each([
    ['http_req_duration: p(95)<500', 'passed'],
    ['http_req_duration: p(95)<50', 'invalid'],
    ['http_req_duration: p(95)<40', 'failed'],
    ['http_req_duration: p(90)<30', 'failed'],
    ['http_req_duration: p(95)>50', 'invalid'],
    ['http_req_duration: max<100', 'invalid'],
    ['http_req_duration: max<40', 'failed'],
    ['http_req_duration: avg<19.5', 'invalid'],
    ['http_req_duration: avg<18', 'failed'],
    ['http_req_duration: min<0.5', 'failed'],
    ['http_req_duration: med<14', 'invalid'],
    ['http_req_duration: med<12', 'failed'],
    ['http_req_duration: p(50)<14', 'invalid'],
    ['http_req_duration: p(50)<12', 'failed'],
    ['http_req_duration: p(90)<37', 'invalid'],
    ['http_req_duration: p(90)<35', 'failed'],
    ['http_req_duration: p(95)<49', 'invalid'],
    ['http_req_duration: p(95)<47', 'failed'],
    ['http_req_duration: p(99)<71', 'invalid'],
    ['http_req_duration: p(99)<69', 'failed'],
    ['http_req_duration: p(99.9)<10', 'invalid'],
    ['http_req_waiting: p(95)<39', 'invalid'],
    ['http_req_waiting: p(95)<37', 'failed'],
    ['http_reqs: rate>90', 'passed'],
  ])('leaves %s %s', (rule, verdict) => {
    expect(verdictOf([rule], { ...load, generator })).toBe(verdict);
  });
});

test.each([
  'stream_first_byte{name:news}: p(95)<1',
  'stream_events{name:news}: rate>10',
  'ws_round_trip: p(95)<1',
  'ws_connecting: p(95)<1',
  'ws_msgs_received: rate>1',
])('%s has no verdict when the generator was the bottleneck', (rule) => {
  const generator = {
    cpuShare: 1,
    eventLoopUtilization: 1,
    eventLoopDelayMs: { p50: 1, p99: 2, max: 3 },
    sendDelayMs: null,
    limited: true,
    reason: 'It was busy.',
  };
  expect(verdictOf([rule], { ...load, generator })).toBe('invalid');
});

test.each([
  ['http_req_duration: p(95)<50', '12.0', 'would pass'],
  ['http_req_duration: p(95)>50', '12.0', 'would fail'],
])('what the generator added to %s is told, and how the rule would end without it', (rule, ms, otherwise) => {
  const addedMs = { avg: 1, p50: 2, p90: 4, p95: 12, p99: 20, max: 150 };
  const generator = {
    cpuShare: 0.2,
    eventLoopUtilization: 0.2,
    eventLoopDelayMs: { p50: 0, p99: 0, max: 0 },
    sendDelayMs: null,
    addedMs,
    limited: false,
    reason: null,
  };
  const [found] = judged([check(rule)], { ...load, generator });
  expect(found?.withoutVerdict).toMatch(new RegExp(`^Up to ${ms} ms .*generator.* ${otherwise}`));
});

describe('a percentile that few answers lie above', () => {
  test.each([
    ['http_req_duration: p(99.9)<500', true],
    ['http_req_duration: p(95)<500', true],
    ['http_req_duration: p(90)<500', undefined],
    ['http_req_duration: p(100)<500', undefined],
    ['http_req_duration: max<500', undefined],
    ['http_req_duration{host:bar.localhost}: p(99.9)<500', undefined],
  ])('of %s: %s', (rule, fewAnswers) => {
    const found = check(rule);
    expect(found.fewAnswers).toBe(fewAnswers);
    expect(measuredText(found).startsWith('≈ ')).toBe(fewAnswers === true);
  });
});

describe('requests for which this machine had no port', () => {
  const lost = (failures: HostResult['failures'], failed: number): Partial<HostResult> => ({
    sent: 200,
    succeeded: 200 - failed,
    failed,
    failures,
  });
  const verdict = (failures: HostResult['failures'], failed: number, limited = true): string => {
    const measured = {
      ...load,
      total: result(lost(failures, failed)),
      generator: {
        cpuShare: 1,
        eventLoopUtilization: 0.2,
        eventLoopDelayMs: { p50: 0, p99: 0, max: 0 },
        sendDelayMs: null,
        limited,
        reason: null,
      },
    };
    return verdictOf(['http_req_failed: rate<0.01'], measured);
  };

  test('are no ground to fail the application', () => {
    expect(verdict({ 'client-resource': 50 }, 50)).toBe('invalid');
  });

  test('do not excuse those that the application lost', () => {
    expect(verdict({ 'client-resource': 50, reset: 50 }, 100)).toBe('failed');
  });

  test('were none without such a condition', () => {
    expect(verdict({ reset: 50 }, 50)).toBe('failed');
  });

  test('also when they were all', () => {
    expect(verdict({ 'client-resource': 200 }, 200)).toBe('invalid');
  });
});

describe('JUnit XML', () => {
  test('has one case for each rule', () => {
    const results = [
      'http_req_duration: p(95)<500',
      'http_req_failed: rate<0.01',
      'resource_cpu{workload:bar}: avg<1',
    ].map((rule) => check(rule));
    expect(junitXml(results)).toMatchInlineSnapshot(`
     "<?xml version="1.0" encoding="UTF-8"?>
     <testsuites name="k8s-loadtest-ci" tests="3" failures="2" errors="0" skipped="0">
       <testsuite name="thresholds" tests="3" failures="2" errors="0" skipped="0">
         <testcase classname="http_req_duration" name="http_req_duration: p(95)&lt;500"><system-out>measured: ≈ 60.0 ms</system-out></testcase>
         <testcase classname="http_req_failed" name="http_req_failed: rate&lt;0.01"><failure message="measured: 0.0100">http_req_failed: rate&lt;0.01
     measured: 0.0100</failure></testcase>
         <testcase classname="resource_cpu" name="resource_cpu{workload:bar}: avg&lt;1"><failure message="measured: Prometheus had no resource_cpu of the workload bar in the measured window.">resource_cpu{workload:bar}: avg&lt;1
     measured: Prometheus had no resource_cpu of the workload bar in the measured window.</failure></testcase>
       </testsuite>
     </testsuites>
     "
    `);
  });

  test('skips a rule without a verdict, whether it holds or not, and judges the others', () => {
    const xml = junitXml([
      { ...check('http_reqs: rate>1'), withoutVerdict: 'The generator had no pause.' },
      { ...check('http_reqs: rate>200'), withoutVerdict: 'The generator had no pause.' },
      check('http_req_failed: rate<0'),
    ]);
    expect(xml).toContain('tests="3" failures="1" errors="0" skipped="2"');
    expect(xml).toContain('<skipped message="The generator had no pause."/><system-out>measured: 99.0 per second<');
  });

  test('is well formed whatever a rule holds, and loses nothing that XML can hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const xml = junitXml([{ ...check('http_reqs: rate>1'), rule: text }]);
        const name = / name="([^"]*)"><system-out>/.exec(xml)?.[1];
        expect(name).toBeDefined();
        expect(name).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot|apos|#\d+);)/);
        const decoded = (name ?? '')
          .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
          .replace(/&lt;/g, '<')
          .replace(/&gt;/g, '>')
          .replace(/&quot;/g, '"')
          .replace(/&apos;/g, "'")
          .replace(/&amp;/g, '&');
        const wellFormed = Buffer.from(text).toString();
        expect(decoded).toBe(wellFormed.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd'));
      }),
    );
  });
});

test('measured values are written with their unit', () => {
  expect(measuredText(check('http_req_failed: rate<1'))).toBe('0.0100');
  const share = { ...check('http_req_failed: rate<1'), measured: 0 };
  expect(measuredText(share)).toBe('0');
  expect(measuredText({ ...share, measured: 0.000043 })).toBe('0.000043');
  expect(measuredText(check('resource_memory{workload:foo}: max<1'))).toBe('50000000 bytes');
  expect(measuredText(check('resource_cpu{workload:bar}: avg<1'))).toMatch(/^Prometheus had no/);
});
