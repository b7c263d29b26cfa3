import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, runCommand, versionOptions } from './own-run.ts';
import { benchRecord } from './record.ts';
import { median, spread, table } from './statistics.ts';

const NODES = 3;
const REQUESTS = 200;
const CONNECTIONS = 10;
const HOSTS = ['foo.localhost', 'bar.localhost'];
const PLATFORM = ['manifests/platform/ingress-nginx', 'manifests/platform/prometheus'];
const APPLICATION = 'manifests/overlays/production';
const RUN_DEADLINE_MS = 420_000;

interface WholeRun {
  readonly round: number;
  readonly way: Way;
  /** From the start of the first command until there is a result to read: k6's of the load, or our report, which has the resources too. */
  readonly firstResultMs: number;
  /** What was removed after it. */
  readonly removedMs: number;
  /** Seconds of each stage or command. */
  readonly stages: Readonly<Record<string, number>>;
}

/** A round takes some minutes: many rounds can be made in several parts. */
const record = benchRecord<WholeRun>('bench-whole');

const WAYS = ['ours', 'by hand', 'by hand, all at once'] as const;
type Way = (typeof WAYS)[number];

/**
 * From nothing to the first result of a load test: our command line, a script that waits after each thing that
 * it applies, and one that applies everything before it waits. All have the same binaries, node image, number of nodes and manifests,
 * the images present in the nodes' store, and send as many requests. The scripts have kind's defaults. kind, kubectl and k6 must be on PATH.
 * E2E_NODE_IMAGE and the like say which versions a machine has that has others. Every round begins with another way, and the
 * way is run to its end, removal included, before the next one begins.
 *
 * @returns the runs of this call and of earlier ones.
 */
export async function benchWhole(rounds: number): Promise<WholeRun[]> {
  const runs = await record.all();
  const first = Math.max(0, ...runs.map(({ round }) => round));
  for (let round = first + 1; round <= first + rounds; round++) {
    for (const [place] of WAYS.entries()) {
      const way = WAYS[(round + place) % WAYS.length] ?? 'ours';
      const run = { round, way, ...(await (way === 'ours' ? runOurs() : runByHand(way))) };
      await record.add(run);
      runs.push(run);
      console.error(`round ${String(round)}, ${way}: ${(run.firstResultMs / 1000).toFixed(1)} s`);
    }
  }
  return runs;
}

type Measured = Pick<WholeRun, 'firstResultMs' | 'removedMs' | 'stages'>;

async function runOurs(): Promise<Measured> {
  const outputDir = await mkdtemp(join(tmpdir(), 'bench-whole-'));
  const load = [
    '--nodes',
    String(NODES),
    '--requests',
    String(REQUESTS),
    '--concurrency',
    String(CONNECTIONS),
    '--http-port',
    String(await freePort()),
  ];
  try {
    const start = Date.now();
    await runCommand(
      process.execPath,
      ['dist/cli/index.js', 'run', ...versionOptions(), ...load, '--output-dir', outputDir],
      RUN_DEADLINE_MS,
    );
    const end = Date.now();
    const written = (await stat(join(outputDir, 'report.html'))).mtimeMs;
    const { stages } = JSON.parse(await readFile(join(outputDir, 'report.json'), 'utf8')) as {
      stages: { name: string; durationMs: number }[];
    };
    return {
      firstResultMs: written - start,
      removedMs: end - written,
      stages: Object.fromEntries(stages.map(({ name, durationMs }) => [name, durationMs / 1000])),
    };
  } finally {
    await rm(outputDir, { recursive: true, force: true });
  }
}

async function runByHand(way: Exclude<Way, 'ours'>): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-whole-'));
  const name = `bench-whole-${String(process.pid)}`;
  const kubeconfig = join(folder, 'kubeconfig');
  const port = await freePort();
  const image = process.env['E2E_NODE_IMAGE'];
  await writeFile(join(folder, 'kind.yaml'), plainKindConfig(port));
  await writeFile(join(folder, 'load.js'), K6_SCRIPT);
  const stages: Record<string, number> = {};
  const start = Date.now();
  const timed = async (stage: string, program: string, args: readonly string[]): Promise<void> => {
    const began = Date.now();
    await runCommand(program, args, RUN_DEADLINE_MS, { KUBECONFIG: kubeconfig, PORT: String(port) });
    stages[stage] = (stages[stage] ?? 0) + (Date.now() - began) / 1000;
  };
  const kubectl = async (stage: string, ...args: string[]): Promise<void> => {
    await timed(stage, 'kubectl', args);
  };
  const create = async (wait: string): Promise<void> => {
    await timed('kind create', 'kind', [
      'create',
      'cluster',
      '--name',
      name,
      '--config',
      join(folder, 'kind.yaml'),
      '--wait',
      wait,
      ...(image === undefined ? [] : ['--image', image]),
    ]);
  };
  const waitForDeployments = (): Promise<void> =>
    kubectl(
      'kubectl wait',
      'wait',
      '--for=condition=Available',
      'deployment',
      '--all',
      '--all-namespaces',
      '--timeout=180s',
    );
  try {
    if (way === 'by hand') {
      await create('120s');
      for (const part of [...PLATFORM, APPLICATION]) {
        await kubectl('kubectl apply', 'apply', '--server-side', '--kustomize', part);
        await waitForDeployments();
      }
    } else {
      await create('0s');
      for (const part of [...PLATFORM, APPLICATION])
        await kubectl('kubectl apply', 'apply', '--server-side', '--kustomize', part);
      await waitForDeployments();
    }
    for (const host of HOSTS)
      await timed('curl', 'curl', [
        '--silent',
        '--output',
        '/dev/null',
        '--fail',
        '--retry',
        '60',
        '--retry-all-errors',
        '--retry-delay',
        '1',
        '--max-time',
        '5',
        '--header',
        `Host: ${host}`,
        `http://127.0.0.1:${String(port)}/`,
      ]);
    await timed('k6 run', 'k6', [
      'run',
      '--quiet',
      '--summary-export',
      join(folder, 'summary.json'),
      join(folder, 'load.js'),
    ]);
    const firstResultMs = Date.now() - start;
    const { metrics } = JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8')) as {
      metrics: { http_reqs: { count: number }; http_req_failed: { value: number } };
    };
    if (metrics.http_reqs.count !== REQUESTS || metrics.http_req_failed.value > 0)
      throw new Error(
        `k6 sent ${String(metrics.http_reqs.count)} requests, of which failed: ${String(metrics.http_req_failed.value)}`,
      );
    return { firstResultMs, removedMs: await remove(name, kubeconfig), stages };
  } finally {
    await remove(name, kubeconfig);
    await rm(folder, { recursive: true, force: true });
  }
}

async function remove(name: string, kubeconfig: string): Promise<number> {
  const start = Date.now();
  await runCommand('kind', ['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig], RUN_DEADLINE_MS);
  return Date.now() - start;
}

/** What the page of ingress-nginx in kind's documentation has, with two workers. */
/** What a kubelet of 1.35 and later needs on a machine with cgroup v1, by hand as well. */
const ACCEPT_CGROUP_V1 = existsSync('/sys/fs/cgroup/cgroup.controllers')
  ? ''
  : `kubeadmConfigPatches:
  - |
    kind: KubeletConfiguration
    failCgroupV1: false
`;

const plainKindConfig = (httpPort: number): string => `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
${ACCEPT_CGROUP_V1}nodes:
  - role: control-plane
    labels:
      ingress-ready: "true"
    extraPortMappings:
      - containerPort: 80
        hostPort: ${String(httpPort)}
        listenAddress: 127.0.0.1
${'  - role: worker\n'.repeat(NODES - 1)}`;

const K6_SCRIPT = `import http from 'k6/http';
export const options = { scenarios: { load: { executor: 'shared-iterations', vus: ${String(CONNECTIONS)}, iterations: ${String(REQUESTS)} } } };
const hosts = ${JSON.stringify(HOSTS)};
export default () => { http.get('http://127.0.0.1:' + __ENV.PORT + '/', { headers: { Host: hosts[Math.floor(Math.random() * hosts.length)] } }); };
`;

/** Until the result of the load is there; the scripts have no resources to read after it. */
const loadResultMs = ({ firstResultMs, stages }: WholeRun): number =>
  firstResultMs - (stages['read-resources'] ?? 0) * 1000;

export function wholeTable(runs: readonly WholeRun[]): string {
  const byRound = new Map<number, Map<Way, WholeRun>>();
  for (const run of runs)
    byRound.set(run.round, (byRound.get(run.round) ?? new Map<Way, WholeRun>()).set(run.way, run));
  const rounds = [...byRound.values()].filter((ways) => ways.size === WAYS.length);
  const of = (way: Way, value: (run: WholeRun) => number): number[] =>
    rounds.map((ways) => value(ways.get(way) as WholeRun));
  const loads = of('ours', loadResultMs);
  const row = (name: string, way: Way, value: (run: WholeRun) => number): string[] => {
    const ratios = of(way, value).map((ms, i) => (loads[i] ?? NaN) / ms);
    const seconds = of(way, (run) => value(run) / 1000);
    const removed = of(way, ({ removedMs }) => removedMs / 1000);
    return [
      name,
      String(seconds.length),
      median(seconds).toFixed(1),
      spread(seconds, 1),
      median(ratios).toFixed(2),
      spread(ratios, 2),
      median(removed).toFixed(1),
    ];
  };
  const figures = table(
    [
      'way',
      'rounds',
      'first result, median s',
      'spread',
      'our result of the load as a part of it, median',
      'spread',
      'removal, median s',
    ],
    [
      row('ours: result of the load', 'ours', loadResultMs),
      row('ours: report, with resources', 'ours', ({ firstResultMs }) => firstResultMs),
      ...WAYS.filter((way) => way !== 'ours').map((way) => row(`${way}: result of the load`, way, loadResultMs)),
    ],
  );
  const stages = WAYS.flatMap((way) =>
    [...new Set(rounds.flatMap((ways) => Object.keys(ways.get(way)?.stages ?? {})))].map((stage) => {
      const seconds = of(way, (run) => run.stages[stage] ?? 0);
      return [`${way}: ${stage}`, median(seconds).toFixed(1), spread(seconds, 1)];
    }),
  );
  return `${figures}\n\n${table(['stage', 'median s', 'spread'], stages)}`;
}
