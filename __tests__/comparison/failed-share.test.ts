import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { failedShareInterval, requestsNeeded } from '../../src/comparison/failed-share.ts';
import { judge } from '../../src/comparison/judge.ts';
import { metricOf, pairFigures } from '../../src/comparison/metrics.ts';
import { BY_SIDE } from '../../src/comparison/sides.ts';
import { signFlips } from '../../src/comparison/sign-flips.ts';
import type { ComparisonRound, RoundFigures } from '../../src/model/comparison.ts';
import { comparisonRound, roundFigures } from '../fakes/comparison.ts';

const metric = metricOf({ metric: 'failed-share' });
const TERMS = { tolerance: 0.05, error: 0.05, pacedByRate: false, names: BY_SIDE };

/** Rounds of which some have failures, of `sent` requests each; head takes `slow` times as long. */
const rounds = (
  count: number,
  failed: (index: number) => { readonly base?: number; readonly head?: number },
  { sent = 10_000, slow = 1 } = {},
): ComparisonRound[] =>
  Array.from({ length: count }, (_, index) => {
    const { base = 0, head = 0 } = failed(index);
    const noise = 1 + ((index * 7) % 5) / 1000;
    const figures = (failures: number, factor: number): RoundFigures =>
      roundFigures({
        sent,
        failed: failures,
        requestsPerSecond: 500 / factor,
        latencyMs: { p50: 10 * factor, p90: 20 * factor, p95: 25 * factor, p99: 40 * factor },
        cpuSecondsPerRequest: 0.002 * factor,
      });
    return comparisonRound({ index, base: figures(base, 1), head: figures(head, slow * noise) });
  });

const verdictOf = (given: readonly ComparisonRound[]): string | undefined =>
  judge(given, TERMS).metrics.find((each) => each.metric === 'failed-share')?.verdict;

describe('failures in bursts', () => {
  test.each([
    { name: 'every request of 3 in 60 windows', of: 20, failed: 10_000 },
    { name: 'one in ten of one window in ten', of: 10, failed: 1000 },
    { name: 'one in five of one window in twenty', of: 20, failed: 2000 },
    { name: 'six in ten of one window in sixty', of: 60, failed: 6000 },
  ])('are never called no difference, and favour nobody: $name', ({ of, failed }) => {
    const burst = (index: number): number => (index % of === 3 ? failed : 0);
    const [head, base] = [
      rounds(60, (index) => ({ head: burst(index) }), { slow: 0.7 }),
      rounds(60, (index) => ({ base: burst(index) }), { slow: 1.3 }),
    ];
    expect(verdictOf(head)).toBe('cannot-tell');
    expect(verdictOf(base)).toBe('cannot-tell');
    expect(judge(head, TERMS).verdict).toBe('cannot-tell');
    // Head answers all and is slower: that base may fail more is no excuse.
    expect(judge(base, TERMS).verdict).toBe('slower');
  });

  test('in most blocks of one version are its failures', () => {
    const often = (index: number) => (index % 3 === 0 ? { head: 500 } : {});
    expect(verdictOf(rounds(60, often))).toBe('slower');
    expect(verdictOf(rounds(60, (index) => ({ base: often(index).head ?? 0 })))).toBe('faster');
  });
});

test('even failures of one version are told, and equal ones of both are no difference when the requests are many', () => {
  expect(verdictOf(rounds(40, () => ({ head: 100 })))).toBe('slower');
  expect(verdictOf(rounds(40, () => ({ base: 10, head: 10 })))).toBe('no-difference');
});

test('none of few requests is no proof of none of many', () => {
  const needed = requestsNeeded(0.05, 0.001);
  expect([verdictOf(rounds(40, () => ({}), { sent: 20 })), verdictOf(rounds(40, () => ({})))]).toEqual([
    'cannot-tell',
    'no-difference',
  ]);
  const interval = (sent: number) =>
    failedShareInterval(
      pairFigures(
        metric,
        rounds(20, () => ({}), { sent: sent / 20 }),
      ),
      0.05,
    );
  expect(interval(needed - 1)?.high).toBeGreaterThan(0.001);
  expect(interval(needed)?.high).toBeLessThanOrEqual(0.001);
  // Where nothing failed, latency has left nothing out, however few the requests.
  expect(
    judge(
      rounds(40, () => ({}), { sent: 20, slow: 0.7 }),
      TERMS,
    ).verdict,
  ).toBe('faster');
});

test('the interval is that of all centres which the test by sign flips does not refuse', () => {
  const blocks = 9;
  const { falls, signs } = signFlips(blocks);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -400, max: 400 }), { minLength: blocks, maxLength: blocks }), (failures) => {
      const given = failures.flatMap((count) => [
        comparisonRound({
          head: roundFigures({ failed: Math.max(0, count) }),
          base: roundFigures({ failed: Math.max(0, -count) }),
        }),
        comparisonRound(),
      ]);
      const paired = pairFigures(metric, given);
      const error = 0.05;
      const interval = failedShareInterval(paired, error);
      const refused = (centre: number, direction: 1 | -1): boolean => {
        const values = paired.effects.map((effect) => direction * (effect - centre));
        const total = values.reduce((sum, value) => sum + value, 0);
        let reached = 0;
        for (let fall = 0; fall < falls; fall++) {
          const sum = values.reduce((so, value, block) => so + value * (signs[block * falls + fall] ?? 1), 0);
          if (sum >= total - 1e-12) reached += 1;
        }
        return reached / falls <= error / 2;
      };
      expect(interval).not.toBeNull();
      // The binomial bounds may make it wider, never narrower.
      expect(refused((interval?.low ?? 0) - 1e-6, 1)).toBe(true);
      expect(refused((interval?.high ?? 0) + 1e-6, -1)).toBe(true);
    }),
    { numRuns: 20 },
  );
});
