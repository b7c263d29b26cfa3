import { once } from 'node:events';
import type { Held } from './delay-server.ts';
import type { EngineRun } from './engine.ts';
import { available, benchPlan, generators, runEngine, type Sample } from './generators.ts';
import { startServer, type BenchServer } from './machine.ts';
import { figure, table } from './statistics.ts';

export const DELAYS = ['constant 50 ms', '80 % 20 ms, 20 % 100 ms', 'a stall of 2 s'] as const;
export type Delay = (typeof DELAYS)[number];

type Figures = Pick<EngineRun, 'p50Ms' | 'p90Ms' | 'p99Ms' | 'maxMs'>;

export interface AccuracyResult {
  readonly delay: Delay;
  readonly model: 'open' | 'closed';
  readonly connections: number;
  readonly measured: Figures;
  readonly truth: Figures;
  /** How much later than meant the server read requests; null in the closed model, where no request has a moment. */
  readonly lateness: Figures | null;
  /** What the generator owns to of it. */
  readonly sendDelayP99Ms: number | null;
  /** What wrk measures at the same server in the closed model, and the truth of that time; null without wrk. */
  readonly wrk: { readonly measured: Sample; readonly truth: Figures } | null;
}

const RATE = 300;
const DURATION_MS = 10_000;
const TICK_MS = 1;
/** Enough connections for all requests of the stall, and so few that they have to wait in it. */
const ENOUGH = 1000;
const FEW = 20;

/**
 * The percentiles of the engine beside what the server did by its own records, which have the same clock.
 * In the open model the truth is the time from the moment at which a request was meant to leave to that of
 * its answer; when the server read it within a tick of the timer, the tick is its moment (see OpenModel). How
 * long the server held each answer back would not do: while the machine holds the server up, requests wait
 * unread, which a client has to tell and the server does not know of. In the closed model it is that time; wrk is asked, too: what it is wrong by is the machine's error, not the engine's.
 */
export async function benchAccuracy(port: number): Promise<AccuracyResult[]> {
  const results: AccuracyResult[] = [];
  for (const delay of DELAYS) {
    const server = await startServer(
      [process.execPath, '--import', 'tsx', 'bench/delay-server.ts', String(port), delay],
      port,
    );
    try {
      results.push(await measure(server, delay, 'open', ENOUGH));
      if (delay === 'a stall of 2 s') results.push(await measure(server, delay, 'open', FEW));
      results.push(await measure(server, delay, 'closed', 1));
    } finally {
      await server.stop();
    }
  }
  return results;
}

async function measure(
  server: BenchServer,
  delay: Delay,
  model: 'open' | 'closed',
  connections: number,
): Promise<AccuracyResult> {
  console.error(`${delay}, ${model} model, ${String(connections)} connections`);
  await heldAnswers(server);
  const plan = benchPlan({
    model:
      model === 'open'
        ? { kind: 'open', ratePerSecond: RATE, arrivals: 'constant', concurrency: connections }
        : { kind: 'closed', concurrency: connections },
    durationMs: DURATION_MS,
    warmupRequests: 50,
  });
  const measured = await runEngine('fast', server.port, plan, DURATION_MS + 20_000, { timed: true });
  const held = (await heldAnswers(server)).slice(plan.warmupRequests);
  const meantMs = (index: number): number => (measured.beganMs ?? NaN) + (index * 1000) / RATE;
  const byArrival = [...held].sort((a, b) => a.cameMs - b.cameMs);
  const truth =
    model === 'open'
      ? byArrival.map(({ cameMs, leftMs }, i) => leftMs - (cameMs - meantMs(i) > TICK_MS ? meantMs(i) : cameMs))
      : held.map(({ cameMs, leftMs }) => leftMs - cameMs);
  const lateness = model === 'open' ? byArrival.map(({ cameMs }, i) => cameMs - meantMs(i)) : null;
  return {
    delay,
    model,
    connections,
    measured,
    truth: figuresOf(truth),
    lateness: lateness === null ? null : figuresOf(lateness),
    sendDelayP99Ms: measured.sendDelayP99Ms,
    wrk: model === 'closed' ? await measureWithWrk(server, connections) : null,
  };
}

async function measureWithWrk(server: BenchServer, connections: number): Promise<AccuracyResult['wrk']> {
  const [wrk] = available(generators.filter(({ name }) => name === 'wrk')).present;
  if (wrk === undefined) return null;
  const measured = await wrk.run({
    port: server.port,
    host: 'foo.localhost',
    connections,
    scheme: 'http',
    seconds: DURATION_MS / 1000,
    pinned: true,
  });
  return { measured, truth: figuresOf((await heldAnswers(server)).map(({ cameMs, leftMs }) => leftMs - cameMs)) };
}

function figuresOf(values: readonly number[]): Figures {
  const sorted = [...values].sort((a, b) => a - b);
  const percentile = (p: number): number => sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? NaN;
  return { p50Ms: percentile(50), p90Ms: percentile(90), p99Ms: percentile(99), maxMs: percentile(100) };
}

async function heldAnswers(server: BenchServer): Promise<Held[]> {
  server.process.send('held');
  const [held] = (await once(server.process, 'message')) as [Held[]];
  return held;
}

export function accuracyTable(results: readonly AccuracyResult[]): string {
  const compared = (measured: number, truth: number): string =>
    `${measured.toFixed(1)} / ${truth.toFixed(1)} (${signed(measured - truth, 2)} ms, ${signed((measured / truth - 1) * 100, 1)} %)`;
  return table(
    [
      'server',
      'model',
      'connections',
      'p50 ms / truth',
      'p90 ms / truth',
      'p99 ms / truth',
      'max ms / truth',
      'read late by, p50 ms',
      'p99',
      'sent late by, p99 ms',
      'wrk: p50 ms / truth',
      'wrk: p99 ms / truth',
    ],
    results.map(({ delay, model, connections, measured, truth, lateness, sendDelayP99Ms, wrk }) => [
      delay,
      model,
      String(connections),
      compared(measured.p50Ms, truth.p50Ms),
      compared(measured.p90Ms, truth.p90Ms),
      compared(measured.p99Ms, truth.p99Ms),
      compared(measured.maxMs, truth.maxMs),
      figure(lateness?.p50Ms ?? NaN, 2),
      figure(lateness?.p99Ms ?? NaN, 2),
      figure(sendDelayP99Ms ?? NaN, 2),
      wrk === null ? '-' : compared(wrk.measured.p50Ms, wrk.truth.p50Ms),
      wrk === null ? '-' : compared(wrk.measured.p99Ms, wrk.truth.p99Ms),
    ]),
  );
}

const signed = (value: number, digits: number): string => `${value < 0 ? '' : '+'}${value.toFixed(digits)}`;
