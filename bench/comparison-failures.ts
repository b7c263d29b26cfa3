import { ERROR, judge } from '../src/comparison/judge.ts';
import { BY_SIDE } from '../src/comparison/sides.ts';
import { createRandom, type Random } from '../src/load/random.ts';
import type { ComparisonRound, RoundFigures } from '../src/model/comparison.ts';
import { normal } from './comparison-noise.ts';
import { percent } from './comparison-simulated.ts';
import { table } from './statistics.ts';

/** As many as there are at the first look by default. */
const ROUNDS = 30;
const REQUESTS = 1000;
/** What a first look after an early one spends. */
const LOOK_ERROR = 0.42 * ERROR;

/** How failures come to a version. */
interface Pattern {
  readonly name: string;
  /** Of all requests of the version. */
  readonly share: number;
  /** Failed requests of each window. */
  readonly draw: (random: Random, windows: number) => number[];
}

/** All failures in one window of so many, drawn anew in each group of them, as many as make the share. */
const bursts = (share: number, of: number): Pattern => ({
  name: `bursts in one window of ${String(of)}`,
  share,
  draw: (random, windows) => {
    const places = Array.from({ length: Math.max(1, Math.floor(windows / of)) }, (_, group) =>
      Math.min(windows - 1, group * of + random.integer(of)),
    );
    const each = Math.min(REQUESTS, Math.round((share * windows * REQUESTS) / places.length));
    return Array.from({ length: windows }, (_, window) => (places.includes(window) ? each : 0));
  },
});

const even = (share: number): Pattern => ({
  name: 'even',
  share,
  draw: (random, windows) =>
    Array.from({ length: windows }, () =>
      Array.from({ length: REQUESTS }, () => random.uniform()).reduce((failed, u) => failed + (u < share ? 1 : 0), 0),
    ),
});

const PATTERNS = [0.005, 0.01, 0.05].flatMap((share) => [...[10, 20, 60].map((of) => bursts(share, of)), even(share)]);

export interface FailuresResult {
  readonly pattern: string;
  readonly share: number;
  readonly replications: number;
  /** Verdicts on the failed requests when head alone fails, when base alone does, and when both do in the same way. */
  readonly head: Readonly<Record<string, number>>;
  readonly base: Readonly<Record<string, number>>;
  readonly both: Readonly<Record<string, number>>;
  /** A head that fails and answers the rest in 0.7 of the time, called faster as a whole. */
  readonly favoured: number;
}

/** How failures that come in bursts, and such that come evenly, are judged: by windows that are drawn. */
export function benchFailures(replications: number): FailuresResult[] {
  return PATTERNS.map(({ name, share, draw }) => {
    const random = createRandom(`failures/${name}/${String(share)}`);
    const none = (): number[] => Array.from({ length: ROUNDS }, () => 0);
    const counts = {
      head: new Map<string, number>(),
      base: new Map<string, number>(),
      both: new Map<string, number>(),
    };
    let favoured = 0;
    for (let i = 0; i < replications; i++) {
      const fails = (): number[] => draw(random, ROUNDS);
      for (const who of ['head', 'base', 'both'] as const) {
        const given = roundsOf(
          random,
          who === 'head' ? none() : fails(),
          who === 'base' ? none() : fails(),
          who === 'head' ? 0.7 : 1,
        );
        const { metrics, verdict } = judge(given, {
          tolerance: 0.05,
          error: LOOK_ERROR,
          pacedByRate: false,
          names: BY_SIDE,
        });
        const said = metrics.find(({ metric }) => metric === 'failed-share')?.verdict ?? 'cannot-tell';
        counts[who].set(said, (counts[who].get(said) ?? 0) + 1);
        if (who === 'head' && verdict === 'faster') favoured += 1;
      }
    }
    return {
      pattern: name,
      share,
      replications,
      head: Object.fromEntries(counts.head),
      base: Object.fromEntries(counts.base),
      both: Object.fromEntries(counts.both),
      favoured,
    };
  });
}

function roundsOf(random: Random, base: readonly number[], head: readonly number[], slow: number): ComparisonRound[] {
  const figures = (failed: number, factor: number): RoundFigures => {
    const time = factor * Math.exp(0.02 * normal(random));
    return {
      startedAt: '2026-01-01T00:00:00.000Z',
      durationSeconds: 2,
      sent: REQUESTS,
      failed,
      requestsPerSecond: 500 / time,
      latencyMs: { p50: 10 * time, p90: 20 * time, p95: 25 * time, p99: 40 * time },
      cpuSecondsPerRequest: null,
      memoryBytes: null,
      generatorLimited: false,
    };
  };
  return base.map((failed, index) => ({
    index,
    order: index % 4 === 0 || index % 4 === 3 ? 'base-first' : 'head-first',
    confirmation: false,
    base: figures(failed, 1),
    head: figures(head[index] ?? 0, slow),
  }));
}

export function failuresTable(results: readonly FailuresResult[]): string {
  return table(
    [
      'failures',
      'share',
      'head fails: more',
      'no difference',
      "can't tell",
      'called faster',
      'base fails: fewer',
      'no difference',
      'both fail: more or fewer',
      'no difference',
    ],
    results.map(({ pattern, share, replications, head, base, both, favoured }) => {
      const of = (counts: Readonly<Record<string, number>>, ...verdicts: string[]): string =>
        percent(verdicts.reduce((sum, verdict) => sum + (counts[verdict] ?? 0), 0) / replications);
      return [
        pattern,
        percent(share),
        of(head, 'slower'),
        of(head, 'no-difference'),
        of(head, 'cannot-tell'),
        percent(favoured / replications),
        of(base, 'faster'),
        of(base, 'no-difference'),
        of(both, 'slower', 'faster'),
        of(both, 'no-difference'),
      ];
    }),
  );
}
