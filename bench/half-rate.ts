import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { benchPlan, runEngine, type Settings } from './generators.ts';
import { isInstalled, runGenerator } from './machine.ts';
import { figure, table } from './statistics.ts';

interface Latencies {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The median over slices of 125 ms, which a pause of the machine does not reach. */
  readonly p99OfSliceMs: number;
}

export interface HalfRateResult extends Latencies {
  readonly ratePerSecond: number;
  readonly sentLate: number;
  /** What open-model-reference.c finds at the same rate; NaN without a C compiler. */
  readonly truth: Latencies;
}

const SECONDS = 10;
/** As long as wrk2 leaves out at its start (CALIBRATE_DELAY_MS in its wrk.c): V8 compiles anew at the first thousands of requests. */
const WARM_UP_MS = 10_000;
const TIMEOUT_MS = 30_000;

const SOURCE = 'bench/open-model-reference.c';
const REFERENCE = 'artifacts/open-model-reference';

/**
 * The engine at half the rate that it reaches at most, beside a program that spins and parses nothing, at the same
 * rate over the same number of connections, which is that of the maximum. What the engine's figures show above the
 * reference's is the engine's own error, that of the pacing included.
 */
export async function benchHalfRate(settings: Settings, rounds: number): Promise<HalfRateResult[]> {
  const { port, connections, host } = settings;
  const durationMs = SECONDS * 1000;
  const reference = builtReference();
  const results: HalfRateResult[] = [];
  for (let round = 0; round < rounds; round++) {
    const fastest = await runEngine('fast', port, benchPlan({ durationMs, warmupRequests: connections }), TIMEOUT_MS);
    const ratePerSecond = Math.round(fastest.requestsPerSecond / 2);
    const plan = benchPlan({
      model: { kind: 'open', ratePerSecond, arrivals: 'constant', concurrency: connections },
      durationMs,
      rampUpMs: WARM_UP_MS,
      warmupRequests: connections,
    });
    const ours = async (): Promise<Omit<HalfRateResult, 'truth' | 'ratePerSecond'>> => {
      const { p50Ms, p99Ms, p99OfSliceMs, sentLate } = await runEngine('fast', port, plan, TIMEOUT_MS, { ahead: true });
      return { p50Ms, p99Ms, p99OfSliceMs, sentLate };
    };
    const truth = async (): Promise<Latencies> => {
      if (reference === null) return { p50Ms: NaN, p99Ms: NaN, p99OfSliceMs: NaN };
      const command = [
        reference,
        String(port),
        host,
        String(ratePerSecond),
        String(connections),
        String(WARM_UP_MS),
        String(durationMs),
      ];
      const [, p50 = NaN, p99 = NaN, ofSlice = NaN] = (await runGenerator(command, TIMEOUT_MS, true)).output
        .trim()
        .split(' ')
        .map(Number);
      return { p50Ms: p50 / 1000, p99Ms: p99 / 1000, p99OfSliceMs: ofSlice / 1000 };
    };
    // In turns, so that neither always has the quieter machine.
    if (round % 2 === 0) results.push({ ratePerSecond, ...(await ours()), truth: await truth() });
    else {
      const before = await truth();
      results.push({ ratePerSecond, ...(await ours()), truth: before });
    }
  }
  return results;
}

function builtReference(): string | null {
  if (!isInstalled('cc')) {
    console.log('The reference of the open model is skipped, since cc is not on PATH: apt-get install gcc libc6-dev');
    return null;
  }
  mkdirSync('artifacts', { recursive: true });
  execFileSync('cc', ['-O2', '-o', REFERENCE, SOURCE]);
  return REFERENCE;
}

export function halfRateTable(results: readonly HalfRateResult[]): string {
  const figures = ({ p50Ms, p99Ms, p99OfSliceMs }: Latencies): string[] =>
    [p50Ms, p99OfSliceMs, p99Ms].map((ms) => figure(ms, 2));
  return table(
    [
      'requests/s',
      'p50 ms',
      'p99 ms, median slice',
      'p99 ms',
      'reference: p50 ms',
      'p99 ms, median slice',
      'p99 ms',
      'sent late',
    ],
    results.map((result) => [
      String(result.ratePerSecond),
      ...figures(result),
      ...figures(result.truth),
      String(result.sentLate),
    ]),
  );
}
