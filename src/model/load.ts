import { z } from 'zod';
import { count, interval, list, nullableNumber, ratio, table, text, timestamp } from './units.ts';

/** Why a request counts as failed. Each failed request is in exactly one class. */
export const failureClass = z.enum([
  'http-status', // an answer with a status of 400 or more, or one that a scenario does not expect
  'redirect', // an answer that leads to another address, where none was expected
  'wrong-answer', // a good status, but not the text that this host answers with
  'refused', // the connection was refused
  'reset', // the connection was closed or reset before the answer was whole
  'tls', // the handshake failed, or the certificate was refused
  'timeout', // no whole answer within request-timeout
  'protocol', // the answer was not HTTP
  'client-resource', // this machine had no port or file descriptor left: not the server's fault
  'cancelled', // the run was cancelled while the request was on its way: in reports before `cancelled` of a host
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
export const latencyHistogram = z.strictObject({ edgesMs: list(z.number()), counts: list(count) });
export type LatencyHistogram = z.infer<typeof latencyHistogram>;

/** TLS handshakes that ended well: also those of the warm-up, where nearly all of them belong. */
const tlsHandshakes = z.strictObject({
  count,
  /** Of them in the measured window, as part of the latency of the request that opened the connection. */
  inWindow: count,
  /** Of them those that went on with an earlier session, without a certificate; null when the engine does not tell. */
  resumed: count.nullable(),
  /** From the open TCP connection to the moment at which requests may be written. */
  timeMs: latencySummary,
  /** More percentiles of `timeMs`, that a threshold asks for. */
  percentilesMs: table(z.number()).optional(),
});

export const hostResult = z.strictObject({
  /** The Host header, or `all` for the combined figures. */
  host: text,
  path: text,
  /** What a scenario calls the request; missing without one. */
  name: text.optional(),
  /** Requests sent in the measured window: succeeded + failed, exactly. */
  sent: count,
  succeeded: count,
  failed: count,
  /** succeeded / sent; null when nothing was sent. */
  successRatio: ratio.nullable(),
  /** Requests that were on their way when the run was cancelled, beside `sent`: neither good nor failed. Missing when there were none. */
  cancelled: count.optional(),
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
  latencyPercentilesMs: table(z.number()).optional(),
  /** `latencyMs` of the right answers alone; missing when every answer was right, null when none was. */
  rightLatencyMs: latencySummary.nullable().optional(),
  /** As `latencyPercentilesMs`, of the right answers alone. */
  rightLatencyPercentilesMs: table(z.number()).optional(),
  /**
   * `latencyMs` with the requests that timed out, each with the time that it was waited for, which is the least that it
   * took: what rules are about. Missing when none did.
   */
  latencyWithTimeoutsMs: latencySummary.optional(),
  /** As `latencyPercentilesMs`, with the requests that timed out. */
  latencyWithTimeoutsPercentilesMs: table(z.number()).optional(),
  /**
   * The distribution of `latencyMs`. There are 40 buckets per power of ten, from the first that holds
   * an answer to the last.
   */
  latencyHistogram: latencyHistogram.optional(),
  /** Time from the moment a request was sent to its last byte, over answered requests. */
  serviceTimeMs: latencySummary.nullable(),
  /**
   * Time from the moment a request was written on an open connection to the first byte of its answer, over answered
   * requests; missing when there were none, or the engine does not tell.
   */
  waitingMs: latencySummary.optional(),
  /** More percentiles of `waitingMs`, that a threshold asks for. */
  waitingPercentilesMs: table(z.number()).optional(),
  /** Missing when there were none. */
  tlsHandshakes: tlsHandshakes.optional(),
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
  script: text,
  /** The most virtual users that were seen at once; null when none was. */
  concurrency: count.nullable(),
});

/** What sent the load. */
const engine = z.strictObject({ name: z.enum(['builtin', 'k6', 'k6-operator']), version: text });

/** One of several generators that sent a load together, each a share of it. */
const loadRunner = z.strictObject({
  name: text,
  /** The node that it ran on; null when it never ran. */
  node: text.nullable(),
  /** When the first request that it measured had ended; null when it measured none. */
  startedAt: timestamp.nullable(),
  /** Requests of its that were measured and have arrived here. */
  measured: count,
  /** Why its part of the load is not whole, in one sentence; null when it is. */
  problem: text.nullable(),
});
export type LoadRunner = z.infer<typeof loadRunner>;

/** How much of each figure of the latency the generator added at most, in milliseconds. */
export const addedLatency = latencySummary.omit({ min: true });
export type AddedLatency = z.infer<typeof addedLatency>;

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
  /** How much of each figure of the latency the generator added at most; missing when it was below 5 ms in all of them. */
  addedMs: addedLatency.optional(),
  /** True when the generator, not the system under test, set the figures: no verdict may rest on them. */
  limited: z.boolean(),
  /** True when it was the limit because other programs, or the system under test, had the cores that it waited for. */
  heldUp: z.boolean().optional(),
  /** Why, in one sentence; null when it was not. */
  reason: text.nullable(),
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

/** How far the combined figures can be trusted; src/load/counts/uncertainty.ts says how it is computed. */
export const uncertainty = z.strictObject({
  /** Equal parts of the window that the intervals rest on. */
  slices: count,
  requestsPerSecond: interval.nullable(),
  p50Ms: interval.nullable(),
  p90Ms: interval.nullable(),
  p95Ms: interval.nullable(),
  p99Ms: interval.nullable(),
  /** Percentiles that so few requests lie above that they mean little. */
  unsupported: list(z.enum(['p50', 'p90', 'p95', 'p99'])),
  /** In one sentence, how the figures changed in the course of the window; null when they did not. */
  drift: text.nullable(),
});
export type Uncertainty = z.infer<typeof uncertainty>;

/** One rule on the result of a run and what became of it. */
export const thresholdResult = z.strictObject({
  /** The rule as it was written. */
  rule: text,
  metric: text,
  /** What the rule is about; null when it was not measured, which fails it unless k6 has judged it. */
  measured: nullableNumber,
  /** `number`: of a metric whose unit only a script knows. */
  unit: z.enum(['ms', 'share', 'per second', 'requests', 'cores', 'bytes', 'number']),
  passed: z.boolean(),
  /** Why nothing was measured, in one sentence. */
  missing: text.nullable(),
  /** Why no verdict rests on this rule, whether it holds or not, in one sentence; missing when one does. */
  withoutVerdict: text.optional(),
  /** True when fewer than ten answers lie above the percentile, so that it is a hint; missing otherwise. */
  fewAnswers: z.boolean().optional(),
  /** Requests that timed out and are in `measured` with the time that they were waited for; missing when none is. */
  timeouts: count.optional(),
});
export type ThresholdResult = z.infer<typeof thresholdResult>;

/** How often an answer was as it was expected to be. */
const checkResult = z.strictObject({ name: text, passed: count, failed: count });

/** A part of a load that changes by plan, and what became of the requests that were meant to leave in it. */
const stageResult = z.strictObject({
  /** As rules name it, from 1; null for a ramp between two of them. */
  number: count.nullable(),
  seconds: z.number().min(0),
  /** Requests per second in the open model, users in the closed one; the same at both ends unless it is a ramp. */
  from: z.number(),
  to: z.number(),
  sentLate: count,
  notSent: count,
  /** Journeys that were begun in it; missing without journeys. */
  journeys: count.optional(),
  figures: hostResult,
});
export type StageResult = z.infer<typeof stageResult>;

/** A rule that ended a load before its time, as it was written to do, and the figure that it was broken by. */
const earlyEnd = z.strictObject({
  rule: text,
  /** Null when the engine only says which rule it was. */
  measured: nullableNumber,
  /** From the beginning of the measured window; null when the engine does not tell. */
  afterSeconds: z.number().min(0).nullable(),
});
export type EarlyEnd = z.infer<typeof earlyEnd>;

const streamTimes = latencySummary.extend({
  /** More percentiles, that a threshold asks for. */
  percentiles: table(z.number()),
});

/** What came in the streams that answered a step. Times are null when there were none. */
const streamResult = z.strictObject({
  streams: count,
  events: count,
  eventsPerSecond: nullableNumber,
  /** From writing the request to the first byte of the body. */
  firstByteMs: streamTimes.nullable(),
  /** To the end of the first event. */
  firstEventMs: streamTimes.nullable(),
  /** From one event to the next of the same stream. */
  betweenEventsMs: streamTimes.nullable(),
});
export type StreamResult = z.infer<typeof streamResult>;

/** What was said over the WebSockets of a step. Times are null when there were none. */
const webSocketResult = z.strictObject({
  /** Whose opening was begun; those of the row of the step. */
  sessions: count,
  messagesSent: count,
  messagesReceived: count,
  receivedPerSecond: nullableNumber,
  /** From the beginning to the open WebSocket: connection, TLS and the answer to the request to open it. */
  connectingMs: streamTimes.nullable(),
  /** From sending a message to its answer, of those that were answered as they should be. */
  roundTripMs: streamTimes.nullable(),
  /** From the beginning to the close, pauses included, of the sessions that came to their end. */
  sessionMs: streamTimes.nullable(),
});
export type WebSocketResult = z.infer<typeof webSocketResult>;

/** What became of the walks through one journey. Its requests are among `hosts`. */
const journeyResult = z.strictObject({
  name: text,
  begun: count,
  /** Every step had a right answer. */
  completed: count,
  /** A step had none, after which the rest was not begun. */
  failed: count,
  /** Neither, as time was up first. */
  unfinished: count,
  /** How long the answers of those that came to their end took together, without thinking. */
  durationMs: latencySummary.nullable(),
  /** More percentiles of it, that a threshold asks for. */
  durationPercentilesMs: table(z.number()).optional(),
  /** How often each step was not begun because one before it had failed. */
  steps: list(
    z.strictObject({
      name: text,
      notBegun: count,
      stream: streamResult.optional(),
      webSocket: webSocketResult.optional(),
    }),
  ),
  /** Why answers of the right status and text were wrong all the same, the most frequent first. */
  problems: list(z.strictObject({ step: text, problem: text, count })),
});
export type JourneyResult = z.infer<typeof journeyResult>;

/** A metric of gRPC or WebSockets under its name in k6, over all of them together. */
const protocolMetric = z.strictObject({
  metric: text,
  count: z.number().min(0),
  perSecond: nullableNumber,
  /** Null for a counter. */
  durationMs: latencySummary.nullable(),
  /** More percentiles of it, that a threshold asks for. */
  percentilesMs: table(z.number()).optional(),
});
export type ProtocolMetric = z.infer<typeof protocolMetric>;

export const loadResult = z.strictObject({
  /** Missing in reports of versions that had only one. */
  engine: engine.optional(),
  model: z.discriminatedUnion('kind', [...loadModel.options, scriptModel]),
  /** The same seed sends the same sequence of hosts. */
  seed: text,
  /** HTTP/2, when it was asked for, and how many users shared a connection; missing with HTTP/1.1, or when the engine chose. */
  http2: z.strictObject({ streams: count }).optional(),
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
  hosts: list(hostResult),
  /** What a scenario expects of its requests, or a script checks, and how often it was so; missing when nothing was. */
  checks: list(checkResult).optional(),
  /** Missing without journeys. `sentLate`, `notSent` and the rate of `model` then count journeys, all else requests. */
  journeys: list(journeyResult).optional(),
  /** Missing unless a k6 script spoke gRPC or over WebSockets, or a step of a journey opened some. */
  protocols: list(protocolMetric).optional(),
  timeline: list(loadSlice).optional(),
  /** Missing when the load was the same from its beginning to its end; `model` then has the mean rate, or the most users. */
  stages: list(stageResult).optional(),
  uncertainty: uncertainty.optional(),
  /** Rules that ended the load before its time; missing unless one did. The figures are those until then. */
  endedBy: list(earlyEnd).optional(),
  /** The thresholds in a script, as k6 judged them. */
  scriptThresholds: list(thresholdResult).optional(),
  /** Missing unless several runners shared the load. There is no verdict when part of it is missing. */
  runners: list(loadRunner).optional(),
});
export type LoadResult = z.infer<typeof loadResult>;
