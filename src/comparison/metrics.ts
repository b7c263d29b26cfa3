import type { ComparisonRound, MetricComparison, RoundFigures } from '../model/comparison.ts';
import { isSpoilt } from '../load/counts/saturation.ts';
import { ROUNDS_PER_BLOCK } from './plan.ts';

/**
 * What one version did in its half of a round, with each of its requests, in the order of the plan, the times of its
 * journeys after them, and each of its workloads.
 */
export interface MeasuredFigures extends RoundFigures {
  readonly requests?: readonly RequestFigures[] | undefined;
  readonly workloads?: readonly { readonly name: string; readonly cpuSecondsPerRequest: number }[] | undefined;
  /**
   * True when failed requests count although the generator was the bottleneck: none of them failed in a way that a busy
   * generator can bring about.
   */
  readonly failuresCount?: true | undefined;
}

/** Of one request, or of the times of a journey, which have no counts of their own. */
interface RequestFigures {
  readonly p50Ms: number | null;
  readonly sent?: number | undefined;
  readonly failed?: number | undefined;
}

/** A round with more than the report keeps. */
export interface MeasuredRound extends Omit<ComparisonRound, 'base' | 'head'> {
  readonly base: MeasuredFigures;
  readonly head: MeasuredFigures;
}

/** A metric in which base and head are compared. */
export interface Metric extends Pick<MetricComparison, 'metric' | 'unit' | 'better' | 'primary' | 'scale'> {
  /** True when it leaves out failed requests, so failing can make it look better. */
  readonly overAnswered: boolean;
  /**
   * True when all rounds see the same state of the same pods: a difference between the pods of equal versions is in
   * every round alike, so that rounds can't tell it from one between the versions.
   */
  readonly ofPods?: boolean;
  /**
   * True when it is judged by its total over the blocks, and not by ranks: most blocks have none, so that ranks would
   * leave out the few that have many.
   */
  readonly byTotal?: boolean;
  readonly figure: (figures: MeasuredFigures) => number | null;
  /** How much the generator added at most; missing when it can add nothing. */
  readonly added?: (figures: RoundFigures) => number;
}

const latency = (percentile: 'p50' | 'p90' | 'p95' | 'p99', primary: boolean): Metric => ({
  metric: `latency-${percentile}`,
  unit: 'ms',
  better: 'lower',
  primary,
  scale: 'ratio',
  overAnswered: true,
  figure: ({ latencyMs }) => latencyMs?.[percentile] ?? null,
  added: ({ addedMs }) => addedMs?.[percentile] ?? 0,
});

/** CPU seconds per request, for a whole version or one workload. */
export const cpuPerRequest = (figure: Metric['figure']): Metric => ({
  metric: 'cpu-per-request',
  unit: 'seconds',
  better: 'lower',
  primary: false,
  scale: 'ratio',
  overAnswered: true,
  figure,
});

/**
 * All metrics, in the order of the report. The highest percentiles, CPU and memory can raise an alarm but need not be
 * settled for the answer "no difference": a p99 of a round rests on one request in a hundred and is often too noisy for
 * that.
 */
export const METRICS: readonly Metric[] = [
  {
    metric: 'requests-per-second',
    unit: 'per second',
    better: 'higher',
    primary: true,
    scale: 'ratio',
    overAnswered: true,
    figure: ({ requestsPerSecond }) => requestsPerSecond,
  },
  latency('p50', true),
  latency('p90', true),
  latency('p95', false),
  latency('p99', false),
  cpuPerRequest(({ cpuSecondsPerRequest }) => cpuSecondsPerRequest),
  {
    metric: 'memory',
    unit: 'bytes',
    better: 'lower',
    primary: false,
    scale: 'ratio',
    overAnswered: false,
    ofPods: true,
    figure: ({ memoryBytes }) => memoryBytes,
  },
  {
    metric: 'failed-share',
    unit: 'share',
    better: 'lower',
    primary: true,
    scale: 'difference',
    overAnswered: false,
    byTotal: true,
    figure: ({ sent, failed }) => (sent === 0 ? null : failed / sent),
  },
];

/** What both versions measured in the rounds that count for a metric. */
export interface PairedFigures {
  /** The block of each effect, ascending. */
  readonly blocks: readonly number[];
  /** One value for each block: the mean over its rounds of log(head / base), or of head - base. */
  readonly effects: readonly number[];
  readonly base: readonly number[];
  readonly head: readonly number[];
  /** Requests of each version in these rounds, and how many of them failed. */
  readonly sent: Counts;
  readonly failed: Counts;
  /** Blocks that do not count because of a window of this version alone. */
  readonly lost: Counts;
}

interface Counts {
  readonly base: number;
  readonly head: number;
}

/**
 * Pairs the figures of a metric. Ratios are compared by their logarithms, so that twice and half are equally far from
 * 1. A block counts as a whole or not at all, because only whole it is free of the effect of the order. It does not
 * count when a figure is missing (for a ratio also: 0) or the generator was the bottleneck in one of its windows (for failed
 * requests, only if that can be why some failed).
 *
 * A block of a metric that is judged by its total has the weight of its requests, so that the mean of the effects is
 * the difference of the totals. The names of the versions may be swapped in a block without changing its weight.
 *
 * @param undisturbed leaves out blocks, too, in which other programs held the generator up, or it added much to this
 * figure.
 */
export function pairFigures(metric: Metric, rounds: readonly MeasuredRound[], undisturbed = false): PairedFigures {
  const counting: { readonly block: number; readonly rounds: readonly MeasuredRound[] }[] = [];
  const lost = { base: 0, head: 0 };
  for (let first = 0; first + ROUNDS_PER_BLOCK <= rounds.length; first += ROUNDS_PER_BLOCK) {
    const ofBlock = rounds.slice(first, first + ROUNDS_PER_BLOCK);
    const [base, head] = (['base', 'head'] as const).map((side) =>
      ofBlock.every((round) => isCounted(metric, round, side, undisturbed)),
    );
    if (base === true && head === true) counting.push({ block: first / ROUNDS_PER_BLOCK, rounds: ofBlock });
    if (base === false && head === true) lost.base += 1;
    if (base === true && head === false) lost.head += 1;
  }
  const requests = counting.map((block) => sum(block.rounds.map(({ base, head }) => base.sent + head.sent)));
  const weight = (index: number): number =>
    metric.byTotal === true ? ((requests[index] ?? NaN) * counting.length) / sum(requests) : 1;
  const all = counting.flatMap((block) => block.rounds);
  const figures = (side: 'base' | 'head'): number[] => all.map((round) => metric.figure(round[side]) ?? NaN);
  const count = (of: 'sent' | 'failed'): Counts => ({
    base: sum(all.map(({ base }) => base[of])),
    head: sum(all.map(({ head }) => head[of])),
  });
  return {
    blocks: counting.map(({ block }) => block),
    effects: counting.map((block, index) => weight(index) * effectOf(metric, block.rounds)),
    base: figures('base'),
    head: figures('head'),
    sent: count('sent'),
    failed: count('failed'),
    lost,
  };
}

/** Whether the figure of one side counts in a round. */
function isCounted(
  metric: Metric,
  round: Pick<MeasuredRound, 'base' | 'head'>,
  side: 'base' | 'head',
  undisturbed: boolean,
): boolean {
  const figures = round[side];
  // Requests that are refused, or answered with an error at once, keep a generator busy: not to count them would excuse
  // who does that.
  if (figures.generatorLimited && !(metric.byTotal === true && figures.failuresCount === true)) return false;
  if (undisturbed && (figures.generatorHeldUp === true || isSpoiltFor(metric, round))) return false;
  const figure = metric.figure(figures) ?? NaN;
  return metric.scale === 'ratio' ? figure > 0 && Number.isFinite(figure) : Number.isFinite(figure);
}

/**
 * Whether what the generator added is a large part of a metric in a round. Both sides are held to the same measure, the
 * smaller figure: by its own, the slower side could keep any round in which the generator added more than the faster
 * one may have.
 */
export function isSpoiltFor(metric: Metric, { base, head }: Pick<ComparisonRound, 'base' | 'head'>): boolean {
  const smaller = Math.min(metric.figure(base) ?? Infinity, metric.figure(head) ?? Infinity);
  return [base, head].some((side) => isSpoilt(metric.added?.(side) ?? 0, smaller));
}

function effectOf(metric: Metric, rounds: readonly MeasuredRound[]): number {
  const of = ({ base, head }: MeasuredRound): readonly [number, number] => [
    metric.figure(base) ?? NaN,
    metric.figure(head) ?? NaN,
  ];
  if (metric.byTotal !== true) {
    const values = rounds
      .map(of)
      .map(([base, head]) => (metric.scale === 'ratio' ? Math.log(head / base) : head - base));
    return sum(values) / values.length;
  }
  const share = (side: 'base' | 'head'): number =>
    sum(rounds.map((round) => round[side].failed)) / sum(rounds.map((round) => round[side].sent));
  return share('head') - share('base');
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** From the scale on which blocks are averaged back to the report's. */
export const onScale = (metric: Metric, effect: number): number =>
  metric.scale === 'ratio' ? Math.exp(effect) : effect;

/** Shares of failed requests may differ by this much (a tenth of a percentage point) without meaning. */
export const FAILED_SHARE_TOLERANCE = 0.001;

/** The smallest change that matters, on the scale of the effects. */
export const marginOf = (metric: Metric, tolerance: number): number =>
  metric.scale === 'ratio' ? Math.log1p(tolerance) : FAILED_SHARE_TOLERANCE;

/** For the worse, or for the better. */
export type Change = 'slower' | 'faster';

/** 1 when more of a metric is what the change means, otherwise -1. */
export const directionOf = ({ better }: Pick<MetricComparison, 'better'>, change: Change): 1 | -1 =>
  (better === 'lower') === (change === 'slower') ? 1 : -1;

/** @throws RangeError for one that rounds have no figure of. */
export function metricOf({ metric }: Pick<MetricComparison, 'metric'>): Metric {
  const found = METRICS.find((candidate) => candidate.metric === metric);
  if (found === undefined) throw new RangeError(`There is no metric ${metric}`);
  return found;
}
