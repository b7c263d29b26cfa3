import type { PodJson } from '../kubernetes-json.ts';
import { parseQuantity } from '../quantity.ts';
import type { Series } from './samples.ts';
import { lifeOf, type Life, type Stretch } from './container-life.ts';
import type { Span } from './summed-use.ts';

type ContainerStatus = PodJson['status']['containerStatuses'][number];

/** The containers that run side by side: those of the pod and its sidecars, not those that only prepare it. */
function besideEachOther({ spec }: PodJson): {
  readonly name: string;
  readonly resources: { readonly limits: Readonly<Record<string, string | number>> };
}[] {
  return [...spec.containers, ...spec.initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')];
}

const statusesOf = ({ status }: PodJson): ContainerStatus[] => [
  ...status.initContainerStatuses,
  ...status.containerStatuses,
];

/** How often the containers of a pod were started anew since it was created, its sidecars included. */
export function restartsOf(pod: PodJson): number {
  const sidecars = new Set(besideEachOther(pod).map(({ name }) => name));
  const counted = [
    ...pod.status.containerStatuses,
    ...pod.status.initContainerStatuses.filter(({ name }) => sidecars.has(name)),
  ];
  return counted.reduce((sum, { restartCount }) => sum + restartCount, 0);
}

/**
 * The limit of a pod: its own, or those of all its containers and sidecars added up; null as soon as one has none, for
 * then there is no limit.
 */
function limitOf(pod: PodJson, resource: 'cpu' | 'memory'): number | null {
  const whole = parseQuantity(pod.spec.resources.limits[resource] ?? '');
  if (whole !== null) return whole;
  const limits = besideEachOther(pod).map(({ resources }) => parseQuantity(resources.limits[resource] ?? ''));
  return limits.reduce((sum, limit) => (sum === null || limit === null ? null : sum + limit), 0);
}

/**
 * The limit of each pod over time: nothing before the kubelet took it and after its end, so that pods which came in the
 * course of a load, or replaced others, count from then on. Null as soon as one of them has no limit.
 */
export function limitsOf(pods: readonly PodJson[], resource: 'cpu' | 'memory'): Stretch[][] | null {
  const limits: Stretch[][] = [];
  for (const pod of pods) {
    const value = limitOf(pod, resource);
    if (value === null) return null;
    const began = secondsOf(pod.status.startTime);
    const from = Number.isNaN(began) ? -Infinity : began;
    const to = Math.max(from, endOf(pod));
    limits.push(
      [
        { from: -Infinity, to: from, value: 0 },
        { from, to, value },
        { from: to, to: Infinity, value: 0 },
      ].filter((stretch) => stretch.to > stretch.from),
    );
  }
  return limits;
}

/**
 * The pods that ran in a span: neither those that had ended before, such as a finished Job's, nor those that never
 * started or came later.
 */
export const podsIn = (pods: readonly PodJson[], { from, to }: Span): PodJson[] =>
  pods.filter(
    (pod) =>
      pod.metadata.deletionTimestamp === undefined &&
      pod.spec.nodeName !== '' &&
      !(secondsOf(pod.status.startTime) > to) &&
      !(endOf(pod) < from),
  );

/** NaN for a time that is not given: no comparison holds for it. */
const secondsOf = (time: string | null | undefined): number => Date.parse(time ?? '') / 1000;

/**
 * When a pod ended; infinite while it runs. One that was ended as a whole, such as an evicted one, may have no time
 * left to tell.
 */
function endOf({ status }: PodJson): number {
  if (status.phase !== 'Succeeded' && status.phase !== 'Failed') return Infinity;
  const times = [
    ...status.containerStatuses.map(({ state }) => state.terminated?.finishedAt),
    ...status.conditions.map(({ lastTransitionTime }) => lastTransitionTime),
  ].map(secondsOf);
  return Math.max(-Infinity, ...times.filter((time) => !Number.isNaN(time)));
}

/**
 * The lives of all containers of some pods; null as soon as one that ran has no series, for a part would pass for the
 * whole.
 *
 * A pod's series are those of its containers, or, where the container runtime gives no such series, that of the whole
 * pod. Never both: the pod's is the sum of its containers'. A series with a `name` but no `container` is the sandbox,
 * which is neither.
 */
export function livesOf(series: readonly Series[], pods: readonly PodJson[]): Life[] | null {
  const known = pods.every((pod) =>
    besideEachOther(pod).every(({ name }) => isSeen(seriesOfPod(series, pod), name) || !hasRun(pod, name)),
  );
  return known ? livesSeen(series, pods) : null;
}

/** The same where a container may lack series for a good reason, such as the throttling of one without a limit. */
export const livesSeen = (series: readonly Series[], pods: readonly PodJson[]): Life[] =>
  pods.flatMap((pod) => seenLives(series, pod));

function seenLives(series: readonly Series[], pod: PodJson): Life[] {
  const own = seriesOfPod(series, pod);
  const names = new Set(own.map(containerOf));
  return [...names].map((name) =>
    lifeOf(
      own.filter((one) => containerOf(one) === name),
      name === '' ? { starts: [secondsOf(pod.status.startTime)] } : timesOf(pod, name),
    ),
  );
}

function seriesOfPod(series: readonly Series[], pod: PodJson): Series[] {
  const own = series.filter((one) => belongsTo(one, pod));
  const containers = own.filter((one) => containerOf(one) !== '' && containerOf(one) !== 'POD');
  return containers.length > 0
    ? containers
    : own.filter((one) => containerOf(one) === '' && (one.labels['name'] ?? '') === '');
}

const containerOf = ({ labels }: Series): string => labels['container'] ?? '';

/** Whether a container has a series of its own, or is in that of the whole pod. */
const isSeen = (own: readonly Series[], name: string): boolean =>
  own.some((one) => containerOf(one) === name || containerOf(one) === '');

const belongsTo = ({ labels }: Series, { metadata }: PodJson): boolean =>
  labels['namespace'] === metadata.namespace && labels['pod'] === metadata.name;

/** A container that still waits for its image, say, has used nothing. Without a word about it, it is taken to run. */
function hasRun(pod: PodJson, name: string): boolean {
  const status = statusesOf(pod).find((one) => one.name === name);
  return (
    status === undefined ||
    status.state.waiting === undefined ||
    status.restartCount > 0 ||
    status.lastState.terminated !== undefined
  );
}

/** What the kubelet tells of the starts and the end of a container: of the current one and of the one before. */
function timesOf(pod: PodJson, name: string): Pick<Life, 'starts' | 'endedAt'> {
  const status = statusesOf(pod).find((one) => one.name === name);
  const { running, terminated, waiting } = status?.state ?? {};
  const last = status?.lastState.terminated;
  const starts = [pod.status.startTime, running?.startedAt, terminated?.startedAt, last?.startedAt]
    .map(secondsOf)
    .filter((time) => !Number.isNaN(time));
  const endedAt = secondsOf(terminated?.finishedAt ?? (waiting === undefined ? undefined : last?.finishedAt));
  return { starts, endedAt: Number.isNaN(endedAt) ? null : endedAt };
}

/** The network of each pod, which its containers share; its loopback interface is left out. Null as above. */
export function networksOf(series: readonly Series[], pods: readonly PodJson[]): Life[] | null {
  const lives = pods.map((pod) => {
    const own = series.filter((one) => belongsTo(one, pod) && one.labels['interface'] !== 'lo');
    return byInterface(own, { starts: [secondsOf(pod.status.startTime)] });
  });
  return lives.some((own) => own.length === 0) ? null : lives.flat();
}

/** A node's root cgroup, or what goes through each of its interfaces but loopback. */
export const livesOfNode = (series: readonly Series[], name: string): Life[] =>
  byInterface(
    series.filter(({ labels }) => labels['node'] === name && labels['id'] === '/' && labels['interface'] !== 'lo'),
  );

function byInterface(series: readonly Series[], known: Pick<Life, 'starts'> = { starts: [] }): Life[] {
  const interfaces = new Set(series.map(({ labels }) => labels['interface']));
  return [...interfaces].map((each) =>
    lifeOf(
      series.filter(({ labels }) => labels['interface'] === each),
      known,
    ),
  );
}

/** Pods that have series and are gone: nobody knows any more which workload they were of. */
export function podsThatLeft(series: readonly Series[], pods: readonly PodJson[]): string[] {
  const namespaces = new Set(pods.map(({ metadata }) => metadata.namespace));
  const names = new Set(pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  const seen = series
    .filter(
      ({ labels, samples }) =>
        samples.length > 0 && (labels['pod'] ?? '') !== '' && namespaces.has(labels['namespace'] ?? ''),
    )
    .map(({ labels }) => `${labels['namespace'] ?? ''}/${labels['pod'] ?? ''}`);
  return [...new Set(seen)].filter((name) => !names.has(name)).sort();
}
