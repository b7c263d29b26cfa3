import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  confirmingBlocks,
  freshBlocks,
  planComparison,
  roundOrders,
  searchBlocks,
  shareOfLook,
  startsOfLook,
} from '../../src/comparison/plan.ts';

const MINUTE = 60_000;

describe('how many rounds of what length', () => {
  const table = [
    {
      name: 'two minutes',
      given: { durationMs: 2 * MINUTE, limitMs: 6 * MINUTE, rounds: null },
      plan: { windowMs: 2000, looks: [9, 15, 23, 30], early: 1 },
    },
    {
      name: 'no time for more',
      given: { durationMs: 2 * MINUTE, limitMs: 3 * MINUTE, rounds: null },
      plan: { windowMs: 2000, looks: [9, 15], early: 1 },
    },
    {
      name: 'the shortest time',
      given: { durationMs: 20_000, limitMs: 60_000, rounds: null },
      plan: { windowMs: 500, looks: [9, 10, 15, 20], early: 1 },
    },
    {
      name: 'a long time',
      given: { durationMs: 20 * MINUTE, limitMs: 60 * MINUTE, rounds: null },
      plan: { windowMs: 10_000, looks: [9, 14, 21, 30, 45, 60], early: 3 },
    },
    {
      name: 'rounds as asked for',
      given: { durationMs: MINUTE, limitMs: 3 * MINUTE, rounds: 40 },
      plan: { windowMs: 750, looks: [9, 14, 20, 30, 40], early: 2 },
    },
    {
      name: 'an odd number of rounds, which fills its last block',
      given: { durationMs: MINUTE, limitMs: MINUTE, rounds: 41 },
      plan: { windowMs: MINUTE / 84, looks: [9, 14, 21], early: 2 },
    },
    {
      name: 'no time to confirm what an early look finds',
      given: { durationMs: MINUTE, limitMs: MINUTE / 2, rounds: 41 },
      plan: { windowMs: MINUTE / 84, looks: [21], early: 0 },
    },
    {
      name: 'a first look as early as an early one',
      given: { durationMs: MINUTE, limitMs: 3 * MINUTE, rounds: 18 },
      plan: { windowMs: MINUTE / 36, looks: [9, 14, 18], early: 0 },
    },
    {
      name: 'an early look that saves just enough time',
      given: { durationMs: MINUTE, limitMs: 3 * MINUTE, rounds: 56 },
      plan: { windowMs: MINUTE / 112, looks: [9, 14, 21, 28, 42, 56], early: 3 },
    },
    {
      name: 'time for more looks than there may be',
      given: { durationMs: 20_000, limitMs: 2_000_000, rounds: null },
      plan: { windowMs: 500, looks: [9, 10, 15, 23, 35, 53, 80, 120, 180], early: 1 },
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
          const { windowMs, looks, early } = planComparison({
            durationMs,
            limitMs: durationMs * factor,
            rounds: blocks === null ? null : 2 * blocks,
          });
          // Early looks are there before the time that was asked for.
          const first = early;
          expect(looks.slice(0, early).every((blocks) => blocks < (looks[early] ?? 0))).toBe(true);
          expect(looks[first]).toBeGreaterThanOrEqual(10);
          expect(windowMs * 4 * (looks[first] ?? 0)).toBeCloseTo(durationMs, 3);
          for (const [index, look] of looks.entries()) {
            if (index <= first) continue;
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
        const order = roundOrders(seed, 'run');
        expect(order(2 * block)).not.toBe(order(2 * block + 1));
      }),
    );
  });

  test('is that of the seed, whichever round is asked for first', () => {
    const [forth, back] = [roundOrders('x', 'run'), roundOrders('x', 'run')];
    const rounds = Array.from({ length: 60 }, (_, index) => index);
    const backwards = [...rounds].reverse().map(back).reverse();
    expect(rounds.map(forth)).toEqual(backwards);
    expect(rounds.map(roundOrders('y', 'run'))).not.toEqual(backwards);
    // A seed that a workflow fixes does not fix the coins of all its runs.
    expect(rounds.map(roundOrders('x', 'another run'))).not.toEqual(backwards);
  });

  test('each block begins with base or head as a fair coin falls, whatever the one before it began with', () => {
    const order = roundOrders('fair', 'run');
    const coins = Array.from({ length: 10_000 }, (_, block) => order(2 * block) === 'base-first');
    const first = coins.filter(Boolean).length;
    const same = coins.filter((coin, block) => block > 0 && coin === coins[block - 1]).length;
    // Within four standard deviations, sqrt(10000)/2 = 50.
    expect(Math.abs(first - 5000)).toBeLessThan(200);
    expect(Math.abs(same - 5000)).toBeLessThan(200);
  });
});

test.each([
  { searched: 5, looks: [9, 15], fresh: [7, 14, 21] },
  { searched: 14, looks: [9, 15], fresh: [7, 14, 21] },
  { searched: 15, looks: [9, 15], fresh: [8, 16, 24] },
  { searched: 20, looks: [9, 15, 40], fresh: [10, 20, 40] },
  { searched: 20, looks: [9, 15, 20], fresh: [10, 20, 30] },
])(
  '$searched blocks of a search are confirmed by $fresh at the looks of a confirmation',
  ({ searched, looks, fresh }) => {
    const plan = { windowMs: 1000, looks, early: 1 };
    expect([1, 2, 3].map((look) => freshBlocks(plan, searched, look))).toEqual(fresh);
  },
);

/** What a look is given of the error: two falls of nine coins to either side of 5 %, and half of that. */
test.each([
  { early: 0, look: 0, last: false, share: 1 / 2 },
  { early: 0, look: 1, last: false, share: 1 / 4 },
  { early: 0, look: 2, last: true, share: 1 / 4 },
  { early: 1, look: 0, last: false, share: 0.15625 },
  { early: 1, look: 1, last: false, share: (1 - 0.15625) / 2 },
  { early: 2, look: 1, last: false, share: 0.078125 },
  { early: 3, look: 2, last: false, share: 0.078125 },
  { early: 3, look: 3, last: false, share: (1 - 0.3125) / 2 },
  { early: 2, look: 0, last: true, share: 1 },
  { early: 2, look: 1, last: true, share: 1 - 0.15625 },
])('look $look of a plan with $early early ones spends $share (last: $last)', ({ early, look, last, share }) => {
  expect(shareOfLook({ early }, look, last)).toBeCloseTo(share, 12);
});

test('the looks together spend the whole error and no more, however many there are', () => {
  for (const early of [0, 1, 2, 3]) {
    for (let looks = 1; looks <= 8; looks++) {
      const spent = Array.from({ length: looks }, (_, look) => shareOfLook({ early }, look, look === looks - 1));
      expect(spent.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    }
  }
});

test('an early look spends what nine blocks that agree need, and no more', () => {
  expect(0.05 * shareOfLook({ early: 1 }, 0, false)).toBeCloseTo(4 / 512, 12);
});

test.each([
  { look: 1, blocks: 7, starts: 2 },
  { look: 1, blocks: 5, starts: 1 },
  { look: 1, blocks: 0, starts: 1 },
  { look: 2, blocks: 8, starts: 2 },
  { look: 3, blocks: 30, starts: 4 },
  { look: 3, blocks: 7, starts: 2 },
])('$blocks fresh blocks of look $look are shared among $starts starts', ({ look, blocks, starts }) => {
  expect(startsOfLook(look, blocks, 3)).toBe(starts);
});
