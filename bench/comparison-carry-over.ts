import { systemClock } from '../src/adapters/clock.ts';
import { startEchoServices } from '../src/adapters/echo-services.ts';
import { roundOrders, ROUNDS_PER_BLOCK } from '../src/comparison/plan.ts';
import { hodgesLehmann, signedRankInterval, walshAverages } from '../src/comparison/signed-rank.ts';
import { generateLoad } from '../src/load/engine/generate.ts';
import { SERVICES } from './collecting-services.ts';
import { percent } from './comparison-simulated.ts';
import { openSenders } from './senders.ts';
import { table } from './statistics.ts';

/** Longer windows get fewer blocks, so that all of them together take about four minutes. */
const CASES = [
  { windowMs: 500, blocks: 16 },
  { windowMs: 1000, blocks: 12 },
  { windowMs: 2000, blocks: 9 },
  { windowMs: 4000, blocks: 7 },
] as const;
const RATE = 100;
const CONNECTIONS = 4;

interface CarryOver {
  readonly windowMs: number;
  readonly blocks: number;
  readonly figure: 'p50' | 'p99';
  /** Logarithms of second to first in each round, and of head to base in each block: equal versions, so both should be 0. */
  readonly second: readonly number[];
  readonly head: readonly number[];
}

/**
 * What a window leaves to the next: equal services with much garbage in one process, in turns as in a comparison, with windows of several lengths. A carry-over that is the
 * same from either side makes the second of a round slower and cancels in a block; what does not cancel shows as a change of equal versions.
 */
export async function benchCarryOver(): Promise<CarryOver[]> {
  const services = await startEchoServices('bench/collecting-services.ts', []);
  const senders = openSenders(services.ingress, SERVICES, CONNECTIONS);
  const results: CarryOver[] = [];
  try {
    for (const { windowMs, blocks } of CASES) {
      const orderOf = roundOrders('carry-over', String(windowMs));
      const measured: { readonly first: number; readonly p50: readonly number[]; readonly p99: readonly number[] }[] =
        [];
      for (let round = 0; round < blocks * ROUNDS_PER_BLOCK; round++) {
        const first = orderOf(round) === 'base-first' ? 0 : 1;
        const [p50, p99]: [number[], number[]] = [[], []];
        for (const index of [first, 1 - first]) {
          const sender = senders[index];
          if (sender === undefined) throw new RangeError('There is no sender');
          const { total } = await generateLoad(
            planOf(index, windowMs, `${String(windowMs)}/${String(round)}`),
            sender,
            systemClock,
          );
          p50.push(total.latencyMs?.p50 ?? NaN);
          p99.push(total.latencyMs?.p99 ?? NaN);
        }
        measured.push({ first, p50, p99 });
      }
      for (const figure of ['p50', 'p99'] as const) {
        const second = measured.map((round) => Math.log((round[figure][1] ?? NaN) / (round[figure][0] ?? NaN)));
        const changes = measured.map(({ first }, round) => (first === 0 ? 1 : -1) * (second[round] ?? NaN));
        const head = Array.from(
          { length: blocks },
          (_, block) => ((changes[2 * block] ?? NaN) + (changes[2 * block + 1] ?? NaN)) / 2,
        );
        results.push({ windowMs, blocks, figure, second, head });
      }
    }
  } finally {
    for (const sender of senders) await sender.close();
    await services.stop();
  }
  return results;
}

const planOf = (index: number, durationMs: number, seed: string) => ({
  targets: [{ host: SERVICES[index] ?? '', path: '/' }],
  model: { kind: 'open' as const, ratePerSecond: RATE, arrivals: 'constant' as const, concurrency: CONNECTIONS },
  requests: null,
  durationMs,
  warmupRequests: 0,
  rampUpMs: 0,
  requestTimeoutMs: 5000,
  seed,
});

export function carryOverTable(results: readonly CarryOver[]): string {
  const shown = (effects: readonly number[]): string[] => {
    const averages = walshAverages(effects);
    const interval = signedRankInterval(averages, effects.length, 0.05);
    const change = (value: number): string => percent(Math.expm1(value));
    return [
      change(hodgesLehmann(averages)),
      interval === null ? '–' : `${change(interval.low)} – ${change(interval.high)}`,
    ];
  };
  return table(
    ['window', 'blocks', 'figure', 'second to first', '95 % interval', 'head to base', '95 % interval'],
    results.map(({ windowMs, blocks, figure, second, head }) => [
      `${String(windowMs / 1000)} s`,
      String(blocks),
      figure,
      ...shown(second),
      ...shown(head),
    ]),
  );
}
