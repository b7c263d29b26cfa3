import type { LoadModel } from '../report/model.ts';

/** One address that the load is spread over. */
export interface Target {
  /** Sent as the Host header; never looked up in DNS. */
  readonly host: string;
  readonly path: string;
  /** A text that a right answer contains; without it any status below 400 is a right answer. */
  readonly expectedText?: string | undefined;
}

/** Everything that decides what is sent. */
export interface LoadPlan {
  readonly targets: readonly Target[];
  readonly model: LoadModel;
  /** Ends the load after so many requests; null when only the duration ends it. */
  readonly requests: number | null;
  /** Ends the load after this time in milliseconds; null when only the count ends it. */
  readonly durationMs: number | null;
  /** Sent first, one per connection and host in turn, and not counted. */
  readonly warmupRequests: number;
  /** After the warm-up the load grows to its full strength over this time in milliseconds; not counted either. */
  readonly rampUpMs: number;
  readonly requestTimeoutMs: number;
  readonly seed: string;
  /** Percentiles of the latency, 0 to 100, that the result holds beside the usual ones. */
  readonly percentiles?: readonly number[] | undefined;
  /** The part of the arrivals of the open model that this plan sends; all of them without it. */
  readonly share?: LoadShare | undefined;
}

/** Every `of`-th request, beginning with number `index`: what one of several workers sends. */
export interface LoadShare {
  readonly index: number;
  readonly of: number;
}
