import { systemClock } from '../src/adapters/clock.ts';
import { startEchoServices } from '../src/adapters/echo-services.ts';
import { compareInRounds } from '../src/comparison/compare-in-rounds.ts';
import { generateLoad } from '../src/load/engine/generate.ts';
import type { LoadPlan } from '../src/load/requests/plan.ts';
import type { Sender } from '../src/load/sender.ts';
import type { Comparison } from '../src/model/comparison.ts';
import { clopperPearson } from '../src/comparison/binomial.ts';
import { percent, range } from './comparison-simulated.ts';
import { SERVICES } from './delayed-services.ts';
import { benchRecord } from './record.ts';
import { openSenders } from './senders.ts';
import { median, table } from './statistics.ts';

/** A window is short, so that hundreds of comparisons can be made: the statistics don't know how long a round was. */
const REQUESTS = 24;
const ROUNDS = 20;
const DURATION_MS = 20_000;
const CONNECTIONS = 2;
/** Comparisons to one start of the services. */
const BATCH = 10;

interface EchoRun {
  readonly slowdown: number;
  readonly tolerance: number;
  readonly number: number;
  readonly hit: boolean;
  readonly faster: boolean;
  readonly failedStep: boolean;
  readonly calledFaster: boolean;
  readonly verdict: Comparison['verdict'];
  readonly rounds: number;
  readonly ratio: number | null;
  readonly detectable: number | null;
}

/** Many comparisons can be made in several parts. */
const record = benchRecord<EchoRun>('bench-comparison');

const CASES = [
  { slowdown: 0, tolerance: 0, comparisons: 200 },
  ...[0.02, 0.05, 0.1, 0.2].map((slowdown) => ({ slowdown, tolerance: 0, comparisons: 20 })),
];

/**
 * Whole comparisons through the real engine, on the echo services of the try mode with a known time to work: the same version twice, and
 * a head that is slower.
 *
 * @param minutes ends the call; a further one goes on where this one was.
 */
export async function benchEcho(minutes: number): Promise<EchoRun[]> {
  const endMs = performance.now() + minutes * 60_000;
  const runs = await record.all();
  for (const { slowdown, tolerance, comparisons } of CASES) {
    let done = runs.filter((run) => run.slowdown === slowdown && run.tolerance === tolerance).length;
    while (done < comparisons && performance.now() < endMs) {
      const count = Math.min(BATCH, comparisons - done);
      const batch = await batchOf(slowdown, tolerance, done, count);
      for (const run of batch) await record.add(run);
      runs.push(...batch);
      done += count;
      console.error(
        `slow-down ${percent(slowdown)}, tolerance ${percent(tolerance)}: ${String(done)} of ${String(comparisons)}`,
      );
    }
  }
  return runs;
}

async function batchOf(slowdown: number, tolerance: number, first: number, count: number): Promise<EchoRun[]> {
  const services = await startServices(slowdown, `${String(slowdown)}/${String(first)}`);
  const runs: EchoRun[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const number = first + i;
      const comparison = await compareEchoes({
        seed: `echo/${String(slowdown)}/${String(number)}`,
        tolerance,
        senders: () => services.senders,
      });
      runs.push(runOf(comparison, slowdown, number));
    }
  } finally {
    await services.stop();
  }
  return runs;
}

/** Services that run, with a sender for each. */
export interface RunningServices {
  readonly senders: readonly Sender[];
  readonly stop: () => Promise<void>;
}

/** @param spread of starts, see delayed-services.ts. */
export async function startServices(slowdown: number, seed: string, spread = 0): Promise<RunningServices> {
  const services = await startEchoServices('bench/delayed-services.ts', [String(slowdown), seed, String(spread)]);
  const senders = openSenders(services.ingress, SERVICES, CONNECTIONS);
  return {
    senders,
    stop: async () => {
      for (const sender of senders) await sender.close();
      await services.stop();
    },
  };
}

/** One comparison through the real engine. */
export async function compareEchoes({
  seed,
  tolerance,
  senders,
  startAgain,
}: {
  readonly seed: string;
  readonly tolerance: number;
  readonly senders: () => readonly Sender[];
  readonly startAgain?: (() => Promise<boolean>) | undefined;
}): Promise<Comparison> {
  // Time that counts planned windows only, so that a busy machine has the same number of rounds.
  let now = 0;
  const label = { label: '', manifests: [], images: [], hosts: [] };
  return await compareInRounds(
    {
      base: label,
      head: label,
      seed,
      run: '',
      tolerance,
      durationMs: DURATION_MS,
      limitMs: 3 * DURATION_MS,
      rounds: ROUNDS,
    },
    {
      clock: { now: () => now },
      signal: new AbortController().signal,
      keep: () => undefined,
      startAgain,
      loadWindow: async (window) => {
        const index = window.version === 'base' ? 0 : 1;
        const sender = senders()[index];
        if (sender === undefined) throw new RangeError('There is no sender');
        now += window.durationMs;
        return await generateLoad(planOf(index, window.seed), sender, systemClock);
      },
    },
  );
}

const planOf = (index: number, seed: string): LoadPlan => ({
  targets: [{ host: SERVICES[index] ?? '', path: '/' }],
  model: { kind: 'closed', concurrency: CONNECTIONS },
  requests: REQUESTS,
  durationMs: null,
  warmupRequests: CONNECTIONS,
  rampUpMs: 0,
  requestTimeoutMs: 5000,
  seed,
});

function runOf(comparison: Comparison, slowdown: number, number: number): EchoRun {
  const { metrics, confirmed, verdict, rounds, tolerance } = comparison;
  const p50 = metrics.find(({ metric }) => metric === 'latency-p50');
  return {
    slowdown,
    tolerance,
    number,
    hit: metrics.some(({ confirmation }) => confirmation?.change === 'slower'),
    faster: metrics.some(({ confirmation }) => confirmation?.change === 'faster'),
    failedStep: verdict === 'slower' && confirmed === true,
    calledFaster: verdict === 'faster' && confirmed === true,
    verdict,
    rounds: rounds.length,
    ratio: p50?.estimate ?? null,
    detectable: p50?.minimumDetectableEffect ?? null,
  };
}

export function echoTable(runs: readonly EchoRun[]): string {
  const cases = [...new Set(runs.map(({ slowdown, tolerance }) => `${String(slowdown)} ${String(tolerance)}`))].map(
    (key) => key.split(' ').map(Number),
  );
  return table(
    [
      'slow-down',
      'tolerance',
      'comparisons',
      'slower',
      'faster',
      '95 % interval',
      'failed step',
      'called faster',
      'no difference',
      'rounds',
      'p50 ratio',
      'detectable p50',
    ],
    cases.map(([slowdown = 0, tolerance = 0]) => {
      const made = runs.filter((run) => run.slowdown === slowdown && run.tolerance === tolerance);
      const count = (holds: (run: EchoRun) => boolean): number => made.filter(holds).length;
      const share = (holds: (run: EchoRun) => boolean): string => percent(count(holds) / made.length);
      return [
        percent(slowdown),
        percent(tolerance),
        String(made.length),
        share(({ hit }) => hit),
        share(({ faster }) => faster),
        range(
          clopperPearson(
            count(({ hit, faster }) => hit || faster),
            made.length,
          ),
        ),
        share(({ failedStep }) => failedStep),
        share(({ calledFaster }) => calledFaster),
        share(({ verdict }) => verdict === 'no-difference'),
        String(median(made.map(({ rounds }) => rounds))),
        median(made.flatMap(({ ratio }) => ratio ?? [])).toFixed(3),
        percent(median(made.flatMap(({ detectable }) => detectable ?? []))),
      ];
    }),
  );
}
