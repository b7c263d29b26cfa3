import {
  type CapacityPair,
  type ComparedMetric,
  type ComparedRequest,
  type ComparedStart,
  type ComparedTime,
  type Comparison,
  type ComparisonCourse,
  type ComparisonRound,
  courseOf,
  hitsOf,
  type MetricComparison,
  type RoundFigures,
  startsOfPairs,
} from '../model/comparison.ts';
import {
  bytes,
  changeDigits,
  milliseconds,
  NOT_MEASURED,
  percent,
  perSecond,
  signed,
  signedDigits,
  windowLength,
} from '../text/numbers.ts';
import { discordant } from './capacity-confirmation.ts';
import { type Change, FAILED_SHARE_TOLERANCE } from './metrics.ts';
import { FEWEST_ROUNDS } from './plan.ts';
import { sideHeadings, sideNames } from './sides.ts';

/** The words for a metric and its change: for the worse first. */
const WORDS: Readonly<
  Record<ComparedMetric, { readonly name: string; readonly worse: string; readonly better: string }>
> = {
  'requests-per-second': { name: 'throughput', worse: 'lower', better: 'higher' },
  'latency-p50': { name: 'p50', worse: 'slower', better: 'faster' },
  'latency-p90': { name: 'p90', worse: 'slower', better: 'faster' },
  'latency-p95': { name: 'p95', worse: 'slower', better: 'faster' },
  'latency-p99': { name: 'p99', worse: 'slower', better: 'faster' },
  'cpu-per-request': { name: 'CPU per request', worse: 'more', better: 'less' },
  memory: { name: 'memory', worse: 'more', better: 'less' },
  'failed-share': { name: 'failed requests', worse: 'more', better: 'fewer' },
  capacity: { name: 'capacity', worse: 'lower', better: 'higher' },
};

export const metricName = ({ metric }: Pick<MetricComparison, 'metric'>): string => WORDS[metric].name;

/** The result of one metric, in a word or two. */
export function verdictWord({ metric, verdict, confirmation }: MetricComparison): string {
  switch (verdict) {
    case 'slower':
    case 'faster': {
      const word = verdict === 'slower' ? WORDS[metric].worse : WORDS[metric].better;
      return confirmation?.confirmed === true ? `${word}, confirmed` : `${word}, not confirmed`;
    }
    case 'no-difference':
      return 'no difference';
    case 'cannot-tell':
      return confirmation?.confirmed === false ? "can't tell: not confirmed" : "can't tell";
  }
}

/** A figure of a metric in its unit. */
export function figureText({ unit }: Pick<MetricComparison, 'unit'>, value: number | null): string {
  switch (unit) {
    case 'per second':
      return perSecond(value);
    case 'ms':
      return milliseconds(value);
    case 'seconds':
      return milliseconds(value === null ? null : value * 1000);
    case 'bytes':
      return bytes(value);
    case 'share':
      return percent(value);
  }
}

/** The change of a metric as a share: of base on the scale of ratios, of all requests on that of differences. */
const changeOf = ({ scale }: Pick<MetricComparison, 'scale'>, value: number): number =>
  scale === 'ratio' ? value - 1 : value;

/** The change from base to head: `+6.1 %`, and of a share `+0.4 points`. */
export function changeText(metric: MetricComparison, value: number | null = metric.estimate): string {
  if (value === null) return NOT_MEASURED;
  const change = changeOf(metric, value);
  return metric.scale === 'ratio' ? signed(change) : `${signedDigits(change)} points`;
}

/**
 * The interval of the change: `+4.0 … +8.3 %`. A known change with too few rounds for an interval is known to exceed
 * the tolerance.
 */
export function intervalText(metric: MetricComparison, comparison: Pick<Comparison, 'tolerance'>): string {
  const { interval } = metric;
  return interval === null && isChange(metric)
    ? `more than ${beyondText(metric, comparison)}`
    : rangeText(metric, interval);
}

/** From one change to another. */
export function rangeText(metric: MetricComparison, interval: MetricComparison['interval']): string {
  if (interval === null) return NOT_MEASURED;
  const [low, high] = [changeText(metric, interval.low), changeText(metric, interval.high)];
  return `${low.replace(/ \S+$/, '')} … ${high}`;
}

/** Whether head is known to differ. */
export const isChange = ({ verdict }: MetricComparison): boolean => verdict === 'slower' || verdict === 'faster';

const beyondText = ({ scale }: MetricComparison, comparison: Pick<Comparison, 'tolerance'>): string =>
  scale === 'ratio' ? toleranceText(comparison) : `${String(100 * FAILED_SHARE_TOLERANCE)} points`;

/** The smallest change for the worse that at least 4 of 5 such runs would have found and confirmed. */
export function detectableText({ minimumDetectableEffect: effect, scale }: MetricComparison): string {
  if (effect === null) return NOT_MEASURED;
  return scale === 'ratio' ? `${changeDigits(effect)} %` : `${changeDigits(effect)} points`;
}

/** Further metrics are left to the table. */
const MOST_IN_HEADLINE = 2;

/** The verdict in one sentence, for a heading, with the interval or the change that could have been seen. */
export function headline(
  comparison: Pick<
    Comparison,
    | 'subject'
    | 'base'
    | 'head'
    | 'verdict'
    | 'confirmed'
    | 'metrics'
    | 'requests'
    | 'times'
    | 'tolerance'
    | 'confidence'
    | 'rounds'
    | 'latencyHistograms'
    | 'capacities'
  >,
): string {
  const { verdict, metrics, confirmed } = comparison;
  const { base, head } = sideNames(comparison);
  const first = sideHeadings(comparison).head;
  const { kind } = courseOf(comparison);
  switch (verdict) {
    case 'slower':
    case 'faster': {
      const words = judgedAs(kind, metrics, verdict);
      return confirmed === true
        ? `${first} ${words.is} than ${base}: ${changes(comparison, verdict)}, confirmed by fresh ${kind}${onStarts(comparison)}`
        : `${first} ${words.seems} than ${base}, but this is not confirmed: ${changes(comparison, verdict)}`;
    }
    case 'no-difference':
      return `No difference beyond ${toleranceText(comparison)} between ${kind === 'steps' ? 'the capacities of ' : ''}${head} and ${base}`;
    case 'cannot-tell': {
      const worse = kind === 'steps' ? 'holds less' : 'is slower';
      return `Can't tell whether ${head} ${worse} than ${base}${confirmed === false ? `: ${unconfirmedText(comparison)}` : couldHaveSeen(metrics)}`;
    }
  }
}

export const toleranceText = ({ tolerance }: Pick<Comparison, 'tolerance'>): string =>
  `${String(Number((tolerance * 100).toPrecision(3)))} %`;

const PACE: ReadonlySet<ComparedMetric> = new Set([
  'requests-per-second',
  'latency-p50',
  'latency-p90',
  'latency-p95',
  'latency-p99',
]);

/** The words for a known change, and for an apparent one: what users feel comes before what it costs. */
function judgedAs(
  kind: ComparisonCourse['kind'],
  metrics: readonly MetricComparison[],
  verdict: Change,
): { readonly is: string; readonly seems: string } {
  const found = metrics.filter((metric) => metric.verdict === verdict);
  const more = verdict === 'slower' ? 'more' : 'less';
  if (kind === 'steps') {
    const held = verdict === 'slower' ? 'less' : 'more';
    return { is: `holds ${held}`, seems: `seems to hold ${held}` };
  }
  // Without a metric, it is a single request whose latency changed.
  if (found.length === 0 || found.some(({ metric }) => PACE.has(metric)))
    return { is: `is ${verdict}`, seems: `looks ${verdict}` };
  return found.some(({ metric }) => metric === 'failed-share')
    ? { is: `fails ${more}`, seems: `seems to fail ${more}` }
    : { is: `needs ${more}`, seems: `seems to need ${more}` };
}

/** How many other starts of both versions the fresh rounds used; nothing if they used the same one. */
function onStarts(comparison: Parameters<typeof courseOf>[0]): string {
  const others = otherStarts(comparison);
  return others === 0 ? '' : ` on ${String(others)} other start${others === 1 ? '' : 's'}`;
}

function otherStarts(comparison: Parameters<typeof courseOf>[0]): number {
  const course = courseOf(comparison);
  return course.kind === 'steps'
    ? startsOfPairs(course.pairs)
    : Math.max(0, ...course.rounds.map(({ start = 0 }) => start));
}

/** What an unconfirmed hit looked like, and what failed to confirm it. */
function unconfirmedText(
  comparison: Pick<Comparison, 'metrics' | 'requests' | 'times'> & Parameters<typeof courseOf>[0],
): string {
  const { kind } = courseOf(comparison);
  const said = hitsOf(comparison).includes('slower') ? 'slower' : 'faster';
  const looked = kind === 'rounds' ? `it looked ${said}` : `it seemed to hold ${said === 'slower' ? 'less' : 'more'}`;
  return otherStarts(comparison) === 0
    ? `${looked}, but fresh ${kind} did not confirm it`
    : `${looked}, but that is not confirmed on another start`;
}

function changes(
  comparison: Pick<Comparison, 'metrics' | 'requests' | 'times' | 'confidence' | 'tolerance'>,
  verdict: Change,
): string {
  const { metrics, confidence } = comparison;
  const sized = (metric: MetricComparison): string =>
    `${metricName(metric)} ${changeText(metric)} (${percent(confidence)}: ${intervalText(metric, comparison)})`;
  // The clearest of what users feel comes first: throughput and latency say the same in the closed model.
  const found = metrics
    .filter((metric) => metric.verdict === verdict)
    .sort(
      (a, b) =>
        Number(PACE.has(b.metric)) - Number(PACE.has(a.metric)) ||
        Number(a.metric === 'requests-per-second') - Number(b.metric === 'requests-per-second'),
    );
  const single = (comparison.requests ?? []).filter(({ latency }) => latency.verdict === verdict);
  const shown = found.slice(0, MOST_IN_HEADLINE).map(sized);
  const more = found.length - shown.length;
  return [
    ...shown,
    ...(more > 0 ? [`${String(more)} more`] : []),
    ...requestsText(single, found.length === 0 ? sized : null),
    // The slower request of a journey says more than the journey.
    ...(single.length === 0 ? timesText(comparison.times ?? [], verdict, sized) : []),
  ].join(', ');
}

/**
 * Which requests changed: a single one by name, with its change if the whole has none; of several, the one with the
 * largest share.
 */
function requestsText(
  requests: readonly ComparedRequest[],
  sized: ((metric: MetricComparison) => string) | null,
): string[] {
  const [first] = requests;
  if (first === undefined) return [];
  const others = requests.length - 1;
  const and = others === 0 ? '' : ` and ${String(others)} other request${others === 1 ? '' : 's'}`;
  const label = requestLabel(first);
  return [sized === null ? `most of it in ${label}${and}` : `${label} ${sized(first.latency)}${and}`];
}

function timesText(
  times: readonly ComparedTime[],
  verdict: Change,
  sized: (metric: MetricComparison) => string,
): string[] {
  const [first, ...others] = times.filter(({ latency }) => latency.verdict === verdict);
  if (first === undefined) return [];
  const and = others.length === 0 ? '' : ` and ${others.map(timeLabel).join(', ')}`;
  return [`${timeLabel(first)} ${sized(first.latency)}${and}`];
}

/** The name of a time that does not belong to a single request. */
export const timeLabel = ({ of, name }: Pick<ComparedTime, 'of' | 'name'>): string =>
  of === 'journey' ? `journey ${name}` : `round trips of ${name}`;

/** The name of a request: the one in a scenario, or its host and path. */
export const requestLabel = ({ name, host, path }: Pick<ComparedRequest, 'name' | 'host' | 'path'>): string =>
  name ?? (path === '/' ? host : `${host}${path}`);

function couldHaveSeen(metrics: readonly MetricComparison[]): string {
  const open = metrics.filter(
    ({ primary, verdict, minimumDetectableEffect }) =>
      primary && verdict === 'cannot-tell' && minimumDetectableEffect !== null,
  );
  const named = open.find(({ metric }) => metric === 'latency-p50') ?? open[0];
  return named === undefined
    ? ''
    : `: this run could have seen ${metricName(named)} ${named.better === 'lower' ? '+' : '−'}${detectableText(named)} or more`;
}

/** How far apart the changes of single starts of both versions are. */
export function spreadText({ metric }: MetricComparison, starts: readonly ComparedStart[]): string {
  const found = starts.flatMap(({ estimates }) => estimates.filter((each) => each.metric === metric));
  if (found.length < 2) return NOT_MEASURED;
  const values = found.map(({ estimate }) => estimate);
  const spread = Math.max(...values) - Math.min(...values);
  return `${changeDigits(spread)} points`;
}

/** How the comparison was made and how to read it, in whole sentences. */
export function comparisonNotes(comparison: Comparison): string[] {
  const course = courseOf(comparison);
  switch (course.kind) {
    case 'rounds':
      return roundsNotes(comparison, course.rounds);
    case 'steps':
      return stepsNotes(comparison, course.pairs);
  }
}

function roundsNotes(comparison: Comparison, rounds: readonly ComparisonRound[]): string[] {
  const { subject, windowSeconds, metrics, looks, confidence } = comparison;
  const { base, head } = sideNames(comparison);
  const fresh = rounds.filter(({ confirmation }) => confirmation).length;
  const searched = rounds.length - fresh;
  const reasons = new Map<string, string[]>();
  for (const metric of metrics)
    if (metric.reason !== null) reasons.set(metric.reason, [...(reasons.get(metric.reason) ?? []), metricName(metric)]);
  return [
    `${String(searched)} rounds${fresh === 0 ? '' : ` and ${String(fresh)} fresh ones to confirm`}. In each round, both ${subject === undefined ? 'versions' : 'controllers'} got the same requests for ${windowLength(windowSeconds)}, one after the other, in random order (ABBA).`,
    `Change is the median ratio of ${head} to ${base} over the rounds. The intervals of the table hold together with ${percent(confidence)} confidence, over ${String(looks.taken)} of at most ${String(looks.planned)} looks. A change of up to ${toleranceText(comparison)} counts as no change. "Seen from" is the smallest change for the worse that at least 4 of 5 such runs would find and confirm.`,
    ...(comparison.requests === undefined
      ? []
      : [
          'Each request is judged by its median latency, after the load as a whole and with its own error. Its share of the change is the change of its mean latency weighted by how often it was sent. Without a rate, a slower request leaves less load for the others, which may look faster for that reason alone.',
        ]),
    ...pooledNote(comparison),
    ...startsNote(comparison),
    ...[...reasons].map(([reason, names]) => `${capitalized(names.join(', '))}: ${reason}`),
  ];
}

/** The p99 of a window depends on few requests, and is not the p99 of all of them. */
function pooledNote({ pooledP99: pooled, windowSeconds }: Comparison): string[] {
  if (pooled === undefined) return [];
  const ends = pooled.interval;
  const change = signed(pooled.estimate - 1);
  const between = ends === null ? '' : ` (95 % by blocks: ${signedDigits(ends.low - 1)} … ${signed(ends.high - 1)})`;
  return [
    `p99 is for a typical window of ${windowSeconds.toFixed(1)} s. Over all answers it was ${milliseconds(pooled.base)} and ${milliseconds(pooled.head)}, ${change}${between}; that does not affect the verdict.`,
  ];
}

/** A claim based on one start of both versions says so. */
function startsNote({ starts, confirmed, subject, tolerance }: Comparison): string[] {
  if (starts !== undefined)
    return [
      `For the fresh rounds both versions were restarted ${starts.length === 2 ? 'once' : `${String(starts.length - 1)} times`}. "Spread" is how far apart the changes of the starts are. "By starts" is the interval of the change with each of the other starts as one observation. A change is confirmed when that interval, too, is beyond ${toleranceText({ tolerance })}, or when each of those starts exceeds it by a quarter. The interval of a confirmed change takes the wider end of both on each side.`,
    ];
  if (confirmed === null) return [];
  return [
    subject === undefined
      ? 'All rounds use one start of both versions, so the change includes whatever was particular to that start, such as the nodes that its pods ran on.'
      : 'All rounds use one start of both controllers, so the change includes whatever was particular to that start.',
  ];
}

function stepsNotes(comparison: Comparison, pairs: readonly CapacityPair[]): string[] {
  const { metrics, confidence } = comparison;
  const sides = sideNames(comparison);
  return [
    `The steps of both versions took turns in random order (ABBA). Change is the ratio of the capacities, ${sides.head} to ${sides.base}, with its ${percent(confidence)} interval. A change of up to ${toleranceText(comparison)} counts as no change. "Seen from" is the smallest change for the worse that at least 4 of 5 such runs would find and confirm.`,
    ...(pairs.length === 0 ? [] : [pairsText(pairs, sides, hitsOf({ metrics })[0] ?? 'slower')]),
    ...metrics.flatMap(({ reason }) => (reason === null ? [] : [reason])),
  ];
}

function pairsText(pairs: readonly CapacityPair[], sides: ReturnType<typeof sideNames>, change: Change): string {
  const { bearOut } = discordant(pairs, change);
  const [more, less] = change === 'slower' ? [sides.base, sides.head] : [sides.head, sides.base];
  const rates = pairs[0];
  const at =
    rates === undefined ? '' : ` at ${perSecond(rates.base.ratePerSecond)} and ${perSecond(rates.head.ratePerSecond)}`;
  const starts = startsOfPairs(pairs);
  const restarted =
    starts === 0
      ? 'All steps use one start of both versions, so the change includes whatever was particular to that start, such as the nodes that its pods ran on.'
      : `For these steps both versions were restarted ${starts === 1 ? 'once' : `${String(starts)} times`}.`;
  return `To confirm it, both were loaded again in turns, ${String(pairs.length)} times${at}: in ${String(bearOut)} of them ${more} kept the thresholds and ${less} did not. ${restarted}`;
}

const capitalized = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

/** Doubts about the comparison, in whole sentences. */
export function comparisonDoubts(comparison: Comparison): string[] {
  const course = courseOf(comparison);
  return [
    ...(comparison.stoppedBecause === 'cancelled'
      ? [`The comparison was cancelled; it uses the ${course.kind} up to then.`]
      : []),
    ...(course.kind === 'rounds' ? roundsDoubts(comparison, course.rounds) : []),
  ];
}

function roundsDoubts(comparison: Comparison, rounds: readonly ComparisonRound[]): string[] {
  const { stoppedBecause, metrics } = comparison;
  const cut = stoppedBecause === 'time-limit' && rounds.length > 0 && rounds.length < FEWEST_ROUNDS;
  return [
    ...(stoppedBecause === 'hopeless'
      ? [
          `It ended before compare-limit, because further rounds had a chance of less than 5 % of an answer: raise compare-limit, send more load, or use a less busy machine.`,
        ]
      : []),
    ...(cut && metrics.every(({ interval }) => interval === null) ? [tooSlow(comparison)] : []),
    ...(comparison.requests ?? []).flatMap((request) =>
      request.latency.rounds === 0 && request.latency.reason !== null
        ? [`${requestLabel(request)} can't be compared. ${request.latency.reason}`]
        : [],
    ),
    ...disturbed(
      comparison,
      ({ generatorLimited }) => generatorLimited,
      'the load generator was the bottleneck',
      'they do not count',
    ),
    ...disturbed(
      comparison,
      ({ generatorHeldUp }) => generatorHeldUp === true,
      'the load generator waited for a core that other programs were using',
      'they count towards a change, which they make look smaller, but not towards "no difference"',
    ),
  ];
}

/** Rounds that were disturbed, and in whose windows: the versions may have lost different ones. */
function disturbed(
  comparison: Comparison,
  isDisturbed: (figures: RoundFigures) => boolean,
  how: string,
  then: string,
): string[] {
  const { rounds } = comparison;
  const sides = sideNames(comparison);
  const [base, head] = [
    rounds.filter((round) => isDisturbed(round.base)),
    rounds.filter((round) => isDisturbed(round.head)),
  ];
  const either = new Set([...base, ...head]).size;
  if (either === 0) return [];
  return [
    `In ${String(either)} of ${String(rounds.length)} rounds ${how} (${String(base.length)} times with ${sides.base}, ${String(head.length)} times with ${sides.head}); ${then}.`,
  ];
}

function tooSlow({ rounds, durationSeconds, windowSeconds }: Comparison): string {
  const [took, meant] = [durationSeconds / rounds.length, 2 * windowSeconds];
  return `Only ${String(rounds.length)} rounds fitted into compare-limit, and an interval needs about ${String(FEWEST_ROUNDS)}, with time to confirm the result. A round took ${took.toFixed(1)} s, ${meant.toFixed(1)} s of it load: raise compare-limit, or use a less busy machine.`;
}

/** How one round moved a metric, as a share; null when it was not measured in both versions. */
export function roundChange(base: number | null | undefined, head: number | null | undefined): number | null {
  return typeof base === 'number' && typeof head === 'number' && base > 0 ? head / base - 1 : null;
}

export const p50Of = ({ latencyMs }: RoundFigures): number | null => latencyMs?.p50 ?? null;
