import type { Clock } from '../../../src/clock.ts';

/** A clock on which every sleep is over at once; what was slept is kept. */
export interface InstantClock extends Clock {
  readonly sleeps: number[];
}

export function instantClock(): InstantClock {
  const sleeps: number[] = [];
  let now = 0;
  return {
    sleeps,
    now: () => now,
    date: () => new Date(),
    sleep: (ms, signal) => {
      if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
      sleeps.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
}
