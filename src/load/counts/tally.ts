import { type FailureClass, failureClass } from '../../model/load.ts';
import { type HandshakeSnapshot, HandshakeTally } from './handshake-tally.ts';
import { Histogram, type HistogramSnapshot } from './histogram.ts';

/** The classes of failures, in the order of their counts. */
export const FAILURE_CLASSES = failureClass.options;
const STATUSES = 1000;

/** The tallies of one target as plain data that can be sent to another thread. */
export interface TallySnapshot {
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
export class Tally {
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
  /**
   * Microseconds from the intended moment of sending to the end of the wait, of requests that timed out. Made for the
   * first of them.
   */
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
