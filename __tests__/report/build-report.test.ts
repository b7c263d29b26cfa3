import { describe, expect, test } from '@jest/globals';
import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { type OutcomeCode, OUTCOMES } from '../../src/errors.ts';
import { parseInputs } from '../../src/inputs/parse.ts';
import { INPUT_NAMES } from '../../src/inputs/table.ts';
import { report as reportModel } from '../../src/model/report.ts';
import type { Witness } from '../../src/model/witness.ts';
import { outputsOf } from '../../src/outputs.ts';
import { buildReport } from '../../src/report/build-report.ts';
import { type PipelineState, pipelineState } from '../../src/state.ts';
import { renderReport } from '../fakes/plain-renderings.ts';
import { comparison } from '../fakes/comparison.ts';
import { CLUSTER, ENDINGS, HOSTILE, hostResult, load, resources, stages, state } from '../fakes/state.ts';

const NOW = '2026-11-23T10:05:00.000Z';
const build = (given: PipelineState) => buildReport(given, NOW);
const outcome = (changes: Partial<PipelineState>) => build(state(changes)).outcome;

const DOUBTED: Witness = {
  besides: 50,
  hosts: [
    {
      hosts: ['foo.localhost'],
      sent: 1000,
      answered: { 200: 1000 },
      counted: { 308: 1050 },
      receivers: [{ namespace: 'echo', kind: 'Deployment', name: 'foo', receivedBytes: 512 }],
    },
  ],
  doubts: ['Something else answered.'],
  missing: ['No counters.'],
};

const AGREEING: Witness = { ...DOUBTED, doubts: [] };

const failed = (count: number, sent = 1000) =>
  load({
    total: hostResult({
      host: 'all',
      path: '',
      sent,
      succeeded: sent - count,
      failed: count,
      successRatio: (sent - count) / sent,
      failures: { reset: count },
    }),
  });

describe('how a run ended', () => {
  const table = [
    {
      name: 'it passed when every request was answered',
      changes: { load: load() },
      expected: { result: 'passed', code: 'passed', failure: null, helpUrl: null },
    },
    {
      name: 'it passed with fewer than one failed request in a hundred',
      changes: { load: failed(9) },
      expected: { result: 'passed' },
    },
    {
      name: 'it failed with one in a hundred',
      changes: { load: failed(10) },
      expected: { result: 'failed', code: 'threshold-failed', failure: { stage: 'run-load' } },
    },
    {
      name: 'it has no verdict when ingress or pods saw another load',
      changes: { load: load(), witness: DOUBTED },
      expected: { result: 'invalid', code: 'witness-disagrees', failure: { message: 'Something else answered.' } },
    },
    {
      name: 'it failed by its rules, whatever else is in doubt',
      changes: { load: failed(10), witness: DOUBTED },
      expected: { result: 'failed', code: 'threshold-failed' },
    },
    {
      name: 'it passed when what can not be witnessed is only told',
      changes: { load: load(), witness: AGREEING },
      expected: { result: 'passed' },
    },
    {
      name: 'it failed when nothing was answered',
      changes: { load: failed(200, 200) },
      expected: { result: 'failed', code: 'threshold-failed' },
    },
    {
      name: 'the first error of a stage is the outcome, also when requests failed as well',
      changes: {
        load: failed(1000),
        failure: {
          code: 'prometheus-unavailable',
          stage: 'read-resources',
          message: 'No.\nMore.',
          hint: null,
          tryThis: null,
        },
      },
      expected: { result: 'failed', code: 'prometheus-unavailable', summary: 'Load test failed: No.' },
    },
    {
      name: 'a cancelled run is not a failed one',
      changes: { failure: { code: 'cancelled', stage: 'deploy', message: 'stop', hint: null, tryThis: null } },
      expected: { result: 'cancelled', code: 'cancelled', summary: 'Load test cancelled during deploy' },
    },
    {
      name: 'a run that was cancelled between two stages',
      changes: { failure: { code: 'cancelled', stage: null, message: 'stop', hint: null, tryThis: null } },
      expected: { result: 'cancelled', summary: 'Load test cancelled' },
    },
  ] as const;
  test.each(table)('$name', ({ changes, expected }) => {
    expect(outcome(changes)).toMatchObject(expected);
  });

  test('the heading of a good run has its figures', () => {
    expect(outcome({ load: load() }).summary).toBe('Load test passed: 200 requests, 100 % succeeded, p95 6.00 ms');
    const few = load({
      total: hostResult({ host: 'all', path: '', sent: 50, statuses: { '200': 50 }, succeeded: 50 }),
    });
    expect(outcome({ load: few }).summary).toBe('Load test passed: 50 requests, 100 % succeeded, p95 ≈ 6.00 ms');
  });

  test('a threshold that was not kept is told with what was measured', () => {
    expect(outcome({ load: failed(10) }).failure?.message).toBe('http_req_failed: rate<0.01 does not hold: 0.0100');
  });

  test('of several broken rules the headline has the first and counts the others', () => {
    const thresholds = 'http_req_failed: rate<0.01\nhttp_req_duration: p(95)<0.001\nhttp_req_duration: max<0.001';
    const { summary, failure } = outcome({ load: failed(10), settings: { thresholds } });
    expect(failure?.message.split('\n')).toHaveLength(3);
    expect(summary).toBe('Load test failed: http_req_failed: rate<0.01 does not hold: 0.0100 (and 2 more)');
  });

  test.each([
    ['http_req_duration: p(95)<500', 10, true],
    ['http_req_duration: p(95)<500', 9, false],
    ['http_req_duration: p(95)<500\nhttp_req_failed: rate<0.5', 500, false],
    ['checks: rate>0.5', 500, false],
  ])('failures that no rule is on are told: %s with %d of 1000', (thresholds, count, told) => {
    const markdown = renderReport(build(state({ load: failed(count), settings: { thresholds } }))).join('\n');
    expect(markdown.includes('of the requests failed, and no rule says how many may')).toBe(told);
  });

  test('a run without a load has nothing to pass', () => {
    expect(outcome({})).toMatchObject({
      result: 'failed',
      code: 'stage-order',
      failure: { message: 'No load was sent, so there is nothing to judge.' },
    });
  });

  test('no verdict rests on times that the generator has spoilt', () => {
    const quiet = { p50: 1, p99: 2, max: 3 };
    const generator = {
      cpuShare: 1,
      eventLoopUtilization: 1,
      eventLoopDelayMs: quiet,
      sendDelayMs: null,
      limited: true,
      reason: 'It used a whole core.',
    };
    const settings = { ...parseInputs(() => '').settings, thresholds: 'http_req_duration: p(95)<500' };
    expect(outcome({ settings, load: load({ generator }) })).toMatchObject({
      result: 'invalid',
      code: 'generator-saturated',
      summary: expect.stringMatching(/^Load test without a verdict: /),
      failure: { message: expect.stringContaining('It used a whole core.') },
    });
    // Requests that failed did so however busy the generator was.
    expect(outcome({ load: { ...failed(10), generator } })).toMatchObject({
      result: 'failed',
      code: 'threshold-failed',
    });
  });

  test('no time stands in the heading of a run whose generator was the bottleneck', () => {
    const generator = {
      cpuShare: 1,
      eventLoopUtilization: 1,
      eventLoopDelayMs: { p50: 1, p99: 2, max: 3 },
      sendDelayMs: null,
      limited: true,
      reason: 'It used a whole core.',
    };
    expect(outcome({ load: load({ generator }) }).summary).toBe(
      'Load test passed: 200 requests, 100 % succeeded; its times are not reliable',
    );
    const settings = { ...parseInputs(() => '').settings, thresholds: '' };
    expect(outcome({ settings, load: load({ generator }) })).toMatchObject({ code: 'generator-saturated' });
  });

  test('nor on a rule that was decided by what the generator added, though it was not the limit', () => {
    const generator = {
      cpuShare: 0.2,
      eventLoopUtilization: 0.2,
      eventLoopDelayMs: { p50: 0, p99: 0, max: 12 },
      sendDelayMs: null,
      addedMs: { avg: 0, p50: 0, p90: 0, p95: 5, p99: 8, max: 12 },
      limited: false,
      reason: null,
    };
    const rules = (thresholds: string) => ({
      settings: { ...parseInputs(() => '').settings, thresholds },
      load: load({ generator }),
    });
    // p95 is 6 ms, of which up to 5 are the generator's.
    expect(outcome(rules('http_req_duration: p(95)<4'))).toMatchObject({
      result: 'invalid',
      code: 'generator-saturated',
      summary:
        "Load test without a verdict: http_req_duration: p(95)<4 can't be judged. Up to 5.0 ms of this figure came from the load generator; without that the rule would pass.",
    });
    expect(outcome(rules('http_req_duration: p(95)<4\nhttp_req_failed: rate<0.01'))).toMatchObject({
      result: 'invalid',
    });
    expect(outcome(rules('http_req_duration: p(95)<0.5'))).toMatchObject({ code: 'threshold-failed' });
    expect(outcome(rules('http_req_duration: p(50)<4'))).toMatchObject({ result: 'passed' });
  });

  test('a rate that was not delivered leaves no verdict, even when no rule is on times', () => {
    const model = { kind: 'open', ratePerSecond: 20_000, arrivals: 'constant', concurrency: 50 } as const;
    const late = load({ model, sentLate: 199, notSent: 300 });
    expect(outcome({ load: late })).toMatchObject({
      result: 'invalid',
      code: 'rate-not-delivered',
      summary:
        'Load test without a verdict: The rate was not delivered, so these latencies get no verdict. Only 0.2 % of 500 requests left on time, 199 left late and 300 never: all 50 connections were busy.',
    });
    const settings = {
      ...parseInputs(() => '').settings,
      thresholds: 'http_req_duration: p(95)<500\nhttp_req_failed: rate<0.01',
    };
    expect(build(state({ settings, load: late }))).toMatchObject({
      schemaVersion: '1.3',
      thresholds: [{ passed: true, withoutVerdict: expect.stringContaining('left on time') }, { passed: true }],
    });
    expect(outcome({ settings: { ...settings, thresholds: 'dropped_iterations: count<1' }, load: late })).toMatchObject(
      {
        code: 'threshold-failed',
      },
    );
  });

  const cancelledIn = (stage: string): Partial<PipelineState> => ({
    settings: {
      ...parseInputs(() => '').settings,
      thresholds: 'http_req_failed: rate<0.01\nhttp_reqs: count>1000\nresource_cpu{workload:foo}: max<1',
    },
    load: load(),
    failure: { code: 'cancelled', stage, message: 'The run was cancelled.', hint: null, tryThis: null },
    stages: ['run-load', 'read-resources'].map((name) => ({
      name,
      startedAt: NOW,
      endedAt: NOW,
      durationMs: 1,
      outcome: name === stage ? ('cancelled' as const) : ('ok' as const),
    })),
  });

  test('no rule gets a tick, nor a cross, from a load that was broken off', () => {
    const { outcome: ended, thresholds } = build(state(cancelledIn('run-load')));
    expect(ended.result).toBe('cancelled');
    expect(thresholds.map(({ withoutVerdict }) => withoutVerdict)).toEqual(
      Array.from({ length: 3 }, () => 'The load was interrupted.'),
    );
  });

  test('a load that was whole is judged, though the run was cancelled after it', () => {
    const { thresholds } = build(state(cancelledIn('read-resources')));
    expect(thresholds.map(({ passed, withoutVerdict }) => [passed, withoutVerdict])).toEqual([
      [true, undefined],
      [false, undefined],
      [false, 'The run was cancelled before the resources were read.'],
    ]);
  });

  test('a failure carries the address of its help', () => {
    expect(outcome({ load: failed(10) }).helpUrl).toMatch(/#threshold-failed$/);
  });
});

describe('the report', () => {
  test('ends when the run did, or now while it goes on', () => {
    expect(build(ENDINGS.passed).endedAt).toBe('2026-11-23T10:04:00.000Z');
    expect(build(state()).endedAt).toBe(NOW);
  });

  test('tells of the cluster what a reader needs, and not where its credentials are', () => {
    const { cluster, tools } = build(ENDINGS.passed);
    expect(cluster).toEqual({ name: CLUSTER.name, nodeImage: CLUSTER.nodeImage, httpPort: 80, nodes: CLUSTER.nodes });
    expect(tools).toEqual({
      kind: { version: 'v0.33.0', sha256: 'a'.repeat(64) },
      kubectl: { version: 'v1.35.8', sha256: 'b'.repeat(64) },
    });
    expect(JSON.stringify(build(ENDINGS.passed))).not.toContain(CLUSTER.kubeconfig);
  });
});

describe('the command that repeats the load', () => {
  const repeat = (settings: Readonly<Record<string, string>>, more: Partial<PipelineState> = {}): string =>
    build(state({ settings: { ...parseInputs(() => '').settings, ...settings }, ...more })).repeatWith;

  const table = [
    { name: 'has no defaults', settings: {}, expected: 'npx --yes github:k8s-loadtest-ci/k8s-loadtest-ci#v1 run' },
    {
      name: 'has what differs from them',
      settings: { requests: '500', rate: '50' },
      expected: 'npx --yes github:k8s-loadtest-ci/k8s-loadtest-ci#v1 run --requests 500 --rate 50',
    },
    {
      name: 'gives several lines one by one',
      settings: { hosts: 'a=/x\nb' },
      expected: 'npx --yes github:k8s-loadtest-ci/k8s-loadtest-ci#v1 run --hosts a=/x --hosts b',
    },
    {
      name: 'quotes what a shell would read',
      settings: { hosts: "a=/x?y='z'&$(id)" },
      expected: "npx --yes github:k8s-loadtest-ci/k8s-loadtest-ci#v1 run --hosts 'a=/x?y='\\''z'\\''&$(id)'",
    },
    {
      name: 'leaves out what makes sense only there',
      settings: { 'cluster-name': 'mine', 'http-port': '8080', 'output-dir': 'x', matrix: '{}', seed: 'old' },
      expected: 'npx --yes github:k8s-loadtest-ci/k8s-loadtest-ci#v1 run',
    },
  ];
  test.each(table)('$name', ({ settings, expected }) => {
    expect(repeat(settings)).toBe(expected);
  });

  test('has the seed that was used', () => {
    expect(repeat({}, { load: load({ seed: 'x$y' }) })).toBe(
      "npx --yes github:k8s-loadtest-ci/k8s-loadtest-ci#v1 run --seed 'x$y'",
    );
  });
});

describe('whatever happened, the report is one that programs can read', () => {
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(JSON.parse(readFileSync('schemas/report.schema.json', 'utf8')) as object);
  const faultsOf = (given: unknown): unknown => (validate(JSON.parse(JSON.stringify(given))) ? [] : validate.errors);

  test.each(Object.entries(ENDINGS))('%s', (_, ending) => {
    expect(faultsOf(build(ending))).toEqual([]);
    expect(() => pipelineState.parse(ending)).not.toThrow();
  });

  test('a run that has just begun', () => {
    expect(faultsOf(build(state()))).toEqual([]);
  });

  test('hostile texts', () => {
    expect(faultsOf(build(HOSTILE))).toEqual([]);
  });

  test('a report without a comparison is one that older readers know', () => {
    expect(build(ENDINGS.passed)).toMatchObject({ schemaVersion: '1.0' });
    expect(build(ENDINGS.passed)).not.toHaveProperty('comparison');
  });

  test('a report with a comparison says that it is newer', () => {
    const made = build({ ...ENDINGS.passed, comparison: comparison() });
    expect(made).toMatchObject({ schemaVersion: '1.1', comparison: { verdict: 'no-difference' } });
    expect(faultsOf(made)).toEqual([]);
    expect(() => pipelineState.parse({ ...ENDINGS.passed, comparison: comparison() })).not.toThrow();
  });

  test('a report with a field too many, or of another version, is refused', () => {
    expect(faultsOf({ ...build(ENDINGS.passed), more: 1 })).not.toEqual([]);
    expect(faultsOf({ ...build(ENDINGS.passed), schemaVersion: '0.1' })).not.toEqual([]);
    expect(
      faultsOf({ ...build(ENDINGS.passed), outcome: { ...build(ENDINGS.passed).outcome, code: 'nonsense' } }),
    ).not.toEqual([]);
  });

  const figure = fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }));
  const anyState = fc
    .record({
      failure: fc.option(
        fc.record({
          code: fc.constantFrom(...(Object.keys(OUTCOMES) as OutcomeCode[])),
          stage: fc.option(fc.string({ unit: 'binary' })),
          message: fc.string({ unit: 'binary' }),
          hint: fc.option(fc.string({ unit: 'binary' })),
          tryThis: fc.option(fc.string({ unit: 'binary' })),
        }),
      ),
      sent: fc.nat(),
      failedShare: fc.double({ min: 0, max: 1, noNaN: true }),
      withLoad: fc.boolean(),
      withCluster: fc.boolean(),
      last: fc.constantFrom('ok', 'failed', 'cancelled', 'running'),
      settings: fc.dictionary(fc.constantFrom(...INPUT_NAMES), fc.string()),
      warnings: fc.array(fc.string({ unit: 'binary' })),
      cpu: figure,
    })
    .map(({ failure, sent, failedShare, withLoad, withCluster, last, settings, warnings, cpu }): PipelineState => {
      const failedCount = Math.floor(sent * failedShare);
      const total = hostResult({
        host: 'all',
        path: '',
        sent,
        failed: failedCount,
        succeeded: sent - failedCount,
        successRatio: sent === 0 ? null : (sent - failedCount) / sent,
        failures: failedCount === 0 ? {} : { timeout: failedCount },
      });
      return state({
        failure,
        load: withLoad ? load({ total }) : null,
        system: withCluster ? CLUSTER : null,
        resources: withLoad
          ? resources({ nodes: resources().nodes.map((node) => ({ ...node, cpuCores: { value: cpu, samples: 1 } })) })
          : null,
        stages: stages(['validate', 'deploy'], last),
        settings,
        warnings,
      });
    });

  test('any state of a run', () => {
    fc.assert(
      fc.property(anyState, (given) => {
        const report = build(given);
        expect(faultsOf(report)).toEqual([]);
        expect(() => reportModel.parse(report)).not.toThrow();
        expect(renderReport(report).every((section) => section !== '')).toBe(true);
        const places = {
          report: 'r',
          summary: 's',
          html: 's',
          kubeconfig: '',
          baseline: null,
          commentUrl: null,
          artifactUrl: null,
        };
        for (const value of Object.values(outputsOf(report, places)))
          expect(value).not.toMatch(/NaN|undefined|\[object/);
      }),
    );
  });
});

test('of redirects the report has those that its load was led by', () => {
  const redirects = [
    { host: 'foo.localhost', from: '/', to: '/login', status: 302 },
    { host: 'bar.localhost', from: '/x', to: '/y', status: 301 },
  ];
  const hosts = [hostResult({ host: 'bar.localhost', path: '/y' })];
  const of = (changes: Partial<PipelineState>) => build(state({ redirects, warnings: ['first'], ...changes }));
  expect(of({ load: load({ hosts }) })).toMatchObject({
    redirects: [{ host: 'bar.localhost' }],
    warnings: [expect.stringContaining('http://bar.localhost/x is redirected to /y'), 'first'],
  });
  expect(of({ load: load({ hosts: [hostResult({ host: 'foo.localhost', path: '/' })] }) })).not.toHaveProperty(
    'redirects',
  );
  // Before a load they are what it will be led by.
  expect(of({ load: null }).redirects).toHaveLength(2);
});

test('a doubt of the witnesses stands with its table in the report, and no rule is judged as kept', () => {
  const given = build(state({ load: load(), witness: DOUBTED }));
  expect(given.schemaVersion).toBe('1.3');
  expect(given.thresholds[0]?.withoutVerdict).toBe('Something else answered.');
  const text = renderReport(given).join('\n');
  expect(text).toContain('### What the ingress and pods saw of the load');
  expect(text).toMatch(/`foo\.localhost` \| 1000 \| 200: 1000 \| 308: 1050 \| Deployment echo\/foo: 1 kB/);
  expect(text).toContain('No counters.');
});

describe('a failure that is read after the run', () => {
  const cluster = ENDINGS.passed.system;
  const failure = { code: 'crash-loop', stage: 'check-health', message: 'm', hint: 'h.', tryThis: '' } as const;
  const read = (tryThis: string, changes: Partial<PipelineState> = {}) =>
    buildReport({ ...ENDINGS.passed, failure: { ...failure, tryThis }, ...changes }, NOW).outcome.failure;
  const ofCluster = `kubectl --kubeconfig=${cluster?.kind === 'own' ? cluster.kubeconfig : ''} describe pod x`;

  test('names no cluster that is gone, but a run that keeps it', () => {
    expect(read(ofCluster)?.tryThis).toMatch(/^npx .* run .*--keep-cluster true$/);
    expect(read(ofCluster)?.hint).toMatch(/^h\. The run removes the cluster when it ends\./);
  });

  test('names it while it is there', () => {
    expect(read(ofCluster, { endedAt: null })?.tryThis).toBe(ofCluster);
    const kept = { ...ENDINGS.passed.settings, 'keep-cluster': 'true' };
    expect(read(ofCluster, { settings: kept })?.tryThis).toBe(ofCluster);
  });

  test('keeps a command that asks no cluster', () => {
    expect(read('docker info')).toEqual({ ...failure, tryThis: 'docker info' });
  });
});

describe('for programs', () => {
  test.each(Object.entries(ENDINGS))(
    'a run that ended as "%s" says what to do next, and what its schema is',
    (_, ending) => {
      const {
        $schema,
        outcome: { next },
      } = build(ending);
      expect($schema).toMatch(/schemas\/report\.schema\.json$/);
      expect(next?.sentence).toMatch(/\S[.?!:]$|\S$/);
      expect(next?.command).toMatch(/^\S+ /);
    },
  );
});
