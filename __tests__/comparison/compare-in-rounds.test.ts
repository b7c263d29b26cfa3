import { describe, expect, test } from '@jest/globals';
import { compareInRounds } from '../../src/comparison/compare-in-rounds.ts';
import type { ComparisonPorts, ComparisonSettings, ComparisonWindow } from '../../src/comparison/round-ports.ts';
import { createRandom } from '../../src/load/random.ts';
import { type Comparison, comparison as comparisonModel } from '../../src/model/comparison.ts';
import type { LoadResult } from '../../src/model/load.ts';
import { hostResult, latency, load } from '../fakes/state.ts';

const VERSION = { manifests: [], images: [], hosts: [] };

const settings = (changes: Partial<ComparisonSettings> = {}): ComparisonSettings => ({
  base: { label: 'base', ...VERSION },
  head: { label: 'head', ...VERSION },
  seed: 'seed',
  run: 'run',
  tolerance: 0.05,
  durationMs: 120_000,
  limitMs: 360_000,
  rounds: null,
  ...changes,
});

const measured = (factor: number, changes: Partial<LoadResult> = {}): LoadResult =>
  load({
    total: hostResult({
      sent: 1000,
      succeeded: 1000,
      statuses: { '200': 1000 },
      requestsPerSecond: 500 / factor,
      latencyMs: latency(10 * factor),
      latencyHistogram: { edgesMs: [1, 10, 100], counts: [400, 600] },
    }),
    ...changes,
  });

/** A world in which each window takes its time and `measure` says what comes of it. */
function world(measure: (window: ComparisonWindow) => LoadResult, changes: Partial<ComparisonPorts> = {}) {
  let now = 0;
  const windows: ComparisonWindow[] = [];
  const kept: Comparison[] = [];
  const controller = new AbortController();
  const ports: ComparisonPorts = {
    loadWindow: (window) => {
      now += window.durationMs;
      windows.push(window);
      return Promise.resolve(measure(window));
    },
    keep: (comparison) => kept.push(comparison),
    clock: { now: () => now },
    signal: controller.signal,
    ...changes,
  };
  return { ports, windows, kept, controller, pass: (ms: number) => (now += ms), now: () => now };
}

/** Noise of 2 % in each window, and head slower by a factor. */
const noisy = (slowdown: number, noise = 0.02) => {
  const random = createRandom('noise');
  return ({ version }: ComparisonWindow): LoadResult =>
    measured(
      (version === 'head' ? slowdown : 1) *
        Math.exp(noise * (random.uniform() + random.uniform() + random.uniform() - 1.5)),
    );
};

/** Noise that leaves a chance to find an answer, which later rounds do not keep. */
const OPEN = 0.2;

describe('what is found', () => {
  test('no difference, when the time that was asked for is over', async () => {
    const { ports, windows, kept } = world(noisy(1));
    const result = await compareInRounds(settings(), ports);
    expect(result).toMatchObject({
      verdict: 'no-difference',
      confirmed: null,
      stoppedBecause: 'decided',
      looks: { taken: 2, planned: 4 },
      summary: 'No difference beyond 5 % between head and base',
    });
    expect(windows).toHaveLength(60);
    expect(kept.at(-1)).toEqual(result);
    expect(() => comparisonModel.parse(result)).not.toThrow();
  });

  test('a head that is much slower, at once, in each of few blocks', async () => {
    const { ports, windows } = world(noisy(1.2));
    const result = await compareInRounds(settings(), ports);
    expect(result).toMatchObject({ verdict: 'slower', confirmed: true, looks: { taken: 1 } });
    expect(result.summary).toMatch(
      /^Head is slower than base: p50 \+(19|20)\.\d % \(95 %: .*\), p90 .*, \d more, confirmed by fresh rounds$/,
    );
    expect(result.rounds.map(({ confirmation }) => confirmation)).toEqual(
      Array.from({ length: 32 }, (_, index) => index >= 18),
    );
    expect(windows.filter(({ confirmation }) => confirmation)).toHaveLength(28);
    expect(result.metrics.find(({ metric }) => metric === 'latency-p50')).toMatchObject({
      // Of the search and of the confirmation: more than the nine blocks that found it, which are too few for an interval.
      rounds: 32,
      interval: { low: expect.any(Number), high: expect.any(Number) },
      confirmation: { confirmed: true, rounds: 14 },
    });
  });

  test('a head that is faster, confirmed by fresh rounds as one that is slower is', async () => {
    const result = await compareInRounds(settings(), world(noisy(0.8)).ports);
    expect(result).toMatchObject({ verdict: 'faster', confirmed: true, stoppedBecause: 'decided' });
    expect(result.summary).toMatch(/^Head is faster than base: p50 −.*, confirmed by fresh rounds$/);
    expect(result.metrics.find(({ metric }) => metric === 'latency-p50')).toMatchObject({
      verdict: 'faster',
      rounds: result.rounds.length,
      interval: { high: expect.any(Number) },
      confirmation: { change: 'faster', confirmed: true, pValue: expect.any(Number) },
    });
  });

  test('a head that was faster only until it was confirmed', async () => {
    const [faster, equal] = [noisy(0.8), noisy(1)];
    const { ports } = world((window) => (window.confirmation ? equal(window) : faster(window)));
    const result = await compareInRounds(settings(), ports);
    expect(result).toMatchObject({ verdict: 'cannot-tell', confirmed: false });
    expect(result.summary).toBe(
      "Can't tell whether head is slower than base: it looked faster, but fresh rounds did not confirm it",
    );
  });

  test('a head that is faster in fresh rounds only because it fails there', async () => {
    const faster = noisy(0.8);
    const { ports } = world((window) => {
      const found = faster(window);
      const { total } = found;
      return window.confirmation && window.version === 'head'
        ? { ...found, total: { ...total, succeeded: 900, failed: 100, statuses: { '200': 900 } } }
        : found;
    });
    const result = await compareInRounds(settings(), ports);
    expect(result).toMatchObject({ verdict: 'cannot-tell', confirmed: false });
    expect(result.metrics.find(({ metric }) => metric === 'latency-p50')).toMatchObject({
      verdict: 'cannot-tell',
      confirmation: { change: 'faster', confirmed: false },
      reason: expect.stringContaining('this figure excludes failed requests') as unknown,
    });
  });

  test('what is worse in one metric and better in another, each confirmed by itself', async () => {
    const noise = noisy(1);
    const { ports } = world((window) => {
      const found = noise(window);
      const p50 = found.total.latencyMs?.p50 ?? NaN;
      const head = window.version === 'head';
      return {
        ...found,
        total: {
          ...found.total,
          latencyMs: { ...latency(p50), p50: head ? 0.7 * p50 : p50, p90: head ? 2 * p50 : p50 },
        },
      };
    });
    const result = await compareInRounds(settings(), ports);
    expect(result).toMatchObject({ verdict: 'slower', confirmed: true });
    const of = (name: string) => result.metrics.find(({ metric }) => metric === name);
    expect(of('latency-p50')).toMatchObject({ verdict: 'faster', confirmation: { change: 'faster', confirmed: true } });
    expect(of('latency-p90')).toMatchObject({ verdict: 'slower', confirmation: { change: 'slower', confirmed: true } });
  });

  test('a head that was slower only until it was confirmed', async () => {
    const slower = noisy(1.2);
    const equal = noisy(1);
    const { ports } = world((window) => (window.confirmation ? equal(window) : slower(window)));
    const result = await compareInRounds(settings(), ports);
    expect(result).toMatchObject({ verdict: 'cannot-tell', confirmed: false });
    expect(result.summary).toContain('fresh rounds did not confirm it');
    expect(result.metrics.find(({ metric }) => metric === 'latency-p50')).toMatchObject({
      verdict: 'cannot-tell',
      confirmation: { confirmed: false },
      reason: expect.stringContaining('did not confirm'),
    });
  });

  test('an answer at the last look that the limit allows, when the noise is large', async () => {
    const { ports, now } = world(noisy(1, OPEN));
    const result = await compareInRounds(settings(), ports);
    expect(result).toMatchObject({
      verdict: 'no-difference',
      confirmed: null,
      stoppedBecause: 'decided',
      looks: { taken: 4, planned: 4 },
    });
    expect(result.rounds).toHaveLength(60);
    expect(now()).toBe(240_000);
  });

  test('nothing, and before the limit, when further rounds have no chance to tell', async () => {
    const { ports } = world(noisy(1, 1));
    const result = await compareInRounds(settings(), ports);
    expect(result).toMatchObject({
      verdict: 'cannot-tell',
      stoppedBecause: 'hopeless',
      looks: { taken: 2, planned: 4 },
    });
    expect(result.rounds).toHaveLength(30);
  });

  test('a large change although other programs held the generator up, and then no "no difference"', async () => {
    const generator = {
      cpuShare: 0.1,
      eventLoopUtilization: 0.1,
      eventLoopDelayMs: { p50: 1, p99: 10, max: 20 },
      sendDelayMs: null,
      limited: true,
      heldUp: true,
      reason: 'late',
    };
    const heldUp = (slowdown: number) => {
      const noise = noisy(slowdown);
      return (window: ComparisonWindow) => ({
        ...noise(window),
        generator: window.version === 'base' ? generator : null,
      });
    };
    expect(await compareInRounds(settings(), world(heldUp(3)).ports)).toMatchObject({
      verdict: 'slower',
      confirmed: true,
    });
    const equal = await compareInRounds(settings(), world(heldUp(1)).ports);
    expect(equal.verdict).toBe('cannot-tell');
    expect(equal.metrics.find(({ metric }) => metric === 'latency-p50')?.reason).toMatch(
      /^0 of \d+ rounds count; about \d+ are needed to tell a change from chance\.$/,
    );
  });

  test('a large change is told at once although early blocks do not count', async () => {
    const noise = noisy(3);
    const generator = {
      cpuShare: 1,
      eventLoopUtilization: 1,
      eventLoopDelayMs: { p50: 1, p99: 1, max: 1 },
      sendDelayMs: null,
      limited: true,
      reason: 'busy',
    };
    const { ports } = world((window) => ({ ...noise(window), generator: window.round < 4 ? generator : null }));
    const result = await compareInRounds(settings(), ports);
    expect(result).toMatchObject({ verdict: 'slower', confirmed: true, looks: { taken: 1 } });
    // Two blocks more in place of those that do not count.
    expect(result.rounds.filter(({ confirmation }) => !confirmation)).toHaveLength(22);
  });

  test('throughput settles nothing where a rate sets it', async () => {
    const paced = { kind: 'open', ratePerSecond: 500, arrivals: 'constant', concurrency: 10 } as const;
    const noise = noisy(1);
    const { metrics } = await compareInRounds(
      settings(),
      world((window) => ({ ...noise(window), model: paced })).ports,
    );
    expect(metrics.filter(({ primary }) => primary).map(({ metric }) => metric)).toEqual([
      'latency-p50',
      'latency-p90',
      'failed-share',
    ]);
  });
});

describe('another start', () => {
  /** Head is slower by what each start adds. */
  const byStart = (factors: readonly number[]) => {
    const draw = noisy(1);
    return (window: ComparisonWindow): LoadResult => {
      const { latencyMs } = draw(window).total;
      return measured(
        ((latencyMs?.p50 ?? NaN) / 10) * (window.version === 'head' ? (factors[window.start] ?? NaN) : 1),
      );
    };
  };

  test('comes before each half of the fresh rounds, and what all of them show is confirmed', async () => {
    let started = 0;
    const { ports, windows } = world(byStart([1.2, 1.15, 1.25]), {
      startAgain: () => Promise.resolve((started += 1) > 0),
    });
    const result = await compareInRounds(settings(), ports);
    expect(result).toMatchObject({ verdict: 'slower', confirmed: true });
    expect(started).toBe(2);
    expect(windows.filter(({ confirmation, start }) => confirmation && start === 0)).toEqual([]);
    expect(result.starts?.map(({ start, rounds }) => ({ start, rounds }))).toEqual([
      { start: 0, rounds: 18 },
      { start: 1, rounds: 8 },
      { start: 2, rounds: 6 },
    ]);
    const p50 = result.starts?.map(
      ({ estimates }) => estimates.find(({ metric }) => metric === 'latency-p50')?.estimate,
    );
    expect(p50).toEqual([expect.closeTo(1.2, 1), expect.closeTo(1.15, 1), expect.closeTo(1.25, 1)]);
    expect(() => comparisonModel.parse(result)).not.toThrow();
  });

  test.each([
    { name: 'slower', first: 1.2 },
    { name: 'faster', first: 0.8 },
  ] as const)('that shows nothing any more confirms nothing, and ends it: $name', async ({ name, first }) => {
    const found: string[] = [];
    const { ports, windows } = world(byStart([first, 1, 1.02]), {
      startAgain: (change) => Promise.resolve(found.push(change) > 0),
    });
    const result = await compareInRounds(settings(), ports);
    expect(result).toMatchObject({ verdict: 'cannot-tell', confirmed: false, stoppedBecause: 'decided' });
    expect(found).toEqual([name, name]);
    expect(windows.filter(({ start }) => start > 0)).toHaveLength(28);
    expect(result.summary).toBe(
      `Can't tell whether head is slower than base: it looked ${name}, but that is not confirmed on another start`,
    );
    expect(result.metrics.find(({ metric }) => metric === 'latency-p50')?.reason).toContain(
      `said ${name}, but on 2 other starts of both versions the change was within the tolerance`,
    );
  });

  test('is made more often where starts differ, until they bear the change out together', async () => {
    const factors = [1.2, 1.1, 1.28, 1.16, 1.24, 1.2, 1.22, 1.18, 1.2];
    const { ports } = world(byStart(factors), { startAgain: () => Promise.resolve(true) });
    const result = await compareInRounds(settings(), ports);
    expect(result).toMatchObject({ verdict: 'slower', confirmed: true });
    expect(result.starts?.length).toBeGreaterThan(3);
    expect(result.summary).toContain(`on ${String(Number(result.starts?.length) - 1)} other starts`);
    const { confirmation, interval } = result.metrics.find(({ metric }) => metric === 'latency-p50') ?? {};
    expect(confirmation?.byStarts?.low).toBeGreaterThan(1.05);
    expect(interval?.low).toBeLessThanOrEqual(confirmation?.byStarts?.low ?? NaN);
    expect(interval?.high).toBeGreaterThanOrEqual(confirmation?.byStarts?.high ?? NaN);
  });

  test('that time does not allow for leaves what was found untold', async () => {
    const slow = noisy(0.8);
    const { ports, pass } = world(
      (window) => {
        // Each block takes far longer than the ones that told how much time is needed.
        if (window.start > 0) pass(60_000);
        return slow(window);
      },
      { startAgain: () => Promise.resolve(true) },
    );
    const result = await compareInRounds(settings({ limitMs: 200_000 }), ports);
    expect(result).toMatchObject({ verdict: 'cannot-tell', confirmed: false, stoppedBecause: 'time-limit' });
    expect(result.summary).toContain('it looked faster, but that is not confirmed on another start');
    expect(result.metrics.find(({ metric }) => metric === 'latency-p50')?.reason).toMatch(
      /^The rounds of the search said faster, but it is not confirmed on other starts: within compare-limit, only 0 of the 2 /,
    );
  });

  test('has a time of its own, which takes nothing from the limit', async () => {
    const { ports, pass } = world(byStart([1.2, 1.2, 1.2]), {
      startAgain: () => {
        pass(600_000);
        return Promise.resolve(true);
      },
    });
    const result = await compareInRounds(settings(), ports);
    expect(result).toMatchObject({ verdict: 'slower', confirmed: true, durationSeconds: 128 });
  });

  test('is not asked for again where there is nothing to start', async () => {
    let asked = 0;
    const { ports } = world(noisy(1.2), {
      startAgain: () => {
        asked += 1;
        return Promise.resolve(false);
      },
    });
    const result = await compareInRounds(settings(), ports);
    expect(result).toMatchObject({ verdict: 'slower', confirmed: true });
    expect(asked).toBe(1);
    expect(result.starts).toBeUndefined();
  });

  test('has the resources of the windows before it read first', async () => {
    const read: number[][] = [];
    const { ports } = world(byStart([1.2, 1.2, 1.2]), {
      startAgain: () => Promise.resolve(true),
      readResources: (windows) => {
        read.push([...new Set(windows.map(({ start }) => start))]);
        return Promise.resolve(windows.map(() => null));
      },
    });
    await compareInRounds(settings(), ports);
    expect(read).toEqual([[0], [1], [2]]);
  });

  test('that does not come back ends the comparison with its reason', async () => {
    const { ports, kept } = world(noisy(1.2), { startAgain: () => Promise.reject(new Error('not ready')) });
    await expect(compareInRounds(settings(), ports)).rejects.toThrow('not ready');
    expect(kept.at(-1)).toMatchObject({ verdict: 'slower', confirmed: null });
  });
});

describe('both versions', () => {
  test('are sent the same in a round, and something else in each', async () => {
    const { ports, windows } = world(noisy(1));
    await compareInRounds(settings(), ports);
    const seeds = windows.map(({ seed }) => seed);
    expect(seeds.filter((_, index) => index % 2 === 0)).toEqual(seeds.filter((_, index) => index % 2 === 1));
    expect(new Set(seeds).size).toBe(30);
  });

  test('are loaded in the order that the rounds say', async () => {
    const { ports, windows } = world(noisy(1));
    const { rounds } = await compareInRounds(settings(), ports);
    for (const { index, order } of rounds)
      expect(windows[2 * index]?.version).toBe(order === 'base-first' ? 'base' : 'head');
  });

  test('are told apart in the figures whatever their order was', async () => {
    const { ports } = world(({ version }) => measured(version === 'head' ? 2 : 1));
    const { rounds, latencyHistograms } = await compareInRounds(settings(), ports);
    for (const { base, head } of rounds) expect([base.requestsPerSecond, head.requestsPerSecond]).toEqual([500, 250]);
    expect(latencyHistograms).toEqual({
      base: { edgesMs: [1, 10, 100], counts: [7200, 10_800] },
      head: { edgesMs: [1, 10, 100], counts: [7200, 10_800] },
    });
  });
});

describe('resources', () => {
  test('are read for all new windows before each look, and are compared', async () => {
    const asked: number[] = [];
    const { ports } = world(noisy(1, 1), {
      readResources: (windows) => {
        asked.push(windows.length);
        return Promise.resolve(
          windows.map(({ version }) => ({ cpuSeconds: version === 'head' ? 2 : 1, memoryBytes: 1e6 })),
        );
      },
    });
    const result = await compareInRounds(settings(), ports);
    expect(asked).toEqual([36, 28]);
    expect(result.metrics.find(({ metric }) => metric === 'cpu-per-request')).toMatchObject({
      estimate: 2,
      base: 0.001,
      head: 0.002,
      verdict: 'slower',
    });
    expect(result.metrics.find(({ metric }) => metric === 'memory')).toMatchObject({
      estimate: 1,
      interval: null,
      verdict: 'cannot-tell',
      reason: expect.stringContaining('the same pods') as unknown,
    });
  });

  test('that were not measured are no metric', async () => {
    const { metrics } = await compareInRounds(settings(), world(noisy(1)).ports);
    expect(metrics.map(({ metric }) => metric)).toEqual([
      'requests-per-second',
      'latency-p50',
      'latency-p90',
      'latency-p95',
      'latency-p99',
      'failed-share',
    ]);
  });
});

describe('the time', () => {
  test('of the limit is kept when rounds take longer than planned', async () => {
    const noise = noisy(1.2);
    const { ports, now, pass } = world((window) => {
      pass(1500);
      return noise(window);
    });
    const result = await compareInRounds(settings({ limitMs: 180_000 }), ports);
    expect(result.rounds.filter(({ confirmation }) => !confirmation).length).toBeLessThan(30);
    expect(now()).toBeLessThanOrEqual(180_000);
  });

  test.each([0, 1, 9])('is not given up for a single block (%d) in which the machine stood still', async (slow) => {
    const noise = noisy(1, OPEN);
    const { ports, now, pass } = world((window) => {
      // 68 s in place of 8 s; without that pause there is time for 30 blocks and a confirmation.
      if (window.round === 2 * slow) pass(30_000);
      return noise(window);
    });
    const result = await compareInRounds(settings(), ports);
    expect(result).toMatchObject({ stoppedBecause: 'time-limit', looks: { taken: 4, planned: 4 } });
    // 60 s less are 7.5 blocks less; half as many again are left for the confirmation.
    expect(result.rounds.length).toBeGreaterThanOrEqual(2 * 24);
    expect(now()).toBeLessThanOrEqual(360_000);
  });

  test('that is left is taken from the last blocks when all of them have become slower', async () => {
    const noise = noisy(1.2);
    const { ports, now, pass } = world((window) => {
      if (window.round >= 10) pass(4000);
      return noise(window);
    });
    const result = await compareInRounds(settings(), ports);
    expect(result.confirmed).toBe(true);
    expect(now()).toBeLessThanOrEqual(360_000);
  });

  test('is spent on a last look with all that is left of the error', async () => {
    const noise = noisy(1);
    const { ports, pass } = world((window) => {
      pass(2000);
      return noise(window);
    });
    const result = await compareInRounds(settings({ limitMs: 250_000 }), ports);
    expect(result).toMatchObject({ looks: { taken: 1 }, verdict: 'no-difference' });
  });
});

describe('an end before the end', () => {
  test('a cancelled comparison judges the whole blocks that it has', async () => {
    const noise = noisy(1);
    const { ports, controller } = world((window) => {
      if (window.round === 25) controller.abort();
      return noise(window);
    });
    const result = await compareInRounds(settings(), ports);
    expect(result).toMatchObject({ stoppedBecause: 'cancelled', looks: { taken: 2 } });
    // Round 24 has no partner: it is kept, and no metric counts it.
    expect(result.rounds).toHaveLength(25);
    expect(new Set(result.metrics.map(({ rounds }) => rounds))).toEqual(new Set([24]));
    expect(() => comparisonModel.parse(result)).not.toThrow();
  });

  test('one that is cancelled at once has nothing to tell', async () => {
    const { ports, controller } = world(noisy(1));
    controller.abort();
    expect(await compareInRounds(settings(), ports)).toMatchObject({
      verdict: 'cannot-tell',
      stoppedBecause: 'cancelled',
      rounds: [],
      metrics: [],
      latencyHistograms: null,
    });
  });

  test('what was measured before an error is kept', async () => {
    const noise = noisy(1, OPEN);
    const { ports, kept } = world((window) => {
      if (window.round === 40) throw new Error('the cluster is gone');
      return noise(window);
    });
    await expect(compareInRounds(settings(), ports)).rejects.toThrow('the cluster is gone');
    expect(kept.at(-1)).toMatchObject({ looks: { taken: 2 }, verdict: 'cannot-tell' });
    expect(kept.at(-1)?.rounds).toHaveLength(40);
    expect(kept.at(-1)?.stoppedBecause).toBe('cancelled');
  });

  test.each([
    ['search', 1, null],
    ['confirmation', 1.4, null],
  ] as const)('after each round of the %s it is known what a kill would leave', async (phase, slowdown, confirmed) => {
    const left: Comparison[] = [];
    const { ports } = world(noisy(slowdown), {
      onRound: ({ soFar, confirmation }) =>
        confirmation === (phase === 'confirmation') ? left.push(soFar()) : undefined,
    });
    const result = await compareInRounds(settings(), ports);
    const before = phase === 'search' ? 0 : result.rounds.filter(({ confirmation }) => !confirmation).length;
    expect(left.map(({ rounds }) => rounds.length)).toEqual(left.map((_, index) => before + index + 1));
    for (const known of left) {
      expect(known).toMatchObject({ stoppedBecause: 'cancelled', confirmed });
      expect(() => comparisonModel.parse(known)).not.toThrow();
    }
    // Enough rounds for an interval are judged, although no look was taken yet.
    expect(left.at(-1)?.metrics.find(({ metric }) => metric === 'latency-p50')?.interval).not.toBeNull();
    expect(left.at(-1)?.verdict).toBe(result.verdict);
  });

  test('to look at what is known takes nothing from the error of the looks', async () => {
    const noise = () => noisy(1.03, 0.2);
    const watched = await compareInRounds(settings(), world(noise(), { onRound: ({ soFar }) => void soFar() }).ports);
    expect(watched).toEqual(await compareInRounds(settings(), world(noise()).ports));
  });

  test('rounds in which the generator was the bottleneck do not count', async () => {
    const noise = noisy(1);
    const generator = {
      cpuShare: 1,
      eventLoopUtilization: 1,
      eventLoopDelayMs: { p50: 1, p99: 1, max: 1 },
      sendDelayMs: null,
      limited: true,
      reason: 'busy',
    };
    const { ports } = world((window) => ({
      ...noise(window),
      generator: window.version === 'head' ? generator : null,
    }));
    const result = await compareInRounds(settings(), ports);
    // That nothing failed is known all the same, and is no verdict on the whole.
    expect(result).toMatchObject({
      verdict: 'cannot-tell',
      metrics: [{ metric: 'failed-share', verdict: 'no-difference' }],
    });
  });
});
