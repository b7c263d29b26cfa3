import { benchPlan, runEngine } from './generators.ts';
import { table } from './statistics.ts';

export interface HalfRateResult {
  readonly ratePerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly sentLate: number;
}

/**
 * The engine at half the rate that it reaches at most. nginx answers in some 10 µs there, so that
 * what the 99th percentile shows above that is the engine's own error, that of the pacing included.
 */
export async function benchHalfRate(port: number, connections: number): Promise<HalfRateResult> {
  const durationMs = 3000;
  const fastest = await runEngine('fast', port, benchPlan({ durationMs, warmupRequests: connections }), 30_000);
  const ratePerSecond = Math.round(fastest.requestsPerSecond / 2);
  const plan = benchPlan({
    model: { kind: 'open', ratePerSecond, arrivals: 'constant', concurrency: connections },
    durationMs,
    warmupRequests: connections,
  });
  const { p50Ms, p99Ms, sentLate } = await runEngine('fast', port, plan, 30_000);
  return { ratePerSecond, p50Ms, p99Ms, sentLate };
}

export function halfRateTable({ ratePerSecond, p50Ms, p99Ms, sentLate }: HalfRateResult): string {
  return table(['requests/s', 'p50 ms', 'p99 ms', 'sent late'], [[String(ratePerSecond), p50Ms.toFixed(2), p99Ms.toFixed(2), String(sentLate)]]);
}
