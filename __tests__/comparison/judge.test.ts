import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { confirmHits } from '../../src/comparison/confirm.ts';
import { isSettled, judge, type Terms, wholeVerdict } from '../../src/comparison/judge.ts';
import { isSpoiltFor, METRICS, pairFigures } from '../../src/comparison/metrics.ts';
import { BY_SIDE } from '../../src/comparison/sides.ts';
import { createRandom } from '../../src/load/random.ts';
import type { ComparisonRound, MetricComparison, RoundFigures } from '../../src/model/comparison.ts';
import { comparisonRound, metricComparison, roundFigures } from '../fakes/comparison.ts';

const ERROR = 0.05;
const terms = (changes: Partial<Terms> = {}): Terms => ({
  tolerance: 0.05,
  error: ERROR,
  pacedByRate: false,
  names: BY_SIDE,
  ...changes,
});

/** Rounds in which head has these factors in time, with a little noise, and fails this share more than base. */
function rounds(count: number, factor: number, { noise = 0.01, baseFails = 0, headFails = 0 } = {}): ComparisonRound[] {
  const random = createRandom('rounds');
  const figures = (slow: number, fails: number): RoundFigures => {
    const time = slow * Math.exp(noise * (random.uniform() - 0.5));
    return roundFigures({
      failed: Math.round(1000 * fails),
      requestsPerSecond: 500 / time,
      latencyMs: { p50: 10 * time, p90: 20 * time, p95: 25 * time, p99: 40 * time },
      cpuSecondsPerRequest: 0.002 * time,
    });
  };
  return Array.from({ length: count }, (_, index) =>
    comparisonRound({ index, base: figures(1, baseFails), head: figures(factor, headFails) }),
  );
}

const verdictOf = (metrics: readonly MetricComparison[], metric: MetricComparison['metric']): MetricComparison => {
  const found = metrics.find((candidate) => candidate.metric === metric);
  if (found === undefined) throw new Error(`${metric} was not judged`);
  return found;
};

const tenfold = (figures: RoundFigures): RoundFigures => ({
  ...figures,
  sent: 10 * figures.sent,
  failed: 10 * figures.failed,
});

describe('the verdict on a metric', () => {
  const table = [
    {
      name: 'slower, when all of the interval is beyond the tolerance',
      factor: 1.1,
      tolerance: 0.05,
      verdict: 'slower',
    },
    { name: 'faster', factor: 0.9, tolerance: 0.05, verdict: 'faster' },
    { name: 'no difference, when all of it is within', factor: 1.02, tolerance: 0.05, verdict: 'no-difference' },
    { name: 'none, when it is on both sides of the tolerance', factor: 1.05, tolerance: 0.05, verdict: 'cannot-tell' },
    { name: 'slower by little, without a tolerance', factor: 1.02, tolerance: 0, verdict: 'slower' },
  ] as const;
  test.each(table)('is $name', ({ factor, tolerance, verdict }) => {
    const { metrics } = judge(rounds(30, factor), terms({ tolerance }));
    expect(verdictOf(metrics, 'latency-p50')).toMatchObject({ verdict, rounds: 30 });
    expect(verdictOf(metrics, 'cpu-per-request')).toMatchObject({ verdict });
    // More is better: the ratio is the inverse, the verdict the same.
    expect(verdictOf(metrics, 'requests-per-second')).toMatchObject({ verdict });
    expect(verdictOf(metrics, 'requests-per-second').estimate).toBeCloseTo(1 / factor, 2);
  });

  test('swaps when base and head do', () => {
    const mirror = {
      slower: 'faster',
      faster: 'slower',
      'no-difference': 'no-difference',
      'cannot-tell': 'cannot-tell',
    } as const;
    fc.assert(
      fc.property(fc.double({ min: 0.8, max: 1.25, noNaN: true }), fc.constantFrom(0, 0.05), (factor, tolerance) => {
        const given = rounds(20, factor, { noise: 0.1 });
        const swapped = given.map((round) => ({ ...round, base: round.head, head: round.base }));
        const [there, back] = [judge(given, terms({ tolerance })), judge(swapped, terms({ tolerance }))];
        expect(back.metrics.map(({ verdict }) => verdict)).toEqual(there.metrics.map(({ verdict }) => mirror[verdict]));
      }),
      { numRuns: 30 },
    );
  });

  test('does not come from too few rounds, and says so', () => {
    const { metrics, verdict } = judge(rounds(10, 2), terms());
    expect(verdict).toBe('cannot-tell');
    expect(verdictOf(metrics, 'latency-p50')).toMatchObject({
      reason: '10 of 10 rounds count; about 18 are needed to tell a change from chance.',
    });
  });

  test('has wider intervals for several metrics and looks than for one', () => {
    const { interval, singleInterval } = verdictOf(
      judge(rounds(30, 1, { noise: 0.2 }), terms({ error: ERROR / 2 })).metrics,
      'latency-p50',
    );
    expect(interval?.low).toBeLessThan(singleInterval?.low ?? 0);
    expect(interval?.high).toBeGreaterThan(singleInterval?.high ?? Infinity);
  });

  test('would have shown the minimum detectable effect, which is beyond the tolerance', () => {
    const { estimate, minimumDetectableEffect } = verdictOf(judge(rounds(30, 1), terms()).metrics, 'latency-p50');
    const effect = minimumDetectableEffect ?? 0;
    expect(effect).toBeGreaterThan(0.05);
    expect(effect).toBeLessThan(0.06);
    // The same noise once more, but for what it happened to say in the middle.
    expect(verdictOf(judge(rounds(30, (1 + effect) / (estimate ?? 1)), terms()).metrics, 'latency-p50').verdict).toBe(
      'slower',
    );
  });
});

describe('a version that fails', () => {
  test('is worse, whatever its latency is', () => {
    const { metrics, verdict } = judge(rounds(30, 0.5, { headFails: 0.02 }), terms());
    expect(verdict).toBe('slower');
    expect(verdictOf(metrics, 'failed-share')).toMatchObject({
      verdict: 'slower',
      estimate: 0.02,
      scale: 'difference',
    });
    expect(verdictOf(metrics, 'latency-p50')).toMatchObject({
      verdict: 'cannot-tell',
      reason: 'Head fails more, and this figure excludes failed requests.',
    });
    expect(verdictOf(metrics, 'requests-per-second').verdict).toBe('cannot-tell');
  });

  test('is no measure for one that answers more slowly, but answers', () => {
    const { metrics, verdict } = judge(rounds(30, 1.5, { baseFails: 0.02 }), terms());
    expect(verdict).toBe('faster');
    expect(verdictOf(metrics, 'latency-p50')).toMatchObject({
      verdict: 'cannot-tell',
      reason: 'Base fails more, and this figure excludes failed requests.',
    });
  });

  test('and is slower, too, is found by both', () => {
    const { metrics } = judge(rounds(30, 1.5, { headFails: 0.02 }), terms());
    expect(verdictOf(metrics, 'failed-share').verdict).toBe('slower');
    expect(verdictOf(metrics, 'latency-p50').verdict).toBe('slower');
  });

  test('as much as the other changes nothing', () => {
    expect(judge(rounds(30, 1.2, { baseFails: 0.02, headFails: 0.02 }), terms()).verdict).toBe('slower');
    const many = rounds(30, 1, { baseFails: 0.001, headFails: 0.001 }).map((round) => ({
      ...round,
      base: tenfold(round.base),
      head: tenfold(round.head),
    }));
    expect(judge(many, terms()).verdict).toBe('no-difference');
    // The shares of 30,000 requests each differ by more than 0.1 points by chance.
    const few = judge(rounds(30, 1, { baseFails: 0.02, headFails: 0.02 }), terms());
    expect(verdictOf(few.metrics, 'failed-share')).toMatchObject({
      verdict: 'cannot-tell',
      reason: expect.stringContaining('by chance alone'),
    });
  });

  test('altogether has no latency, and is worse', () => {
    const dead = roundFigures({
      sent: 1000,
      failed: 1000,
      requestsPerSecond: 0,
      latencyMs: null,
      cpuSecondsPerRequest: null,
    });
    const { metrics, verdict } = judge(
      rounds(30, 1).map((round) => ({ ...round, head: dead })),
      terms(),
    );
    expect(verdict).toBe('slower');
    expect(metrics.map(({ metric }) => metric)).toEqual(['memory', 'failed-share']);
  });

  test('altogether in both versions is no answer to what was asked', () => {
    const dead = roundFigures({ failed: 10_000, sent: 10_000, requestsPerSecond: 0, latencyMs: null });
    const { metrics, verdict } = judge(
      rounds(30, 1).map((round) => ({ ...round, base: dead, head: dead })),
      terms(),
    );
    expect(verdictOf(metrics, 'failed-share').verdict).toBe('no-difference');
    expect(verdict).toBe('cannot-tell');
  });

  test('so fast that it keeps the generator busy is worse all the same', () => {
    const refusing = roundFigures({ sent: 50_000, failed: 50_000, latencyMs: null, generatorLimited: true });
    const judged = (failuresCount: true | undefined) =>
      judge(
        rounds(30, 1).map((round) => ({ ...round, head: { ...refusing, failuresCount } })),
        terms(),
      );
    expect(judged(true)).toMatchObject({ verdict: 'slower' });
    // Of timeouts, or of a machine without ports, the generator may be the reason.
    expect(judged(undefined)).toMatchObject({ verdict: 'cannot-tell' });
  });
});

describe('rounds that count', () => {
  const [metric] = METRICS.filter((candidate) => candidate.metric === 'latency-p50');
  const pair = (given: readonly ComparisonRound[]) => {
    if (metric === undefined) throw new Error('there is no median');
    return pairFigures(metric, given);
  };

  test('are disturbed for the figure alone that the generator added much to, by one measure for both sides', () => {
    const [p99, p50] = ['latency-p99', 'latency-p50'].map((name) => METRICS.find(({ metric }) => metric === name));
    if (p99 === undefined || p50 === undefined) throw new Error('they are among the metrics');
    const side = (ms: number, added: number): RoundFigures =>
      roundFigures({
        latencyMs: { p50: 1, p90: 2, p95: 3, p99: ms },
        addedMs: { p50: 0, p90: 0, p95: 0, p99: added },
      });
    const dropped = (base: RoundFigures, head: RoundFigures): boolean[] =>
      [p50, p99].map((metric) => isSpoiltFor(metric, { base, head }));
    expect(dropped(side(10, 9), side(100, 0))).toEqual([false, true]);
    // 20 of 100 ms would be little, but base with its 10 ms could not have had them.
    expect(dropped(side(10, 0), side(100, 20))).toEqual([false, true]);
    expect(dropped(side(100, 0), side(10, 20))).toEqual([false, true]);
    expect(dropped(side(100, 20), side(120, 20))).toEqual([false, false]);
    expect(dropped(side(0.5, 4), side(0.5, 0))).toEqual([false, false]);
  });

  test('are whole blocks in which both versions have the figure and the generator was not the limit', () => {
    const good = comparisonRound();
    const limited = comparisonRound({ head: roundFigures({ generatorLimited: true }) });
    const silent = comparisonRound({ base: roundFigures({ latencyMs: null }) });
    expect(pair([good, good, good, limited, silent, good, good, good, good]).effects).toEqual([0, 0]);
    expect(pair([good, good, good]).base).toEqual([10, 10]);
  });

  test('give the mean of the logarithms of a block, in which an advantage of the first cancels out', () => {
    const latency = (p50: number) => roundFigures({ latencyMs: { p50, p90: 1, p95: 1, p99: 1 } });
    const block = [
      comparisonRound({ base: latency(10), head: latency(12) }),
      comparisonRound({ order: 'head-first', base: latency(12), head: latency(10) }),
    ];
    expect(pair(block).effects[0]).toBeCloseTo(0, 12);
  });

  test('that do not count are told', () => {
    const given = rounds(30, 1.05).map((round, index) =>
      index < 4 ? { ...round, head: { ...round.head, generatorLimited: true } } : round,
    );
    expect(verdictOf(judge(given, terms()).metrics, 'latency-p50')).toMatchObject({
      rounds: 26,
      reason: expect.stringMatching(/^26 of 30 rounds count, /),
    });
  });
});

describe('the verdict on the whole', () => {
  const of = (...verdicts: MetricComparison['verdict'][]) =>
    verdicts.map((verdict, index) => metricComparison({ verdict, primary: index === 0 }));
  const table = [
    { metrics: of('no-difference', 'slower'), whole: 'slower', settled: true },
    { metrics: of('faster', 'slower'), whole: 'slower', settled: true },
    { metrics: of('no-difference', 'faster'), whole: 'faster', settled: true },
    { metrics: of('no-difference', 'cannot-tell'), whole: 'no-difference', settled: true },
    { metrics: of('cannot-tell', 'no-difference'), whole: 'cannot-tell', settled: false },
    { metrics: of('cannot-tell', 'faster'), whole: 'faster', settled: false },
    { metrics: [], whole: 'cannot-tell', settled: false },
  ] as const;
  test.each(table)('is $whole', ({ metrics, whole, settled }) => {
    expect(wholeVerdict(metrics)).toBe(whole);
    expect(isSettled(metrics)).toBe(settled);
  });
});

describe('a hit', () => {
  const hits = judge(rounds(30, 1.2), terms()).metrics;

  test('is confirmed by fresh rounds that say the same', () => {
    const { confirmed, metrics } = confirmHits(hits, rounds(16, 1.2), {
      change: 'slower',
      tolerance: 0.05,
      error: ERROR,
    });
    expect(confirmed).toBe(true);
    expect(verdictOf(metrics, 'latency-p50')).toMatchObject({
      verdict: 'slower',
      confirmation: { change: 'slower', confirmed: true, rounds: 16, pValue: 1 / 256 },
    });
    expect(verdictOf(metrics, 'memory').confirmation).toBeNull();
  });

  test.each([
    { name: 'say that it is within the tolerance', fresh: rounds(16, 1.03), reason: 'did not confirm' },
    { name: 'are too few', fresh: rounds(8, 1.2), reason: 'did not confirm' },
    { name: 'there are none of', fresh: [], reason: 'no time was left for fresh rounds' },
  ])('is none when fresh rounds $name', ({ fresh, reason }) => {
    const { confirmed, metrics } = confirmHits(hits, fresh, { change: 'slower', tolerance: 0.05, error: ERROR });
    expect(confirmed).toBe(false);
    expect(wholeVerdict(metrics)).not.toBe('slower');
    expect(verdictOf(metrics, 'latency-p50')).toMatchObject({
      verdict: 'cannot-tell',
      reason: expect.stringContaining(reason),
    });
  });

  describe('on other starts', () => {
    /** Rounds of one start after the other, each with a factor of its own. */
    const starts = (...each: readonly (readonly [count: number, factor: number])[]) =>
      each
        .flatMap(([count, factor], index) => rounds(count, factor).map((round) => ({ ...round, start: index + 1 })))
        .map((round, index) => ({ ...round, index }));
    const held = (fresh: ReturnType<typeof starts>, error = ERROR) =>
      confirmHits(hits, fresh, { change: 'slower', tolerance: 0.05, error, searched: rounds(30, 1.2) });

    test.each([
      { name: 'that agree is confirmed', fresh: starts([8, 1.2], [8, 1.21]), confirmed: true, refuted: false },
      {
        name: 'that differ as much as the change is none, however clear one of them is',
        fresh: starts([8, 1.4], [8, 1.04]),
        confirmed: false,
        refuted: false,
      },
      {
        name: 'that do not show it in their mean is none, and given up',
        fresh: starts([8, 1.08], [8, 1]),
        confirmed: false,
        refuted: true,
      },
      { name: 'is none on a single one', fresh: starts([16, 1.2]), confirmed: false, refuted: false },
      {
        name: 'that time has ended early does not count',
        fresh: starts([8, 1.2], [8, 1.2], [2, 1]),
        confirmed: true,
        refuted: false,
      },
    ])('$name', ({ fresh, confirmed, refuted }) => {
      expect(held(fresh)).toMatchObject({ confirmed, refuted });
    });

    test('that are more of them bear out what few can not', () => {
      const differing = [
        [8, 1.2],
        [8, 1.3],
        [8, 1.18],
        [8, 1.27],
        [8, 1.22],
        [8, 1.28],
      ] as const;
      expect(held(starts(...differing.slice(0, 2)), 0.0125).confirmed).toBe(false);
      expect(held(starts(...differing), 0.0125).confirmed).toBe(true);
    });

    test.each([
      {
        fresh: starts([16, 1.2]),
        reason: 'it is not confirmed on other starts: within compare-limit, only 1 of the 2',
      },
      { fresh: starts([8, 1.08], [8, 1]), reason: 'on 2 other starts of both versions the change was within' },
      {
        fresh: starts([8, 1.4], [8, 1.04]),
        reason: '2 other starts of both versions differ too much from one another',
      },
    ])('says $reason', ({ fresh, reason }) => {
      expect(verdictOf(held(fresh).metrics, 'latency-p50').reason).toContain(
        `The rounds of the search said slower, but ${reason}`,
      );
    });

    test('has an interval by starts, which lies beyond the tolerance and around what they show', () => {
      const { confirmation } = verdictOf(held(starts([8, 1.2], [8, 1.21])).metrics, 'latency-p50');
      expect(confirmation?.byStarts?.low).toBeGreaterThan(1.05);
      expect(confirmation?.byStarts?.low).toBeLessThan(1.205);
      expect(confirmation?.byStarts?.high).toBeGreaterThan(1.205);
    });
  });

  test('for the better is held to the same as one for the worse', () => {
    const mirrored = (given: ComparisonRound[]): ComparisonRound[] =>
      given.map((round) => ({ ...round, base: round.head, head: round.base }));
    const better = judge(mirrored(rounds(30, 1.2)), terms()).metrics;
    fc.assert(
      fc.property(
        fc.double({ min: 0.9, max: 1.5, noNaN: true }),
        fc.double({ min: 0.9, max: 1.5, noNaN: true }),
        fc.boolean(),
        (first, second, again) => {
          const fresh = [first, second].flatMap((factor, index) =>
            rounds(8, factor).map((round) => ({ ...round, start: index + 1 })),
          );
          const searched = again ? rounds(30, 1.2) : undefined;
          const given = { tolerance: 0.05, error: ERROR };
          const worse = confirmHits(hits, fresh, { ...given, change: 'slower', searched });
          const mirror = confirmHits(better, mirrored(fresh), {
            ...given,
            change: 'faster',
            searched: searched && mirrored(searched),
          });
          expect([mirror.confirmed, mirror.refuted]).toEqual([worse.confirmed, worse.refuted]);
          expect(mirror.metrics.map(({ confirmation }) => confirmation?.pValue)).toEqual(
            worse.metrics.map(({ confirmation }) => confirmation?.pValue),
          );
          expect(mirror.metrics.filter(({ verdict }) => verdict === 'faster')).toHaveLength(
            worse.metrics.filter(({ verdict }) => verdict === 'slower').length,
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  test('in the other direction is left alone', () => {
    const { metrics, confirmed, refuted } = confirmHits(hits, rounds(16, 1), {
      change: 'faster',
      tolerance: 0.05,
      error: ERROR,
    });
    expect(metrics).toEqual(hits);
    expect([confirmed, refuted]).toEqual([false, true]);
  });

  test('after one that was not confirmed is not confirmed either, as the order is fixed', () => {
    const clear = metricComparison({ metric: 'latency-p50', verdict: 'slower', interval: { low: 2, high: 2.1 } });
    const weak = metricComparison({ metric: 'memory', verdict: 'slower', interval: { low: 1.06, high: 2 } });
    const fresh = rounds(16, 1).map((round) => ({ ...round, head: { ...round.head, memoryBytes: 1e9 } }));
    const { metrics } = confirmHits([weak, clear], fresh, {
      change: 'slower',
      tolerance: 0.05,
      error: ERROR,
    });
    expect(metrics.map(({ confirmation }) => confirmation?.confirmed)).toEqual([false, false]);
    expect(verdictOf(metrics, 'memory').confirmation?.pValue).toBe(1 / 256);
  });
});
