import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import formats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { existsSync, readFileSync, statSync } from 'node:fs';
import type { Report } from '../../src/model/report.ts';
import type { WorkloadResources } from '../../src/model/resources.ts';
import { ActionRun, type Ended } from './action.ts';
import { machineState } from './machine.ts';

const schema = JSON.parse(readFileSync('schemas/report.schema.json', 'utf8')) as object;
const validate = formats.default(new Ajv2020()).compile(schema);

describe('The action on a real cluster', () => {
  const before = machineState();
  // 200 requests at 10 a second take 20 seconds: long enough for samples of CPU.
  const action = new ActionRun({ requests: '200', rate: '10', 'github-token': 'ghs_planted0secret0token' });
  let main: Ended;
  let report: Report;

  beforeAll(async () => {
    main = await action.run('main');
    report = action.json('report.json') as Report;
  });
  afterAll(async () => {
    await action.run('post');
    action.dispose();
  });

  test('passes', () => {
    expect({ exitCode: main.exitCode, failure: report.load === null ? report.outcome : null }).toEqual({
      exitCode: 0,
      failure: null,
    });
    expect(report.outcome.result).toBe('passed');
  });

  test('writes a report that its schema allows', () => {
    expect(validate(report) ? [] : validate.errors).toEqual([]);
  });

  test('has three nodes, all ready, one of them the control plane', () => {
    expect(report.cluster?.nodes.map(({ role, ready }) => ({ role, ready }))).toEqual([
      { role: 'control-plane', ready: true },
      { role: 'worker', ready: true },
      { role: 'worker', ready: true },
    ]);
  });

  test('counts 200 requests as 200, over both hosts', () => {
    expect(report.load?.total).toMatchObject({ sent: 200, succeeded: 200, failed: 0, successRatio: 1 });
    expect(report.load?.hosts.map(({ host }) => host)).toEqual(['foo.localhost', 'bar.localhost']);
    expect(report.load?.hosts.reduce((sum, { sent }) => sum + sent, 0)).toBe(200);
    for (const { sent } of report.load?.hosts ?? []) expect(sent).toBeGreaterThan(60);
  });

  test('has every figure of the latency, in order', () => {
    if (report.load === null) throw new Error('no load');
    for (const result of [report.load.total, ...report.load.hosts]) {
      const latency = result.latencyMs;
      if (!latency) throw new Error('no latency');
      const { min, p50, p90, p95, p99, max, avg } = latency;
      const figures = [min, p50, p90, p95, p99, max];
      expect(figures).toEqual([...figures].sort((a, b) => a - b));
      expect(min).toBeGreaterThan(0);
      expect(avg).toBeGreaterThanOrEqual(min);
      expect(avg).toBeLessThanOrEqual(max);
      expect(result.requestsPerSecond).toBeGreaterThan(0);
      expect(result.bytesReceived).toBeGreaterThan(0);
    }
  });

  test.each([
    ['echo', 'foo'],
    ['echo', 'bar'],
    ['ingress-nginx', 'ingress-nginx-controller'],
  ])('has CPU, memory and network of %s/%s', (namespace, name) => {
    const workload = report.resources?.workloads.find((one) => one.namespace === namespace && one.name === name);
    const figures: (keyof WorkloadResources)[] = [
      'cpuCores',
      'memoryBytes',
      'networkReceivedBytesPerSecond',
      'networkSentBytesPerSecond',
    ];
    for (const figure of figures) {
      expect({ figure, ...(workload?.[figure] as object) }).toEqual({
        figure,
        value: expect.any(Number),
        samples: expect.any(Number),
      });
    }
    expect(workload?.cpuCores.samples).toBeGreaterThanOrEqual(2);
    expect(workload?.cpuCores.value).toBeGreaterThan(0);
    expect(workload?.memoryBytes.value).toBeGreaterThan(1_000_000);
    expect(workload?.restarts).toBe(0);
  });

  test('has the CPU of every node', () => {
    expect(report.resources?.nodes).toHaveLength(3);
    for (const node of report.resources?.nodes ?? []) expect(node.cpuCores.value).toBeGreaterThan(0);
  });

  test('ran the stages in order, each with its time', () => {
    expect(report.stages.map(({ name, outcome }) => [name, outcome])).toEqual(
      [
        'validate',
        'announce-run',
        'install-tools',
        'render-manifests',
        'create-cluster',
        'deploy',
        'check-health',
        'run-load',
        'read-resources',
        'check-witnesses',
      ].map((name) => [name, 'ok']),
    );
    for (const { durationMs } of report.stages) expect(durationMs).toBeGreaterThan(0);
    process.stderr.write(
      `${report.stages.map(({ name, durationMs }) => `${name} ${((durationMs ?? 0) / 1000).toFixed(1)} s`).join(', ')}\n`,
    );
  });

  test('gives every output that it can', () => {
    const outputs = action.outputs();
    expect(outputs).toMatchObject({
      outcome: report.outcome.code,
      'success-ratio': '1',
      failures: '0',
      'report-path': action.path('report.json'),
      'summary-path': action.path('report.md'),
      kubeconfig: action.path('kubeconfig'),
      'cluster-name': report.cluster?.name,
    });
    for (const name of [
      'latency-p50',
      'latency-p90',
      'latency-p95',
      'latency-p99',
      'latency-avg',
      'latency-max',
      'requests-per-second',
    ]) {
      expect(Number(outputs[name])).toBeGreaterThan(0);
    }
    expect(JSON.parse(outputs['result'] ?? '')).toMatchObject({ outcome: { code: report.outcome.code } });
  });

  test('shows the same in summary and Markdown', () => {
    // Charts stand open in the summary and are folded elsewhere; every other line is the same.
    const lines = (text: string): string[] =>
      text.split('\n').filter((line) => line.startsWith('|') || line.startsWith('## '));
    expect(lines(action.summary())).toEqual(lines(readFileSync(action.path('report.md'), 'utf8')));
    expect(action.summary()).toContain('xychart-beta');
    expect(action.summary()).toContain('`foo.localhost`');
  });

  test('keeps the kubeconfig private until the post step', () => {
    expect(statSync(action.path('kubeconfig')).mode & 0o777).toBe(0o600);
  });

  test('lets no secret out', () => {
    const kubeconfig = readFileSync(action.path('kubeconfig'), 'utf8');
    const key = /client-key-data: (\S+)/.exec(kubeconfig)?.[1] ?? '';
    expect(key.length).toBeGreaterThan(100);
    const texts = [
      main.log,
      action.summary(),
      ...['report.json', 'report.md', 'state.json'].map((name) => readFileSync(action.path(name), 'utf8')),
    ];
    for (const text of texts) {
      expect(text.replaceAll('::add-mask::ghs_planted0secret0token', '')).not.toContain('ghs_planted0secret0token');
      expect(text).not.toContain(key);
    }
  });

  test('leaves nothing after the post step, also when it runs twice', async () => {
    const first = await action.run('post');
    const second = await action.run('post');
    expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
    expect(machineState()).toEqual(before);
    expect(existsSync(action.path('kubeconfig'))).toBe(false);
    expect(existsSync(action.path('report.json'))).toBe(true);
  });
});

describe('A Deployment that never becomes ready', () => {
  const before = machineState();
  const action = new ActionRun({
    manifests: `${process.cwd()}/__tests__/e2e/fixtures/never-ready`,
    hosts: 'never.localhost',
    wait: '40s',
    'ingress-controller': 'none',
    prometheus: 'false',
    nodes: '2',
  });
  afterAll(async () => {
    await action.run('post');
    action.dispose();
  });

  test('fails with the pod as the cause, keeps the evidence, and leaves nothing', async () => {
    const main = await action.run('main');
    const report = action.json('report.json') as Report;
    expect(main.exitCode).toBe(1);
    expect(validate(report) ? [] : validate.errors).toEqual([]);
    expect(report.outcome).toMatchObject({ result: 'failed', code: 'crash-loop', failure: { stage: 'check-health' } });
    expect(report.outcome.failure?.message).toMatch(/Pod broken\/shop-\S+: container shop ended/);
    expect(report.outcome.failure?.message).toContain('no-such-option');
    expect(main.log.match(/^::error /gm)).toHaveLength(1);
    expect(report.diagnostics).toEqual(expect.arrayContaining(['diagnostics/events.txt', 'diagnostics/pods.txt']));
    expect(report.diagnostics.some((file) => file.startsWith('diagnostics/kind/'))).toBe(true);
    expect((await action.run('post')).exitCode).toBe(0);
    expect(machineState()).toEqual(before);
  });
});

describe.each([
  ['check-health', 'SIGINT'],
  ['create-cluster', 'SIGINT'],
  ['create-cluster', 'SIGKILL'],
] as const)('A run that gets during %s a %s', (stage, signal) => {
  const before = machineState();
  const action = new ActionRun({ prometheus: 'false' });
  afterAll(async () => {
    await action.run('post');
    action.dispose();
  });

  test('reports that it was cancelled, and leaves nothing after the post step', async () => {
    const main = action.start('main');
    await main.logged(stage === 'create-cluster' ? 'Creating cluster' : `::group::${stage}`);
    // kind has to be in the middle of it; health may be known in a few seconds.
    await new Promise((done) => setTimeout(done, stage === 'create-cluster' ? 5000 : 500));
    main.child.kill(signal);
    const ended = await main.ended;
    if (signal !== 'SIGKILL') {
      expect(ended.exitCode).toBe(1);
      expect(action.json('report.json')).toMatchObject({
        outcome: { result: 'cancelled', code: 'cancelled', failure: { stage } },
      });
    }
    const post = await action.run('post');
    expect(post.exitCode).toBe(0);
    expect(action.json('report.json')).toMatchObject({ outcome: { result: 'cancelled', failure: { stage } } });
    expect(machineState()).toEqual(before);
  });
});
