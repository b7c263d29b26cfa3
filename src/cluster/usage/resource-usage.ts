/**
 * usage/ computes CPU, memory, network and restarts of pods and nodes from Prometheus' samples. The stages read the
 * samples.
 */
import type {
  Measurement,
  NodeResources,
  Resources,
  ResourceTimeline,
  WorkloadResources,
  WorkloadTimeline,
} from '../../model/resources.ts';
import { windowLength } from '../../text/numbers.ts';
import type { PodJson } from '../kubernetes-json.ts';
import type { Series } from './samples.ts';
import { levelsOverTime, ratesOverTime, stepsOf, type Steps } from './usage-timeline.ts';
import { levelsOf, ratesOf, samplesOf, type Life, type Stretch } from './container-life.ts';
import {
  limitsOf,
  livesOf,
  livesOfNode,
  livesSeen,
  networksOf,
  podsIn,
  podsThatLeft,
  restartsOf,
} from './pod-lives.ts';
import { meanOf, peakOf, shareOf, type ShareOfSum, summed, type Span } from './summed-use.ts';

/** What to read from Prometheus, by name: selectors of cAdvisor's series. */
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
  const groups = [...groupByWorkload(podsIn(usage.pods, spanOf(usage.window))).values()];
  const workloads = groups.map((pods) => workloadUsage(pods, usage));
  const nodes = usage.nodes.map((name) => nodeUsage(name, usage));
  return {
    ...usage.window,
    workloads: workloads.sort(byName),
    nodes,
    missing: [...missingFigures(workloads, nodes, usage.window), ...withoutThoseThatLeft(usage)],
    timeline: resourceTimeline(groups, usage),
  };
}

const spanOf = ({ startedAt, endedAt }: UsageOf['window']): Span => ({
  from: Date.parse(startedAt) / 1000,
  to: Date.parse(endedAt) / 1000,
});

const byName = (a: { namespace: string; name: string }, b: { namespace: string; name: string }): number =>
  `${a.namespace}/${a.name}`.localeCompare(`${b.namespace}/${b.name}`);

function groupByWorkload(pods: readonly PodJson[]): Map<string, PodJson[]> {
  const groups = new Map<string, PodJson[]>();
  for (const pod of pods) {
    const { namespace, kind, name } = ownerOf(pod);
    const key = `${namespace}/${kind}/${name}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [pod]);
    else group.push(pod);
  }
  return groups;
}

/** The workload behind a pod: a ReplicaSet represents the Deployment that created it. */
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
  if (first === undefined) throw new RangeError('a workload without pods uses nothing');
  const span = spanOf(window);
  const [cpu, memory] = [livesOf(series.cpu, pods), livesOf(series.memory, pods)];
  const cpuCores = meanRate(cpu, span);
  const memoryBytes = highestLevel(memory, span);
  return {
    ...ownerOf(first),
    pods: pods.length,
    cpuCores,
    cpuCoresMax: highestRate(cpu, span),
    cpuShareOfLimit: shareOfLimits(ratesOfAll(cpu ?? [], span), pods, 'cpu', span)?.mean ?? null,
    memoryBytes,
    memoryShareOfLimit: shareOfLimits(levelsOfAll(memory ?? [], span), pods, 'memory', span)?.peak ?? null,
    networkReceivedBytesPerSecond: meanRate(networksOf(series.received, pods), span),
    networkSentBytesPerSecond: meanRate(networksOf(series.sent, pods), span),
    cpuThrottledShare: throttledShare(livesSeen(series.throttledPeriods, pods), livesSeen(series.periods, pods), span),
    restarts: restartsAtStart === null ? null : restarts(pods, restartsAtStart),
  };
}

function resourceTimeline(groups: readonly PodJson[][], { window, series }: UsageOf): ResourceTimeline {
  const { from, to } = spanOf(window);
  const steps = stepsOf(from, to);
  return {
    stepSeconds: steps.stepSeconds,
    workloads: groups.flatMap((pods) => workloadTimeline(pods, series, steps)).sort(byName),
  };
}

function workloadTimeline(pods: readonly PodJson[], series: SeriesByName, steps: Steps): WorkloadTimeline[] {
  const [first] = pods;
  if (first === undefined) return [];
  return [
    {
      ...ownerOf(first),
      cpuCores: ratesOverTime(livesOf(series.cpu, pods) ?? [], steps),
      memoryBytes: levelsOverTime(livesOf(series.memory, pods) ?? [], steps),
    },
  ];
}

type Measure = (lives: readonly Life[], span: Span) => number | null;

/** A figure with the samples of the container that has the fewest; null without lives, for they are not all known. */
const measured =
  (measure: Measure) =>
  (lives: readonly Life[] | null, span: Span): Measurement =>
    lives === null || lives.length === 0
      ? { value: null, samples: 0 }
      : { value: measure(lives, span), samples: Math.min(...lives.map(samplesOf)) };

const ratesOfAll = (lives: readonly Life[], span: Span): Stretch[] =>
  summed(
    lives.map((life) => ratesOf(life, span.from)),
    span,
  );

const meanRate = measured((lives, span) => meanOf(ratesOfAll(lives, span), span));
const highestRate = measured((lives, span) => peakOf(ratesOfAll(lives, span)));
const levelsOfAll = (lives: readonly Life[], span: Span): Stretch[] =>
  summed(
    lives.map((life) => levelsOf(life, span)),
    span,
  );
const highestLevel = measured((lives, span) => peakOf(levelsOfAll(lives, span)));

function throttledShare(throttled: readonly Life[], periods: readonly Life[], span: Span): Measurement {
  const [part, whole] = [meanRate(throttled, span), meanRate(periods, span)];
  const samples = Math.min(part.samples, whole.samples);
  return part.value === null || whole.value === null || whole.value === 0
    ? { value: null, samples }
    : { value: Math.min(1, part.value / whole.value), samples };
}

/**
 * Use as a share of the limits of the pods that were there at the same time: those which came in the course of the
 * load, or ended, have a part in the limits only while they were there. Null without a limit for each pod.
 */
function shareOfLimits(
  use: readonly Stretch[],
  pods: readonly PodJson[],
  resource: 'cpu' | 'memory',
  span: Span,
): ShareOfSum | null {
  const limits = limitsOf(pods, resource);
  return limits === null ? null : shareOf(use, summed(limits, span));
}

const restarts = (pods: readonly PodJson[], atStart: Readonly<Record<string, number>>): number =>
  // A kubelet that has lost its record of a container counts from 0 again.
  pods.reduce((sum, pod) => sum + Math.max(0, restartsOf(pod) - (atStart[pod.metadata.uid] ?? 0)), 0);

function nodeUsage(name: string, { series, window }: UsageOf): NodeResources {
  const span = spanOf(window);
  const root = (of: SelectorName): Life[] => livesOfNode(series[of], name);
  return {
    name,
    cpuCores: meanRate(root('cpu'), span),
    cpuCoresMax: highestRate(root('cpu'), span),
    memoryBytes: highestLevel(root('memory'), span),
    networkReceivedBytesPerSecond: meanRate(root('received'), span),
    networkSentBytesPerSecond: meanRate(root('sent'), span),
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
  const advice = seconds < ENOUGH_SECONDS ? ` Set a longer load: duration: ${String(ENOUGH_SECONDS)}s.` : '';
  if (without.length === workloads.length + nodes.length)
    return [
      `No CPU use was measured, because that needs two samples within the load, which lasted ${windowLength(seconds)}.${advice}`,
    ];
  return [
    `No CPU use was measured for ${without.join(', ')}, because that needs two samples within the ${windowLength(seconds)} of the load.${advice}`,
  ];
}

/** A pod that is gone, or about to go, can't be asked which workload it was of. */
function withoutThoseThatLeft({ series, pods }: UsageOf): string[] {
  const left = podsThatLeft(
    series.cpu,
    pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined),
  );
  return left.length === 0
    ? []
    : [`Pods that were removed during the load are not in these figures: ${left.join(', ')}.`];
}
