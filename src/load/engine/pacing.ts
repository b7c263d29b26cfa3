import type { HistogramSnapshot } from '../counts/histogram.ts';

/** Decides when each connection is used: the closed or the open model. */
export interface Model {
  /** The load begins now; resolves when no timer is needed any more. */
  begin(halt: AbortSignal): Promise<void>;
  /** The ramp is over: from now on requests are measured. */
  measure(): void;
  /** A connection has become free. */
  freed(connection: number): void;
  /** Time is up: nothing is sent after this. */
  stop(): void;
  /** True when nothing will be sent any more. */
  readonly exhausted: boolean;
  /** Requests that left late because every connection was busy. */
  readonly sentLate: number;
  /** Counts the requests that were meant to leave until now and did not; once, because it uses up the schedule. */
  countOverdue(): number;
  /** Microseconds by which requests left late although a connection was free; null in the closed model. */
  readonly sendDelay: HistogramSnapshot | null;
}
