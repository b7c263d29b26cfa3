import {
  BUCKETS_PER_DECADE,
  failureClass,
  type FailureClass,
  type HostResult,
  type LatencySummary,
} from '../../model/load.ts';
import type { Target } from '../requests/plan.ts';
import { type Handshake, isAnswered, type Outcome } from '../sender.ts';
import { type HandshakeSnapshot, HandshakeTally } from './handshake-tally.ts';
import { type ExponentialBuckets, Histogram, type HistogramSnapshot } from './histogram.ts';

const FAILURE_CLASSES = failureClass.options;
const STATUSES = 1000;
const MICROSECONDS_PER_SECOND = 1e6;

/** The tallies of one target as plain data that can be sent to another thread. */
interface TallySnapshot {
  readonly sent: number;
  readonly cancelled: number;
  readonly bytesReceived: number;
  readonly retried: number;
  readonly failures: Float64Array;
  readonly statuses: Float64Array;
  readonly latency: HistogramSnapshot;
  /** Null while every answer was right. */
  readonly rightLatency: HistogramSnapshot | null;
  readonly serviceTime: HistogramSnapshot;
  readonly waiting: HistogramSnapshot;
  /** Null while no request timed out. */
  readonly timedOut: HistogramSnapshot | null;
  /** Null without TLS. */
  readonly handshakes: HandshakeSnapshot | null;
}

/** The counts of one target. */
class Tally {
  /** Requests that ended normally. */
  sent = 0;
  /** Requests in flight when the run was cancelled. */
  cancelled = 0;
  bytesReceived = 0;
  retried = 0;
  readonly failures = new Float64Array(FAILURE_CLASSES.length);
  readonly statuses = new Float64Array(STATUSES);
  /** Microseconds from when a request was due. */
  readonly latency = new Histogram();
  /** For right answers alone: the same histogram as above until the first wrong answer. */
  rightLatency = this.latency;
  /** Microseconds from when a request was actually sent. */
  readonly serviceTime = new Histogram();
  /** Microseconds from writing a request to the first byte. */
  readonly waiting = new Histogram();
  /** Microseconds from the intended moment of sending to the end of the wait, of requests that timed out. Made for the first of them. */
  timedOut: Histogram | null = null;
  /** Created for the first of them. */
  handshakes: HandshakeTally | null = null;

  addFailure(failure: FailureClass): void {
    const index = FAILURE_CLASSES.indexOf(failure);
    this.failures[index] = (this.failures[index] ?? 0) + 1;
  }

  addStatus(status: number): void {
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
  }

  /** Microseconds of an answer, from when its request was due and from when it was sent. */
  addTimes(latency: number, serviceTime: number, right: boolean): void {
    if (!right) this.#tellRightOnesApart();
    this.latency.record(latency);
    if (right && this.rightLatency !== this.latency) this.rightLatency.record(latency);
    this.serviceTime.record(serviceTime);
  }

  /** Microseconds to the first byte of an answer; NaN when not reported. */
  addWaiting(waiting: number): void {
    if (waiting >= 0) this.waiting.record(waiting);
  }

  /** Microseconds from the intended moment of sending, of a request that got no answer in time. */
  addTimeout(latency: number): void {
    (this.timedOut ??= new Histogram()).record(latency);
  }

  #tellRightOnesApart(): void {
    if (this.rightLatency === this.latency) this.rightLatency = Histogram.restore(this.latency.snapshot());
  }

  snapshot(): TallySnapshot {
    return {
      sent: this.sent,
      cancelled: this.cancelled,
      bytesReceived: this.bytesReceived,
      retried: this.retried,
      failures: this.failures.slice(),
      statuses: this.statuses.slice(),
      latency: this.latency.snapshot(),
      rightLatency: this.rightLatency === this.latency ? null : this.rightLatency.snapshot(),
      serviceTime: this.serviceTime.snapshot(),
      waiting: this.waiting.snapshot(),
      timedOut: this.timedOut?.snapshot() ?? null,
      handshakes: this.handshakes?.snapshot() ?? null,
    };
  }

  addSnapshot(other: TallySnapshot): void {
    this.sent += other.sent;
    this.cancelled += other.cancelled;
    this.bytesReceived += other.bytesReceived;
    this.retried += other.retried;
    other.failures.forEach((count, i) => (this.failures[i] = (this.failures[i] ?? 0) + count));
    other.statuses.forEach((count, i) => (this.statuses[i] = (this.statuses[i] ?? 0) + count));
    if (other.rightLatency !== null) this.#tellRightOnesApart();
    this.latency.addSnapshot(other.latency);
    if (this.rightLatency !== this.latency) this.rightLatency.addSnapshot(other.rightLatency ?? other.latency);
    this.serviceTime.addSnapshot(other.serviceTime);
    this.waiting.addSnapshot(other.waiting);
    if (other.timedOut !== null) (this.timedOut ??= new Histogram()).addSnapshot(other.timedOut);
    if (other.handshakes !== null) (this.handshakes ??= new HandshakeTally()).addSnapshot(other.handshakes);
  }
}

/** 16 buckets for each power of two, so a percentile from them is within 4.4 %. */
export const RESPONSE_TIME_SCHEMA = 4;

/** The counts of one target since the measured window began. */
export interface TargetCounts {
  /** Requests that were sent and have ended, however they ended. */
  readonly sent: number;
  /** By failure class, in the order of the report's list. */
  readonly failures: readonly number[];
  /** In seconds, from when a request was due, in buckets of RESPONSE_TIME_SCHEMA. */
  readonly responseTime: ExponentialBuckets;
}

/** Everything that a recorder has counted, per target, as plain data. */
export type RecorderSnapshot = readonly TallySnapshot[];

/** Counts outcomes per target in constant memory. The combined figures are summed over the targets on demand. */
export class Recorder {
  readonly #targets: readonly Target[];
  readonly #tallies: readonly Tally[];

  constructor(targets: readonly Target[]) {
    this.#targets = targets;
    this.#tallies = targets.map(() => new Tally());
  }

  /**
   * Counts one request to the target at index `target`.
   *
   * @param delayMs milliseconds between when it was due and when it was sent; its latency is this plus the service
   * time.
   */
  record(target: number, outcome: Outcome, delayMs: number): void {
    const tally = this.#tallies[target];
    if (tally === undefined) throw new RangeError(`There is no target ${String(target)}`);
    if (outcome.failure === 'cancelled') {
      // Nobody knows how it would have ended.
      tally.cancelled += 1;
      return;
    }
    tally.sent += 1;
    tally.bytesReceived += outcome.bytes;
    if (outcome.retried) tally.retried += 1;
    if (outcome.failure !== null) tally.addFailure(outcome.failure);
    if (isAnswered(outcome)) {
      tally.addStatus(outcome.status);
      tally.addTimes((delayMs + outcome.serviceMs) * 1000, outcome.serviceMs * 1000, outcome.failure === null);
      tally.addWaiting(outcome.waitingMs * 1000);
    } else if (outcome.failure === 'timeout') tally.addTimeout((delayMs + outcome.serviceMs) * 1000);
  }

  /**
   * Counts a TLS handshake for the target at index `target`.
   *
   * @param inWindow whether a measured request waited for it.
   */
  recordHandshake(target: number, handshake: Handshake, inWindow: boolean): void {
    const tally = this.#tallies[target];
    if (tally === undefined) throw new RangeError(`There is no target ${String(target)}`);
    (tally.handshakes ??= new HandshakeTally()).add(handshake, inWindow);
  }

  /** Counts the time to the first byte of an answer from the target at index `target`, if it is known separately. */
  recordWaiting(target: number, waitingMs: number): void {
    this.#tallies[target]?.addWaiting(waitingMs * 1000);
  }

  /** A copy of everything counted so far. */
  snapshot(): RecorderSnapshot {
    return this.#tallies.map((tally) => tally.snapshot());
  }

  /** Figures of each target for a look at a running load: far smaller than a snapshot. */
  counts(): TargetCounts[] {
    return this.#tallies.map(({ sent, failures, latency }) => ({
      sent,
      failures: [...failures],
      responseTime: latency.exponentialBuckets(RESPONSE_TIME_SCHEMA, MICROSECONDS_PER_SECOND),
    }));
  }

  /** Adds what another recorder of the same targets counted. */
  addSnapshot(snapshot: RecorderSnapshot): void {
    this.#tallies.forEach((tally, index) => {
      const other = snapshot[index];
      if (other !== undefined) tally.addSnapshot(other);
    });
  }

  /**
   * The figures per target, in the order of the targets, and combined as host `all`.
   *
   * @param durationSeconds the measured window, for requests per second; null figures when it is 0.
   * @param percentiles of the latency, beside the usual ones.
   */
  results(durationSeconds: number, percentiles: readonly number[] = []): { total: HostResult; hosts: HostResult[] } {
    const all = new Tally();
    for (const tally of this.#tallies) all.addSnapshot(tally.snapshot());
    return {
      total: hostResult({ host: 'all', path: '' }, all, durationSeconds, percentiles),
      hosts: this.#tallies.map((_, index) => this.resultOf(index, durationSeconds, percentiles)),
    };
  }

  /** The figures of the target at an index alone. */
  resultOf(index: number, durationSeconds: number, percentiles: readonly number[] = []): HostResult {
    const target = this.#targets[index] ?? { host: '', path: '' };
    return hostResult(target, this.#tallies[index] ?? new Tally(), durationSeconds, percentiles);
  }
}

function hostResult(
  { host, path, name }: Target,
  tally: Tally,
  durationSeconds: number,
  percentiles: readonly number[],
): HostResult {
  const failed = tally.failures.reduce((sum, count) => sum + count, 0);
  const answered = tally.latency.count;
  return {
    host,
    path,
    ...(name === undefined ? {} : { name }),
    sent: tally.sent,
    succeeded: tally.sent - failed,
    failed,
    ...(tally.cancelled === 0 ? {} : { cancelled: tally.cancelled }),
    successRatio: tally.sent === 0 ? null : (tally.sent - failed) / tally.sent,
    failures: Object.fromEntries(
      FAILURE_CLASSES.map((name, index) => [name, tally.failures[index] ?? 0] as const).filter(
        ([, count]) => count > 0,
      ),
    ),
    retried: tally.retried,
    statuses: statusCounts(tally.statuses),
    bytesReceived: tally.bytesReceived,
    requestsPerSecond: durationSeconds > 0 ? answered / durationSeconds : null,
    latencyMs: latencySummary(tally.latency),
    ...(answered > 0 ? { latencyHistogram: latencyHistogram(tally.latency) } : {}),
    ...(percentiles.length > 0 && answered > 0
      ? { latencyPercentilesMs: percentilesMs(tally.latency, percentiles) }
      : {}),
    ...rightFigures(tally, percentiles),
    ...figuresWithTimeouts(tally, percentiles),
    serviceTimeMs: latencySummary(tally.serviceTime),
    ...waitingFigures(tally, percentiles),
    ...handshakeFigures(tally, percentiles),
  };
}

function waitingFigures(
  { waiting }: Tally,
  percentiles: readonly number[],
): Pick<HostResult, 'waitingMs' | 'waitingPercentilesMs'> {
  const waitingMs = latencySummary(waiting);
  if (waitingMs === null) return {};
  return percentiles.length > 0
    ? { waitingMs, waitingPercentilesMs: percentilesMs(waiting, percentiles) }
    : { waitingMs };
}

function handshakeFigures({ handshakes }: Tally, percentiles: readonly number[]): Pick<HostResult, 'tlsHandshakes'> {
  const timeMs = handshakes === null ? null : latencySummary(handshakes.time);
  if (handshakes === null || timeMs === null) return {};
  const { time, inWindow, resumed } = handshakes;
  return {
    tlsHandshakes: {
      count: time.count,
      inWindow,
      resumed,
      timeMs,
      ...(percentiles.length > 0 ? { percentilesMs: percentilesMs(time, percentiles) } : {}),
    },
  };
}

/** Only when they differ from those of all answers. */
function rightFigures(
  { latency, rightLatency }: Tally,
  percentiles: readonly number[],
): Pick<HostResult, 'rightLatencyMs' | 'rightLatencyPercentilesMs'> {
  if (rightLatency === latency) return {};
  const rightLatencyMs = latencySummary(rightLatency);
  return percentiles.length > 0 && rightLatencyMs !== null
    ? { rightLatencyMs, rightLatencyPercentilesMs: percentilesMs(rightLatency, percentiles) }
    : { rightLatencyMs };
}

/** Only where a request timed out. */
function figuresWithTimeouts(
  { latency, timedOut }: Tally,
  percentiles: readonly number[],
): Pick<HostResult, 'latencyWithTimeoutsMs' | 'latencyWithTimeoutsPercentilesMs'> {
  if (timedOut === null) return {};
  const all = new Histogram();
  all.add(latency);
  all.add(timedOut);
  const latencyWithTimeoutsMs = latencySummary(all);
  if (latencyWithTimeoutsMs === null) return {};
  return percentiles.length > 0
    ? { latencyWithTimeoutsMs, latencyWithTimeoutsPercentilesMs: percentilesMs(all, percentiles) }
    : { latencyWithTimeoutsMs };
}

/** Edges to four digits, more than the buckets distinguish. */
function latencyHistogram(microseconds: Histogram): NonNullable<HostResult['latencyHistogram']> {
  const { edges, counts } = microseconds.buckets(BUCKETS_PER_DECADE);
  return { edgesMs: edges.map((edge) => Number((edge / 1000).toPrecision(4))), counts: [...counts] };
}

export function percentilesMs(microseconds: Histogram, percentiles: readonly number[]): Record<string, number> {
  return Object.fromEntries(percentiles.map((p) => [String(p), microseconds.percentile(p) / 1000]));
}

function statusCounts(statuses: Float64Array): Record<string, number> {
  const counts: Record<string, number> = {};
  statuses.forEach((count, status) => {
    if (count > 0) counts[String(status)] = count;
  });
  return counts;
}

/** The figures of a histogram of microseconds in milliseconds; null when it is empty. */
export function latencySummary(microseconds: Histogram): LatencySummary | null {
  if (microseconds.count === 0) return null;
  const ms = (value: number): number => value / 1000;
  return {
    avg: ms(microseconds.mean),
    min: ms(microseconds.min),
    p50: ms(microseconds.percentile(50)),
    p90: ms(microseconds.percentile(90)),
    p95: ms(microseconds.percentile(95)),
    p99: ms(microseconds.percentile(99)),
    max: ms(microseconds.max),
  };
}
