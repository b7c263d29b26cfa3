import type { AutoscaledWorkload, ReplicaChange, ScaleUp } from '../model/autoscaling.ts';
import type { LoadResult } from '../model/load.ts';
import type { Resources } from '../model/resources.ts';
import type { ReplicaRecord } from '../state.ts';

/**
 * An autoscaler leaves the number of pods alone while the use is within this share of its target
 * (`--horizontal-pod-autoscaler-tolerance` of kube-controller-manager).
 */
const TOLERANCE = 0.1;

/** A mean over less says nothing: cAdvisor has a figure every second or two. */
const ENOUGH_SECONDS = 10;

/** What a record shows, on the clock of the load; docs/autoscaling.md defines each figure. */
export function scalingResult(
  record: ReplicaRecord,
  load: LoadResult,
  resources: Resources | null,
): AutoscaledWorkload {
  const { namespace, kind, name, autoscaler, minReplicas, maxReplicas, targetUtilization, seenUtilization } = record;
  const start = Date.parse(load.startedAt) / 1000;
  const loadBegan = 0 - load.rampUpSeconds;
  const replicas = since(
    record.replicas.map(({ time, ...pods }) => ({ atSeconds: milliseconds(time - start), ...pods })),
    loadBegan,
  );
  const utilization = utilizationOver(record, resources, replicas);
  const stepSeconds = resources?.timeline?.stepSeconds ?? 1;
  const limit = targetUtilization === null ? Infinity : targetUtilization * (1 + TOLERANCE);
  const exceededStep = utilization.findIndex((share) => share !== null && share > limit);
  const exceededAtSeconds = exceededStep < 0 ? null : exceededStep * stepSeconds;
  const scaleUp = firstScaleUp(replicas, exceededAtSeconds, loadBegan);
  return {
    namespace,
    kind,
    name,
    autoscaler,
    minReplicas,
    maxReplicas,
    targetUtilization,
    replicas,
    seenUtilization: seenUtilization.map(({ time, share }) => ({ atSeconds: milliseconds(time - start), share })),
    utilization,
    exceededAtSeconds,
    scaleUp,
    afterScaleUp:
      scaleUp === null
        ? null
        : restOf({ replicas, utilization, stepSeconds, limit, durationSeconds: load.durationSeconds }),
    maxReachedAtSeconds: replicas.find(({ desired }) => desired >= maxReplicas)?.atSeconds ?? null,
  };
}

const milliseconds = (seconds: number): number => Math.round(seconds * 1000) / 1000;

/** The changes from a moment on; the first one is the state at that moment. */
function since(changes: readonly ReplicaChange[], from: number): ReplicaChange[] {
  const before = changes.filter(({ atSeconds }) => atSeconds <= from).at(-1);
  const after = changes.filter(({ atSeconds }) => atSeconds > from);
  return before === undefined ? after : [{ ...before, atSeconds: from }, ...after];
}

/** CPU use relative to the requests of the ready pods, in each step of the measured window. */
function utilizationOver(
  { namespace, kind, name, cpuRequest }: ReplicaRecord,
  resources: Resources | null,
  replicas: readonly ReplicaChange[],
): (number | null)[] {
  const timeline = resources?.timeline;
  const workload = timeline?.workloads.find(
    (one) => one.namespace === namespace && one.kind === kind && one.name === name,
  );
  if (timeline === undefined || workload === undefined || cpuRequest === null || cpuRequest === 0) return [];
  return workload.cpuCores.map((cores, step) => {
    const ready = meanReady(replicas, step * timeline.stepSeconds, (step + 1) * timeline.stepSeconds);
    return cores === null || ready === null ? null : cores / (ready * cpuRequest);
  });
}

/** The mean number of ready pods over a time; null when there was none, or it is not known. */
function meanReady(replicas: readonly ReplicaChange[], from: number, to: number): number | null {
  let [sum, known] = [0, 0];
  replicas.forEach(({ atSeconds, ready }, index) => {
    const seconds = Math.min(to, replicas[index + 1]?.atSeconds ?? Infinity) - Math.max(from, atSeconds);
    if (seconds <= 0) return;
    sum += seconds * ready;
    known += seconds;
  });
  return sum === 0 ? null : sum / known;
}

function firstScaleUp(
  replicas: readonly ReplicaChange[],
  exceededAtSeconds: number | null,
  loadBegan: number,
): ScaleUp | null {
  const [first] = replicas;
  const decided = replicas.find(({ desired }) => first !== undefined && desired > first.desired);
  if (first === undefined || decided === undefined) return null;
  const later = replicas.filter(({ atSeconds }) => atSeconds >= decided.atSeconds);
  const at = (ready: number): number | null => later.find((change) => change.ready >= ready)?.atSeconds ?? null;
  const firstReadyAtSeconds = at(first.ready + 1);
  // What was exceeded only after the decision is not what was decided upon: it happened before the window.
  const exceeded = exceededAtSeconds !== null && exceededAtSeconds <= decided.atSeconds ? exceededAtSeconds : null;
  return {
    from: first.desired,
    to: decided.desired,
    decidedAtSeconds: decided.atSeconds,
    firstReadyAtSeconds,
    allReadyAtSeconds: at(decided.desired),
    delaySeconds: firstReadyAtSeconds === null ? null : milliseconds(firstReadyAtSeconds - (exceeded ?? loadBegan)),
  };
}

interface Course {
  readonly replicas: readonly ReplicaChange[];
  readonly utilization: readonly (number | null)[];
  readonly stepSeconds: number;
  readonly limit: number;
  readonly durationSeconds: number;
}

/** The mean use from the moment on at which the last of the pods that were asked for was ready. */
function restOf({
  replicas,
  utilization,
  stepSeconds,
  limit,
  durationSeconds,
}: Course): AutoscaledWorkload['afterScaleUp'] {
  const last = replicas.at(-1);
  if (last === undefined || last.ready < last.desired || limit === Infinity) return null;
  const fromSeconds = Math.max(0, last.atSeconds);
  const measured = utilization.slice(Math.ceil(fromSeconds / stepSeconds)).filter((share) => share !== null);
  if (measured.length * stepSeconds < ENOUGH_SECONDS) return null;
  const mean = measured.reduce((sum, share) => sum + share, 0) / measured.length;
  return {
    fromSeconds,
    seconds: milliseconds(durationSeconds - fromSeconds),
    utilization: mean,
    targetKept: mean <= limit,
  };
}
