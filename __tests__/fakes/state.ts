import { parseInputs } from '../../src/inputs/parse.ts';
import { onLoopback } from '../../src/model/endpoint.ts';
import type { HostResult, LatencySummary, LoadResult } from '../../src/model/load.ts';
import type { Measurement, Resources } from '../../src/model/resources.ts';
import type { RunIdentity } from '../../src/model/run.ts';
import { initialState, type PipelineState } from '../../src/state.ts';
import type { EchoSystem, OwnCluster } from '../../src/system.ts';
import { comparison, comparisonRound } from './comparison.ts';

export const ON_GITHUB: RunIdentity = {
  onGitHub: true,
  id: '4711',
  attempt: 2,
  workflow: 'Load test',
  job: 'load',
  repository: 'octo/app',
  sha: '0123456789abcdef0123456789abcdef01234567',
  ref: 'refs/pull/7/merge',
  event: 'pull_request',
  pullRequest: 7,
  url: 'https://github.com/octo/app/actions/runs/4711',
};

export const ON_A_LAPTOP: RunIdentity = {
  onGitHub: false,
  id: 'local',
  attempt: 1,
  workflow: null,
  job: null,
  repository: null,
  sha: null,
  ref: null,
  event: null,
  pullRequest: null,
  url: null,
};

/** A state in which nothing has happened yet, with the changes of a test. */
export const state = (changes: Partial<PipelineState> = {}): PipelineState => ({
  ...initialState({
    tool: { name: 'k8s-loadtest-ci', version: '1.0.0' },
    run: ON_GITHUB,
    settings: parseInputs(() => '').settings,
    startedAt: new Date('2026-11-23T10:00:00.000Z'),
  }),
  ...changes,
});

export const latency = (base: number): LatencySummary => ({
  avg: base * 1.1,
  min: base / 2,
  p50: base,
  p90: base * 2,
  p95: base * 3,
  p99: base * 5,
  max: base * 10,
});

export const hostResult = (changes: Partial<HostResult> = {}): HostResult => ({
  host: 'foo.localhost',
  path: '/',
  sent: 100,
  succeeded: 100,
  failed: 0,
  successRatio: 1,
  failures: {},
  retried: 0,
  statuses: { '200': 100 },
  bytesReceived: 400,
  requestsPerSecond: 50,
  latencyMs: latency(2),
  serviceTimeMs: latency(2),
  ...changes,
});

export const load = (changes: Partial<LoadResult> = {}): LoadResult => ({
  model: { kind: 'closed', concurrency: 10 },
  seed: 'a1b2c3',
  warmupRequests: 50,
  rampUpSeconds: 0,
  workers: 1,
  startedAt: '2026-11-23T10:03:00.000Z',
  endedAt: '2026-11-23T10:03:02.000Z',
  durationSeconds: 2,
  sentLate: 0,
  notSent: 0,
  generator: null,
  total: hostResult({
    host: 'all',
    path: '',
    sent: 200,
    succeeded: 200,
    statuses: { '200': 200 },
    bytesReceived: 800,
    requestsPerSecond: 100,
  }),
  hosts: [hostResult(), hostResult({ host: 'bar.localhost' })],
  ...changes,
});

const measured = (value: number | null, samples = 10): Measurement => ({
  value,
  samples: value === null ? 0 : samples,
});

export const resources = (changes: Partial<Resources> = {}): Resources => ({
  startedAt: '2026-11-23T10:03:00.000Z',
  endedAt: '2026-11-23T10:03:02.000Z',
  workloads: [
    {
      namespace: 'echo',
      kind: 'Deployment',
      name: 'foo',
      pods: 2,
      cpuCores: measured(0.253),
      cpuShareOfLimit: 0.253,
      memoryBytes: measured(15 * 2 ** 20),
      memoryShareOfLimit: 0.117,
      networkReceivedBytesPerSecond: measured(12_345),
      networkSentBytesPerSecond: measured(54_321),
      cpuThrottledShare: measured(0.02),
      restarts: 0,
    },
    {
      namespace: 'echo',
      kind: 'Deployment',
      name: 'bar',
      pods: 2,
      cpuCores: measured(null),
      cpuShareOfLimit: null,
      memoryBytes: measured(null),
      memoryShareOfLimit: null,
      networkReceivedBytesPerSecond: measured(null),
      networkSentBytesPerSecond: measured(null),
      cpuThrottledShare: measured(null),
      restarts: null,
    },
  ],
  nodes: [
    {
      name: 'lt-control-plane',
      cpuCores: measured(1.5),
      memoryBytes: measured(2 * 2 ** 30),
      networkReceivedBytesPerSecond: measured(1000),
      networkSentBytesPerSecond: measured(2000),
    },
  ],
  missing: ['No CPU use was measured for bar, because that needs two samples within the 2.0 s of the load.'],
  ...changes,
});

/** The stages of a run up to and including one, of which the last has an outcome of its own. */
export const stages = (
  names: readonly string[],
  last: 'ok' | 'failed' | 'cancelled' | 'running' = 'ok',
): PipelineState['stages'] =>
  names.map((name, index) => {
    const outcome = index === names.length - 1 ? last : 'ok';
    const running = outcome === 'running';
    return {
      name,
      startedAt: '2026-11-23T10:00:00.000Z',
      endedAt: running ? null : '2026-11-23T10:00:12.300Z',
      durationMs: running ? null : 12_300,
      outcome,
    };
  });

export const CLUSTER: OwnCluster = {
  kind: 'own',
  name: 'lt-4711-2-abc123',
  nodeImage: 'kindest/node:v1.35.8@sha256:07b2536e30b803ed61d1677a79df6115f798ce64c80f9e22f6ed45afd09323c0',
  kubeconfig: '/work/artifacts/kubeconfig',
  ingress: onLoopback(80),
  nodes: [
    { name: 'lt-control-plane', role: 'control-plane', version: 'v1.35.8', ready: true },
    { name: 'lt-worker', role: 'worker', version: 'v1.35.8', ready: true },
  ],
  networkExisted: false,
  deletedAt: null,
};

/** The echo services of the try mode behind a port of this machine. */
export const echoAt = (port: number): EchoSystem => ({ kind: 'echo', ingress: onLoopback(port), options: [] });

const ENVIRONMENT: NonNullable<PipelineState['environment']> = {
  os: 'linux 6.8.0',
  arch: 'x64',
  cpuModel: 'AMD EPYC 7763',
  cpus: 4,
  memoryBytes: 16 * 2 ** 30,
  nodeVersion: 'v24.0.0',
  dockerVersion: '28.0.4',
  cgroupVersion: '2',
};

/** Names of the stages in their order. */
const STAGES = [
  'validate',
  'install-tools',
  'render-manifests',
  'create-cluster',
  'deploy',
  'check-health',
  'run-load',
  'read-resources',
] as const;

/** States in which a run can end, by what happened. */
export const ENDINGS = {
  passed: state({
    endedAt: '2026-11-23T10:04:00.000Z',
    environment: ENVIRONMENT,
    tools: {
      kind: { version: 'v0.33.0', path: '/tools/kind', sha256: 'a'.repeat(64) },
      kubectl: { version: 'v1.35.8', path: '/tools/kubectl', sha256: 'b'.repeat(64) },
    },
    system: CLUSTER,
    images: [
      'docker.io/hashicorp/http-echo:1.0.0@sha256:fcb75f691c8b0414d670ae570240cbf95502cc18a9ba57e982ecac589760a186',
    ],
    stages: stages(STAGES),
    load: load(),
    resources: resources(),
    warnings: ['The inotify limits are low'],
  }),
  'failed-before-the-cluster': state({
    endedAt: '2026-11-23T10:00:01.000Z',
    stages: stages(['validate'], 'failed'),
    failure: {
      code: 'input-invalid',
      stage: 'validate',
      message:
        'Input requests is "-5"; allowed: a whole number from 1 to 100000000.\nInput nodes is "0"; allowed: a whole number from 1 to 20.',
      hint: 'Correct the inputs above. Nothing was created.',
      tryThis: null,
    },
  }),
  cancelled: state({
    endedAt: '2026-11-23T10:02:00.000Z',
    environment: { ...ENVIRONMENT, dockerVersion: null, cgroupVersion: null },
    system: { ...CLUSTER, ingress: null, nodes: [] },
    stages: stages(STAGES.slice(0, 4), 'cancelled'),
    failure: {
      code: 'cancelled',
      stage: 'create-cluster',
      message: 'The run was cancelled (SIGINT).',
      hint: 'The cluster is removed at the end of the job.',
      tryThis: null,
    },
  }),
  'failed-requests': state({
    run: ON_A_LAPTOP,
    endedAt: '2026-11-23T10:04:00.000Z',
    settings: {
      ...parseInputs(() => '').settings,
      hosts: 'foo.localhost\nshop.localhost=/cart',
      requests: '1000',
      rate: '500',
    },
    stages: stages(STAGES.slice(0, 7)),
    load: load({
      model: { kind: 'open', ratePerSecond: 500, arrivals: 'poisson', concurrency: 10 },
      sentLate: 4,
      notSent: 3,
      total: hostResult({
        host: 'all',
        path: '',
        sent: 1000,
        succeeded: 900,
        failed: 100,
        successRatio: 0.9,
        failures: { 'http-status': 60, timeout: 40 },
        statuses: { '200': 900, '503': 60 },
      }),
      hosts: [
        hostResult({ sent: 500, succeeded: 500, statuses: { '200': 500 } }),
        hostResult({
          host: 'shop.localhost',
          path: '/cart',
          sent: 500,
          succeeded: 400,
          failed: 100,
          successRatio: 0.8,
          failures: { 'http-status': 60, timeout: 40 },
          statuses: { '200': 400, '503': 60 },
        }),
      ],
    }),
    resources: { ...resources(), workloads: [], nodes: [], missing: ['Prometheus could not be read: 503'] },
  }),
  'nothing-answered': state({
    stages: stages(STAGES.slice(0, 7)),
    load: load({
      total: hostResult({
        host: 'all',
        path: '',
        sent: 200,
        succeeded: 0,
        failed: 200,
        successRatio: 0,
        failures: { refused: 200 },
        statuses: {},
        bytesReceived: 0,
        requestsPerSecond: 0,
        latencyMs: null,
        serviceTimeMs: null,
      }),
      hosts: [],
    }),
  }),
} as const satisfies Record<string, PipelineState>;

const HOSTILE_TEXT =
  'a `b` ```` c <!-- k8s-loadtest-ci comment=x --> @all #1 | d\n::error::x\n<img src=x onerror=alert(1)> ![x](http://e) **b** ~~s~~ \u202e\u0000 [l](javascript:x)';

/** A run in which every text from outside is hostile. */
export const HOSTILE: PipelineState = state({
  run: { ...ON_GITHUB, sha: HOSTILE_TEXT },
  environment: { ...ENVIRONMENT, cpuModel: HOSTILE_TEXT },
  system: { ...CLUSTER, nodeImage: HOSTILE_TEXT },
  images: [HOSTILE_TEXT],
  stages: stages([HOSTILE_TEXT], 'failed'),
  failure: {
    code: 'crash-loop',
    stage: HOSTILE_TEXT,
    message: HOSTILE_TEXT,
    hint: HOSTILE_TEXT,
    tryThis: HOSTILE_TEXT,
  },
  load: load({
    seed: HOSTILE_TEXT,
    total: { ...load().total, failed: 1, failures: { reset: 1 } },
    hosts: [hostResult({ host: HOSTILE_TEXT, path: HOSTILE_TEXT, failed: 1 })],
  }),
  resources: resources({
    workloads: resources().workloads.map((workload) => ({ ...workload, namespace: HOSTILE_TEXT, name: HOSTILE_TEXT })),
    nodes: resources().nodes.map((node) => ({ ...node, name: HOSTILE_TEXT })),
    missing: [HOSTILE_TEXT],
  }),
  comparison: comparison({
    subject: 'ingress-controllers',
    base: { ...comparison().base, label: HOSTILE_TEXT },
    head: { ...comparison().head, label: `${HOSTILE_TEXT} (head)` },
    rounds: [0, 1, 2].map((index) => comparisonRound({ index })),
  }),
  settings: { ...parseInputs(() => '').settings, hosts: HOSTILE_TEXT },
  warnings: [HOSTILE_TEXT],
});
