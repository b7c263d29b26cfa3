import { compareInSteps } from '../src/comparison/compare-in-steps.ts';
import { createRandom } from '../src/load/random.ts';
import { answerOf, WEATHERS, type Weather } from './capacity-systems.ts';
import { table } from './statistics.ts';

export interface CapacityComparisonCase {
  readonly weather: Weather;
  readonly spread: number;
  /** Capacity of head / capacity of base. */
  readonly ratio: number;
  readonly tolerance: number;
  readonly minutes: number;
}

export interface CapacityComparisonBench extends CapacityComparisonCase {
  readonly comparisons: number;
  readonly slower: number;
  readonly confirmed: number;
  readonly faster: number;
  readonly confirmedFaster: number;
  readonly same: number;
  /** The interval held the ratio, of those that had one. */
  readonly held: number;
  readonly withInterval: number;
  readonly meanSteps: number;
  readonly meanMinutes: number;
}

const OVERHEAD_MS = 1500;
const LAPSES = 0.01;

/**
 * Comparisons of systems made of chance, through the driver of the product.
 *
 * @param comparisons of each kind.
 */
export async function benchCapacityComparison(comparisons: number): Promise<CapacityComparisonBench[]> {
  const [quiet, ...unquiet] = WEATHERS;
  const found = [];
  // The same version twice, without tolerance: any claim is wrong.
  for (const spread of [0.01, 0.1])
    found.push(await repeat({ weather: quiet, spread, ratio: 1, tolerance: 0, minutes: 10 }, comparisons));
  for (const weather of unquiet)
    found.push(await repeat({ weather, spread: 0.03, ratio: 1, tolerance: 0, minutes: 10 }, comparisons));
  for (const minutes of [5, 10]) {
    for (const ratio of [1, 0.9, 0.8, 0.5])
      found.push(await repeat({ weather: quiet, spread: 0.01, ratio, tolerance: 0.05, minutes }, comparisons));
  }
  for (const ratio of [0.9, 0.8, 0.5])
    found.push(await repeat({ weather: quiet, spread: 0.1, ratio, tolerance: 0.05, minutes: 10 }, comparisons));
  return found;
}

async function repeat(one: CapacityComparisonCase, comparisons: number): Promise<CapacityComparisonBench> {
  const { weather, spread, ratio, tolerance, minutes } = one;
  const random = createRandom(
    `capacities ${weather.name} ${String(spread)} ${String(ratio)} ${String(tolerance)} ${String(minutes)}`,
  );
  const sum = {
    slower: 0,
    confirmed: 0,
    faster: 0,
    confirmedFaster: 0,
    same: 0,
    held: 0,
    withInterval: 0,
    steps: 0,
    elapsedMs: 0,
  };
  for (let count = 0; count < comparisons; count++) {
    const base = 50 * 100 ** random.uniform();
    const version = { label: '', manifests: [], images: [], hosts: [] };
    let now = 0;
    const result = await compareInSteps(
      {
        base: version,
        head: version,
        seed: String(count),
        run: '',
        tolerance,
        search: { requestsPerStep: 300, shortestStepMs: 5000, overheadMs: OVERHEAD_MS, limitMs: minutes * 60_000 },
      },
      {
        clock: { now: () => now },
        keep: () => undefined,
        runStep: (step) => {
          now += OVERHEAD_MS + step.durationMs;
          const capacity = (step.version === 'head' ? ratio : 1) * base * weather.factor(now / 1000);
          return Promise.resolve(answerOf(step.ratePerSecond, { capacity, spread, lapses: LAPSES }, random));
        },
      },
    );
    const interval = result.metrics[0]?.interval ?? null;
    sum.slower += Number(result.metrics[0]?.confirmation?.change === 'slower');
    sum.confirmed += Number(result.verdict === 'slower' && result.confirmed === true);
    sum.faster += Number(result.metrics[0]?.confirmation?.change === 'faster');
    sum.confirmedFaster += Number(result.verdict === 'faster' && result.confirmed === true);
    sum.same += Number(result.verdict === 'no-difference');
    sum.withInterval += Number(interval !== null);
    sum.held += Number(interval !== null && interval.low <= ratio && ratio <= interval.high);
    sum.steps +=
      (result.capacities?.base.steps.length ?? 0) +
      (result.capacities?.head.steps.length ?? 0) +
      2 * (result.capacities?.pairs.length ?? 0);
    sum.elapsedMs += now;
  }
  console.error(JSON.stringify({ ...one, weather: weather.name, ...sum }));
  const { steps, elapsedMs, ...counts } = sum;
  return {
    ...one,
    comparisons,
    ...counts,
    meanSteps: steps / comparisons,
    meanMinutes: elapsedMs / 60_000 / comparisons,
  };
}

const share = (count: number, of: number): string => `${((100 * count) / of).toFixed(1)} %`;

export function capacityComparisonTable(cases: readonly CapacityComparisonBench[]): string {
  return table(
    [
      'machine',
      'spread',
      'head / base',
      'tolerance',
      'limit',
      'lower',
      'confirmed',
      'higher',
      'confirmed',
      'no difference',
      'interval held',
      'steps',
      'minutes',
    ],
    cases.map((one) => [
      one.weather.name,
      String(one.spread),
      one.ratio.toFixed(3),
      share(one.tolerance, 1),
      `${String(one.minutes)} min`,
      ...[one.slower, one.confirmed, one.faster, one.confirmedFaster, one.same].map((count) =>
        share(count, one.comparisons),
      ),
      share(one.held, one.withInterval),
      one.meanSteps.toFixed(0),
      one.meanMinutes.toFixed(1),
    ]),
  );
}
