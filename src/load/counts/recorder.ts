import type { HostResult } from '../../model/load.ts';
import type { Target } from '../requests/plan.ts';
import { type Handshake, isAnswered, type Outcome } from '../sender.ts';
import { HandshakeTally } from './handshake-tally.ts';
import type { ExponentialBuckets } from './histogram.ts';
import { hostResult } from './host-figures.ts';
import { Tally, type TallySnapshot } from './tally.ts';

const MICROSECONDS_PER_SECOND = 1e6;

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
