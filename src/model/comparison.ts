import { z } from 'zod';
import { capacity, type CapacityResult, capacityStep } from './capacity.ts';
import { addedLatency, latencyHistogram } from './load.ts';
import type { Side } from './sides.ts';
import { count, interval, list, nullableNumber, ratio, text, timestamp } from './units.ts';

/** The revision that a version was checked out at. */
const revision = z.strictObject({
  /** The full hash. For a pull request its head commit, even when the merge commit was checked out. */
  commit: text,
  /**
   * The branch or tag; missing when neither git nor the event names one. A fork's branch has the owner in front:
   * `owner:branch`.
   */
  branch: text.optional(),
  /** The commit that was checked out, if it is GitHub's test merge of a pull request. */
  mergeCommit: text.optional(),
  /** Whether the manifests had uncommitted changes; missing when they had none. */
  modified: z.literal(true).optional(),
});
export type Revision = z.infer<typeof revision>;

/** One of the two sides that are compared: a version of the application, or an ingress controller in front of it. */
export const comparedVersion = z.strictObject({
  /**
   * Its name for readers: branch and short commit such as `main 1a2b3c4`, the namespace of a controller, or `base` and
   * `head`. A report uses it throughout, unless both have the same name.
   */
  label: text,
  /** Missing when git does not know where its manifests come from, or when both versions have the same commit. */
  revision: revision.optional(),
  /** The inputs that it was deployed from. */
  manifests: list(text),
  images: list(text),
  /** The Host headers that lead to it. */
  hosts: list(text),
});
export type ComparedVersion = z.infer<typeof comparedVersion>;

/** What one version did in its half of a round. */
const roundFigures = z.strictObject({
  startedAt: timestamp,
  durationSeconds: z.number().min(0),
  sent: count,
  failed: count,
  requestsPerSecond: nullableNumber,
  /** Percentiles over answered requests; null when nothing was answered. */
  latencyMs: z.strictObject({ p50: z.number(), p90: z.number(), p95: z.number(), p99: z.number() }).nullable(),
  /** CPU time of this version's pods divided by the answered requests. */
  cpuSecondsPerRequest: nullableNumber,
  /** Working set of this version's pods, summed. */
  memoryBytes: nullableNumber,
  /** True when the generator was saturated by its own work; no verdict rests on this round. */
  generatorLimited: z.boolean(),
  /**
   * True when the generator was saturated because other programs used the cores. Such a round can support a change, but
   * not "no difference".
   */
  generatorHeldUp: z.boolean().optional(),
  /**
   * How much the generator added at most to each percentile, in milliseconds; missing when it was below 5 ms in all of
   * them.
   */
  addedMs: addedLatency.pick({ p50: true, p90: true, p95: true, p99: true }).optional(),
});
export type RoundFigures = z.infer<typeof roundFigures>;

/**
 * Both versions under the same schedule, one right after the other. Two neighbouring rounds of opposite order form a
 * block.
 */
const comparisonRound = z.strictObject({
  /** Counts from 0, over all rounds. */
  index: count,
  order: z.enum(['base-first', 'head-first']),
  /** A fresh round, run only to confirm a hit. */
  confirmation: z.boolean(),
  /** How often both versions had been restarted before it; missing for 0. */
  start: count.optional(),
  base: roundFigures,
  head: roundFigures,
});
export type ComparisonRound = z.infer<typeof comparisonRound>;

export const comparedMetric = z.enum([
  'requests-per-second',
  'latency-p50',
  'latency-p90',
  'latency-p95',
  'latency-p99',
  'cpu-per-request',
  'memory',
  'failed-share',
  'capacity',
]);
export type ComparedMetric = z.infer<typeof comparedMetric>;

/**
 * The verdict on head against base. `slower` stands for any change for the worse (more CPU, memory or failures),
 * `faster` for any for the better.
 */
export const comparisonVerdict = z.enum(['slower', 'faster', 'no-difference', 'cannot-tell']);

/** src/comparison/ and docs/statistics.md explain how each figure is computed. */
const metricComparison = z.strictObject({
  metric: comparedMetric,
  unit: z.enum(['per second', 'ms', 'seconds', 'bytes', 'share']),
  better: z.enum(['higher', 'lower']),
  /** Whether the overall verdict can only be "no difference" when this metric is settled. */
  primary: z.boolean(),
  /** Medians over the rounds that count, in `unit`. */
  base: nullableNumber,
  head: nullableNumber,
  /** How base and head are compared: head / base, or head - base. */
  scale: z.enum(['ratio', 'difference']),
  /** The median of the paired ratios (or differences) of head to base, on `scale`. */
  estimate: nullableNumber,
  /**
   * The interval that the verdict is based on, with `confidence` for all metrics and looks together; null with too few
   * rounds.
   */
  interval: interval.nullable(),
  /** The 95 % interval of this metric and this look alone. */
  singleInterval: interval.nullable(),
  verdict: comparisonVerdict,
  /**
   * The smallest change for the worse that these rounds, with this noise, would have shown as `slower` in 4 of 5 runs:
   * a share (0.08 is 8 %) on the scale `ratio`, in `unit` on the scale `difference`.
   */
  minimumDetectableEffect: nullableNumber,
  /** The rounds behind these figures. */
  rounds: count,
  /** What fresh rounds said about a hit; null when this metric had none. */
  confirmation: z
    .strictObject({
      /** What the search had said; missing in reports of older versions, which confirmed only `slower`. */
      change: z.enum(['slower', 'faster']).optional(),
      confirmed: z.boolean(),
      /** On `scale`, from the fresh rounds alone. */
      estimate: nullableNumber,
      /** The probability of these fresh rounds, or clearer ones, if the change were within the tolerance. */
      pValue: ratio,
      rounds: count,
      /** The interval, on `scale`, with each other start as one observation; missing without other starts. */
      byStarts: interval.optional(),
    })
    .nullable(),
  /** Why it can't be told, in one sentence; null when it can. */
  reason: text.nullable(),
});
export type MetricComparison = z.infer<typeof metricComparison>;

/** One request of the load on both sides: a host and path, or a request of a scenario. */
const comparedRequest = z.strictObject({
  host: text,
  path: text,
  name: text.optional(),
  /** Of all answered requests. */
  shareOfRequests: ratio,
  /**
   * Its share of the change of the total waiting time, from the means; below 0 or above 1 when requests changed in both
   * directions.
   */
  shareOfChange: nullableNumber,
  /** Its median latency, judged as one of all requests. */
  latency: metricComparison,
});
export type ComparedRequest = z.infer<typeof comparedRequest>;

/** A time on both sides that does not belong to a single request, but is judged in the same way. */
const comparedTime = z.strictObject({
  /**
   * `journey`: the sum of its response times, without pauses. `round-trip`: from a message to its answer over a
   * WebSocket.
   */
  of: z.enum(['journey', 'round-trip']),
  /** Of the journey, or of the step that opens the WebSocket. */
  name: text,
  latency: metricComparison,
});
export type ComparedTime = z.infer<typeof comparedTime>;

/** The CPU time in seconds that one workload of both sides used per request, over the rounds that count for it. */
const comparedWorkload = z.strictObject({
  workload: text,
  base: z.number(),
  head: z.number(),
  /** The median of the paired ratios of head to base. */
  estimate: z.number(),
  /** The 95 % interval of this workload alone; null with too few rounds. */
  interval: interval.nullable(),
  rounds: count,
  /** Its share of the change of all workloads together; below 0 or above 1 when they changed in both directions. */
  shareOfChange: nullableNumber,
});
export type ComparedWorkload = z.infer<typeof comparedWorkload>;

/** What one start of both versions showed by itself. */
const comparedStart = z.strictObject({
  /** 0 is the first. */
  start: count,
  rounds: count,
  /** The estimate of each metric with a figure from all starts, on its scale. */
  estimates: list(z.strictObject({ metric: comparedMetric, estimate: z.number() })),
});
export type ComparedStart = z.infer<typeof comparedStart>;

/** What the two sides of a comparison differ in. */
export const comparisonSubject = z.enum(['ingress-controllers']);

/** One step of each version, one right after the other, at rates that tell a regression from no change. */
const capacityPair = z.strictObject({
  /** How often both versions had been restarted before it; missing for 0. */
  start: count.optional(),
  base: capacityStep,
  head: capacityStep,
});
export type CapacityPair = z.infer<typeof capacityPair>;

export const comparison = z.strictObject({
  /** Missing when they are two versions of the application. */
  subject: comparisonSubject.optional(),
  base: comparedVersion,
  head: comparedVersion,
  /**
   * The same seed gives the same requests to both versions in each round; the order of the rounds also depends on the
   * run.
   */
  seed: text,
  verdict: comparisonVerdict,
  /** The verdict in one sentence. */
  summary: text,
  /**
   * Whether fresh rounds confirmed that head is slower, or faster, as the verdict says; false when they did not, null
   * when there was nothing to confirm.
   */
  confirmed: z.boolean().nullable(),
  /**
   * `decided`: there was nothing left to find out; `hopeless`: further rounds had hardly a chance to decide; the
   * others: which limit came first.
   */
  stoppedBecause: z.enum(['decided', 'hopeless', 'time-limit', 'cancelled']),
  /** The largest change that does not matter, as a share: 0.05 is 5 %. */
  tolerance: z.number().min(0),
  /** Of all intervals together. */
  confidence: ratio,
  /** The name of the correction for several metrics and looks. */
  correction: text,
  /** How often the figures were looked at, and how often they could have been: each look has its share of the error. */
  looks: z.strictObject({ taken: count, planned: count }),
  /** Intended length of one version's half of a round. */
  windowSeconds: z.number().min(0),
  /** From the first round to the last, without deployment. */
  durationSeconds: z.number().min(0),
  metrics: list(metricComparison),
  /** The comparison of each request, if there are several; those with the largest share of the change first. */
  requests: list(comparedRequest).optional(),
  /** The comparison of each journey with several steps, and of WebSocket round trips; missing without any. */
  times: list(comparedTime).optional(),
  /**
   * CPU time per request of each workload, those with the largest share of the change first; missing without such
   * figures.
   */
  workloads: list(comparedWorkload).optional(),
  /**
   * The 99th percentile of all answers together, in milliseconds, and the ratio of head to base with a 95 % interval
   * from resampled blocks. The metric `latency-p99` is that of a typical window.
   */
  pooledP99: z
    .strictObject({ base: z.number(), head: z.number(), estimate: z.number(), interval: interval.nullable() })
    .optional(),
  rounds: list(comparisonRound),
  /** Each start of both versions by itself; missing unless they were restarted. */
  starts: list(comparedStart).optional(),
  /** The latencies of all counted rounds, over the same edges; null when nothing was answered. */
  latencyHistograms: z.strictObject({ base: latencyHistogram, head: latencyHistogram }).nullable(),
  /**
   * Only when capacities are compared: there are no `rounds` then, and `looks` were taken after every two steps of each
   * version.
   */
  capacities: z
    .strictObject({
      base: capacity,
      head: capacity,
      /** Fresh steps that were only sent to confirm that the capacity of head is lower. */
      pairs: list(capacityPair),
    })
    .optional(),
});
export type Comparison = z.infer<typeof comparison>;

/**
 * How the sides were compared: in rounds at one load, or in steps at many rates until the capacity of each was found.
 * The report has the fields of both; those of the other kind are empty.
 */
export type ComparisonCourse =
  | {
      readonly kind: 'rounds';
      readonly rounds: readonly ComparisonRound[];
      readonly latencyHistograms: Comparison['latencyHistograms'];
    }
  | {
      readonly kind: 'steps';
      readonly capacities: Readonly<Record<Side, CapacityResult>>;
      readonly pairs: readonly CapacityPair[];
    };
type CourseFields = Pick<Comparison, 'rounds' | 'latencyHistograms' | 'capacities'>;

/** Which course the fields of a report describe. */
export function courseOf({ rounds, latencyHistograms, capacities }: CourseFields): ComparisonCourse {
  if (capacities === undefined) return { kind: 'rounds', rounds, latencyHistograms };
  const { base, head, pairs } = capacities;
  return { kind: 'steps', capacities: { base, head }, pairs };
}

/** A course as the fields of a report. */
export function courseFields(course: ComparisonCourse): CourseFields {
  switch (course.kind) {
    case 'rounds':
      return { rounds: [...course.rounds], latencyHistograms: course.latencyHistograms };
    case 'steps':
      return {
        rounds: [],
        latencyHistograms: null,
        capacities: { ...course.capacities, pairs: [...course.pairs] },
      };
  }
}

/** How often both versions were restarted to confirm a difference between their capacities. */
export function startsOfPairs(pairs: readonly CapacityPair[]): number {
  return Math.max(0, ...pairs.map(({ start = 0 }) => start));
}

/** The rounds after the last restart of both versions; none when they were started once. */
export function roundsOfLastStart({ rounds }: Pick<Comparison, 'rounds'>): ComparisonRound[] {
  const last = Math.max(0, ...rounds.map(({ start = 0 }) => start));
  return last === 0 ? [] : rounds.filter(({ start }) => start === last);
}

type Change = NonNullable<NonNullable<MetricComparison['confirmation']>['change']>;

/** What fresh rounds or steps were for, in metrics, requests and times of journeys. */
export const hitsOf = ({
  metrics,
  requests = [],
  times = [],
}: Pick<Comparison, 'metrics' | 'requests' | 'times'>): Change[] =>
  [...metrics, ...[...requests, ...times].map(({ latency }) => latency)].flatMap(({ confirmation }) =>
    confirmation === null ? [] : (confirmation.change ?? 'slower'),
  );

/** Whether fresh rounds or steps confirmed that head is worse; null when nothing looked worse before. */
export function regressionConfirmed(
  comparison: Pick<Comparison, 'verdict' | 'confirmed' | 'metrics' | 'requests' | 'times'>,
): boolean | null {
  if (comparison.verdict === 'slower') return comparison.confirmed;
  return hitsOf(comparison).includes('slower') ? false : null;
}
