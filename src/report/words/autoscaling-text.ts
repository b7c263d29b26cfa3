import type { AutoscaledWorkload, ScaleUp } from '../../model/autoscaling.ts';
import type { LoadResult, LoadSlice } from '../../model/load.ts';
import { milliseconds, NOT_MEASURED, percent, perSecond } from '../../text/numbers.ts';
import { coarserTimeline } from './coarser-timeline.ts';

/** metrics-server's figures are up to 15 s old, an autoscaler acts every 15 s, and a pod has to start. */
const USUAL_DELAY_SECONDS = 40;

/** What each autoscaler did during a load, and how the load changed, in whole sentences. */
export function autoscalingTexts(
  workloads: readonly AutoscaledWorkload[],
  load: Pick<LoadResult, 'durationSeconds' | 'timeline'>,
): string[] {
  const beforeAndAfter = beforeAndAfterText(workloads, load);
  return [
    ...workloads.map((workload) => autoscalingText(workload, load)),
    ...(beforeAndAfter === null ? [] : [beforeAndAfter]),
  ];
}

function autoscalingText(workload: AutoscaledWorkload, load: Pick<LoadResult, 'durationSeconds'>): string {
  const { namespace, name, replicas, scaleUp } = workload;
  const subject = `${namespace}/${name}`;
  const last = replicas.at(-1);
  if (last === undefined) return `The number of pods of ${subject} was not recorded.`;
  if (scaleUp === null) return `${subject} kept its ${pods(last.desired)}${withoutScaleUp(workload, load)}.`;
  const most = Math.max(...replicas.map(({ desired }) => desired));
  return [
    `${subject} went from ${String(scaleUp.from)} to ${pods(most)}${delayText(scaleUp, workload.exceededAtSeconds)}.`,
    ...afterText(workload),
  ].join(' ');
}

/**
 * Rate and median latency before any pods were added and after the last new one was ready; null when there is no such
 * time.
 */
function beforeAndAfterText(
  workloads: readonly AutoscaledWorkload[],
  { timeline = [] }: Pick<LoadResult, 'timeline'>,
): string | null {
  const grown = workloads.filter(({ scaleUp }) => scaleUp !== null);
  const decided = Math.min(...grown.map(({ scaleUp }) => scaleUp?.decidedAtSeconds ?? Infinity));
  const ready = Math.max(...grown.map(({ replicas }) => readyFrom(replicas)));
  const before = joined(timeline.filter(({ startSeconds, seconds: length }) => startSeconds + length <= decided));
  const after = joined(timeline.filter(({ startSeconds }) => startSeconds >= ready));
  if (grown.length === 0 || before === null || after === null) return null;
  return `Before any pods were added ${before}; after the last new one was ready ${after}.`;
}

/** When the last of the requested pods was ready; never, if one was not. */
function readyFrom(replicas: AutoscaledWorkload['replicas']): number {
  const last = replicas.at(-1);
  return last === undefined || last.ready < last.desired ? Infinity : last.atSeconds;
}

function joined(slices: readonly LoadSlice[]): string | null {
  const [whole] = coarserTimeline(slices, 1);
  if (whole === undefined || whole.seconds === 0) return null;
  return `${perSecond(whole.answered / whole.seconds)} were answered, half of them within about ${milliseconds(whole.p50Ms)}`;
}

/** The columns of the tables of autoscalers. */
export const AUTOSCALING_HEAD = [
  'Workload',
  'Pods',
  'of',
  'Exceeded',
  'Decided',
  'First ready',
  'All ready',
  'Delay',
  'CPU after that',
  'Target',
];

/** The cells of a workload after its name. */
export function autoscalingFigures({
  replicas,
  maxReplicas,
  exceededAtSeconds,
  scaleUp,
  afterScaleUp,
  targetUtilization,
}: AutoscaledWorkload): string[] {
  const counts = [replicas[0]?.desired, replicas.at(-1)?.desired].map((count) =>
    count === undefined ? NOT_MEASURED : String(count),
  );
  return [
    [...new Set(counts)].join(' → '),
    String(maxReplicas),
    ...[
      exceededAtSeconds,
      scaleUp?.decidedAtSeconds,
      scaleUp?.firstReadyAtSeconds,
      scaleUp?.allReadyAtSeconds,
      scaleUp?.delaySeconds,
    ].map((value) => (value === null || value === undefined ? NOT_MEASURED : seconds(value))),
    percent(afterScaleUp?.utilization ?? null),
    percent(targetUtilization),
  ];
}

function withoutScaleUp(
  { targetUtilization, utilization, exceededAtSeconds, maxReachedAtSeconds }: AutoscaledWorkload,
  { durationSeconds }: Pick<LoadResult, 'durationSeconds'>,
): string {
  if (targetUtilization === null) return '';
  const target = percent(targetUtilization);
  if (exceededAtSeconds !== null) {
    const exceeded = `: its CPU use exceeded the target of ${target} at ${seconds(exceededAtSeconds)}, and`;
    const left = durationSeconds - exceededAtSeconds;
    if (maxReachedAtSeconds !== null) return `${exceeded} it is at its maximum`;
    if (left < USUAL_DELAY_SECONDS)
      return `${exceeded} the ${seconds(left)} that were left are too short to see a scale-up, which can take ${String(USUAL_DELAY_SECONDS)} s: raise duration`;
    return `${exceeded} its autoscaler added none in the ${seconds(left)} that were left`;
  }
  const measured = utilization.filter((share) => share !== null);
  if (measured.length === 0) return '; its CPU use was not measured';
  return `: its CPU use was ${percent(Math.max(...measured))} of the requests at most, and the target is ${target}`;
}

function delayText(
  { decidedAtSeconds, firstReadyAtSeconds, delaySeconds }: ScaleUp,
  exceededAtSeconds: number | null,
): string {
  const known = exceededAtSeconds !== null && exceededAtSeconds <= decidedAtSeconds;
  if (delaySeconds === null || firstReadyAtSeconds === null)
    return `, decided at ${seconds(decidedAtSeconds)}, but no new one was ready before the load ended`;
  const moments = `decided at ${seconds(decidedAtSeconds)}, ready at ${seconds(firstReadyAtSeconds)}`;
  if (!known) return `; the first new one was ready ${seconds(delaySeconds)} after the load had begun (${moments})`;
  return `; the first new one was ready ${seconds(delaySeconds)} after the CPU use had exceeded the target (exceeded at ${seconds(exceededAtSeconds)}, ${moments})`;
}

function afterText({
  afterScaleUp,
  maxReachedAtSeconds,
  maxReplicas,
  targetUtilization,
}: AutoscaledWorkload): string[] {
  const atMax =
    maxReachedAtSeconds === null
      ? []
      : [`It reached its maximum of ${pods(maxReplicas)} at ${seconds(maxReachedAtSeconds)}.`];
  if (targetUtilization === null) return atMax;
  if (afterScaleUp === null)
    return [...atMax, 'Too little was measured after its last new pod was ready to tell whether the target was kept.'];
  const { utilization, targetKept, seconds: length } = afterScaleUp;
  return [
    ...atMax,
    `In the ${seconds(length)} after its last new pod was ready its CPU use was ${percent(utilization)} of the requests. The target of ${percent(targetUtilization)} was ${targetKept ? 'kept' : 'not kept'} (Kubernetes tolerates a tenth more).`,
  ];
}

const pods = (count: number): string => `${String(count)} ${count === 1 ? 'pod' : 'pods'}`;

const seconds = (value: number): string => `${value.toFixed(1)} s`;
