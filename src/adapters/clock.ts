import { setTimeout as sleep } from 'node:timers/promises';

/** Time as the rest of the program may see it. */
export interface Clock {
  /** Milliseconds of a monotonic clock, with fractions. */
  now(): number;
  /** The calendar time, for records only: never subtract two of these. */
  date(): Date;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  sleep: async (ms, signal) => {
    try {
      await sleep(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error;
    }
  },
};
