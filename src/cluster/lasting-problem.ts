import type { EventJson, PodJson } from './kubernetes-json.ts';
import type { MissingObject } from './pod-events.ts';
import { problemOf, type PodProblem } from './pod-problem.ts';

/**
 * A kubelet starts a container that ended again at once, then after 10 s, 20 s, 40 s and so on. The
 * third new start ends about 35 s after the first one: until then a service that only waited for
 * another one has had three more chances. While something else is still on its way, it has two more,
 * up to about two and a half minutes.
 */
const RESTARTS = 3;
const RESTARTS_BESIDE_OTHERS = 5;
/** Kubernetes can be set to begin with pauses of a second: then restarts alone say little. */
const SHORTEST_CRASH_LOOP_MS = 30_000;

/**
 * A pull is tried again after 10 s and 20 s more: this is three attempts. A pod that fits nowhere, or
 * names a Secret that is not there yet, has had as long for what it lacks to come.
 */
const LASTING_MS = 40_000;
const LASTING_BESIDE_OTHERS_MS = 120_000;

/** A container that refuses its probe may still be unpacking what it is to serve. */
const REFUSED_PROBE_MS = 60_000;

/**
 * Tells the problems of pods that time will not heal from those that it may. It is shown the pods
 * every few seconds, and remembers since when each has had its problem.
 */
export class LastingProblems {
  /** When a pod was first seen with a problem of this kind, without a break since then. */
  #since = new Map<string, number>();
  readonly #neverComes: (missing: MissingObject) => boolean;

  /** @param neverComes whether nothing will make what a pod lacks, so that no time need be given. */
  constructor(neverComes: (missing: MissingObject) => boolean = () => false) {
    this.#neverComes = neverComes;
  }

  /**
   * @param pods all pods of the workloads that are waited for.
   * @param nowMs milliseconds of a monotonic clock.
   * @param events warnings of the cluster.
   * @returns a problem that keeps the run from ever becoming healthy, or null as long as there may be none.
   */
  look(pods: readonly PodJson[], nowMs: number, events: readonly EventJson[] = []): PodProblem | null {
    const before = this.#since;
    this.#since = new Map();
    const seen = pods.map((pod) => {
      const problem = problemOf(pod, events);
      const key = keyOf(pod, problem);
      const since = key === null ? nowMs : (before.get(key) ?? nowMs);
      if (key !== null) this.#since.set(key, since);
      return { pod, problem, forMs: nowMs - since };
    });
    const without = seen.find(({ problem }) => problem?.missing !== undefined && this.#neverComes(problem.missing));
    if (without !== undefined) return without.problem;
    const lasting = seen.flatMap(({ pod, problem, forMs }) =>
      problem !== null && !problem.slow && lasts(pod, problem, forMs, RESTARTS, LASTING_MS)
        ? [{ pod, problem, forMs }]
        : [],
    );
    const readySince = settledSince(pods.filter((pod) => !lasting.some((one) => one.pod === pod)));
    const hopeless = lasting.find(({ pod, problem, forMs }) =>
      readySince !== null && startedAfter(pod, problem, readySince)
        ? true
        : lasts(pod, problem, forMs, RESTARTS_BESIDE_OTHERS, LASTING_BESIDE_OTHERS_MS),
    );
    return hopeless?.problem ?? null;
  }
}

const containersOf = ({ status }: PodJson): PodJson['status']['containerStatuses'] => [
  ...status.initContainerStatuses,
  ...status.containerStatuses,
];

/**
 * Between two ends a container runs for a moment, so that a crash loop is followed by its restarts and not by the state
 * of each look.
 */
function keyOf(pod: PodJson, problem: PodProblem | null): string | null {
  if (containersOf(pod).some(({ restartCount }) => restartCount > 0)) return `${pod.metadata.uid} crash-loop`;
  if (problem === null || problem.slow) return null;
  return `${pod.metadata.uid} ${problem.code}${problem.probe === undefined ? '' : ' probe'}`;
}

function lasts(pod: PodJson, { code, probe }: PodProblem, forMs: number, restarts: number, lastingMs: number): boolean {
  if (code !== 'crash-loop') return forMs >= (probe === undefined ? lastingMs : Math.max(lastingMs, REFUSED_PROBE_MS));
  return forMs >= SHORTEST_CRASH_LOOP_MS && crashing(pod).some(({ restartCount }) => restartCount >= restarts);
}

const crashing = (pod: PodJson): PodJson['status']['containerStatuses'] =>
  containersOf(pod).filter(({ state }) => state.waiting?.reason === 'CrashLoopBackOff');

/** Since when all of these pods have been ready, in Unix milliseconds; null when one of them is not. */
function settledSince(pods: readonly PodJson[]): number | null {
  let since = -Infinity;
  for (const { metadata, status } of pods) {
    if (metadata.deletionTimestamp !== undefined || status.phase === 'Succeeded' || status.phase === 'Failed') continue;
    const ready = status.conditions.find(({ type }) => type === 'Ready');
    if (ready?.status !== 'True') return null;
    since = Math.max(since, unixMs(ready.lastTransitionTime) ?? -Infinity);
  }
  return since;
}

/** A start before the rest was ready says nothing about how the next one will go. */
function startedAfter(pod: PodJson, { code }: PodProblem, time: number): boolean {
  if (code !== 'crash-loop') return true;
  return crashing(pod).some(({ lastState }) => (unixMs(lastState.terminated?.startedAt) ?? Infinity) > time);
}

const unixMs = (time: string | null | undefined): number | null => (time == null ? null : Date.parse(time));
