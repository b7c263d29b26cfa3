import { once } from 'node:events';
import type { EngineRun } from './engine.ts';
import { benchPlan, runEngine } from './generators.ts';
import { startServer, type BenchServer } from './machine.ts';
import { table } from './statistics.ts';

export const DELAYS = ['constant 50 ms', '80 % 20 ms, 20 % 100 ms', 'a stall of 2 s'] as const;
export type Delay = (typeof DELAYS)[number];

export interface AccuracyResult {
  readonly delay: Delay;
  readonly model: 'open' | 'closed';
  readonly measured: Pick<EngineRun, 'p50Ms' | 'p90Ms' | 'p99Ms' | 'maxMs'>;
  /** What the server knows that it did. */
  readonly truth: Pick<EngineRun, 'p50Ms' | 'p90Ms' | 'p99Ms' | 'maxMs'>;
}

const RATE = 300;
const DURATION_MS = 10_000;
/** Enough connections for all requests of the stall. */
const CONNECTIONS = 1000;

/** The percentiles of the engine beside those of a server that delays by a known schedule. */
export async function benchAccuracy(port: number): Promise<AccuracyResult[]> {
  const results: AccuracyResult[] = [];
  for (const delay of DELAYS) {
    const server = await startServer([process.execPath, '--import', 'tsx', 'bench/delay-server.ts', String(port), delay], port);
    try {
      results.push(await measure(server, delay, 'open'), await measure(server, delay, 'closed'));
    } finally {
      await server.stop();
    }
  }
  return results;
}

async function measure(server: BenchServer, delay: Delay, model: 'open' | 'closed'): Promise<AccuracyResult> {
  console.error(`${delay}, ${model} model`);
  await heldTimes(server);
  const plan = benchPlan({
    model: model === 'open' ? { kind: 'open', ratePerSecond: RATE, arrivals: 'constant', concurrency: CONNECTIONS } : { kind: 'closed', concurrency: 1 },
    durationMs: DURATION_MS,
  });
  const measured = await runEngine('fast', server.port, plan, DURATION_MS + 20_000);
  const held = (await heldTimes(server)).sort((a, b) => a - b);
  const truth = (p: number): number => held[Math.max(0, Math.ceil((p / 100) * held.length) - 1)] ?? NaN;
  return { delay, model, measured, truth: { p50Ms: truth(50), p90Ms: truth(90), p99Ms: truth(99), maxMs: truth(100) } };
}

async function heldTimes(server: BenchServer): Promise<number[]> {
  server.process.send('held');
  const [held] = (await once(server.process, 'message')) as [number[]];
  return held;
}

export function accuracyTable(results: readonly AccuracyResult[]): string {
  const pair = (measured: number, truth: number): string => `${measured.toFixed(1)} / ${truth.toFixed(1)}`;
  return table(
    ['server', 'model', 'p50 ms / truth', 'p90 ms / truth', 'p99 ms / truth', 'max ms / truth'],
    results.map(({ delay, model, measured, truth }) => [
      delay,
      model,
      pair(measured.p50Ms, truth.p50Ms),
      pair(measured.p90Ms, truth.p90Ms),
      pair(measured.p99Ms, truth.p99Ms),
      pair(measured.maxMs, truth.maxMs),
    ]),
  );
}
