import type { Random } from '../src/load/random.ts';
import type { CapacityStep } from '../src/model/capacity.ts';

/** A made-up system whose capacity is known. */
export interface MadeUpSystem {
  /** In requests per second. */
  readonly capacity: number;
  /** Width of the transition from always kept to never kept, on the logarithm of the rate. */
  readonly spread: number;
  /** The share of answers that are wrong at any rate. */
  readonly lapses: number;
}

/** What a step at a rate says about such a system. */
export function answerOf(
  ratePerSecond: number,
  { capacity, spread, lapses }: MadeUpSystem,
  random: Random,
): CapacityStep {
  const chance = lapses + (1 - 2 * lapses) / (1 + Math.exp(Math.log(ratePerSecond / capacity) / spread));
  const kept = random.uniform() < chance;
  return {
    ratePerSecond,
    durationSeconds: 5,
    sent: 500,
    failed: 0,
    notSent: 0,
    latencyMs: null,
    kept,
    reason: kept ? null : 'made up',
    generatorLimited: false,
  };
}

/** How the capacity of everything on a machine moves, as a factor at so many seconds. */
export interface Weather {
  readonly name: string;
  readonly factor: (seconds: number) => number;
}

export const WEATHERS = [
  { name: 'quiet', factor: () => 1 },
  { name: '20 % less at the end', factor: (seconds) => 1 - 0.2 * Math.min(1, seconds / 480) },
  { name: 'a wave of 10 % in two minutes', factor: (seconds) => 1 + 0.1 * Math.sin((2 * Math.PI * seconds) / 120) },
  { name: 'a quarter less every third minute', factor: (seconds) => (Math.floor(seconds / 60) % 3 === 2 ? 0.75 : 1) },
] as const satisfies readonly Weather[];
