import { createRandom } from '../src/load/random.ts';
import { available, generators, type Generator, type Sample, type Settings } from './generators.ts';
import { figure, median, spread, table } from './statistics.ts';

const RESAMPLES = 2000;

export interface IngressResult {
  readonly name: string;
  readonly samples: readonly Sample[];
  /** Throughput and CPU time per request as a part of the reference's in the same round. */
  readonly throughput: Ratios;
  readonly cpu: Ratios;
}

interface Ratios {
  readonly perRound: readonly number[];
  readonly median: number;
  /** 95 % interval of the median. */
  readonly interval: readonly [number, number];
}

/**
 * Generators in turn against the ingress of a running cluster, with which they share all cores: what
 * one of them takes, the system under test lacks. Every other round goes backwards, so that a drift
 * of the machine favours none. Ratios are to the first of them, in the order of the other tables.
 */
export async function benchIngress(
  settings: Settings,
  rounds: number,
  names: readonly string[],
): Promise<IngressResult[]> {
  const { present, missing } = available(generators.filter(({ name }) => names.includes(name)));
  missing.forEach((line) => {
    console.log(line);
  });
  const samples = new Map(present.map((generator) => [generator.name, [] as Sample[]]));
  for (let round = 0; round < rounds; round++) {
    console.error(`round ${String(round + 1)} of ${String(rounds)}`);
    for (const generator of round % 2 === 0 ? present : present.toReversed())
      samples.get(generator.name)?.push(await generator.run(settings));
  }
  return present.map(({ name }) => resultOf(name, samples, present));
}

function resultOf(
  name: string,
  samples: ReadonlyMap<string, readonly Sample[]>,
  [reference]: readonly Generator[],
): IngressResult {
  const own = samples.get(name) ?? [];
  const others = samples.get(reference?.name ?? '') ?? [];
  const ratiosOf = (key: 'requestsPerSecond' | 'cpuMicrosPerRequest'): Ratios =>
    withInterval(own.map((sample, i) => sample[key] / (others[i]?.[key] ?? NaN)));
  return { name, samples: own, throughput: ratiosOf('requestsPerSecond'), cpu: ratiosOf('cpuMicrosPerRequest') };
}

/** The median with its interval by the bootstrap over rounds (percentile method, Efron 1979). */
function withInterval(perRound: readonly number[]): Ratios {
  const random = createRandom('bench/ingress');
  const medians = Array.from({ length: RESAMPLES }, () =>
    median(perRound.map(() => perRound[random.integer(perRound.length)] ?? NaN)),
  ).sort((a, b) => a - b);
  const at = (share: number): number => medians[Math.round(share * (RESAMPLES - 1))] ?? NaN;
  return { perRound, median: median(perRound), interval: [at(0.025), at(0.975)] };
}

export function ingressTable(results: readonly IngressResult[]): string {
  const middle = ({ samples }: IngressResult, key: keyof Sample): number =>
    median(samples.map((sample) => sample[key]));
  const interval = ({ interval: [low, high] }: Ratios): string => `${low.toFixed(2)} – ${high.toFixed(2)}`;
  const reference = results[0]?.name ?? '';
  const figures = table(
    [
      'generator',
      'requests/s',
      `of ${reference}, median`,
      '95 % interval',
      'spread',
      'p50 ms',
      'p99 ms',
      'CPU µs/request',
      `of ${reference}, median`,
      '95 % interval',
    ],
    results.map((result) => [
      result.name,
      figure(middle(result, 'requestsPerSecond'), 0),
      figure(result.throughput.median, 2),
      interval(result.throughput),
      spread(result.throughput.perRound, 2),
      figure(middle(result, 'p50Ms'), 1),
      figure(middle(result, 'p99Ms'), 1),
      figure(middle(result, 'cpuMicrosPerRequest'), 0),
      figure(result.cpu.median, 2),
      interval(result.cpu),
    ]),
  );
  const rounds = table(
    [`requests/s in round`, ...results.map(({ name }) => name)],
    (results[0]?.samples ?? []).map((_, round) => [
      String(round + 1),
      ...results.map(({ samples }) => figure(samples[round]?.requestsPerSecond ?? NaN, 0)),
    ]),
  );
  return `${figures}\n\n${rounds}`;
}
