import { expect, test } from '@jest/globals';
import type { MeasuredRound } from '../../src/comparison/metrics.ts';
import { comparedWorkloads } from '../../src/comparison/workloads.ts';
import { comparisonRound, roundFigures } from '../fakes/comparison.ts';

const figures = (spent: Readonly<Record<string, number>>): MeasuredRound['base'] => ({
  ...roundFigures(),
  workloads: Object.entries(spent).map(([name, cpuSecondsPerRequest]) => ({ name, cpuSecondsPerRequest })),
});
const rounds = (count: number, base: Readonly<Record<string, number>>, head: Readonly<Record<string, number>>) =>
  Array.from({ length: count }, (_, index): MeasuredRound => {
    const noise = 1 + (((index * 7) % 11) - 5) / 500;
    const noisy = Object.fromEntries(Object.entries(head).map(([name, value]) => [name, value * noise]));
    return { ...comparisonRound({ index }), base: figures(base), head: figures(noisy) };
  });

test('each workload has its ratio, its interval and its share of the change, the largest share first', () => {
  const compared = comparedWorkloads(rounds(20, { cart: 0.001, shop: 0.002 }, { cart: 0.001, shop: 0.004 }));
  expect(compared.map(({ workload }) => workload)).toEqual(['shop', 'cart']);
  expect(compared[0]?.estimate).toBeCloseTo(2, 1);
  expect(compared[0]?.interval?.low).toBeGreaterThan(1.9);
  expect(compared[0]?.shareOfChange).toBeCloseTo(1, 1);
  expect(compared[1]?.estimate).toBeCloseTo(1, 1);
});

test('a workload that only one version has is none to compare, and few rounds give no interval', () => {
  const compared = comparedWorkloads(rounds(4, { shop: 0.002 }, { shop: 0.002, extra: 0.001 }));
  expect(compared).toMatchObject([{ workload: 'shop', interval: null, rounds: 4 }]);
});
