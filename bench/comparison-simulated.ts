import { compareInRounds } from '../src/comparison/compare-in-rounds.ts';
import type { ComparisonWindow } from '../src/comparison/round-ports.ts';
import type { Random } from '../src/load/random.ts';
import type { Comparison } from '../src/model/comparison.ts';
import type { LoadResult } from '../src/model/load.ts';
import { clopperPearson } from '../src/comparison/binomial.ts';
import { NOISE_MODELS, noiseModel, normal } from './comparison-noise.ts';
import { figure, median, table } from './statistics.ts';

/** Noise that a metric has on its own, beside that of its window; percentiles of few requests have more. */
const OWN_NOISE = {
  requestsPerSecond: 0.01,
  p50: 0.01,
  p90: 0.02,
  p95: 0.03,
  p99: 0.06,
  cpu: 0.02,
  memory: 0.01,
} as const;
const REQUESTS = 1000;

export interface SimulatedCase {
  readonly noise: string;
  /** All noise is multiplied by this. */
  readonly strength: number;
  /** Head takes this much longer: 0.05 is 5 %. */
  readonly slowdown: number;
  readonly tolerance: number;
  /** Standard deviation of what one start of one version adds to its times by chance: 0.02 is 2 %. Without it both are started once. */
  readonly startSpread?: number | undefined;
  /** Whether a hit is confirmed on other starts, as it is unless nothing can be started again; missing: yes. */
  readonly startsAgain?: boolean | undefined;
  /** 1: there is no time for more rounds. */
  readonly looks?: number | undefined;
  /** Whether the median alone is slower, and no other figure. */
  readonly medianAlone?: boolean | undefined;
}

/** One whole comparison by the driver of the product, on windows that are drawn instead of measured. */
export async function simulate(
  {
    noise,
    strength,
    slowdown,
    tolerance,
    looks,
    startSpread = 0,
    startsAgain = true,
    medianAlone = false,
  }: SimulatedCase,
  seed: string,
): Promise<Comparison> {
  const { model, random } = noiseModel(noise, `${noise}/${seed}`);
  const disturb = model.begin(random);
  let now = 0;
  let windows = 0;
  const begin = (): Record<'base' | 'head', number> => ({
    base: startSpread === 0 ? 0 : startSpread * normal(random),
    head: startSpread === 0 ? 0 : startSpread * normal(random),
  });
  let started = begin();
  const version = { label: '', manifests: [], images: [], hosts: [] };
  return await compareInRounds(
    {
      base: version,
      head: version,
      seed,
      run: '',
      tolerance,
      durationMs: 120_000,
      limitMs: looks === 1 ? 180_000 : 360_000,
      rounds: null,
    },
    {
      clock: { now: () => now },
      signal: new AbortController().signal,
      keep: () => undefined,
      ...(startsAgain
        ? {
            startAgain: () => {
              started = begin();
              return Promise.resolve(true);
            },
          }
        : {}),
      loadWindow: (window) => {
        now += window.durationMs;
        const disturbance = strength * disturb(windows++ % 2 === 1);
        return Promise.resolve(
          drawWindow(
            window,
            random,
            disturbance + started[window.version],
            { slower: window.version === 'head' ? Math.log1p(slowdown) : 0, medianAlone },
            model.failing?.(random) ?? 0,
            strength,
          ),
        );
      },
      readResources: (loaded) =>
        Promise.resolve(
          loaded.map(({ load }) => ({
            cpuSeconds:
              (load.total.latencyMs?.[medianAlone ? 'p90' : 'p50'] ?? 0) *
              Math.exp(strength * OWN_NOISE.cpu * normal(random)),
            memoryBytes: 1e8 * Math.exp(strength * OWN_NOISE.memory * normal(random)),
          })),
        ),
    },
  );
}

function drawWindow(
  window: ComparisonWindow,
  random: Random,
  weather: number,
  { slower, medianAlone }: { readonly slower: number; readonly medianAlone: boolean },
  failing: number,
  strength: number,
): LoadResult {
  const of = (base: number, own: number, change: number): number =>
    base * Math.exp(weather + change + strength * own * normal(random));
  const time = (base: number, own: number): number => of(base, own, medianAlone ? 0 : slower);
  const latency = {
    p50: of(10, OWN_NOISE.p50, slower),
    p90: time(20, OWN_NOISE.p90),
    p95: time(25, OWN_NOISE.p95),
    p99: time(40, OWN_NOISE.p99),
  };
  let failed = 0;
  for (let request = 0; failing > 0 && request < REQUESTS; request++) if (random.uniform() < failing) failed += 1;
  const total = {
    host: 'all',
    path: '',
    sent: REQUESTS,
    succeeded: REQUESTS - failed,
    failed,
    successRatio: 1 - failed / REQUESTS,
    failures: {},
    retried: 0,
    statuses: { '200': REQUESTS },
    bytesReceived: 0,
    requestsPerSecond: 1 / time(0.002, OWN_NOISE.requestsPerSecond),
    latencyMs: { avg: latency.p50, min: 0, max: latency.p99, ...latency },
    serviceTimeMs: null,
  };
  return {
    model: { kind: 'closed', concurrency: 10 },
    seed: window.seed,
    warmupRequests: 0,
    rampUpSeconds: 0,
    workers: 1,
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:00:02.000Z',
    durationSeconds: window.durationMs / 1000,
    sentLate: 0,
    notSent: 0,
    generator: null,
    total,
    hosts: [],
  };
}

export interface SimulatedResult extends SimulatedCase {
  readonly replications: number;
  /** Comparisons in which any metric was called slower, or faster, by the search. */
  readonly slower: number;
  readonly faster: number;
  /** Comparisons that would fail the step, since slower was confirmed, and those that would be called faster, since that was. */
  readonly failedStep: number;
  readonly calledFaster: number;
  /** Other starts of those in which there was something to confirm: the mean. */
  readonly meanStarts: number;
  readonly noDifference: number;
  readonly cannotTell: number;
  readonly medianRounds: number;
  /** Seconds until the answer: the median. */
  readonly medianSeconds: number;
  /** Median over the comparisons, for the median latency. */
  readonly medianDetectable: number;
}

export async function simulateMany(given: SimulatedCase, replications: number): Promise<SimulatedResult> {
  const made: Comparison[] = [];
  for (let i = 0; i < replications; i++) made.push(await simulate(given, String(i)));
  const count = (holds: (comparison: Comparison) => boolean): number => made.filter(holds).length;
  return {
    ...given,
    replications,
    slower: count((comparison) => hits(comparison, 'slower')),
    faster: count((comparison) => hits(comparison, 'faster')),
    failedStep: count(({ verdict, confirmed }) => verdict === 'slower' && confirmed === true),
    calledFaster: count(({ verdict, confirmed }) => verdict === 'faster' && confirmed === true),
    meanStarts: mean(made.flatMap(({ starts }) => (starts === undefined ? [] : starts.length - 1))),
    noDifference: count(({ verdict }) => verdict === 'no-difference'),
    cannotTell: count(({ verdict }) => verdict === 'cannot-tell'),
    medianRounds: median(made.map(({ rounds }) => rounds.length)),
    medianSeconds: median(made.map(({ durationSeconds }) => durationSeconds)),
    medianDetectable: median(
      made.flatMap(
        ({ metrics }) => metrics.find(({ metric }) => metric === 'latency-p50')?.minimumDetectableEffect ?? [],
      ),
    ),
  };
}

const hits = ({ metrics }: Comparison, change: 'slower' | 'faster'): boolean =>
  metrics.some(({ confirmation }) => confirmation?.change === change);

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The same version twice, under every noise: what is claimed is wrong. Without a tolerance, which would hide most of it. */
export async function benchFalseAlarms(replications: number): Promise<SimulatedResult[]> {
  const results: SimulatedResult[] = [];
  for (const { name: noise } of NOISE_MODELS)
    results.push(await simulateMany({ noise, strength: 1, slowdown: 0, tolerance: 0 }, replications));
  return results;
}

export function falseAlarmsTable(results: readonly SimulatedResult[]): string {
  return table(
    ['noise', 'slower or faster in the search', '95 % interval', 'failed step', 'called faster'],
    results.map(({ noise, slower, faster, failedStep, calledFaster, replications }) => [
      noise,
      percent((slower + faster) / replications),
      range(clopperPearson(Math.min(replications, slower + faster), replications)),
      percent(failedStep / replications),
      percent(calledFaster / replications),
    ]),
  );
}

/** Head is slower by exactly the tolerance: the hardest case in which "slower than the tolerance" is wrong. */
export async function benchBoundary(replications: number): Promise<SimulatedResult[]> {
  const results: SimulatedResult[] = [];
  for (const { name: noise } of NOISE_MODELS)
    results.push(await simulateMany({ noise, strength: 1, slowdown: 0.05, tolerance: 0.05 }, replications));
  return results;
}

const SPREADS = [0, 0.01, 0.02, 0.03];

/** Equal versions whose starts differ by chance, confirmed on the same start and on others. */
export const benchEqualStarts = (replications: number): Promise<SimulatedResult[]> =>
  benchStarts(
    SPREADS.flatMap((startSpread) =>
      [false, true].map((startsAgain) => ({ startSpread, startsAgain, slowdown: 0, tolerance: 0.05 })),
    ),
    replications,
  );

/** Heads that are slower, and one that is faster, confirmed on other starts that differ by chance. */
export const benchChangedStarts = (replications: number): Promise<SimulatedResult[]> =>
  benchStarts(
    [
      { slowdown: 0.1, tolerance: 0.05 },
      { slowdown: 1 / 1.1 - 1, tolerance: 0.05 },
      { slowdown: 0.05, tolerance: 0 },
    ].flatMap((change) => SPREADS.map((startSpread) => ({ ...change, startSpread, startsAgain: true }))),
    replications,
  );

async function benchStarts(
  cases: readonly Omit<SimulatedCase, 'noise' | 'strength'>[],
  replications: number,
): Promise<SimulatedResult[]> {
  const results: SimulatedResult[] = [];
  for (const each of cases)
    results.push(await simulateMany({ noise: NOISE_MODELS[0]?.name ?? '', strength: 1, ...each }, replications));
  return results;
}

export function startsTable(results: readonly SimulatedResult[]): string {
  return table(
    [
      'spread of starts',
      'slow-down',
      'tolerance',
      'confirmed on',
      'slower, faster in the search',
      'failed step',
      'called faster',
      '95 % interval of both',
      'other starts',
    ],
    results.map(({ startSpread, slowdown, tolerance, startsAgain, replications, meanStarts, ...result }) => [
      percent(startSpread ?? 0),
      percent(slowdown),
      percent(tolerance),
      startsAgain === true ? 'other starts' : 'the same start',
      `${percent(result.slower / replications)}, ${percent(result.faster / replications)}`,
      percent(result.failedStep / replications),
      percent(result.calledFaster / replications),
      range(clopperPearson(result.failedStep + result.calledFaster, replications)),
      figure(meanStarts, 1),
    ]),
  );
}

const SLOWDOWNS = [0, 0.02, 0.05, 0.1, 0.2];

/** How often a known slow-down is found, on quiet and on noisy machines. */
export async function benchPower(replications: number): Promise<SimulatedResult[]> {
  const results: SimulatedResult[] = [];
  for (const strength of [1 / 3, 1, 3]) {
    for (const tolerance of [0, 0.05]) {
      for (const slowdown of SLOWDOWNS)
        results.push(
          await simulateMany({ noise: NOISE_MODELS[0]?.name ?? '', strength, slowdown, tolerance }, replications),
        );
    }
  }
  return results;
}

export function powerTable(results: readonly SimulatedResult[]): string {
  return table(
    [
      'noise of a window',
      'tolerance',
      'slow-down',
      'slower',
      'confirmed',
      'no difference',
      'can not tell',
      'rounds',
      'time',
      'stated: detectable p50',
    ],
    results.map(({ strength, tolerance, slowdown, replications, ...result }) => [
      percent(0.03 * strength),
      percent(tolerance),
      percent(slowdown),
      percent(result.slower / replications),
      percent(result.failedStep / replications),
      percent(result.noDifference / replications),
      percent(result.cannotTell / replications),
      String(result.medianRounds),
      `${result.medianSeconds.toFixed(0)} s`,
      percent(result.medianDetectable),
    ]),
  );
}

export interface DetectableResult extends Pick<SimulatedCase, 'strength' | 'looks' | 'medianAlone'> {
  /** Median over runs without a difference. */
  readonly stated: number;
  /** How often head is called slower, confirmed, when it is slower by that much. */
  readonly found: number;
  readonly replications: number;
}

/** The slow-down that a run says it would have found in 4 of 5 cases, held against how often it is found and confirmed. */
export async function benchDetectable(replications: number): Promise<DetectableResult[]> {
  const results: DetectableResult[] = [];
  for (const strength of [1 / 3, 1, 3])
    for (const looks of [1, undefined]) {
      const given = { noise: NOISE_MODELS[0]?.name ?? '', strength, tolerance: 0.05, looks };
      const { medianDetectable: stated } = await simulateMany({ ...given, slowdown: 0 }, replications);
      for (const medianAlone of [true, false]) {
        let found = 0;
        for (let i = 0; i < replications; i++) {
          const seed = `again/${String(strength)}/${String(i)}`;
          const { verdict, confirmed } = await simulate({ ...given, slowdown: stated, medianAlone }, seed);
          if (verdict === 'slower' && confirmed === true) found += 1;
        }
        results.push({ strength, looks, medianAlone, stated, found, replications });
      }
    }
  return results;
}

export function detectableTable(results: readonly DetectableResult[]): string {
  return table(
    ['noise of a window', 'limit', 'what is slower', 'stated', 'slower, confirmed', '95 % interval'],
    results.map(({ strength, looks, medianAlone, stated, found, replications }) => [
      percent(0.03 * strength),
      looks === 1 ? '1.5 times' : '3 times',
      medianAlone === true ? 'p50 alone' : 'everything',
      percent(stated),
      percent(found / replications),
      range(clopperPearson(found, replications)),
    ]),
  );
}

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
export const range = ({ low, high }: { readonly low: number; readonly high: number }): string =>
  `${percent(low)} – ${percent(high)}`;
