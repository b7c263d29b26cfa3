import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canConfirm, pairCoin, pairRates, pairsPValue } from '../../src/comparison/capacity-confirmation.ts';
import type { CapacityPair } from '../../src/model/comparison.ts';
import { capacityStep } from '../fakes/capacity.ts';

const pair = (base: boolean, head: boolean): CapacityPair => ({
  base: capacityStep(100, base),
  head: capacityStep(95, head),
});
const pairs = (against: number, inFavour: number, neither = 0): CapacityPair[] => [
  ...Array.from({ length: against }, () => pair(true, false)),
  ...Array.from({ length: inFavour }, () => pair(false, true)),
  ...Array.from({ length: neither }, (_, index) => pair(index % 2 === 0, index % 2 === 0)),
];

describe('the sign test', () => {
  // Tails of the binomial distribution with 1/2, as tables have them.
  test.each([
    { against: 0, inFavour: 0, neither: 4, p: 1 },
    { against: 5, inFavour: 0, neither: 0, p: 1 / 32 },
    { against: 6, inFavour: 0, neither: 3, p: 1 / 64 },
    { against: 0, inFavour: 6, neither: 0, p: 1 },
    { against: 8, inFavour: 1, neither: 0, p: 10 / 512 },
    { against: 10, inFavour: 2, neither: 0, p: 79 / 4096 },
    { against: 6, inFavour: 6, neither: 0, p: 2510 / 4096 },
  ])('of $against against $inFavour, with $neither that say nothing', ({ against, inFavour, neither, p }) => {
    expect(pairsPValue(pairs(against, inFavour, neither), 'slower')).toBeCloseTo(p, 12);
    expect(pairsPValue(pairs(inFavour, against, neither), 'faster')).toBeCloseTo(p, 12);
  });

  test('leaves out what the generator spoilt', () => {
    const spoilt = { base: capacityStep(100, true), head: capacityStep(95, false, { generatorLimited: true }) };
    expect(pairsPValue([...pairs(5, 0), spoilt], 'slower')).toBe(1 / 32);
  });

  test('is wrong no more often than it says, whatever the machine did, as the coin decides which version met what', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(steps, fc.constantFrom(0.05, 0.025, 0.01), (weather, error) => {
        // Two equal systems: what the first and the second step of each pair say is given, and all falls of the coins are tried.
        let wrong = 0;
        for (let coins = 0; coins < 2 ** weather.length; coins++) {
          const made = weather.map(([first, second], index) =>
            (coins >> index) % 2 === 0 ? pair(first, second) : pair(second, first),
          );
          if (pairsPValue(made, 'slower') <= error) wrong += 1;
        }
        expect(wrong / 2 ** weather.length).toBeLessThanOrEqual(error);
      }),
      { numRuns: 5 },
    );
  });
});

test('a confirmation that can not come any more is given up', () => {
  expect(canConfirm([], 'slower', 12, 0.025)).toBe(true);
  expect(canConfirm(pairs(0, 3), 'slower', 9, 0.025)).toBe(false);
  expect(canConfirm(pairs(0, 3), 'faster', 9, 0.025)).toBe(true);
  expect(canConfirm(pairs(4, 0, 3), 'slower', 5, 0.025)).toBe(true);
  expect(canConfirm(pairs(0, 0, 7), 'slower', 5, 0.025)).toBe(false);
});

test('the rates are as far from the capacity of base as from that of head, and by the tolerance apart', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1, max: 1e4, noNaN: true }),
      fc.double({ min: 0.1, max: 2, noNaN: true }),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      (base, ratio, tolerance) => {
        const rates = pairRates({ base, head: base * ratio }, tolerance, 'slower');
        expect(rates.base / rates.head).toBeCloseTo(1 + tolerance, 9);
        expect(base / rates.base).toBeCloseTo(rates.head / (base * ratio), 9);
        const swapped = pairRates({ base: base * ratio, head: base }, tolerance, 'faster');
        expect(swapped).toEqual({ base: rates.head, head: rates.base });
      },
    ),
  );
});

test('the coin is fair, and the same for the same seed', () => {
  const thrown = (seed: string): boolean[] => {
    const baseFirst = pairCoin(seed, 'run');
    return Array.from({ length: 1000 }, () => baseFirst());
  };
  expect(thrown('a')).toEqual(thrown('a'));
  expect(thrown('a')).not.toEqual(thrown('b'));
  // Of 1000 throws, fewer than 440 or more than 560 heads come once in 8000 times.
  expect(Math.abs(thrown('a').filter(Boolean).length - 500)).toBeLessThan(60);
});
