/** Time, as the rest of the program sees it. */
export interface Clock {
  /** Milliseconds of a monotonic clock, with fractions. */
  now(): number;
  /** The calendar time, for records only: never subtract two of these. */
  date(): Date;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
