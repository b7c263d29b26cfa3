import { available, benchPlan, generators, runEngine, type Settings } from './generators.ts';
import { figure, table } from './statistics.ts';

export interface HalfRateResult {
  readonly ratePerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The median over slices of 62.5 ms, which a pause of the machine does not reach. */
  readonly p99OfSliceMs: number;
  readonly sentLate: number;
  /** What wrk sees over one connection, request after request: the server and the machine at rest. NaN without wrk. */
  readonly truth: { readonly p50Ms: number; readonly p99Ms: number };
}

const SECONDS = 3;
/** So many that none has to wait: a request that does is the server's doing. */
const CONNECTIONS = 500;

/**
 * The engine at half the rate that it reaches at most, beside wrk over one connection. nginx answers
 * in some 10 µs, so that what the 99th percentile shows above that of wrk is the engine's own error,
 * that of the pacing included.
 */
export async function benchHalfRate(settings: Settings, rounds: number): Promise<HalfRateResult[]> {
  const { port, connections } = settings;
  const durationMs = SECONDS * 1000;
  const [wrk] = available(generators.filter(({ name }) => name === 'wrk')).present;
  const results: HalfRateResult[] = [];
  for (let round = 0; round < rounds; round++) {
    const fastest = await runEngine('fast', port, benchPlan({ durationMs, warmupRequests: connections }), 30_000);
    const ratePerSecond = Math.round(fastest.requestsPerSecond / 2);
    const plan = benchPlan({
      model: { kind: 'open', ratePerSecond, arrivals: 'constant', concurrency: CONNECTIONS },
      durationMs,
      // As wrk2 leaves out its first seconds: what is compiled anew at the first thousands of requests would be in them.
      rampUpMs: 1000,
      warmupRequests: CONNECTIONS,
    });
    const { p50Ms, p99Ms, p99OfSliceMs, sentLate } = await runEngine('fast', port, plan, 30_000);
    const truth = await wrk?.run({ ...settings, connections: 1, seconds: SECONDS });
    results.push({ ratePerSecond, p50Ms, p99Ms, p99OfSliceMs, sentLate, truth: { p50Ms: truth?.p50Ms ?? NaN, p99Ms: truth?.p99Ms ?? NaN } });
  }
  return results;
}

export function halfRateTable(results: readonly HalfRateResult[]): string {
  return table(
    ['requests/s', 'p50 ms', 'p99 ms', 'p99 ms, median slice', 'wrk, 1 connection: p50 ms', 'p99 ms', 'sent late'],
    results.map(({ ratePerSecond, p50Ms, p99Ms, p99OfSliceMs, truth, sentLate }) => [
      String(ratePerSecond),
      p50Ms.toFixed(2),
      p99Ms.toFixed(2),
      p99OfSliceMs.toFixed(2),
      figure(truth.p50Ms, 2),
      figure(truth.p99Ms, 2),
      String(sentLate),
    ]),
  );
}
