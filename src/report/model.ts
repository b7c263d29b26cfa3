import { z } from 'zod';
import { OUTCOMES, type OutcomeCode } from '../errors.ts';

/**
 * The one data shape behind every rendering, and the contract with programs that read
 * `report.json`. schemas/report.schema.json is generated from it (`npm run update`).
 *
 * Units are in the names: `…Ms` milliseconds, `…Seconds` seconds, `…Bytes` bytes. A ratio is
 * between 0 and 1. `null` means that nothing was measured; it is never written as 0.
 *
 * Readers take every version of the list. A report is written in the oldest one that has all that it
 * holds, so that an older reader goes on with what it knows: 1.2 adds `autoscaling`, `earlier`, `comparison.subject` and `comparison.capacities`, 1.1 `comparison`, `capacity` and `load.runners`.
 */
const REPORT_SCHEMA_VERSIONS = ['1.0', '1.1', '1.2'] as const;

const count = z.int().min(0);
const ratio = z.number().min(0).max(1);
const timestamp = z.iso.datetime();
const nullableNumber = z.number().nullable();

const outcomeCode = z.enum(Object.keys(OUTCOMES) as [OutcomeCode, ...OutcomeCode[]]);

/** Why a request counts as failed. Each failed request is in exactly one class. */
export const failureClass = z.enum([
  'http-status', // an answer with a status of 400 or more, or one that a scenario does not expect
  'wrong-answer', // a good status, but not the text that this host answers with
  'refused', // the connection was refused
  'reset', // the connection was closed or reset before the answer was whole
  'timeout', // no whole answer within request-timeout
  'protocol', // the answer was not HTTP
  'client-resource', // this machine had no port or file descriptor left: not the server's fault
  'cancelled', // the run was cancelled while the request was on its way
]);
export type FailureClass = z.infer<typeof failureClass>;

const latencySummary = z.strictObject({
  avg: z.number(),
  min: z.number(),
  p50: z.number(),
  p90: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
});
export type LatencySummary = z.infer<typeof latencySummary>;

/** How many buckets of a histogram of latencies a power of ten is cut into; one of them begins at 1 µs. */
export const BUCKETS_PER_DECADE = 40;

/** Bucket i counts answers from edge i up to edge i + 1. */
const latencyHistogram = z.strictObject({ edgesMs: z.array(z.number()), counts: z.array(count) });
export type LatencyHistogram = z.infer<typeof latencyHistogram>;

export const hostResult = z.strictObject({
  /** The Host header, or `all` for the combined figures. */
  host: z.string(),
  path: z.string(),
  /** What a scenario calls the request; missing without one. */
  name: z.string().optional(),
  /** Requests sent in the measured window: succeeded + failed, exactly. */
  sent: count,
  succeeded: count,
  failed: count,
  /** succeeded / sent; null when nothing was sent. */
  successRatio: ratio.nullable(),
  failures: z.partialRecord(failureClass, count),
  /**
   * Requests sent a second time, on a fresh connection, because the server had closed the idle one
   * before a byte of an answer came. Each is counted once in `sent`, with its last outcome. Null
   * when the engine does not tell.
   */
  retried: count.nullable(),
  /** How often each HTTP status was answered, by status code. */
  statuses: z.record(z.string().regex(/^\d{3}$/), count),
  /** Bytes of the bodies received; null when the engine does not tell. */
  bytesReceived: count.nullable(),
  /** Answered requests (of any status) per second of the measured window. */
  requestsPerSecond: nullableNumber,
  /**
   * Time from the moment a request should have been sent to its last byte, over answered
   * requests. In the closed model that moment is when it was sent.
   */
  latencyMs: latencySummary.nullable(),
  /** More percentiles of `latencyMs`, that a threshold asks for, by their number: `"99.9"`. */
  latencyPercentilesMs: z.record(z.string(), z.number()).optional(),
  /**
   * The distribution of `latencyMs`. There are 40 buckets per power of ten, from the first that holds
   * an answer to the last.
   */
  latencyHistogram: latencyHistogram.optional(),
  /** Time from the moment a request was sent to its last byte, over answered requests. */
  serviceTimeMs: latencySummary.nullable(),
});
export type HostResult = z.infer<typeof hostResult>;

const loadModel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('closed'), concurrency: count }),
  z.strictObject({
    kind: z.literal('open'),
    ratePerSecond: z.number(),
    /** Even gaps between requests, or exponentially distributed ones as of independent users. */
    arrivals: z.enum(['constant', 'poisson']),
    /** The most connections that are used at once. */
    concurrency: count,
  }),
]);
export type LoadModel = z.infer<typeof loadModel>;

/** A script of the user's own decided what was sent. */
const scriptModel = z.strictObject({
  kind: z.literal('script'),
  /** The path that was given as input. */
  script: z.string(),
  /** The most virtual users that were seen at once; null when none was. */
  concurrency: count.nullable(),
});

/** What sent the load. */
const engine = z.strictObject({ name: z.enum(['builtin', 'k6', 'k6-operator']), version: z.string() });

/** One of several generators that sent a load together, each a share of it. */
const loadRunner = z.strictObject({
  name: z.string(),
  /** The node that it ran on; null when it never ran. */
  node: z.string().nullable(),
  /** When the first request that it measured had ended; null when it measured none. */
  startedAt: timestamp.nullable(),
  /** Requests of its that were measured and have arrived here. */
  measured: count,
  /** Why its part of the load is not whole, in one sentence; null when it is. */
  problem: z.string().nullable(),
});
export type LoadRunner = z.infer<typeof loadRunner>;

/** What the generator did to itself while it measured, and whether that spoilt the figures. */
export const generatorCondition = z.strictObject({
  /** CPU time of the generator's process in the measured window divided by the window and the workers; above 1 when helper threads of the runtime work too. */
  cpuShare: z.number().min(0),
  /** Share of the window in which the event loop had work, in the busiest worker. */
  eventLoopUtilization: ratio,
  /** Share of the window in which a thread of the generator could have run but had no core, in the worst worker; null where the system does not tell. */
  cpuWaitShare: z.number().min(0).nullable().optional(),
  /** How much later than asked the event loop came round, in the worst worker. */
  eventLoopDelayMs: z.strictObject({ p50: z.number(), p99: z.number(), max: z.number() }),
  /** Open model: how much later than intended requests left although a connection was free. */
  sendDelayMs: z.strictObject({ p50: z.number(), p99: z.number(), max: z.number() }).nullable(),
  /** True when the generator, not the system under test, set the figures: no verdict may rest on them. */
  limited: z.boolean(),
  /** Why, in one sentence; null when it was not. */
  reason: z.string().nullable(),
});
export type GeneratorCondition = z.infer<typeof generatorCondition>;

/** A part of the measured window. Requests belong to the part in which they ended. */
const loadSlice = z.strictObject({
  /** From the beginning of the measured window. */
  startSeconds: z.number().min(0),
  /** Length: the same for all but the last. */
  seconds: z.number().min(0),
  answered: count,
  failed: count,
  /** Percentiles of the latency, within 0.8 %; null when nothing was answered. */
  p50Ms: nullableNumber,
  p99Ms: nullableNumber,
});
export type LoadSlice = z.infer<typeof loadSlice>;

/** The range that holds the true value with 95 % confidence. */
const interval = z.strictObject({ low: z.number(), high: z.number() });
export type Interval = z.infer<typeof interval>;

/** How far the combined figures can be trusted; src/load/uncertainty.ts says how it is computed. */
export const uncertainty = z.strictObject({
  /** Equal parts of the window that the intervals rest on. */
  slices: count,
  requestsPerSecond: interval.nullable(),
  p50Ms: interval.nullable(),
  p90Ms: interval.nullable(),
  p95Ms: interval.nullable(),
  p99Ms: interval.nullable(),
  /** Percentiles that so few requests lie above that they mean little. */
  unsupported: z.array(z.enum(['p50', 'p90', 'p95', 'p99'])),
  /** In one sentence, how the figures changed in the course of the window; null when they did not. */
  drift: z.string().nullable(),
});
export type Uncertainty = z.infer<typeof uncertainty>;

/** One rule on the result of a run and what became of it. */
export const thresholdResult = z.strictObject({
  /** The rule as it was written. */
  rule: z.string(),
  metric: z.string(),
  /** What the rule is about; null when it was not measured, which fails it unless k6 has judged it. */
  measured: nullableNumber,
  /** `number`: of a metric whose unit only a script knows. */
  unit: z.enum(['ms', 'share', 'per second', 'requests', 'cores', 'bytes', 'number']),
  passed: z.boolean(),
  /** Why nothing was measured, in one sentence. */
  missing: z.string().nullable(),
});
export type ThresholdResult = z.infer<typeof thresholdResult>;

export const loadResult = z.strictObject({
  /** Missing in reports of versions that had only one. */
  engine: engine.optional(),
  model: z.discriminatedUnion('kind', [...loadModel.options, scriptModel]),
  /** The same seed sends the same sequence of hosts. */
  seed: z.string(),
  warmupRequests: count,
  /** Time over which the load grew to its full strength before the measured window; not counted. */
  rampUpSeconds: z.number().min(0),
  /** Threads, or runners, that sent the load. */
  workers: count,
  startedAt: timestamp,
  endedAt: timestamp,
  /** Length of the measured window, from a monotonic clock. */
  durationSeconds: z.number().min(0),
  /** Open model: requests whose turn came while every connection was busy, so that they left late. */
  sentLate: count,
  /** Requests of the plan that were never sent, because time was up or the run was cancelled. */
  notSent: count,
  /** Null when nothing watched the generator. */
  generator: generatorCondition.nullable(),
  total: hostResult,
  hosts: z.array(hostResult),
  timeline: z.array(loadSlice).optional(),
  uncertainty: uncertainty.optional(),
  /** The thresholds in a script, as k6 judged them. */
  scriptThresholds: z.array(thresholdResult).optional(),
  /** Missing unless several runners shared the load. No verdict rests on one of which a part is missing. */
  runners: z.array(loadRunner).optional(),
});
export type LoadResult = z.infer<typeof loadResult>;

/** A figure of Prometheus with the number of samples that it rests on. */
const measurement = z.strictObject({ value: nullableNumber, samples: count });
export type Measurement = z.infer<typeof measurement>;

const workloadResources = z.strictObject({
  namespace: z.string(),
  kind: z.string(),
  name: z.string(),
  pods: count,
  /** Mean CPU use over the window, in cores, summed over the pods. */
  cpuCores: measurement,
  /** Highest CPU use between two samples in the window, in cores, summed over the pods. */
  cpuCoresMax: measurement.optional(),
  /** cpuCores divided by the CPU limits of the measured pods; null without a limit. */
  cpuShareOfLimit: nullableNumber,
  /** Highest working set in the window, summed over the pods. */
  memoryBytes: measurement,
  memoryShareOfLimit: nullableNumber,
  networkReceivedBytesPerSecond: measurement,
  networkSentBytesPerSecond: measurement,
  /** Share of the CFS periods in which a container was held back by its CPU limit. */
  cpuThrottledShare: measurement,
  /** Container restarts between the start and the end of the window. */
  restarts: count.nullable(),
});
export type WorkloadResources = z.infer<typeof workloadResources>;

const nodeResources = z.strictObject({
  name: z.string(),
  cpuCores: measurement,
  cpuCoresMax: measurement.optional(),
  memoryBytes: measurement,
  networkReceivedBytesPerSecond: measurement,
  networkSentBytesPerSecond: measurement,
});
export type NodeResources = z.infer<typeof nodeResources>;

/** What a workload used in each step of the measured window; null where not all of its containers were measured. */
const workloadTimeline = z.strictObject({
  namespace: z.string(),
  kind: z.string(),
  name: z.string(),
  /** Mean CPU use in cores, from neighbouring samples, summed over the pods. */
  cpuCores: z.array(nullableNumber),
  /** Mean working set in bytes, summed over the pods. */
  memoryBytes: z.array(nullableNumber),
});
export type WorkloadTimeline = z.infer<typeof workloadTimeline>;

/** On the clock of `load.timeline`: the first step begins with the measured window. */
const resourceTimeline = z.strictObject({
  /** Length of a step; the last one ends with the window. */
  stepSeconds: z.number(),
  workloads: z.array(workloadTimeline),
});
export type ResourceTimeline = z.infer<typeof resourceTimeline>;

export const resources = z.strictObject({
  startedAt: timestamp,
  endedAt: timestamp,
  workloads: z.array(workloadResources),
  nodes: z.array(nodeResources),
  /** Why figures are missing, in whole sentences; empty when none is. */
  missing: z.array(z.string()),
  timeline: resourceTimeline.optional(),
});
export type Resources = z.infer<typeof resources>;

/** How many pods a workload had from a moment on. */
const replicaChange = z.strictObject({
  /** On the clock of `load.timeline`; below 0 before the measured window. */
  atSeconds: z.number(),
  /** Pods that the autoscaler has asked for. */
  desired: count,
  ready: count,
});
export type ReplicaChange = z.infer<typeof replicaChange>;

/** The first time that an autoscaler added pods after the load had begun; docs/autoscaling.md defines each moment. */
const scaleUp = z.strictObject({
  from: count,
  to: count,
  decidedAtSeconds: z.number(),
  /** When the first of the new pods was ready, and when all of them were; null when the load ended before. */
  firstReadyAtSeconds: nullableNumber,
  allReadyAtSeconds: nullableNumber,
  /** To firstReadyAtSeconds from the moment at which the CPU use exceeded the target, or, where that was not measured before the decision, from the beginning of the load. */
  delaySeconds: nullableNumber,
});
export type ScaleUp = z.infer<typeof scaleUp>;

/** The rest of the measured window after the last new pod was ready. */
const afterScaleUp = z.strictObject({
  fromSeconds: z.number(),
  seconds: z.number(),
  /** Mean CPU use divided by the CPU requests of the ready pods. */
  utilization: z.number(),
  /** Whether that is at most the target and the tolerance of Kubernetes. */
  targetKept: z.boolean(),
});

/** A HorizontalPodAutoscaler, and what it changes the number of pods of. */
export const autoscalerFacts = z.strictObject({
  namespace: z.string(),
  kind: z.string(),
  name: z.string(),
  autoscaler: z.string(),
  minReplicas: count,
  maxReplicas: count,
  /** The share of the CPU requests that it aims at; null when it scales by something else. */
  targetUtilization: nullableNumber,
});

/** What one HorizontalPodAutoscaler did under the load. */
const autoscaledWorkload = autoscalerFacts.extend({
  /** The first entry is how it was when the load began. */
  replicas: z.array(replicaChange),
  /** What the autoscaler saw, from the moment that it said so: figures of metrics-server, which are older. */
  seenUtilization: z.array(z.strictObject({ atSeconds: z.number(), share: z.number() })),
  /** CPU use divided by the CPU requests of the ready pods, in the steps of `resources.timeline`; empty when it was not measured. */
  utilization: z.array(nullableNumber),
  /** When the CPU use first lay above the target and the tolerance of Kubernetes; null when it did not, or was not measured. */
  exceededAtSeconds: nullableNumber,
  /** Null when no pods were added. */
  scaleUp: scaleUp.nullable(),
  /** Null when no pods were added, or too little was measured after that. */
  afterScaleUp: afterScaleUp.nullable(),
  /** When it first asked for as many pods as it may; null when it never did. */
  maxReachedAtSeconds: nullableNumber,
});
export type AutoscaledWorkload = z.infer<typeof autoscaledWorkload>;

/** One rate that a search for the capacity tried. */
const capacityStep = z.strictObject({
  ratePerSecond: z.number(),
  /** Length of the measured part. */
  durationSeconds: z.number().min(0),
  sent: count,
  failed: count,
  /** Requests that were due and never left. */
  notSent: count,
  latencyMs: z.strictObject({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable(),
  /** Whether the system kept the thresholds and kept up with the rate. */
  kept: z.boolean(),
  /** Why not, in a part of a sentence. */
  reason: z.string().nullable(),
  /** True when the generator was the limit: a step that was not kept is not counted then. */
  generatorLimited: z.boolean(),
});
export type CapacityStep = z.infer<typeof capacityStep>;

/** Why a search ended: the interval was narrow enough; time or steps were used up; the generator was the limit; rates beyond are not tried. */
const capacityEnd = z.enum(['precise', 'time', 'steps', 'generator', 'range', 'cancelled']);
export type CapacityEnd = z.infer<typeof capacityEnd>;

/** The highest rate of an open load that keeps the thresholds; docs/capacity.md says how it is found. */
export const capacity = z.strictObject({
  /** Where half of the steps would keep the thresholds; null when no step kept or none broke them. */
  ratePerSecond: nullableNumber,
  /** Holds it with a probability of 95 %. */
  interval: interval.nullable(),
  /** Over the steps that count. */
  highestKept: nullableNumber,
  lowestBroken: nullableNumber,
  end: capacityEnd,
  /** In the order in which they were run. */
  steps: z.array(capacityStep),
});
export type CapacityResult = z.infer<typeof capacity>;

/** One of the two sides that are compared: a version of the application, or an ingress controller in front of it. */
export const comparedVersion = z.strictObject({
  /** How people call it: a branch, a tag, a short commit, or the namespace of a controller. */
  label: z.string(),
  /** The inputs that it was deployed from. */
  manifests: z.array(z.string()),
  images: z.array(z.string()),
  /** The Host headers that lead to it. */
  hosts: z.array(z.string()),
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
  /** CPU time of the pods of this version divided by the answered requests. */
  cpuSecondsPerRequest: nullableNumber,
  /** Working set of the pods of this version, summed over them. */
  memoryBytes: nullableNumber,
  /** True when the generator was the limit: no verdict rests on this round. */
  generatorLimited: z.boolean(),
});
export type RoundFigures = z.infer<typeof roundFigures>;

/** Both versions under the same schedule, one right after the other. Two neighbouring rounds of opposite order make a block. */
const comparisonRound = z.strictObject({
  /** Counts from 0, over all rounds. */
  index: count,
  order: z.enum(['base-first', 'head-first']),
  /** A fresh round that was made only to confirm a hit. */
  confirmation: z.boolean(),
  base: roundFigures,
  head: roundFigures,
});
export type ComparisonRound = z.infer<typeof comparisonRound>;

const comparedMetric = z.enum([
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
 * What can be said of head against base. `slower` stands for any change for the worse (more CPU,
 * more memory, more failures), `faster` for any for the better.
 */
const comparisonVerdict = z.enum(['slower', 'faster', 'no-difference', 'cannot-tell']);

/** src/comparison/ and docs/statistics.md say how each figure is computed. */
const metricComparison = z.strictObject({
  metric: comparedMetric,
  unit: z.enum(['per second', 'ms', 'seconds', 'bytes', 'share']),
  better: z.enum(['higher', 'lower']),
  /** Whether the verdict on the whole can be "no difference" only when this metric's is settled. */
  primary: z.boolean(),
  /** Medians over the rounds that count, in `unit`. */
  base: nullableNumber,
  head: nullableNumber,
  /** How base and head are put against each other: head / base, or head - base. */
  scale: z.enum(['ratio', 'difference']),
  /** The median of the paired ratios (or differences) head to base, on `scale`. */
  estimate: nullableNumber,
  /** The interval that the verdict rests on, with `confidence` for all metrics and all looks together; null when the rounds are too few. */
  interval: interval.nullable(),
  /** The 95 % interval of this metric and this look alone. */
  singleInterval: interval.nullable(),
  verdict: comparisonVerdict,
  /**
   * The smallest change for the worse that these rounds, with this noise, would have shown as `slower` in
   * 4 of 5 runs: a share (0.08 is 8 %) on the scale `ratio`, in `unit` on the scale `difference`.
   */
  minimumDetectableEffect: nullableNumber,
  /** Rounds that these figures rest on. */
  rounds: count,
  /** What fresh rounds said about a hit; null when this metric had none. */
  confirmation: z
    .strictObject({
      confirmed: z.boolean(),
      /** On `scale`, from the fresh rounds alone. */
      estimate: nullableNumber,
      /** The probability of such fresh rounds, or clearer ones, were the change no worse than the tolerance. */
      pValue: ratio,
      rounds: count,
    })
    .nullable(),
  /** Why nothing can be told, in one sentence; null when it can. */
  reason: z.string().nullable(),
});
export type MetricComparison = z.infer<typeof metricComparison>;

/** What the two sides of a comparison differ in. */
export const comparisonSubject = z.enum(['ingress-controllers']);

/** One step of each version, one right after the other, at rates that tell a regression from none. */
const capacityPair = z.strictObject({ base: capacityStep, head: capacityStep });
export type CapacityPair = z.infer<typeof capacityPair>;

export const comparison = z.strictObject({
  /** Missing when they are two versions of the application. */
  subject: comparisonSubject.optional(),
  base: comparedVersion,
  head: comparedVersion,
  /** The same seed gives the same order of rounds and, in each round, the same requests to both versions. */
  seed: z.string(),
  verdict: comparisonVerdict,
  /** The verdict in one sentence. */
  summary: z.string(),
  /** Whether fresh rounds confirmed that head is worse; null when there was nothing to confirm. */
  confirmed: z.boolean().nullable(),
  /** `decided`: nothing was left to find out; the others: what came first. */
  stoppedBecause: z.enum(['decided', 'time-limit', 'cancelled']),
  /** The change that does not matter, as a share: 0.05 is 5 %. */
  tolerance: z.number().min(0),
  /** Of all intervals together. */
  confidence: ratio,
  /** The name of the correction for several metrics and looks. */
  correction: z.string(),
  /** How often the figures were looked at, and how often they could have been: each look has its share of the error. */
  looks: z.strictObject({ taken: count, planned: count }),
  /** Intended length of one version's half of a round. */
  windowSeconds: z.number().min(0),
  /** From the first round to the last, without deployment. */
  durationSeconds: z.number().min(0),
  metrics: z.array(metricComparison),
  rounds: z.array(comparisonRound),
  /** The latencies of all rounds that count, over the same edges; null when nothing was answered. */
  latencyHistograms: z.strictObject({ base: latencyHistogram, head: latencyHistogram }).nullable(),
  /** Only when the capacities of the versions are compared: there are no `rounds` then, and `looks` were taken after every two steps of each version. */
  capacities: z
    .strictObject({
      base: capacity,
      head: capacity,
      /** Fresh steps that were made only to confirm that the capacity of head is lower. */
      pairs: z.array(capacityPair),
    })
    .optional(),
});
export type Comparison = z.infer<typeof comparison>;

const earlierFigure = z.strictObject({
  metric: z.enum(['throughput', 'p50', 'p90', 'p95', 'p99', 'failed']),
  unit: z.enum(['per second', 'ms', 'share']),
  value: nullableNumber,
  interval: interval.nullable(),
});
export type EarlierFigure = z.infer<typeof earlierFigure>;

const earlierFacts = {
  /** Where it was read from. */
  file: z.string(),
  endedAt: timestamp,
  commit: z.string().nullable(),
  ref: z.string().nullable(),
  /** Where the log of that run can be read. */
  url: z.string().nullable(),
  /** Processors and memory, in words. */
  machine: z.string().nullable(),
};

/** What is kept of the report of an earlier run until this one has figures, too. */
export const readReport = z.strictObject({
  ...earlierFacts,
  /** The inputs that decide what is sent. */
  settings: z.record(z.string(), z.string()),
  figures: z.array(earlierFigure),
});
export type ReadReport = z.infer<typeof readReport>;

/** An earlier run as context: on another machine or at another time, so that no verdict rests on it. */
const earlierRun = z.strictObject({
  ...earlierFacts,
  /** In what the two loads differ, each in a part of a sentence. */
  differences: z.array(z.string()),
  /** Empty when there are differences. */
  figures: z.array(earlierFigure.extend({ now: nullableNumber })),
});
export type EarlierRun = z.infer<typeof earlierRun>;

export const stageRecord = z.strictObject({
  name: z.string(),
  startedAt: timestamp,
  endedAt: timestamp.nullable(),
  durationMs: nullableNumber,
  outcome: z.enum(['running', 'ok', 'failed', 'cancelled']),
});
export type StageRecord = z.infer<typeof stageRecord>;

export const failure = z.strictObject({
  code: outcomeCode,
  stage: z.string().nullable(),
  message: z.string(),
  hint: z.string().nullable(),
  tryThis: z.string().nullable(),
});
export type Failure = z.infer<typeof failure>;

export const runIdentity = z.strictObject({
  /** False on a laptop. */
  onGitHub: z.boolean(),
  /** The event that started the workflow, such as `pull_request`. */
  event: z.string().nullable(),
  id: z.string(),
  attempt: count,
  workflow: z.string().nullable(),
  job: z.string().nullable(),
  repository: z.string().nullable(),
  sha: z.string().nullable(),
  ref: z.string().nullable(),
  pullRequest: count.nullable(),
  /** Where the log of the run can be read. */
  url: z.string().nullable(),
});
export type RunIdentity = z.infer<typeof runIdentity>;

export const environment = z.strictObject({
  os: z.string(),
  arch: z.string(),
  cpuModel: z.string(),
  cpus: count,
  memoryBytes: count,
  nodeVersion: z.string(),
  dockerVersion: z.string().nullable(),
  cgroupVersion: z.string().nullable(),
});

export const clusterNode = z.strictObject({
  name: z.string(),
  role: z.string(),
  version: z.string(),
  ready: z.boolean(),
});
export type ClusterNode = z.infer<typeof clusterNode>;

export const report = z.strictObject({
  schemaVersion: z.enum(REPORT_SCHEMA_VERSIONS),
  tool: z.strictObject({ name: z.string(), version: z.string() }),
  run: runIdentity,
  startedAt: timestamp,
  endedAt: timestamp,
  outcome: z.strictObject({
    /** `invalid`: the generator was the limit, so that the figures say nothing about the system. */
    result: z.enum(['passed', 'failed', 'cancelled', 'invalid']),
    code: outcomeCode,
    /** One sentence, fit for a heading. */
    summary: z.string(),
    failure: failure.nullable(),
    helpUrl: z.string().nullable(),
  }),
  /** The inputs as they were understood, without the token. */
  settings: z.record(z.string(), z.string()),
  environment: environment.nullable(),
  tools: z.record(z.string(), z.strictObject({ version: z.string(), sha256: z.string() })),
  cluster: z
    .strictObject({
      name: z.string(),
      nodeImage: z.string(),
      httpPort: count.nullable(),
      nodes: z.array(clusterNode),
      /** Only of a cluster that was there before the run: the namespace of the run, and where the load went. */
      existing: z.strictObject({ namespace: z.string(), address: z.string().nullable() }).optional(),
    })
    .nullable(),
  images: z.array(z.string()),
  stages: z.array(stageRecord),
  load: loadResult.nullable(),
  thresholds: z.array(thresholdResult),
  /** Head against base; missing when only one version was loaded. */
  comparison: comparison.optional(),
  /** Missing unless the run was to show how pods are added. */
  autoscaling: z.array(autoscaledWorkload).optional(),
  /** Missing when nobody asked for it; `load` is then that of the highest rate which kept the thresholds. That of head when two versions are compared. */
  capacity: capacity.optional(),
  /** The run of input `baseline-report`, beside this one; missing when none was given. */
  earlier: earlierRun.optional(),
  resources: resources.nullable(),
  /** Files of evidence, relative to the output folder. */
  diagnostics: z.array(z.string()),
  warnings: z.array(z.string()),
  /** A command that repeats the load on a laptop. */
  repeatWith: z.string(),
});
export type Report = z.infer<typeof report>;
