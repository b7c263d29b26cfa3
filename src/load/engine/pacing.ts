import type { Clock } from '../../clock.ts';
import type { HistogramSnapshot } from '../counts/histogram.ts';
import type { Recorder } from '../counts/recorder.ts';
import type { StageCounts } from '../counts/stage-counts.ts';
import type { Timeline } from '../counts/timeline.ts';
import type { Sender } from '../sender.ts';

/** What traffic goes out by, and who is told of it. */
export interface TrafficPorts {
  readonly sender: Sender;
  readonly clock: Clock;
  /** Counts what is measured. */
  readonly recorder: Recorder;
  /** Called each time a connection has become free. */
  readonly onFree: (connection: number) => void;
}

/** What a model uses to send, and what is known about the progress. */
export interface LoadTraffic {
  readonly recorder: Recorder;
  readonly timeline: Timeline;
  /** Null for a constant load. */
  readonly stages: StageCounts | null;
  /** Index of the stage of what is sent next. */
  stage: number;
  /** When the measured window began, by the clock. */
  windowBeganMs: number;
  /** Requests in flight, measured or not. */
  readonly inFlight: number;
  /** Measured requests, or journeys, begun so far: what the model counts. */
  readonly sent: number;
  /** Measured requests sent, answered and failed so far. */
  readonly requestsSent: number;
  readonly answered: number;
  readonly failed: number;
  /** Nothing is in flight, and nothing will be sent without being asked to. */
  readonly idle: boolean;
  /**
   * Sends a request, or begins a journey, on a free connection.
   *
   * @param delayMs milliseconds since it was due.
   * @param measured whether it is recorded.
   */
  send(connection: number, delayMs: number, measured: boolean): void;
  /** Time is up: requests in flight are awaited, and nothing is sent after them. */
  stop(): void;
  /** Records every measured request in flight as cancelled; later answers are ignored. */
  cancel(): void;
}

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
  /** Requests that were late because every connection was busy. */
  readonly sentLate: number;
  /** Counts the requests that are due by now but were not sent; only once, because it uses up the schedule. */
  countOverdue(): number;
  /** Microseconds by which requests were late although a connection was free; null in the closed model. */
  readonly sendDelay: HistogramSnapshot | null;
}
