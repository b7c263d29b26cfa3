import type {
  Measurement,
  NodeResources,
  Resources,
  ResourceTimeline,
  WorkloadResources,
  WorkloadTimeline,
} from '../../model/resources.ts';
import type { PodJson } from '../kubernetes-json.ts';
import { parseQuantity } from '../quantity.ts';
import { highestRatePerSecond, ratePerSecond, type Series, totalIncrease, totalOfMaxima } from './samples.ts';
import { levelsOverTime, ratesOverTime, type Steps, stepsOf } from './usage-timeline.ts';

/** What is read from Prometheus, by name: selectors of cAdvisor's series. */
export const SELECTORS = {
  cpu: 'container_cpu_usage_seconds_total',
  memory: 'container_memory_working_set_bytes',
  received: 'container_network_receive_bytes_total',
  sent: 'container_network_transmit_bytes_total',
  periods: 'container_cpu_cfs_periods_total',
  throttledPeriods: 'container_cpu_cfs_throttled_periods_total',
} as const;

export type SelectorName = keyof typeof SELECTORS;
export type SeriesByName = Readonly<Record<SelectorName, readonly Series[]>>;

export interface UsageOf {
  readonly window: { readonly startedAt: string; readonly endedAt: string };
  readonly series: SeriesByName;
  readonly pods: readonly PodJson[];
  readonly nodes: readonly string[];
  /** Container restarts by pod UID when the window began; null when they were not read. */
  readonly restartsAtStart: Readonly<Record<string, number>> | null;
}

/** The resources that pods and nodes used in a window, from raw samples. */
export function resourceUsage(usage: UsageOf): Resources {
  const live = usage.pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const groups = [...groupByWorkload(live).values()];
  const workloads = groups.map((pods) => workloadUsage(pods, usage));
  const nodes = usage.nodes.map((name) => nodeUsage(name, usage.series));
  return {
    ...usage.window,
    workloads: workloads.sort(byName),
    nodes,
    missing: missingFigures(workloads, nodes, usage.window),
    timeline: resourceTimeline(groups, usage),
  };
}

const byName = (a: { namespace: string; name: string }, b: { namespace: string; name: string }): number =>
  `${a.namespace}/${a.name}`.localeCompare(`${b.namespace}/${b.name}`);

function groupByWorkload(pods: readonly PodJson[]): Map<string, PodJson[]> {
  const groups = new Map<string, PodJson[]>();
  for (const pod of pods) {
    const { namespace, kind, name } = ownerOf(pod);
    const key = `${namespace}/${kind}/${name}`;
    groups.set(key, [...(groups.get(key) ?? []), pod]);
  }
  return groups;
}

/** The workload behind a pod: a ReplicaSet stands for the Deployment that made it. */
export function ownerOf({ metadata }: PodJson): { namespace: string; kind: string; name: string } {
  const { namespace } = metadata;
  const [owner] = metadata.ownerReferences;
  if (owner === undefined) return { namespace, kind: 'Pod', name: metadata.name };
  const hash = metadata.labels['pod-template-hash'];
  if (owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`)) {
    return { namespace, kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) };
  }
  return { namespace, kind: owner.kind, name: owner.name };
}

function workloadUsage(pods: readonly PodJson[], { series, restartsAtStart, window }: UsageOf): WorkloadResources {
  const [first] = pods;
  if (first === undefined) throw new RangeError('a workload without pods has no usage');
  const of = (name: SelectorName): Series[] => pods.flatMap((pod) => seriesOfPod(series[name], pod));
  // The mean over the whole window of a pod that came later counts the time in which it was not there.
  const whole = (find: typeof seriesOfPod, name: SelectorName): Series[] =>
    pods.flatMap((pod) => find(series[name], pod).map((one) => withZeros(one, pod, window, Infinity)));
  const cpuCores = ofEveryPod(pods, series.cpu, ratePerSecond(whole(seriesOfPod, 'cpu')));
  const memoryBytes = ofEveryPod(pods, series.memory, totalOfMaxima(of('memory')));
  return {
    ...ownerOf(first),
    pods: pods.length,
    cpuCores,
    cpuCoresMax: ofEveryPod(pods, series.cpu, highestRatePerSecond(of('cpu'))),
    cpuShareOfLimit: share(cpuCores.value, limitOf(pods, 'cpu')),
    memoryBytes,
    memoryShareOfLimit: share(memoryBytes.value, limitOf(pods, 'memory')),
    networkReceivedBytesPerSecond: ofEveryPod(pods, series.received, ratePerSecond(whole(networkOfPod, 'received'))),
    networkSentBytesPerSecond: ofEveryPod(pods, series.sent, ratePerSecond(whole(networkOfPod, 'sent'))),
    cpuThrottledShare: throttledShare(of('throttledPeriods'), of('periods')),
    restarts: restartsAtStart === null ? null : restarts(pods, restartsAtStart),
  };
}

function resourceTimeline(groups: readonly PodJson[][], { window, series }: UsageOf): ResourceTimeline {
  const steps = stepsOf(Date.parse(window.startedAt) / 1000, Date.parse(window.endedAt) / 1000);
  return {
    stepSeconds: steps.stepSeconds,
    workloads: groups.flatMap((pods) => workloadTimeline(pods, series, steps, window)).sort(byName),
  };
}

function workloadTimeline(
  pods: readonly PodJson[],
  series: SeriesByName,
  steps: Steps,
  window: UsageOf['window'],
): WorkloadTimeline[] {
  const [first] = pods;
  if (first === undefined) return [];
  return [
    {
      ...ownerOf(first),
      cpuCores: ratesOverTime(tracksOf(pods, series.cpu, window), steps),
      memoryBytes: levelsOverTime(tracksOf(pods, series.memory, window), steps),
    },
  ];
}

/** Closer together than samples that have a hole between them. */
const ZEROS_EVERY_SECONDS = 5;

/** A series of a pod that started in the window, with zeros from the beginning of the window on: it used nothing before. */
function withZeros(series: Series, { status }: PodJson, window: UsageOf['window'], everySeconds: number): Series {
  const [from, started] = [Date.parse(window.startedAt) / 1000, Date.parse(status.startTime ?? '') / 1000];
  const until = Math.min(started, series.samples[0]?.time ?? started);
  if (!(until > from)) return series;
  const zeros = [{ time: from, value: 0 }];
  for (let time = from + everySeconds; time < until; time += everySeconds) zeros.push({ time, value: 0 });
  if (everySeconds < Infinity) zeros.push({ time: until, value: 0 });
  return { ...series, samples: [...zeros, ...series.samples] };
}

/** A track for each container that has series, and an empty one for a pod that has none: its part of the sum is unknown. */
function tracksOf(pods: readonly PodJson[], series: readonly Series[], window: UsageOf['window']): Series[][] {
  return pods.flatMap((pod) => {
    const own = seriesOfPod(series, pod).map((one) => withZeros(one, pod, window, ZEROS_EVERY_SECONDS));
    const containers = new Set(own.map(({ labels }) => labels['container']));
    return own.length === 0
      ? [[]]
      : [...containers].map((container) => own.filter(({ labels }) => labels['container'] === container));
  });
}

/** Without a series for each pod the sum would be too small, so it is null. */
function ofEveryPod(pods: readonly PodJson[], series: readonly Series[], sum: Measurement): Measurement {
  const seen = pods.every((pod) => series.some((one) => belongsTo(one, pod)));
  return seen ? sum : { value: null, samples: 0 };
}

const belongsTo = ({ labels }: Series, { metadata }: PodJson): boolean =>
  labels['namespace'] === metadata.namespace && labels['pod'] === metadata.name;

/**
 * A pod's series for each container, or, where the container runtime gives no such series, the one
 * of the whole pod. Never both: the pod's is the sum of its containers'. A series with a `name` but
 * no `container` is the sandbox, which is neither.
 */
function seriesOfPod(series: readonly Series[], pod: PodJson): Series[] {
  const own = series.filter((one) => belongsTo(one, pod));
  const containers = own.filter(({ labels }) => (labels['container'] ?? '') !== '' && labels['container'] !== 'POD');
  return containers.length > 0
    ? containers
    : own.filter(({ labels }) => (labels['container'] ?? '') === '' && (labels['name'] ?? '') === '');
}

/** The series of every container of some pods; none as soon as one pod has none, for a part would pass for the whole. */
export function seriesOfPods(series: readonly Series[], pods: readonly PodJson[]): Series[] {
  const each = pods.map((pod) => seriesOfPod(series, pod));
  return each.some((own) => own.length === 0) ? [] : each.flat();
}

/** Containers of a pod share its network; its loopback interface is left out. */
const networkOfPod = (series: readonly Series[], pod: PodJson): Series[] =>
  series.filter((one) => belongsTo(one, pod) && one.labels['interface'] !== 'lo');

function throttledShare(throttled: readonly Series[], periods: readonly Series[]): Measurement {
  const [part, whole] = [totalIncrease(throttled), totalIncrease(periods)];
  const samples = Math.min(part.samples, whole.samples);
  return part.value === null || whole.value === null || whole.value === 0
    ? { value: null, samples }
    : { value: Math.min(1, part.value / whole.value), samples };
}

/** The limits of all containers added up; null as soon as one has none, for then there is no limit. */
function limitOf(pods: readonly PodJson[], resource: 'cpu' | 'memory'): number | null {
  let sum = 0;
  for (const { resources } of pods.flatMap(({ spec }) => spec.containers)) {
    const limit = parseQuantity(resources.limits[resource] ?? '');
    if (limit === null) return null;
    sum += limit;
  }
  return sum;
}

const share = (value: number | null, limit: number | null): number | null =>
  value === null || limit === null || limit === 0 ? null : value / limit;

/** Restarts of all containers of a pod since it was created. */
export const restartsOf = ({ status }: PodJson): number =>
  status.containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0);

const restarts = (pods: readonly PodJson[], atStart: Readonly<Record<string, number>>): number =>
  // A kubelet that has lost its record of a container counts from 0 again.
  pods.reduce((sum, pod) => sum + Math.max(0, restartsOf(pod) - (atStart[pod.metadata.uid] ?? 0)), 0);

function nodeUsage(name: string, series: SeriesByName): NodeResources {
  const root = (of: SelectorName): Series[] =>
    series[of].filter(({ labels }) => labels['node'] === name && labels['id'] === '/' && labels['interface'] !== 'lo');
  return {
    name,
    cpuCores: ratePerSecond(root('cpu')),
    cpuCoresMax: highestRatePerSecond(root('cpu')),
    memoryBytes: totalOfMaxima(root('memory')),
    networkReceivedBytesPerSecond: ratePerSecond(root('received')),
    networkSentBytesPerSecond: ratePerSecond(root('sent')),
  };
}

/** A container is sampled about every two seconds, an idle one every seven. */
const ENOUGH_SECONDS = 20;

function missingFigures(
  workloads: readonly WorkloadResources[],
  nodes: readonly NodeResources[],
  window: UsageOf['window'],
): string[] {
  const without = [...workloads, ...nodes].filter(({ cpuCores }) => cpuCores.value === null).map(({ name }) => name);
  if (without.length === 0) return [];
  const seconds = (Date.parse(window.endedAt) - Date.parse(window.startedAt)) / 1000;
  const advice = seconds < ENOUGH_SECONDS ? ` A longer load (duration: ${String(ENOUGH_SECONDS)}s) has them.` : '';
  return [
    `No CPU use can be given for ${without.join(', ')}: a rate needs two samples within the ${seconds.toFixed(1)} s of the load.${advice}`,
  ];
}
