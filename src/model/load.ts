import { z } from 'zod';
import { count, interval, list, nullableNumber, ratio, table, text, timestamp } from './units.ts';

/** Why a request counts as failed. Each failed request is in exactly one class. */
export const failureClass = z.enum([
  'http-status', // a status of 400 or more, or one that a scenario does not expect
  'redirect', // an unexpected redirect
  'wrong-answer', // a good status, but not the text that this host answers with
  'refused', // the connection was refused
  'reset', // the connection was closed or reset before the answer was complete
  'tls', // the handshake failed, or the certificate was rejected
  'timeout', // no complete answer within request-timeout
  'protocol', // the answer was not HTTP
  'client-resource', // this machine ran out of ports or file descriptors: not the server's fault
  'cancelled', // the run was cancelled while the request was in flight: in reports from before `cancelled` of a host existed
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

/** How many buckets a latency histogram has per power of ten; one of them begins at 1 µs. */
export const BUCKETS_PER_DECADE = 40;

/** Bucket i counts answers from edge i up to edge i + 1. */
export const latencyHistogram = z.strictObject({ edgesMs: list(z.number()), counts: list(count) });
export type LatencyHistogram = z.infer<typeof latencyHistogram>;

/** Successful TLS handshakes, including those of the warm-up, where nearly all of them belong. */
const tlsHandshakes = z.strictObject({
  count,
  /** Those in the measured window, which are part of the latency of the request that opened the connection. */
  inWindow: count,
  /** Those that resumed an earlier session, without a certificate; null when the engine does not report it. */
  resumed: count.nullable(),
  /** From the open TCP connection until requests can be written. */
  timeMs: latencySummary,
  /** Further percentiles of `timeMs` that a threshold asks for. */
  percentilesMs: table(z.number()).optional(),
});

export const hostResult = z.strictObject({
  /** The Host header, or `all` for the combined figures. */
  host: text,
  path: text,
  /** The name of the request in a scenario; missing without one. */
  name: text.optional(),
  /** Requests sent in the measured window: succeeded + failed, exactly. */
  sent: count,
  succeeded: count,
  failed: count,
  /** succeeded / sent; null when nothing was sent. */
  successRatio: ratio.nullable(),
  /**
   * Requests in flight when the run was cancelled, not included in `sent`: neither succeeded nor failed. Missing when
   * there were none.
   */
  cancelled: count.optional(),
  failures: z.partialRecord(failureClass, count),
  /**
   * Requests sent a second time, on a fresh connection, because the server had closed the idle one before the first
   * byte of an answer. Each counts once in `sent`, with its final outcome. Null when the engine does not report it.
   */
  retried: count.nullable(),
  /** How often each HTTP status was returned. */
  statuses: z.record(z.string().regex(/^\d{3}$/), count),
  /** Bytes of the received bodies; null when the engine does not report it. */
  bytesReceived: count.nullable(),
  /** Answered requests (with any status) per second of the measured window. */
  requestsPerSecond: nullableNumber,
  /**
   * Time from the moment a request should have been sent to its last byte, over answered requests. In the closed model
   * that is the moment it was sent.
   */
  latencyMs: latencySummary.nullable(),
  /** Further percentiles of `latencyMs` that a threshold asks for, by their number: `"99.9"`. */
  latencyPercentilesMs: table(z.number()).optional(),
  /** `latencyMs` of right answers alone; missing when every answer was right, null when none was. */
  rightLatencyMs: latencySummary.nullable().optional(),
  /** As `latencyPercentilesMs`, for right answers alone. */
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
   * Time from writing a request on an open connection to the first byte of its answer, over answered requests; missing
   * when there were none, or the engine does not report it.
   */
  waitingMs: latencySummary.optional(),
  /** Further percentiles of `waitingMs` that a threshold asks for. */
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
    /** Even gaps between requests, or exponentially distributed ones as from independent users. */
    arrivals: z.enum(['constant', 'poisson']),
    /** The maximum number of connections at once. */
    concurrency: count,
  }),
]);
export type LoadModel = z.infer<typeof loadModel>;

/** The user's own script decided what was sent. */
const scriptModel = z.strictObject({
  kind: z.literal('script'),
  /** The path that was given as input. */
  script: text,
  /** The most virtual users seen at once; null when none was. */
  concurrency: count.nullable(),
});

/** What sent the load. */
const engine = z.strictObject({ name: z.enum(['builtin', 'k6', 'k6-operator']), version: text });

/** One of several generators that shared a load. */
const loadRunner = z.strictObject({
  name: text,
  /** The node that it ran on; null when it never ran. */
  node: text.nullable(),
  /** When its first measured request ended; null when it measured none. */
  startedAt: timestamp.nullable(),
  /** Its measured requests that arrived here. */
  measured: count,
  /** Why its part of the load is incomplete, in one sentence; null when it is complete. */
  problem: text.nullable(),
});
export type LoadRunner = z.infer<typeof loadRunner>;

/** How much the generator added at most to each latency figure, in milliseconds. */
export const addedLatency = latencySummary.omit({ min: true });
export type AddedLatency = z.infer<typeof addedLatency>;

/** The generator's own condition while it measured, and whether that spoilt the figures. */
export const generatorCondition = z.strictObject({
  /**
   * CPU time of the generator's process in the measured window divided by the window and the workers; above 1 when the
   * runtime's helper threads work too.
   */
  cpuShare: z.number().min(0),
  /** Share of the window in which the event loop was busy, in the busiest worker. */
  eventLoopUtilization: ratio,
  /**
   * Share of the window in which a runnable thread of the generator had no core, in the worst worker; null when the
   * system does not report it.
   */
  cpuWaitShare: z.number().min(0).nullable().optional(),
  /** How late the event loop's timers fired, in the worst worker. */
  eventLoopDelayMs: z.strictObject({ p50: z.number(), p99: z.number(), max: z.number() }),
  /** Open model: how late requests were sent although a connection was free. */
  sendDelayMs: z.strictObject({ p50: z.number(), p99: z.number(), max: z.number() }).nullable(),
  /** How much the generator added at most to each latency figure; missing when it was below 5 ms in all of them. */
  addedMs: addedLatency.optional(),
  /** True when the generator, not the system under test, determined the figures: no verdict may rest on them. */
  limited: z.boolean(),
  /** True when it was saturated because other programs, or the system under test, used the cores that it waited for. */
  heldUp: z.boolean().optional(),
  /** Why, in one sentence; null when it was not saturated. */
  reason: text.nullable(),
});
export type GeneratorCondition = z.infer<typeof generatorCondition>;

/** A part of the measured window. Requests belong to the part in which they ended. */
const loadSlice = z.strictObject({
  /** From the beginning of the measured window. */
  startSeconds: z.number().min(0),
  /** Its length: the same for all but the last. */
  seconds: z.number().min(0),
  answered: count,
  failed: count,
  /** Percentiles of the latency, within 0.8 %; null when nothing was answered. */
  p50Ms: nullableNumber,
  p99Ms: nullableNumber,
});
export type LoadSlice = z.infer<typeof loadSlice>;

/** How far the combined figures can be trusted; src/load/counts/uncertainty.ts explains the computation. */
export const uncertainty = z.strictObject({
  /** Equal parts of the window behind the intervals. */
  slices: count,
  requestsPerSecond: interval.nullable(),
  p50Ms: interval.nullable(),
  p90Ms: interval.nullable(),
  p95Ms: interval.nullable(),
  p99Ms: interval.nullable(),
  /** Percentiles with so few requests above them that they mean little. */
  unsupported: list(z.enum(['p50', 'p90', 'p95', 'p99'])),
  /** How the figures changed during the window, in one sentence; null when they did not. */
  drift: text.nullable(),
});
export type Uncertainty = z.infer<typeof uncertainty>;

/** One rule on the result of a run, and how it turned out. */
export const thresholdResult = z.strictObject({
  /** The rule as it was written. */
  rule: text,
  metric: text,
  /** The value that the rule is about; null when not measured, which fails the rule unless k6 has judged it. */
  measured: nullableNumber,
  /** `number`: for a metric whose unit only a script knows. */
  unit: z.enum(['ms', 'share', 'per second', 'requests', 'cores', 'bytes', 'number']),
  passed: z.boolean(),
  /** Why nothing was measured, in one sentence. */
  missing: text.nullable(),
  /** Why this rule gets no verdict, whether it passes or not, in one sentence; missing when it gets one. */
  withoutVerdict: text.optional(),
  /** True when fewer than ten answers lie above the percentile, so it is a rough estimate; missing otherwise. */
  fewAnswers: z.boolean().optional(),
  /** Requests that timed out and are in `measured` with the time that they were waited for; missing when none is. */
  timeouts: count.optional(),
});
export type ThresholdResult = z.infer<typeof thresholdResult>;

/** How often an answer was as expected. */
const checkResult = z.strictObject({ name: text, passed: count, failed: count });

/** A part of a load in stages, and the requests that were due in it. */
const stageResult = z.strictObject({
  /** Its name in rules, from 1; null for a ramp between two stages. */
  number: count.nullable(),
  seconds: z.number().min(0),
  /** Requests per second in the open model, users in the closed one; the same at both ends unless it is a ramp. */
  from: z.number(),
  to: z.number(),
  sentLate: count,
  notSent: count,
  /** Journeys that began in it; missing without journeys. */
  journeys: count.optional(),
  figures: hostResult,
});
export type StageResult = z.infer<typeof stageResult>;

/** A rule that ended a load early (abortOnFail), and the figure that broke it. */
const earlyEnd = z.strictObject({
  rule: text,
  /** Null when the engine only reports the rule. */
  measured: nullableNumber,
  /** From the beginning of the measured window; null when the engine does not report it. */
  afterSeconds: z.number().min(0).nullable(),
});
export type EarlyEnd = z.infer<typeof earlyEnd>;

const streamTimes = latencySummary.extend({
  /** Further percentiles that a threshold asks for. */
  percentiles: table(z.number()),
});

/** What arrived in the streams that answered a step. Times are null when there were none. */
const streamResult = z.strictObject({
  streams: count,
  events: count,
  eventsPerSecond: nullableNumber,
  /** From writing the request to the first byte of the body. */
  firstByteMs: streamTimes.nullable(),
  /** To the end of the first event. */
  firstEventMs: streamTimes.nullable(),
  /** From one event to the next in the same stream. */
  betweenEventsMs: streamTimes.nullable(),
});
export type StreamResult = z.infer<typeof streamResult>;

/** The messages over the WebSockets of a step. Times are null when there were none. */
const webSocketResult = z.strictObject({
  /** WebSockets that the load began to open, as in the step's row. */
  sessions: count,
  messagesSent: count,
  messagesReceived: count,
  receivedPerSecond: nullableNumber,
  /** From the start to the open WebSocket: connection, TLS, and the answer to the opening request. */
  connectingMs: streamTimes.nullable(),
  /** From sending a message to its answer, for messages with a right answer. */
  roundTripMs: streamTimes.nullable(),
  /** From start to close, including pauses, for finished sessions. */
  sessionMs: streamTimes.nullable(),
});
export type WebSocketResult = z.infer<typeof webSocketResult>;

/** The results of the walks through one journey. Its requests are in `hosts`. */
const journeyResult = z.strictObject({
  name: text,
  begun: count,
  /** Every step had a right answer. */
  completed: count,
  /** A step had a wrong answer, and the remaining steps were skipped. */
  failed: count,
  /** Neither, because time was up first. */
  unfinished: count,
  /** The sum of the response times of finished walks, without think time. */
  durationMs: latencySummary.nullable(),
  /** Further percentiles of it that a threshold asks for. */
  durationPercentilesMs: table(z.number()).optional(),
  /** How often each step was skipped because an earlier one failed. */
  steps: list(
    z.strictObject({
      name: text,
      notBegun: count,
      stream: streamResult.optional(),
      webSocket: webSocketResult.optional(),
    }),
  ),
  /** Why answers with the right status and text were wrong anyway, most frequent first. */
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
  /** Further percentiles of it that a threshold asks for. */
  percentilesMs: table(z.number()).optional(),
});
export type ProtocolMetric = z.infer<typeof protocolMetric>;

export const loadResult = z.strictObject({
  /** Missing in reports of versions that had only one. */
  engine: engine.optional(),
  model: z.discriminatedUnion('kind', [...loadModel.options, scriptModel]),
  /** The same seed sends the same sequence of hosts. */
  seed: text,
  /** HTTP/2, if requested, and how many users shared a connection; missing with HTTP/1.1, or when the engine chose. */
  http2: z.strictObject({ streams: count }).optional(),
  warmupRequests: count,
  /** The time in which the load grew to full strength before the measured window; not counted. */
  rampUpSeconds: z.number().min(0),
  /** Threads, or runners, that sent the load. */
  workers: count,
  startedAt: timestamp,
  endedAt: timestamp,
  /** Length of the measured window, from a monotonic clock. */
  durationSeconds: z.number().min(0),
  /** Open model: requests that were due while every connection was busy, so they were sent late. */
  sentLate: count,
  /** Planned requests that were never sent, because time was up or the run was cancelled. */
  notSent: count,
  /** Null when nothing watched the generator. */
  generator: generatorCondition.nullable(),
  total: hostResult,
  hosts: list(hostResult),
  /**
   * What a scenario expects of its requests, or a script checks, and how often it was met; missing when there was
   * nothing.
   */
  checks: list(checkResult).optional(),
  /**
   * Missing without journeys. With them, `sentLate`, `notSent` and the rate of `model` count journeys, everything else
   * requests.
   */
  journeys: list(journeyResult).optional(),
  /** Missing unless a k6 script used gRPC or WebSockets, or a step of a journey opened one. */
  protocols: list(protocolMetric).optional(),
  timeline: list(loadSlice).optional(),
  /** Missing for a constant load; otherwise `model` has the mean rate, or the most users. */
  stages: list(stageResult).optional(),
  uncertainty: uncertainty.optional(),
  /** Rules that ended the load early; missing unless one did. The figures cover the time until then. */
  endedBy: list(earlyEnd).optional(),
  /** The thresholds of a script, as k6 judged them. */
  scriptThresholds: list(thresholdResult).optional(),
  /** Missing unless several runners shared the load. There is no verdict when part of it is missing. */
  runners: list(loadRunner).optional(),
});
export type LoadResult = z.infer<typeof loadResult>;
