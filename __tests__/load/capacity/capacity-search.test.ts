import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { estimateCapacity, estimateRatio, type RateAnswer } from '../../../src/load/capacity/capacity-posterior.ts';
import {
  capacityResult,
  type CapacitySettings,
  nextStep,
  searchCapacity,
  type StepPlan,
} from '../../../src/load/capacity/capacity-search.ts';
import { createRandom } from '../../../src/load/random.ts';
import type { CapacityResult, CapacityStep } from '../../../src/model/capacity.ts';
import { capacityStep as step } from '../../fakes/capacity.ts';

const SETTINGS: CapacitySettings = { requestsPerStep: 500, shortestStepMs: 5000, overheadMs: 1500, limitMs: 3_600_000 };

/** A search on a system whose answers a function makes up, on a clock that steps alone move. */
async function search(
  answer: (plan: StepPlan) => CapacityStep,
  settings: Partial<CapacitySettings> = {},
): Promise<{ result: CapacityResult; elapsedMs: number; seen: CapacityResult[] }> {
  let now = 1000;
  const seen: CapacityResult[] = [];
  const result = await searchCapacity(
    { ...SETTINGS, ...settings },
    {
      now: () => now,
      runStep: (plan) => {
        now += SETTINGS.overheadMs + plan.durationMs;
        return Promise.resolve(answer(plan));
      },
      onStep: (known) => {
        seen.push(known);
      },
    },
  );
  return { result, elapsedMs: now - 1000, seen };
}

describe('a search', () => {
  const upTo = (capacity: number) => (plan: StepPlan) => step(plan.ratePerSecond, plan.ratePerSecond <= capacity);

  test('doubles the rate until a step breaks the thresholds', async () => {
    const { result } = await search(upTo(730));
    expect(result.steps.slice(0, 4).map(({ ratePerSecond, kept }) => [ratePerSecond, kept])).toEqual([
      [100, true],
      [200, true],
      [400, true],
      [800, false],
    ]);
  });

  test('halves it when the first one does', async () => {
    const { result } = await search(upTo(30));
    expect(result.steps.slice(0, 3).map(({ ratePerSecond }) => ratePerSecond)).toEqual([100, 50, 25]);
  });

  test('finds the capacity of a system that always answers in the same way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 1, max: 20_000, noNaN: true }), async (capacity) => {
        const { result } = await search(upTo(capacity), { limitMs: Infinity });
        expect(result.end).toBe('precise');
        expect(result.interval?.low).toBeLessThanOrEqual(capacity * 1.005);
        expect(result.interval?.high).toBeGreaterThanOrEqual(capacity * 0.995);
        expect(Number(result.interval?.high) / Number(result.interval?.low)).toBeLessThanOrEqual(1.15);
        expect(Math.abs(Math.log(Number(result.ratePerSecond) / capacity))).toBeLessThan(0.07);
      }),
      { numRuns: 8 },
    );
  }, 60_000);

  test('makes steps long enough for their requests', async () => {
    const { result } = await search((plan) =>
      step(plan.ratePerSecond, plan.ratePerSecond <= 30, { durationSeconds: plan.durationMs / 1000 }),
    );
    for (const { ratePerSecond, durationSeconds } of result.steps) {
      expect(durationSeconds).toBeGreaterThanOrEqual(5);
      expect(durationSeconds * ratePerSecond).toBeGreaterThanOrEqual(500);
    }
  });

  test('is not led astray by one step that a pause of the machine broke', async () => {
    let count = 0;
    const { result } = await search((plan) => step(plan.ratePerSecond, plan.ratePerSecond <= 3000 && ++count !== 2));
    expect(result.interval?.low).toBeLessThan(3000);
    expect(result.interval?.high).toBeGreaterThan(2900);
  });

  test('ends in its time, and says what is known then', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 20_000, max: 200_000 }),
        fc.double({ min: 0.5, max: 5000, noNaN: true }),
        async (limitMs, capacity) => {
          const { elapsedMs } = await search(upTo(capacity), { limitMs });
          expect(elapsedMs).toBeLessThanOrEqual(limitMs);
        },
      ),
      { numRuns: 15 },
    );
    const { result } = await search(upTo(100_000), { limitMs: 30_000 });
    expect(result).toMatchObject({
      end: 'time',
      ratePerSecond: null,
      interval: null,
      highestKept: 800,
      lowestBroken: null,
    });
  }, 60_000);

  test('ends when nothing breaks the thresholds at any rate', async () => {
    expect((await search(() => step(1, true))).result.steps.length).toBeLessThanOrEqual(40);
    expect((await search(upTo(Infinity))).result).toMatchObject({
      end: 'range',
      ratePerSecond: null,
      highestKept: 51_200,
    });
  });

  test('ends when no rate is low enough', async () => {
    expect((await search(upTo(0), { limitMs: Infinity })).result).toMatchObject({
      end: 'range',
      ratePerSecond: null,
      highestKept: null,
    });
    expect((await search(upTo(0), { limitMs: 60_000 })).result).toMatchObject({
      end: 'time',
      highestKept: null,
      lowestBroken: 25,
    });
  });

  test('ends when the generator can send no more, without taking its limit for that of the system', async () => {
    const { result } = await search((plan) =>
      step(plan.ratePerSecond, plan.ratePerSecond < 900, { generatorLimited: plan.ratePerSecond > 700 }),
    );
    expect(result).toMatchObject({ end: 'generator', ratePerSecond: null, highestKept: 800, lowestBroken: null });
  });

  test('repeats a step that the generator spoilt', async () => {
    let count = 0;
    const { result } = await search((plan) =>
      step(plan.ratePerSecond, ++count !== 2 && plan.ratePerSecond <= 730, { generatorLimited: count === 2 }),
    );
    expect(result.steps.slice(0, 4).map(({ ratePerSecond }) => ratePerSecond)).toEqual([100, 200, 200, 400]);
    expect(result.end).toBe('precise');
  });

  test('has at most 40 steps, whatever the answers are', async () => {
    const random = createRandom('any answer');
    const { result } = await search((plan) => step(plan.ratePerSecond, random.uniform() < 0.5), { limitMs: Infinity });
    expect(result.steps.length).toBeLessThanOrEqual(40);
  });

  test('tells after each step what is known', async () => {
    const { result, seen } = await search(upTo(730));
    expect(seen.map(({ steps }) => steps.length)).toEqual(result.steps.map((_, index) => index + 1));
    expect(seen[1]).toMatchObject({ end: 'cancelled', highestKept: 200, lowestBroken: null });
  });

  test('can go on after any of its steps', async () => {
    const { result } = await search(upTo(730));
    result.steps.slice(1).forEach((next, index) => {
      expect(nextStep(result.steps.slice(0, index + 1), SETTINGS, 0)).toMatchObject({
        ratePerSecond: next.ratePerSecond,
      });
    });
  });

  test('hands on what a step throws', async () => {
    const run = searchCapacity(SETTINGS, {
      now: () => 0,
      runStep: () => Promise.reject(new Error('gone')),
      onStep: () => undefined,
    });
    await expect(run).rejects.toThrow('gone');
  });
});

describe('the interval', () => {
  /** How often it holds the capacity, over searches on systems that waver and now and then answer at random. */
  async function coverage(spread: number, searches: number): Promise<number> {
    const random = createRandom(`coverage ${String(spread)}`);
    let held = 0;
    for (let count = 0; count < searches; count++) {
      const capacity = 50 * 100 ** random.uniform();
      const { result } = await search(
        (plan) => {
          const chance = 0.01 + 0.98 / (1 + Math.exp(Math.log(plan.ratePerSecond / capacity) / spread));
          return step(plan.ratePerSecond, random.uniform() < chance);
        },
        { limitMs: Infinity },
      );
      if (Number(result.interval?.low) <= capacity && capacity <= Number(result.interval?.high)) held += 1;
    }
    return held / searches;
  }

  // Of 40 searches 95 % are 38; 34 or fewer would come about by chance less than once in 70 times.
  test.each([0.002, 0.03, 0.1])(
    'holds the capacity as often as it says when the system wavers by %d',
    async (spread) => {
      expect(await coverage(spread, 40)).toBeGreaterThan(34 / 40);
    },
    120_000,
  );

  test('is wider for a system that wavers more', () => {
    const begun = [step(100, true), step(200, false), step(140, true), step(160, false)];
    const steady = [...begun, step(130, true), step(170, false)];
    const wavering = [...begun, step(130, false), step(170, true)];
    const width = (steps: readonly CapacityStep[]): number => {
      const { low, high } = estimateCapacity(steps).interval;
      return high / low;
    };
    expect(width(wavering)).toBeGreaterThan(width(steady));
  });

  test('is none before a step has been kept and one broken', () => {
    expect(capacityResult([step(100, true)], 'cancelled')).toMatchObject({
      ratePerSecond: null,
      interval: null,
      highestKept: 100,
    });
    expect(capacityResult([], 'cancelled')).toMatchObject({
      ratePerSecond: null,
      highestKept: null,
      lowestBroken: null,
      steps: [],
    });
  });
});

describe('the ratio of two capacities', () => {
  const answers = (capacity: number): RateAnswer[] =>
    [0.5, 0.8, 0.95, 1.05, 1.2, 2].map((factor) => ({ ratePerSecond: capacity * factor, kept: factor < 1 }));
  const rate = fc.double({ min: 1, max: 10_000, noNaN: true });

  test('is that of the versions, whatever they hold', () => {
    fc.assert(
      fc.property(rate, rate, (base, head) => {
        const { ratio, interval } = estimateRatio(answers(base), answers(head));
        expect(ratio / (head / base)).toBeCloseTo(1, 2);
        expect(interval.low).toBeLessThan(head / base);
        expect(interval.high).toBeGreaterThan(head / base);
      }),
      { numRuns: 20 },
    );
  });

  test('turns over when the versions change their names', () => {
    const [base, head] = [answers(300), [...answers(200), { ratePerSecond: 190, kept: false }]];
    const [there, back] = [estimateRatio(base, head), estimateRatio(head, base)];
    expect(there.ratio * back.ratio).toBeCloseTo(1, 3);
    expect(there.interval.low * back.interval.high).toBeCloseTo(1, 3);
  });

  test('is as uncertain as both capacities together', () => {
    const width = ({ low, high }: { low: number; high: number }): number => Math.log(high / low);
    const [base, head] = [answers(300), answers(200)];
    const [one, other, both] = [
      width(estimateCapacity(base).interval),
      width(estimateCapacity(head).interval),
      width(estimateRatio(base, head).interval),
    ];
    expect(both).toBeGreaterThan(Math.max(one, other));
    expect(both).toBeLessThan(one + other);
  });
});
