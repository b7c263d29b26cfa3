import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { jUnit } from 'k6-junit';
import { buildReport } from '../../../src/report/build-report.ts';
import { EXPORTS, exportsOf, type ExportFile } from '../../../src/report/exports/exports.ts';
import type { PipelineState } from '../../../src/state.ts';
import { ENDINGS, HOSTILE, hostResult, load, resources, stages, state } from '../../fakes/state.ts';
import { measuredLoad } from '../measured-load.ts';

const whole = (changes: Partial<PipelineState> = {}): PipelineState =>
  state({ stages: stages(['run-load']), load: measuredLoad(), resources: resources(), ...changes });
const exported = (given: PipelineState) => exportsOf(buildReport(given, '2026-11-23T10:05:00.000Z'));

function fileOf(given: PipelineState, file: ExportFile): unknown {
  const result = exported(given);
  if ('skipped' in result) throw new Error(result.skipped);
  return JSON.parse(result.files[file] ?? 'null') as unknown;
}

/** Whole loads of all sorts. */
const LOADS: [string, PipelineState][] = [
  ['measured', whole()],
  ['of an open model with failures', whole({ load: ENDINGS['failed-requests'].load })],
  ['nothing of which was answered', whole({ load: ENDINGS['nothing-answered'].load })],
  ['full of hostile texts', { ...HOSTILE, stages: stages(['run-load']), failure: null, comparison: undefined }],
  [
    'of a scenario that asks one address in two ways',
    whole({ load: measuredLoad({ hosts: [hostResult({ name: 'look' }), hostResult({ name: 'buy' })] }) }),
  ],
  ['of one host on two paths', whole({ load: measuredLoad({ hosts: [hostResult(), hostResult({ path: '/cart' })] }) })],
];

const ajv = new Ajv({ strict: true, allErrors: true });

/** https://bencher.dev/bmf.json, with what its page says about the length of names (https://bencher.dev/docs/reference/bencher-metric-format). */
const BENCHER = {
  type: 'object',
  propertyNames: { maxLength: 1024, minLength: 1 },
  additionalProperties: {
    type: 'object',
    minProperties: 1,
    propertyNames: { maxLength: 64, pattern: '^[a-z0-9]+(-[a-z0-9]+)*$' },
    additionalProperties: {
      type: 'object',
      properties: { value: { type: 'number' }, lower_value: { type: 'number' }, upper_value: { type: 'number' } },
      required: ['value'],
      additionalProperties: false,
    },
  },
};

/** `BenchmarkResult` and `extractCustomBenchmarkResult` in src/extract.ts of benchmark-action/github-action-benchmark, which refuses an empty list. */
const GITHUB_ACTION_BENCHMARK = {
  type: 'array',
  minItems: 1,
  items: {
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 1 },
      unit: { type: 'string', minLength: 1 },
      value: { type: 'number' },
      range: { type: 'string' },
      extra: { type: 'string' },
    },
    required: ['name', 'unit', 'value'],
    additionalProperties: false,
  },
};

function expectValid(schema: object, data: unknown): void {
  const validate = ajv.compile(schema);
  expect([validate(data), validate.errors]).toEqual([true, null]);
}

describe('github-action-benchmark', () => {
  interface Benchmark {
    readonly name: string;
    readonly unit: string;
    readonly value: number;
    readonly range?: string;
  }
  const benchmarks = (given: PipelineState, better: 'smaller' | 'bigger'): Benchmark[] =>
    fileOf(given, `exports/github-action-benchmark-${better}-is-better.json`) as Benchmark[];

  test.each(LOADS)('can read a load %s', (_, given) => {
    for (const better of ['smaller', 'bigger'] as const) {
      const all = benchmarks(given, better);
      expectValid(GITHUB_ACTION_BENCHMARK, all);
      // It tells figures apart by their names alone.
      expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    }
  });

  test('gets what should be small with its unit and interval', () => {
    const all = benchmarks(whole(), 'smaller');
    expect(all.find(({ name }) => name === 'all hosts: p95')).toMatchObject({
      unit: 'ms',
      value: 6,
      range: '5.8 to 6.3',
    });
    expect(all.find(({ name }) => name === 'foo.localhost: failed requests')).toMatchObject({
      unit: 'share',
      value: 0,
    });
    expect(all.find(({ name }) => name === 'echo/foo: CPU')).toEqual({
      name: 'echo/foo: CPU',
      unit: 'cores',
      value: 0.253,
    });
  });

  test('gets what should be large in a file of its own', () => {
    const all = benchmarks(whole(), 'bigger');
    expect(all.map(({ name, unit, value, range }) => [name, unit, value, range])).toEqual([
      ['all hosts: throughput', 'requests/s', 100, '98.1 to 103.4'],
      ['foo.localhost: throughput', 'requests/s', 50, undefined],
      ['bar.localhost: throughput', 'requests/s', 50, undefined],
    ]);
  });

  test('gets no figure that was not measured', () => {
    expect(benchmarks(whole(), 'smaller').some(({ name }) => name.startsWith('echo/bar'))).toBe(false);
    expect(
      benchmarks(whole({ load: ENDINGS['nothing-answered'].load, resources: null }), 'smaller').map(
        ({ name, value }) => [name, value],
      ),
    ).toEqual([['all hosts: failed requests', 1]]);
  });
});

describe('Bencher', () => {
  test.each(LOADS)('can read a load %s', (_, given) => {
    expectValid(BENCHER, fileOf(given, 'exports/bencher.json'));
  });

  test('gets durations in nanoseconds, and intervals', () => {
    expect(fileOf(whole(), 'exports/bencher.json')).toMatchObject({
      'all hosts': {
        latency: { value: 2_200_000 },
        'latency-p99': { value: 10_000_000, lower_value: 9_100_000, upper_value: 12_400_000 },
        throughput: { value: 100, lower_value: 98.1, upper_value: 103.4 },
        'failed-share': { value: 0 },
      },
      'echo/foo': { 'cpu-cores': { value: 0.253 }, 'memory-bytes': { value: 15 * 2 ** 20 } },
    });
  });

  test('loses no request of a scenario that has its address in common with another', () => {
    const given = whole({
      resources: null,
      load: measuredLoad({ hosts: [hostResult({ name: 'look' }), hostResult({ name: 'buy' })] }),
    });
    expect(Object.keys(fileOf(given, 'exports/bencher.json') as object)).toEqual(['all hosts', 'look', 'buy']);
    expect(Object.keys((fileOf(given, 'exports/k6-summary.json') as { metrics: object }).metrics)).toEqual(
      expect.arrayContaining(['http_reqs{name:look}', 'http_reqs{name:buy}']),
    );
  });

  test('gets no benchmark without a figure', () => {
    expect(Object.keys(fileOf(whole(), 'exports/bencher.json') as object)).toEqual([
      'all hosts',
      'foo.localhost',
      'bar.localhost',
      'echo/foo',
    ]);
  });
});

describe('readers of the summary of k6', () => {
  interface Summary {
    readonly options: object;
    readonly state: object;
    readonly root_group: object;
    readonly metrics: Readonly<
      Record<
        string,
        {
          readonly type: string;
          readonly contains: string;
          readonly values: Readonly<Record<string, number | null>>;
          readonly thresholds?: Readonly<Record<string, { ok: boolean }>>;
        }
      >
    >;
  }
  const summary = (given: PipelineState): Summary => fileOf(given, 'exports/k6-summary.json') as Summary;
  /** What k6 itself handed to handleSummary(). */
  const ofK6 = JSON.parse(readFileSync('__tests__/fixtures/k6/handle-summary-v1.8.1.json', 'utf8')) as Summary;
  const withRules = (rules: string, changes: Partial<PipelineState> = {}): PipelineState =>
    whole({ ...changes, settings: { ...state().settings, thresholds: rules } });

  test.each(LOADS)('find the shape that k6 gives it in a load %s', (_, given) => {
    const ours = summary(given);
    expect(Object.keys(ours).sort()).toEqual(Object.keys(ofK6).sort());
    expect([Object.keys(ours.options).sort(), Object.keys(ours.state).sort(), ours.root_group]).toEqual([
      Object.keys(ofK6.options).sort(),
      Object.keys(ofK6.state).sort(),
      ofK6.root_group,
    ]);
    for (const [name, metric] of Object.entries(ours.metrics)) {
      const theirs = ofK6.metrics[name] ?? ofK6.metrics[name.replace(/\{.*/s, '')];
      if (theirs === undefined) continue;
      expect([name, metric.type, metric.contains]).toEqual([name, theirs.type, theirs.contains]);
      expect(Object.keys(metric.values)).toEqual(expect.arrayContaining(Object.keys(theirs.values)));
    }
  });

  test('find the figures', () => {
    expect(summary(whole()).metrics).toMatchObject({
      http_reqs: { values: { count: 2000, rate: 100 } },
      http_req_failed: { values: { rate: 0, passes: 0, fails: 2000 }, thresholds: { 'rate<0.01': { ok: true } } },
      http_req_duration: { values: { avg: 2.2, min: 1, med: 2, max: 20, 'p(90)': 4, 'p(95)': 6, 'p(99)': 10 } },
      'http_reqs{host:bar.localhost}': { values: { count: 1000, rate: 50 } },
    });
  });

  test('tell one host on two paths apart', () => {
    const given = whole({ load: measuredLoad({ hosts: [hostResult(), hostResult({ path: '/cart' })] }) });
    expect(Object.keys(summary(given).metrics)).toEqual(
      expect.arrayContaining(['http_reqs{host:foo.localhost,path:/}', 'http_reqs{host:foo.localhost,path:/cart}']),
    );
  });

  test('find each rule at the metric that it is about', () => {
    const { metrics } = summary(
      withRules(
        'http_req_duration: p(95)<5\nhttp_req_duration: max<100\nhttp_req_duration{ host: foo.localhost }: p(99)<800\nresource_cpu{workload:foo}: avg<0.5\nresource_cpu{workload:bar}: avg<0.5',
      ),
    );
    expect(metrics['http_req_duration']?.thresholds).toEqual({ 'p(95)<5': { ok: false }, 'max<100': { ok: true } });
    expect(metrics['http_req_duration{host:foo.localhost}']).toMatchObject({
      type: 'trend',
      thresholds: { 'p(99)<800': { ok: true } },
    });
    expect(metrics['resource_cpu{workload:foo}']).toMatchObject({
      type: 'gauge',
      values: { value: 0.253 },
      thresholds: { 'avg<0.5': { ok: true } },
    });
    // What was not measured fails its rule and is no 0.
    expect(metrics['resource_cpu{workload:bar}']).toMatchObject({
      values: { value: null },
      thresholds: { 'avg<0.5': { ok: false } },
    });
  });

  test('find checks and timeouts as k6 counts them, and walks for iterations', () => {
    const walk = {
      name: 'buy',
      begun: 12,
      completed: 9,
      failed: 2,
      unfinished: 1,
      durationMs: null,
      steps: [],
      problems: [],
    };
    const checks = [
      { name: 'look', passed: 90, failed: 10 },
      { name: 'buy', passed: 30, failed: 70 },
      { name: 'never', passed: 0, failed: 0 },
    ];
    const { total } = measuredLoad();
    const latencyWithTimeoutsMs = { avg: 1, min: 1, p50: 1, p90: 2, p95: 10_000, p99: 10_001, max: 10_002 };
    const given = whole({
      load: measuredLoad({ journeys: [walk], checks, total: { ...total, latencyWithTimeoutsMs } }),
    });
    expect(summary(given).metrics).toMatchObject({
      iterations: { values: { count: 9 } },
      checks: { type: 'rate', values: { rate: 0.6, passes: 120, fails: 80 } },
      'checks{check:buy}': { values: { rate: 0.3, passes: 30, fails: 70 } },
      http_req_duration: { values: { 'p(95)': 10_000, max: 10_002 } },
    });
    expect(summary(given).metrics).not.toHaveProperty(['checks{check:never}']);
  });

  test('are k6-junit, which finds every rule in it', () => {
    const xml = String(
      jUnit(
        summary(
          withRules('http_req_duration: p(95)<5\nhttp_req_failed: rate<0.01\nresource_cpu{workload:foo}: avg<0.5'),
        ),
      ),
    );
    expect(xml).toContain('tests="3" failures="1"');
    expect(xml).toContain('http_req_duration: p(95)&lt;5');
  });

  test('find the thresholds of a script', () => {
    const scriptThresholds = [
      {
        rule: 'k6: my_count: count<100',
        metric: 'my_count',
        measured: 4,
        unit: 'number',
        passed: true,
        missing: null,
      } as const,
    ];
    expect(summary(whole({ load: measuredLoad({ scriptThresholds }) })).metrics['my_count']).toMatchObject({
      values: { value: 4 },
      thresholds: { 'count<100': { ok: true } },
    });
  });
});

describe('a load that says nothing certain about the system is not exported', () => {
  const { generator } = measuredLoad();
  const table = [
    { name: 'nothing was sent', given: whole({ load: null }), skipped: /No load/ },
    {
      name: 'it was cancelled',
      given: whole({ stages: stages(['run-load'], 'cancelled') }),
      skipped: /was not finished/,
    },
    {
      name: 'the generator was the bottleneck',
      given: whole({ load: measuredLoad({ generator: generator === null ? null : { ...generator, limited: true } }) }),
      skipped: /generator was the bottleneck/,
    },
  ];
  test.each(table)('$name', ({ given, skipped }) => {
    const result = exported(given);
    expect('skipped' in result ? result.skipped : result).toMatch(skipped);
  });

  test('but one that broke a rule is', () => {
    const given = whole({ settings: { ...state().settings, thresholds: 'http_req_duration: p(95)<1' }, load: load() });
    expect(Object.keys((exported(given) as { files: object }).files)).toEqual([...EXPORTS]);
  });
});
