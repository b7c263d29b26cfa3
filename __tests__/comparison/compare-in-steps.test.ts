import { describe, expect, test } from '@jest/globals';
import {
  type CapacityComparisonPorts,
  type CapacityComparisonSettings,
  compareInSteps,
  type VersionStep,
} from '../../src/comparison/compare-in-steps.ts';
import { createRandom } from '../../src/load/random.ts';
import type { CapacityStep } from '../../src/model/capacity.ts';
import { type Comparison, comparison as comparisonModel } from '../../src/model/comparison.ts';
import { capacityStep } from '../fakes/capacity.ts';

const SEARCH = { requestsPerStep: 300, shortestStepMs: 5000, overheadMs: 1500, limitMs: 600_000 };
const VERSION = { manifests: [], images: [], hosts: [] };

const settings = (
  search: Partial<CapacityComparisonSettings['search']> = {},
  tolerance = 0.05,
): CapacityComparisonSettings => ({
  base: { label: 'base', ...VERSION },
  head: { label: 'head', ...VERSION },
  seed: 'seed',
  run: 'run',
  tolerance,
  search: { ...SEARCH, ...search },
});

/** A world on a clock that steps alone move. */
function world(answer: (step: VersionStep) => CapacityStep) {
  let now = 0;
  const made: VersionStep[] = [];
  const kept: Comparison[] = [];
  const known: Comparison[] = [];
  const ports: CapacityComparisonPorts = {
    clock: { now: () => now },
    runStep: (step) => {
      now += SEARCH.overheadMs + step.durationMs;
      made.push(step);
      return Promise.resolve(answer(step));
    },
    keep: (comparison) => kept.push(comparison),
    onStep: (soFar) => known.push(soFar()),
  };
  return {
    ports,
    made,
    kept,
    known,
    now: () => now,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

/** Versions that keep the thresholds up to a rate, which the second argument may move for each step. */
const upTo =
  (capacities: { readonly base: number; readonly head: number }, factor: () => number = () => 1) =>
  (step: VersionStep) =>
    capacityStep(step.ratePerSecond, step.ratePerSecond <= capacities[step.version] * factor(), {
      durationSeconds: step.durationMs / 1000,
    });

/** A transition 3 % wide. */
function wavering(): () => number {
  const random = createRandom('waver');
  return () => {
    const uniform = random.uniform();
    return Math.exp(0.03 * Math.log(uniform / (1 - uniform)));
  };
}

describe('what is found', () => {
  test('a head that holds half of what base does, confirmed by fresh steps', async () => {
    const { ports, kept } = world(upTo({ base: 800, head: 400 }, wavering()));
    const result = await compareInSteps(settings({ limitMs: 1_200_000 }), ports);
    expect(result).toMatchObject({
      verdict: 'slower',
      confirmed: true,
      stoppedBecause: 'decided',
      rounds: [],
      capacities: { base: { end: 'precise' }, head: { end: 'precise' } },
    });
    const [metric] = result.metrics;
    expect(metric).toMatchObject({
      metric: 'capacity',
      verdict: 'slower',
      confirmation: { confirmed: true, pValue: 1 / 64, rounds: 6 },
    });
    expect(metric?.estimate).toBeGreaterThan(0.45);
    expect(metric?.estimate).toBeLessThan(0.55);
    expect(metric?.interval?.low).toBeLessThan(0.5);
    expect(metric?.interval?.high).toBeGreaterThan(0.5);
    expect(result.summary).toMatch(
      /^Head holds less than base: capacity −(4|5)\d\.\d % \(95 %: .*\), confirmed by fresh steps$/,
    );
    expect(kept).toEqual([result]);
    expect(() => comparisonModel.parse(result)).not.toThrow();
  });

  test('a head that holds more, confirmed by fresh steps as one that holds less is', async () => {
    const { ports, made } = world(upTo({ base: 400, head: 800 }, wavering()));
    const result = await compareInSteps(settings({ limitMs: 1_200_000 }), ports);
    expect(result).toMatchObject({ verdict: 'faster', confirmed: true });
    expect(result.metrics[0]).toMatchObject({
      confirmation: { change: 'faster', confirmed: true, pValue: 1 / 64, rounds: 6 },
    });
    expect(result.summary).toMatch(
      /^Head holds more than base: capacity \+\d+ % \(95 %: .*\), confirmed by fresh steps$/,
    );
    const [first, second] = made.filter(({ confirmation }) => confirmation);
    // Head at more than base, between the two capacities.
    expect(Math.max(first?.ratePerSecond ?? NaN, second?.ratePerSecond ?? NaN)).toBeLessThan(800);
    expect([first, second].find((step) => step?.version === 'head')?.ratePerSecond).toBeGreaterThan(
      [first, second].find((step) => step?.version === 'base')?.ratePerSecond ?? NaN,
    );
  });

  test.each([
    { name: 'more', capacities: { base: 400, head: 800 }, reason: 'The search said higher, but fresh steps did not' },
    { name: 'less', capacities: { base: 800, head: 400 }, reason: 'The search said lower, but fresh steps did not' },
  ])('a head that held $name only until it was confirmed is not said to', async ({ name, capacities, reason }) => {
    const result = await compareInSteps(
      settings(),
      world((step) => upTo(step.confirmation ? { base: 800, head: 800 } : capacities)(step)).ports,
    );
    expect(result).toMatchObject({ verdict: 'cannot-tell', confirmed: false });
    expect(result.summary).toBe(
      `Can't tell whether head holds less than base: it seemed to hold ${name}, but fresh steps did not confirm it`,
    );
    expect(result.metrics[0]?.reason).toContain(reason);
  });

  test('no difference between equal versions that always answer alike', async () => {
    const result = await compareInSteps(settings({ limitMs: 3_600_000 }), world(upTo({ base: 500, head: 500 })).ports);
    expect(result).toMatchObject({
      verdict: 'no-difference',
      confirmed: null,
      stoppedBecause: 'decided',
      summary: 'No difference beyond 5 % between the capacities of head and base',
    });
  });

  test('nothing, when time is up before it can be told', async () => {
    const { ports, now } = world(upTo({ base: 500, head: 480 }, wavering()));
    const result = await compareInSteps(settings({ limitMs: 200_000 }), ports);
    expect(result).toMatchObject({
      verdict: 'cannot-tell',
      confirmed: null,
      stoppedBecause: 'time-limit',
      capacities: { base: { end: 'time' } },
    });
    expect(result.metrics[0]).toMatchObject({
      reason: expect.stringContaining('The interval is too wide to decide') as unknown,
    });
    expect(result.metrics[0]?.minimumDetectableEffect).toBeGreaterThan(0.05);
    expect(now()).toBeLessThanOrEqual(200_000);
  });

  test('a head that was worse only until it was confirmed', async () => {
    const result = await compareInSteps(
      settings(),
      world((step) => upTo(step.confirmation ? { base: 800, head: 800 } : { base: 800, head: 400 })(step)).ports,
    );
    expect(result).toMatchObject({ verdict: 'cannot-tell', confirmed: false });
    expect(result.metrics[0]).toMatchObject({
      confirmation: { confirmed: false, pValue: 1 },
      reason: expect.stringContaining('did not confirm it') as unknown,
    });
    // After seven pairs that say nothing, five more could not confirm it.
    expect(result.capacities?.pairs).toHaveLength(7);
  });

  test('a pair that says nothing is made up for', async () => {
    let pairs = 0;
    const result = await compareInSteps(
      settings(),
      world((step) =>
        step.confirmation && step.version === 'head' && ++pairs === 2
          ? capacityStep(step.ratePerSecond, true)
          : upTo({ base: 800, head: 400 })(step),
      ).ports,
    );
    expect(result).toMatchObject({ verdict: 'slower', confirmed: true });
    expect(result.capacities?.pairs).toHaveLength(12);
  });
});

describe('a confirmation on other starts', () => {
  const restarting = (one: ReturnType<typeof world>, canRestart: (time: number) => boolean) => {
    const at: number[] = [];
    const startAgain: CapacityComparisonPorts['startAgain'] = (found) => {
      expect(found).toBe('slower');
      at.push(one.made.filter(({ confirmation }) => confirmation).length / 2);
      one.pass(50_000);
      return Promise.resolve(canRestart(at.length));
    };
    return { at, ports: { ...one.ports, startAgain } };
  };

  test('restarts both versions before every three pairs, and its time does not count', async () => {
    const one = world(upTo({ base: 800, head: 400 }));
    const { at, ports } = restarting(one, () => true);
    const result = await compareInSteps(settings(), ports);
    expect(at).toEqual([0, 3]);
    expect(result).toMatchObject({ verdict: 'slower', confirmed: true });
    expect(result.capacities?.pairs.map(({ start }) => start)).toEqual([1, 1, 1, 2, 2, 2]);
    expect(result.summary).toMatch(/, confirmed by fresh steps on 2 other starts$/);
    expect(result.durationSeconds).toBe((one.now() - 100_000) / 1000);
    expect(() => comparisonModel.parse(result)).not.toThrow();
  });

  test('is made on the same start where nothing can be restarted', async () => {
    const { at, ports } = restarting(world(upTo({ base: 800, head: 400 })), () => false);
    const result = await compareInSteps(settings(), ports);
    expect(at).toEqual([0]);
    expect(result.capacities?.pairs.map(({ start }) => start)).toEqual(Array(6).fill(undefined));
    expect(result.summary).toMatch(/, confirmed by fresh steps$/);
  });

  test('says nothing of a difference that the first start had by chance', async () => {
    const one = world((step) => upTo(step.confirmation ? { base: 800, head: 800 } : { base: 800, head: 400 })(step));
    const { ports } = restarting(one, () => true);
    const result = await compareInSteps(settings(), ports);
    expect(result).toMatchObject({ verdict: 'cannot-tell', confirmed: false });
    expect(result.summary).toBe(
      "Can't tell whether head holds less than base: it seemed to hold less, but that is not confirmed on another start",
    );
  });

  test('is never on one start alone, even when the time is up', async () => {
    let now = 0;
    const one = world(upTo({ base: 900, head: 300 }));
    const confirming: VersionStep[] = [];
    const result = await compareInSteps(settings({ limitMs: 240_000 }), {
      ...one.ports,
      startAgain: () => Promise.resolve(true),
      clock: { now: () => now },
      runStep: (step) => {
        if (step.confirmation) confirming.push(step);
        // After the three pairs of the first restart there is no time for a fourth.
        now = confirming.length === 6 ? 239_000 : now + (step.confirmation ? 1 : 6500);
        return one.ports.runStep(step);
      },
    });
    expect(result).toMatchObject({ verdict: 'cannot-tell', confirmed: false, capacities: { pairs: { length: 3 } } });
  });
});

describe('the turns', () => {
  test('begin with base, and then with head where base was good', async () => {
    const { ports, made } = world(upTo({ base: 500, head: 500 }));
    await compareInSteps(settings(), ports);
    expect(made.slice(0, 6).map(({ version, ratePerSecond }) => [version, ratePerSecond])).toEqual([
      ['base', 60],
      ['base', 120],
      ['base', 240],
      ['base', 480],
      ['base', 960],
      ['head', 480],
    ]);
  });

  test('go on in blocks in which both versions have the same place', async () => {
    const { ports, made } = world(upTo({ base: 500, head: 500 }));
    await compareInSteps(settings(), ports);
    const turns = made
      .slice(made.findLastIndex(({ ratePerSecond }) => ratePerSecond === 960) + 1)
      .map(({ version }) => version);
    for (let block = 0; block + 4 <= turns.length; block += 4)
      expect(['base head head base', 'head base base head']).toContain(turns.slice(block, block + 4).join(' '));
  });

  test('leave the ratio as it is when the machine gets slower', async () => {
    let steps = 0;
    const random = wavering();
    const { ports } = world(upTo({ base: 600, head: 600 }, () => random() * 0.995 ** steps++));
    const result = await compareInSteps(settings({}, 0), ports);
    expect(result.verdict).toBe('cannot-tell');
    expect(result.metrics[0]?.estimate).toBeGreaterThan(0.93);
    expect(result.metrics[0]?.estimate).toBeLessThan(1.07);
  });

  test('are the same for the same seed', async () => {
    const one = world(upTo({ base: 800, head: 400 }));
    const other = world(upTo({ base: 800, head: 400 }));
    await compareInSteps(settings(), one.ports);
    await compareInSteps(settings(), other.ports);
    expect(one.made).toEqual(other.made);
  });
});

describe('the time', () => {
  test.each([60_000, 120_000, 300_000])(
    'of the limit (%d ms) is kept, with that of a confirmation',
    async (limitMs) => {
      const { ports, now } = world(upTo({ base: 900, head: 300 }, wavering()));
      await compareInSteps(settings({ limitMs }), ports);
      expect(now()).toBeLessThanOrEqual(limitMs);
    },
  );

  test('that is short leaves some for the confirmation', async () => {
    const { ports, made } = world(upTo({ base: 900, head: 300 }));
    const result = await compareInSteps(settings({ limitMs: 240_000 }), ports);
    expect(result).toMatchObject({ confirmed: true });
    expect(made.filter(({ confirmation }) => confirmation)).toHaveLength(12);
  });

  test('that ends a confirmation gives its last look what is left of the error', async () => {
    let now = 0;
    const { ports } = world(upTo({ base: 900, head: 300 }));
    const confirming: VersionStep[] = [];
    const result = await compareInSteps(settings({ limitMs: 240_000 }), {
      ...ports,
      clock: { now: () => now },
      runStep: (step) => {
        if (step.confirmation) confirming.push(step);
        // After five whole pairs there is no time for a sixth.
        now = confirming.length === 10 ? 239_000 : now + (step.confirmation ? 1 : 6500);
        return ports.runStep(step);
      },
    });
    expect(result).toMatchObject({ confirmed: true, capacities: { pairs: { length: 5 } } });
    expect(result.metrics[0]?.confirmation?.pValue).toBe(1 / 32);
  });
});

describe('a version without an answer', () => {
  test('is no ratio, and what is known of the other one stays', async () => {
    const result = await compareInSteps(settings({ limitMs: 300_000 }), world(upTo({ base: 700, head: 0 })).ports);
    expect(result).toMatchObject({
      verdict: 'cannot-tell',
      capacities: { base: { lowestBroken: 960, highestKept: 480 }, head: { highestKept: null } },
    });
    expect(result.metrics[0]).toMatchObject({
      estimate: null,
      interval: null,
      reason: 'There is no ratio: head kept the thresholds at no rate that was tried.',
    });
    expect(() => comparisonModel.parse(result)).not.toThrow();
  });

  test('as the generator was the bottleneck ends the search, after a look at the other one', async () => {
    const result = await compareInSteps(
      settings(),
      world((step) =>
        step.version === 'base'
          ? capacityStep(step.ratePerSecond, step.ratePerSecond < 1000, {
              generatorLimited: step.ratePerSecond >= 1000,
            })
          : upTo({ base: 0, head: 700 })(step),
      ).ports,
    );
    expect(result).toMatchObject({
      verdict: 'cannot-tell',
      stoppedBecause: 'decided',
      capacities: {
        base: { end: 'generator', highestKept: 960, ratePerSecond: null },
        head: { highestKept: 480, lowestBroken: 960 },
      },
    });
    expect(result.metrics[0]?.reason).toBe('There is no ratio: base kept the thresholds at each rate that was tried.');
  });

  test('at all has nothing to compare', async () => {
    const result = await compareInSteps(settings({ limitMs: 5000 }), world(upTo({ base: 700, head: 700 })).ports);
    expect(result).toMatchObject({
      verdict: 'cannot-tell',
      stoppedBecause: 'time-limit',
      capacities: { base: { end: 'time', steps: [] }, head: { end: 'time', steps: [] } },
    });
  });
});

test('what was measured before an error is kept', async () => {
  const { ports, kept, made } = world(upTo({ base: 500, head: 500 }));
  const broken = {
    ...ports,
    runStep: (step: VersionStep) =>
      made.length === 20 ? Promise.reject(new Error('the cluster is gone')) : ports.runStep(step),
  };
  await expect(compareInSteps(settings(), broken)).rejects.toThrow('the cluster is gone');
  expect(kept).toHaveLength(1);
  expect(kept[0]).toMatchObject({ stoppedBecause: 'cancelled', capacities: { base: { end: 'cancelled' } } });
  const { base, head } = kept[0]?.capacities ?? {};
  expect(Number(base?.steps.length) + Number(head?.steps.length)).toBe(20);
});

test('after each step it is known what a kill would leave', async () => {
  const { ports, known, made } = world(upTo({ base: 800, head: 400 }));
  await compareInSteps(settings(), ports);
  expect(known.length).toBe(
    made.filter(({ confirmation }) => !confirmation).length +
      made.filter(({ confirmation }) => confirmation).length / 2,
  );
  for (const comparison of known) {
    expect(() => comparisonModel.parse(comparison)).not.toThrow();
    expect(comparison.confirmed).toBeNull();
  }
  expect(known.at(-1)?.capacities?.pairs).toHaveLength(6);
});
