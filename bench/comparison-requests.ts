import { compareInRounds } from '../src/comparison/compare-in-rounds.ts';
import { clopperPearson } from '../src/comparison/binomial.ts';
import { createRandom } from '../src/load/random.ts';
import type { Comparison } from '../src/model/comparison.ts';
import type { HostResult, LoadResult } from '../src/model/load.ts';
import { normal } from './comparison-noise.ts';
import { percent, range } from './comparison-simulated.ts';
import { table } from './statistics.ts';

/** As many requests, asked equally often; the first is the fastest, so that percentiles of the whole do not see it. */
const REQUESTS = 10;
const NAMES = Array.from({ length: REQUESTS }, (_, index) => ({ host: 'shop.localhost', path: `/${String(index)}` }));
/** Answers to one request in a window. */
const ANSWERS = 100;
/** Standard deviation of the logarithm: of a window, and of one request in it beside that. */
const WEATHER = 0.03;

interface RequestsCase {
  readonly slowdown: number;
  readonly tolerance: number;
  /** Noise of a request of its own. */
  readonly own: number;
}

const CASES: readonly RequestsCase[] = [
  { slowdown: 0, tolerance: 0, own: 0.03 },
  { slowdown: 0, tolerance: 0, own: 0.1 },
  ...[0.1, 0.2, 0.5, 1].map((slowdown) => ({ slowdown, tolerance: 0.05, own: 0.03 })),
  ...[0.2, 0.5, 1].map((slowdown) => ({ slowdown, tolerance: 0.05, own: 0.1 })),
];

export interface RequestsResult extends RequestsCase {
  readonly replications: number;
  /** Comparisons in which the slow request was called slower, in which that was confirmed, and in which any other was claimed to have changed. */
  readonly found: number;
  readonly confirmed: number;
  readonly others: number;
  /** Comparisons in which a metric of the whole was called slower. */
  readonly whole: number;
}

/** One request of ten is slower and the percentiles of the whole do not move: how often it is found and named, and others wrongly. */
export async function benchRequests(replications: number): Promise<RequestsResult[]> {
  const results: RequestsResult[] = [];
  for (const given of CASES) {
    const made: Comparison[] = [];
    for (let i = 0; i < replications; i++) made.push(await simulate(given, `${JSON.stringify(given)}/${String(i)}`));
    const count = (holds: (comparison: Comparison) => boolean): number => made.filter(holds).length;
    const slow = ({ requests = [] }: Comparison) => requests.find(({ path }) => path === '/0')?.latency;
    results.push({
      ...given,
      replications,
      found: count((comparison) => slow(comparison)?.confirmation?.change === 'slower'),
      confirmed: count((comparison) => slow(comparison)?.verdict === 'slower'),
      others: count(({ requests = [] }) =>
        requests.some(({ path, latency }) => path !== '/0' && latency.confirmation !== null),
      ),
      whole: count(({ metrics }) => metrics.some(({ confirmation }) => confirmation !== null)),
    });
  }
  return results;
}

async function simulate({ slowdown, tolerance, own }: RequestsCase, seed: string): Promise<Comparison> {
  const random = createRandom(`requests/${seed}`);
  const version = { label: '', manifests: [], images: [], hosts: [] };
  let now = 0;
  return await compareInRounds(
    {
      base: version,
      head: version,
      seed,
      run: '',
      requests: NAMES,
      tolerance,
      durationMs: 120_000,
      limitMs: 360_000,
      rounds: null,
    },
    {
      clock: { now: () => now },
      signal: new AbortController().signal,
      keep: () => undefined,
      loadWindow: (window) => {
        now += window.durationMs;
        const weather = WEATHER * normal(random);
        const time = (base: number, noise: number): number => base * Math.exp(weather + noise * normal(random));
        const hosts = NAMES.map((name, index) =>
          result(name, time(index + 1, own) * (window.version === 'head' && index === 0 ? 1 + slowdown : 1), ANSWERS),
        );
        return Promise.resolve(
          loadOf(window.seed, result({ host: 'all', path: '' }, time(10, 0.01), REQUESTS * ANSWERS), hosts),
        );
      },
    },
  );
}

const result = (name: Pick<HostResult, 'host' | 'path'>, p50: number, answers: number): HostResult => ({
  ...name,
  sent: answers,
  succeeded: answers,
  failed: 0,
  successRatio: 1,
  failures: {},
  retried: 0,
  statuses: { '200': answers },
  bytesReceived: 0,
  requestsPerSecond: answers / 2,
  latencyMs: { avg: p50, min: 0, max: 4 * p50, p50, p90: 2 * p50, p95: 2.5 * p50, p99: 4 * p50 },
  serviceTimeMs: null,
});

const loadOf = (seed: string, total: HostResult, hosts: readonly HostResult[]): LoadResult => ({
  model: { kind: 'open', ratePerSecond: 500, arrivals: 'constant', concurrency: 10 },
  seed,
  warmupRequests: 0,
  rampUpSeconds: 0,
  workers: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: '2026-01-01T00:00:02.000Z',
  durationSeconds: 2,
  sentLate: 0,
  notSent: 0,
  generator: null,
  total,
  hosts: [...hosts],
});

export function requestsTable(results: readonly RequestsResult[]): string {
  return table(
    [
      'noise of a request',
      'tolerance',
      'one of ten slower by',
      'found',
      'confirmed',
      'another one claimed',
      '95 % interval',
      'whole called slower',
    ],
    results.map(({ slowdown, tolerance, own, replications, found, confirmed, others, whole }) => [
      percent(own),
      percent(tolerance),
      percent(slowdown),
      percent(found / replications),
      percent(confirmed / replications),
      percent(others / replications),
      range(clopperPearson(others, replications)),
      percent(whole / replications),
    ]),
  );
}
