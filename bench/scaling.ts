import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { WORKLOAD_IMAGES } from '../src/cluster/pinned-versions.ts';
import type { Report } from '../src/model/report.ts';
import { freePort, runCommand, versionOptions } from './own-run.ts';
import { benchRecord } from './record.ts';
import { median, spread, table } from './statistics.ts';

const RUN_DEADLINE_MS = 900_000;
const NAMESPACE = 'scale';
/** Of manifests/platform/prometheus. */
const SCRAPE_SECONDS = 2;

/** What a run is asked for. */
interface Asked {
  readonly hosts: number;
  readonly replicas: number;
  readonly requests: number;
}

interface ScalingRun extends Asked {
  /** 0 for the try mode: the same program with echo services of its own in the place of a cluster. */
  readonly nodes: number;
  /** Seconds of each stage. */
  readonly stages: Readonly<Record<string, number>>;
  readonly totalSeconds: number;
  readonly requestsPerSecond: number | null;
  /** The most memory that our program held. */
  readonly programBytes: number;
  /** All nodes together, highest in the window of the load. */
  readonly nodeBytes: number | null;
  readonly prometheusBytes: number | null;
  /** Samples that Prometheus takes in each second, by what its scrapes brought. */
  readonly samplesPerSecond: number | null;
  /** Report, page and exports. */
  readonly filesBytes: number;
}

/** A call makes what is not there yet. */
const record = benchRecord<ScalingRun>('bench-scaling');

/** In one cluster, one after the other: hosts grow, and once the same number of pods is made by replicas. */
const STEPS: readonly Asked[] = [
  { hosts: 2, replicas: 1, requests: 2000 },
  { hosts: 10, replicas: 1, requests: 2000 },
  { hosts: 10, replicas: 5, requests: 2000 },
  { hosts: 50, replicas: 1, requests: 2000 },
  { hosts: 50, replicas: 1, requests: 10_000 },
];
const LOCAL_REQUESTS = [10_000, 100_000, 1_000_000, 5_000_000];

/**
 * How the cost of a run grows: with nodes, hosts, replicas and requests on clusters, and with requests alone in the try
 * mode, which is faster than an ingress. Needs what `npm run bundle:cli` makes, and kind and kubectl as a run does;
 * E2E_NODE_IMAGE and the like say which versions a machine has that has others.
 *
 * @param nodes how many nodes the clusters of this call have; 0 for the try mode.
 * @returns the runs of this call and of earlier ones.
 */
export async function benchScaling(nodes: readonly number[]): Promise<ScalingRun[]> {
  for (const count of nodes) await (count === 0 ? benchLocal() : benchCluster(count));
  return await record.all();
}

async function benchLocal(): Promise<void> {
  const done = await record.all();
  for (const requests of LOCAL_REQUESTS) {
    if (done.some((run) => run.nodes === 0 && run.requests === requests)) continue;
    const outputDir = await mkdtemp(join(tmpdir(), 'bench-scaling-'));
    try {
      await keep(
        { nodes: 0, hosts: 2, replicas: 1, requests },
        outputDir,
        await ours(['try', '--requests', String(requests), '--output-dir', outputDir]),
      );
    } finally {
      await rm(outputDir, { recursive: true, force: true });
    }
  }
}

async function benchCluster(nodes: number): Promise<void> {
  const done = await record.all();
  const missing = STEPS.filter((step) => !done.some((run) => run.nodes === nodes && isSame(run, step)));
  if (missing.length === 0) return;
  const folder = await mkdtemp(join(tmpdir(), 'bench-scaling-'));
  const cluster = [
    '--cluster-name',
    `bench-scaling-${String(process.pid)}`,
    '--nodes',
    String(nodes),
    '--http-port',
    String(await freePort()),
    ...versionOptions(),
  ];
  const first = join(folder, 'first');
  try {
    for (const [index, step] of missing.entries()) {
      const outputDir = index === 0 ? first : join(folder, `step-${String(index)}`);
      const manifests = join(folder, `manifests-${String(index)}`);
      await writeHosts(manifests, step);
      const how = index === 0 ? ['--keep-cluster', 'true'] : ['--reuse-cluster', 'true'];
      const load = ['--manifests', manifests, '--namespace', NAMESPACE, '--requests', String(step.requests)];
      const usage = await ours(['run', ...cluster, ...how, ...load, '--output-dir', outputDir]);
      await keep({ nodes, ...step }, outputDir, usage, await samplesPerSecond(join(first, 'kubeconfig')));
    }
  } finally {
    await ours(['down', '--output-dir', first]).catch((error: unknown) => {
      console.error(String(error));
    });
    await rm(folder, { recursive: true, force: true });
  }
}

const isSame = (one: Asked, other: Asked): boolean =>
  one.hosts === other.hosts && one.replicas === other.replicas && one.requests === other.requests;

async function keep(
  asked: Asked & { readonly nodes: number },
  outputDir: string,
  { programBytes }: { programBytes: number },
  samples: number | null = null,
): Promise<void> {
  const report = JSON.parse(await readFile(join(outputDir, 'report.json'), 'utf8')) as Report;
  if (report.outcome.result !== 'passed' || report.load?.total.sent !== asked.requests)
    throw new Error(`${JSON.stringify(asked)}: ${report.outcome.summary}`);
  const stages = Object.fromEntries(report.stages.map(({ name, durationMs }) => [name, (durationMs ?? 0) / 1000]));
  const sum = (values: readonly (number | null)[]): number | null =>
    values.length === 0 || values.includes(null)
      ? null
      : values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const run: ScalingRun = {
    ...asked,
    stages,
    totalSeconds: (Date.parse(report.endedAt) - Date.parse(report.startedAt)) / 1000,
    requestsPerSecond: report.load.total.requestsPerSecond,
    programBytes,
    nodeBytes: sum(report.resources?.nodes.map(({ memoryBytes }) => memoryBytes.value) ?? []),
    prometheusBytes: sum(
      report.resources?.workloads
        .filter(({ name }) => name === 'prometheus')
        .map(({ memoryBytes }) => memoryBytes.value) ?? [],
    ),
    samplesPerSecond: samples,
    filesBytes: await bytesIn(outputDir),
  };
  await record.add(run);
  console.error(`${JSON.stringify(asked)}: ${run.totalSeconds.toFixed(1)} s`);
}

/** The files of the report; manifests, state and kubeconfig are no part of it. */
async function bytesIn(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => /^(report|baseline)\.|\.(csv|xml|sarif)$/.test(name));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((total, size) => total + size, 0);
}

/** So many services, each with a host of its own, behind one Ingress. */
async function writeHosts(folder: string, { hosts, replicas }: Asked): Promise<void> {
  const names = Array.from({ length: hosts }, (_, index) => `h${String(index + 1)}`);
  const objects = names.flatMap((name): object[] => [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            enableServiceLinks: false,
            automountServiceAccountToken: false,
            containers: [
              {
                name: 'http-echo',
                image: WORKLOAD_IMAGES.httpEcho,
                imagePullPolicy: 'IfNotPresent',
                args: ['-listen=:5678', `-text=${name}`],
                ports: [{ name: 'http', containerPort: 5678 }],
                resources: { requests: { cpu: '5m', memory: '8Mi' }, limits: { memory: '64Mi' } },
                startupProbe: { httpGet: { path: '/health', port: 'http' }, periodSeconds: 1, failureThreshold: 60 },
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    },
  ]);
  const rules = names.map((name) => ({
    host: `${name}.localhost`,
    http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { name: 'http' } } } }] },
  }));
  const ingress = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'hosts' },
    spec: { ingressClassName: 'nginx', rules },
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'hosts.yaml'), [...objects, ingress].map((object) => stringify(object)).join('---\n'));
}

/** What all scrapes brought last, per second. */
async function samplesPerSecond(kubeconfig: string): Promise<number | null> {
  const query = encodeURIComponent('sum(scrape_samples_post_metric_relabeling)');
  const path = `/api/v1/namespaces/monitoring/services/prometheus:http/proxy/api/v1/query?query=${query}`;
  const { output } = await runCommand('kubectl', ['--kubeconfig', kubeconfig, 'get', '--raw', path], RUN_DEADLINE_MS);
  const { data } = JSON.parse(output) as { data: { result: { value: [number, string] }[] } };
  const samples = data.result[0]?.value[1];
  return samples === undefined ? null : Number(samples) / SCRAPE_SECONDS;
}

/** Prints the most memory that the program held when it ends; threads of the load are in it. */
const TELL_MEMORY =
  '--import=data:text/javascript,process.on("exit",()=>console.error("maxRSS",process.resourceUsage().maxRSS))';

/** Runs our command line. The servers of the try mode are a process of their own, whose memory is not in it. */
async function ours(args: readonly string[]): Promise<{ programBytes: number }> {
  const { errors } = await runCommand(process.execPath, [TELL_MEMORY, 'dist/cli/index.js', ...args], RUN_DEADLINE_MS);
  const kilobytes = /maxRSS (\d+)/.exec(errors)?.[1];
  if (kilobytes === undefined) throw new Error('the program did not tell its memory');
  return { programBytes: Number(kilobytes) * 1024 };
}

const ON_CLUSTER = ['create-cluster', 'deploy', 'check-health', 'run-load', 'read-resources'];

/** One line for each size; of what was measured several times the median, and for the load its spread. */
export function scalingTable(runs: readonly ScalingRun[]): string {
  const groups = new Map<string, ScalingRun[]>();
  for (const run of runs) {
    const size = [run.nodes, run.hosts, run.replicas, run.requests].join(' ');
    groups.set(size, [...(groups.get(size) ?? []), run]);
  }
  const middle = (values: readonly (number | null)[], digits: number, unit = 1): string => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? '–' : (median(known) / unit).toFixed(digits);
  };
  const sizes = (same: readonly ScalingRun[]): string[] => [
    middle(
      same.map(({ programBytes }) => programBytes),
      0,
      2 ** 20,
    ),
    middle(
      same.map(({ filesBytes }) => filesBytes),
      0,
      2 ** 10,
    ),
  ];
  const lines = (
    of: (run: ScalingRun) => boolean,
    cells: (same: readonly ScalingRun[], run: ScalingRun) => string[],
  ): string[][] =>
    [...groups.values()].flatMap((same) => (same[0] !== undefined && of(same[0]) ? [cells(same, same[0])] : []));
  const onClusters = lines(
    ({ nodes }) => nodes > 0,
    (same, { nodes, hosts, replicas, requests }) => [
      ...[nodes, hosts, hosts * replicas].map(String),
      requests.toLocaleString('en'),
      String(same.length),
      ...ON_CLUSTER.map((stage) =>
        middle(
          same.map(({ stages }) => stages[stage] ?? null),
          1,
        ),
      ),
      middle(
        same.map(({ requestsPerSecond }) => requestsPerSecond),
        0,
      ),
      middle(
        same.map(({ nodeBytes }) => nodeBytes),
        1,
        2 ** 30,
      ),
      middle(
        same.map(({ prometheusBytes }) => prometheusBytes),
        0,
        2 ** 20,
      ),
      middle(
        same.map((run) => run.samplesPerSecond),
        0,
      ),
      ...sizes(same),
    ],
  );
  const alone = lines(
    ({ nodes }) => nodes === 0,
    (same, { requests }) => [
      requests.toLocaleString('en'),
      String(same.length),
      middle(
        same.map(({ stages }) => stages['run-load'] ?? null),
        1,
      ),
      spread(
        same.map(({ stages }) => stages['run-load'] ?? NaN),
        1,
      ),
      middle(
        same.map(({ requestsPerSecond }) => requestsPerSecond),
        0,
      ),
      ...sizes(same),
    ],
  );
  return [
    table(
      [
        'nodes',
        'hosts',
        'pods',
        'requests',
        'runs',
        ...ON_CLUSTER.map((stage) => `${stage} s`),
        'requests/s',
        'nodes GiB',
        'Prometheus MiB',
        'samples/s',
        'program MiB',
        'files KiB',
      ],
      onClusters,
    ),
    table(['requests, try mode', 'runs', 'load s', 'spread', 'requests/s', 'program MiB', 'files KiB'], alone),
  ].join('\n\n');
}
