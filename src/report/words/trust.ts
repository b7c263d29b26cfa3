/**
 * words/ has sentences and figures as texts that several sections or the log need. A sentence that only one section
 * needs is in that section.
 */
import { undelivered } from '../../load/counts/delivery.ts';
import { spoiltFigures } from '../../load/counts/saturation.ts';
import { answeredOf, SUPPORT, unsupportedPercentiles } from '../../load/counts/uncertainty.ts';
import type { GeneratorCondition, HostResult, LoadResult, LoadRunner, Uncertainty } from '../../model/load.ts';
import type { Report } from '../../model/report.ts';
import { milliseconds, percent, windowLength } from '../../text/numbers.ts';
import { endedEarlyText } from './ended-early.ts';
import { loadModelText } from './load-model-text.ts';

export type Percentile = Uncertainty['unsupported'][number];

/** The percentiles of a host with fewer than `SUPPORT` answers above them; none when it never answered. */
export function weakPercentiles(result: HostResult): Set<Percentile> {
  const answered = answeredOf(result);
  return new Set(answered === 0 ? [] : unsupportedPercentiles(answered));
}

/** Whether part of a load that several runners shared is missing. */
export const isPartial = ({ runners }: Pick<LoadResult, 'runners'>): boolean =>
  runners?.some(({ problem }) => problem !== null) ?? false;

/** Doubts about the figures of a load, in whole sentences, unless the outcome already states them. */
export function doubts({ load, outcome, witness, thresholds }: Report): string[] {
  const { generator, uncertainty } = load ?? {};
  const missing = load?.runners?.filter(({ problem }) => problem !== null) ?? [];
  const limited = generator?.limited === true && outcome.code !== 'generator-saturated';
  const late = load === null ? null : undelivered(load);
  return [
    ...(missing.length === 0
      ? []
      : [
          `Partial: ${String(missing.length)} of ${String(load?.runners?.length)} runners did not report everything, so thresholds are not judged. ${missing.map(({ name, problem }) => `${name}: ${problem ?? ''}`).join(' ')}`,
        ]),
    ...(load?.endedBy === undefined ? [] : [endedEarlyText(load.endedBy, load.durationSeconds)]),
    ...(outcome.code === 'witness-disagrees' ? [] : (witness?.doubts ?? [])),
    ...(limited
      ? [`The load generator was the bottleneck, not the system under test. ${generator.reason ?? ''}`.trim()]
      : []),
    ...(limited || load === null ? [] : spoiltText(load)),
    ...(load === null ? [] : unjudgedFailures(load, thresholds)),
    ...(late === null || outcome.code === 'rate-not-delivered'
      ? []
      : [`The rate was not delivered, so no rule on times counts as kept. ${late}`]),
    ...(typeof uncertainty?.drift === 'string' ? [uncertainty.drift] : []),
  ];
}

/** Rules by which failed requests are judged. */
const RULES_ON_FAILURES: ReadonlySet<string> = new Set(['http_req_failed', 'checks', 'journey_failed']);
/** As much as the rule allows that holds without any other. */
const USUAL_SHARE = 0.01;

/** Quick errors keep every rule on times. */
function unjudgedFailures({ total: { sent, failed } }: LoadResult, thresholds: Report['thresholds']): string[] {
  if (thresholds.length === 0 || failed < USUAL_SHARE * sent || failed === 0) return [];
  if (thresholds.some(({ metric }) => RULES_ON_FAILURES.has(metric))) return [];
  return [
    `${percent(failed / sent)} of the requests failed, and no rule says how many may: add http_req_failed: rate<${String(USUAL_SHARE)}.`,
  ];
}

/** Figures to which the generator itself contributed a good part. */
function spoiltText({ generator, total }: LoadResult): string[] {
  const figures = spoiltFigures(generator, total.latencyMs).filter((figure) => figure !== 'max');
  const { addedMs } = generator ?? {};
  if (figures.length === 0 || addedMs === undefined) return [];
  const each = figures.map(
    (figure) =>
      `${milliseconds(addedMs[figure])} of the ${figure} of ${milliseconds(total.latencyMs?.[figure] ?? null)}`,
  );
  return [`Up to ${each.join(' and ')} came from the load generator, which was held up on this machine.`];
}

/** Waiting for a core is normal for a thread below this share of the time. */
const WORTH_TELLING = 0.1;

function waiting({ cpuWaitShare }: GeneratorCondition): string {
  if ((cpuWaitShare ?? 0) < WORTH_TELLING) return '';
  return ` It waited for a core for ${percent(cpuWaitShare ?? 0)} of the time: the machine was busy, and the latency includes that wait.`;
}

/** How the load was shared, and whether all runners began at the same time. */
function runnersText(runners: readonly LoadRunner[]): string {
  const starts = runners.flatMap(({ startedAt }) => (startedAt === null ? [] : [Date.parse(startedAt)]));
  const spread =
    starts.length < 2
      ? ''
      : ` Their first answers came within ${milliseconds(Math.max(...starts) - Math.min(...starts))} of each other.`;
  return `Shared by ${String(runners.length)} runners: ${runners.map(({ name, node, measured }) => `${name} on ${node ?? 'no node'} ${String(measured)}`).join(', ')}.${spread}`;
}

/** How the figures of a load were measured and how to read them, in whole sentences. */
export function explanations(load: LoadResult): string[] {
  const { generator, uncertainty } = load;
  const weak = [...load.hosts, load.total].some((row) => weakPercentiles(row).size > 0);
  return [
    `${windowLength(load.durationSeconds)} after ${String(load.warmupRequests)} warm-up requests. ${loadModelText(load)}`,
    ...(load.total.cancelled === undefined
      ? []
      : [
          `${String(load.total.cancelled)} requests were in flight when the ${load.endedBy === undefined ? 'run was cancelled' : 'load was ended'}; they are not counted.`,
        ]),
    ...(uncertainty?.requestsPerSecond
      ? [
          `Intervals contain the true value with 95 % confidence, as far as ${String(uncertainty.slices)} slices of this one run can tell.`,
        ]
      : []),
    ...(typeof uncertainty?.drift === 'string'
      ? ['There are no intervals: the figures changed during the load, so there is no single true value to estimate.']
      : []),
    ...(load.runners === undefined ? [] : [runnersText(load.runners)]),
    ...(weak
      ? [`A figure with ≈ has fewer than ${String(SUPPORT)} answers above it; treat it as a rough estimate.`]
      : []),
    ...(generator === null || generator.limited
      ? []
      : [
          `The generator was not the limit: it used ${percent(generator.cpuShare)} of a core${load.workers > 1 ? ' per thread' : ''}, and its event loop was busy for ${percent(generator.eventLoopUtilization)} of the time.${waiting(generator)}`,
        ]),
  ];
}
