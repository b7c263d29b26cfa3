import { expect, test } from '@jest/globals';
import type { Uncertainty } from '../../../src/model/load.ts';
import type { Interval } from '../../../src/model/units.ts';
import { estimateUncertainty, holds, run } from './simulated-run.ts';

test('intervals of independent runs hold the truth about as often as they say', () => {
  const runs = Array.from({ length: 60 }, (_, i) => estimateUncertainty(run(10, `run ${String(i)}`), 'seed'));
  const share = (isSo: (each: Uncertainty) => boolean): number => runs.filter(isSo).length / runs.length;
  const coverage = (interval: (each: Uncertainty) => Interval | null, truth: number): number =>
    share((each) => holds(interval(each), truth));
  // A block bootstrap over 40 slices is known to be a little too sure.
  expect(coverage((each) => each.requestsPerSecond, 500)).toBeGreaterThan(0.75);
  expect(coverage((each) => each.p50Ms, 20 * Math.LN2)).toBeGreaterThan(0.75);
  expect(coverage((each) => each.p95Ms, 20 * Math.log(20))).toBeGreaterThan(0.75);
  expect(share((each) => each.drift === null)).toBeGreaterThan(0.9);
});
