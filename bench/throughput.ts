import { available, generators, type Sample, type Settings } from './generators.ts';
import { figure, median, spread, table } from './statistics.ts';

const REFERENCE = 'wrk';

export interface ThroughputResult {
  readonly name: string;
  readonly samples: readonly Sample[];
  /** To the reference in the same round. */
  readonly ratios: readonly number[];
}

/**
 * Every generator in turn, round after round, against the same server: what disturbs the machine
 * for a while disturbs them all, and the ratio is taken within a round.
 */
export async function benchThroughput(settings: Settings, rounds: number): Promise<ThroughputResult[]> {
  const { present, missing } = available(generators);
  missing.forEach((line) => {
    console.log(line);
  });
  const samples = new Map(present.map((generator) => [generator.name, [] as Sample[]]));
  for (let round = 1; round <= rounds; round++) {
    console.error(`round ${String(round)} of ${String(rounds)}`);
    for (const generator of present) samples.get(generator.name)?.push(await generator.run(settings));
  }
  const reference = samples.get(REFERENCE) ?? [];
  return present.map(({ name }) => {
    const own = samples.get(name) ?? [];
    const ratios = own.map((sample, i) => sample.requestsPerSecond / (reference[i]?.requestsPerSecond ?? NaN));
    return { name, samples: own, ratios };
  });
}

/** @param reference the one that the ratios are to. */
export function throughputTable(results: readonly ThroughputResult[], reference = REFERENCE): string {
  const middle = (result: ThroughputResult, key: keyof Sample): number =>
    median(result.samples.map((sample) => sample[key]));
  return table(
    ['generator', 'requests/s', `of ${reference}, median`, 'spread', 'p50 ms', 'p99 ms', 'CPU µs/request'],
    results.map((result) => [
      result.name,
      figure(middle(result, 'requestsPerSecond'), 0),
      figure(median(result.ratios), 2),
      spread(result.ratios, 2),
      figure(middle(result, 'p50Ms'), 2),
      figure(middle(result, 'p99Ms'), 2),
      figure(middle(result, 'cpuMicrosPerRequest'), 1),
    ]),
  );
}
