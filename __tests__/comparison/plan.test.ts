import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { confirmingBlocks, planComparison, roundOrders, searchBlocks, shareOfLook } from '../../src/comparison/plan.ts';

const MINUTE = 60_000;

describe('how many rounds of what length', () => {
  const table = [
    {
      name: 'two minutes',
      given: { durationMs: 2 * MINUTE, limitMs: 6 * MINUTE, rounds: null },
      plan: { windowMs: 2000, looks: [15, 23, 30] },
    },
    {
      name: 'no time for more',
      given: { durationMs: 2 * MINUTE, limitMs: 3 * MINUTE, rounds: null },
      plan: { windowMs: 2000, looks: [15] },
    },
    {
      name: 'the shortest time',
      given: { durationMs: 20_000, limitMs: 60_000, rounds: null },
      plan: { windowMs: 500, looks: [10, 15, 20] },
    },
    {
      name: 'a long time',
      given: { durationMs: 20 * MINUTE, limitMs: 60 * MINUTE, rounds: null },
      plan: { windowMs: 10_000, looks: [30, 45, 60] },
    },
    {
      name: 'rounds as asked for',
      given: { durationMs: MINUTE, limitMs: 3 * MINUTE, rounds: 40 },
      plan: { windowMs: 750, looks: [20, 30, 40] },
    },
  ];
  test.each(table)('$name', ({ given, plan }) => {
    expect(planComparison(given)).toEqual(plan);
  });

  test('a confirmation fits into the limit after every look but perhaps the first, and looks only grow', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20_000, max: 7_200_000 }),
        fc.double({ min: 1, max: 100, noNaN: true }),
        fc.option(fc.integer({ min: 10, max: 200 })),
        (durationMs, factor, blocks) => {
          const { windowMs, looks } = planComparison({
            durationMs,
            limitMs: durationMs * factor,
            rounds: blocks === null ? null : 2 * blocks,
          });
          expect(looks[0]).toBeGreaterThanOrEqual(10);
          expect(windowMs * 4 * (looks[0] ?? 0)).toBeCloseTo(durationMs, 3);
          for (const [index, look] of looks.entries()) {
            if (index === 0) continue;
            expect(look).toBeGreaterThan(looks[index - 1] ?? Infinity);
            expect((look + confirmingBlocks(look)) * windowMs * 4).toBeLessThanOrEqual(durationMs * factor + 1e-3);
          }
        },
      ),
    );
  });

  test('the most blocks to search with are as many as leave room to confirm', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 2000 }), (budget) => {
        const blocks = searchBlocks(budget);
        expect(blocks + confirmingBlocks(blocks)).toBeLessThanOrEqual(budget);
        expect(blocks + 1 + confirmingBlocks(blocks + 1)).toBeGreaterThan(budget);
      }),
    );
  });
});

describe('the order of the rounds', () => {
  test('both rounds of a block have opposite orders', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(200), (seed, block) => {
        const order = roundOrders(seed);
        expect(order(2 * block)).not.toBe(order(2 * block + 1));
      }),
    );
  });

  test('is that of the seed, whichever round is asked for first', () => {
    const [forth, back] = [roundOrders('x'), roundOrders('x')];
    const rounds = Array.from({ length: 60 }, (_, index) => index);
    const backwards = [...rounds].reverse().map(back).reverse();
    expect(rounds.map(forth)).toEqual(backwards);
    expect(rounds.map(roundOrders('y'))).not.toEqual(backwards);
  });

  test('each block begins with base or head as a fair coin falls, whatever the one before it began with', () => {
    const order = roundOrders('fair');
    const coins = Array.from({ length: 10_000 }, (_, block) => order(2 * block) === 'base-first');
    const first = coins.filter(Boolean).length;
    const same = coins.filter((coin, block) => block > 0 && coin === coins[block - 1]).length;
    // Within four standard deviations, sqrt(10000)/2 = 50.
    expect(Math.abs(first - 5000)).toBeLessThan(200);
    expect(Math.abs(same - 5000)).toBeLessThan(200);
  });
});

test('the looks together spend the whole error and no more, however many there are', () => {
  for (let looks = 1; looks <= 8; looks++) {
    const spent = Array.from({ length: looks }, (_, look) => shareOfLook(look, look === looks - 1));
    expect(spent.reduce((sum, share) => sum + share, 0)).toBe(1);
  }
});
