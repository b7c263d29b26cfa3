import { normalDistribution, normalQuantile } from '../src/comparison/normal.ts';
import { signedRankInterval, walshAverages } from '../src/comparison/signed-rank.ts';
import { createRandom, type Random } from '../src/load/random.ts';
import { normal } from './comparison-noise.ts';
import { median, table } from './statistics.ts';

/**
 * How often the intervals that one might take for the centre of a few paired log ratios hold it. The
 * reason for the choice in src/comparison/signed-rank.ts.
 */
type Sample = readonly number[];
interface Range {
  readonly low: number;
  readonly high: number;
}

/** The interval with a stated error. */
type ByError = (error: number) => Range | null;

const RESAMPLES = 1000;

const mean = (values: Sample): number => values.reduce((a, b) => a + b, 0) / values.length;
const deviation = (values: Sample): number => {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
};

function resamples(values: Sample, random: Random, figure: (resample: Sample) => number): number[] {
  return Array.from({ length: RESAMPLES }, () =>
    figure(values.map(() => values[random.integer(values.length)] ?? NaN)),
  ).sort((a, b) => a - b);
}

const quantile = (sorted: Sample, p: number): number =>
  sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(p * sorted.length - 0.5)))] ?? NaN;

/** The middle of what resampling gives (Efron 1979). */
function percentileInterval(figure: (values: Sample) => number) {
  return (values: Sample, random: Random): ByError => {
    const sorted = resamples(values, random, figure);
    return (error) => ({ low: quantile(sorted, error / 2), high: quantile(sorted, 1 - error / 2) });
  };
}

/** Bias-corrected and accelerated (Efron 1987), of the mean. */
function bcaInterval(values: Sample, random: Random): ByError {
  const sorted = resamples(values, random, mean);
  const centre = mean(values);
  const below = sorted.filter((value) => value < centre).length / sorted.length;
  const bias = normalQuantile(Math.min(1 - 1 / RESAMPLES, Math.max(1 / RESAMPLES, below)));
  const left = values.map((value) => (centre * values.length - value) / (values.length - 1));
  const deltas = left.map((value) => mean(left) - value);
  const acceleration =
    deltas.reduce((sum, d) => sum + d ** 3, 0) / (6 * deltas.reduce((sum, d) => sum + d ** 2, 0) ** 1.5);
  const at = (p: number): number => {
    const z = bias + normalQuantile(p);
    return quantile(sorted, normalDistribution(bias + z / (1 - acceleration * z)));
  };
  return (error) => ({ low: at(error / 2), high: at(1 - error / 2) });
}

/** Bootstrap-t (Efron and Tibshirani 1993, 12.5), of the mean. */
function studentizedInterval(values: Sample, random: Random): ByError {
  const centre = mean(values);
  const root = Math.sqrt(values.length);
  const sorted = resamples(values, random, (resample) => {
    const spread = deviation(resample) / root;
    return spread === 0 ? 0 : (mean(resample) - centre) / spread;
  });
  const spread = deviation(values) / root;
  return (error) => ({
    low: centre - quantile(sorted, 1 - error / 2) * spread,
    high: centre - quantile(sorted, error / 2) * spread,
  });
}

/** Student 1908; the quantile by Hill 1970 (Communications of the ACM 13:619, algorithm 396). */
function studentInterval(values: Sample): ByError {
  const [centre, spread] = [mean(values), deviation(values) / Math.sqrt(values.length)];
  return (error) => {
    const half = studentQuantile(error, values.length - 1) * spread;
    return { low: centre - half, high: centre + half };
  };
}

function studentQuantile(twoSided: number, degrees: number): number {
  const a = 1 / (degrees - 0.5);
  const b = 48 / a ** 2;
  let c = ((20700 * a) / b - 98) * a - 16;
  c = c * a + 96.36;
  const d = ((94.5 / (b + c) - 3) / b + 1) * Math.sqrt((a * Math.PI) / 2) * degrees;
  let y = (d * twoSided) ** (2 / degrees);
  if (y > 0.05 + a) {
    const x = normalQuantile(twoSided / 2);
    y = x * x;
    if (degrees < 5) c += 0.3 * (degrees - 4.5) * (x + 0.6);
    c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c;
    y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
    y = Math.expm1(a * y * y);
  } else {
    y =
      ((1 / (((degrees + 6) / (degrees * y) - 0.089 * d - 0.822) * (degrees + 2) * 3) + 0.5 / (degrees + 4)) * y - 1) *
        ((degrees + 1) / (degrees + 2)) +
      1 / y;
  }
  return Math.sqrt(degrees * y);
}

function signedRank(values: Sample): ByError {
  const walsh = walshAverages(values);
  return (error) => signedRankInterval(walsh, values.length, error);
}

const METHODS: readonly { readonly name: string; readonly interval: (values: Sample, random: Random) => ByError }[] = [
  { name: 'bootstrap of the median, percentile', interval: percentileInterval(median) },
  { name: 'bootstrap of the mean, percentile', interval: percentileInterval(mean) },
  { name: 'bootstrap of the mean, BCa', interval: bcaInterval },
  { name: 'bootstrap of the mean, studentized', interval: studentizedInterval },
  { name: "Student's t", interval: studentInterval },
  { name: 'signed rank, exact (used)', interval: signedRank },
];

/** Symmetric, as the coin for the order makes the effects of blocks; the scale does not matter. */
const DISTRIBUTIONS: readonly { readonly name: string; readonly draw: (random: Random) => number }[] = [
  { name: 'normal', draw: normal },
  {
    name: 'heavy tails',
    draw: (random) => normal(random) / Math.sqrt((normal(random) ** 2 + normal(random) ** 2 + normal(random) ** 2) / 3),
  },
  { name: 'outliers', draw: (random) => normal(random) * (random.uniform() < 0.1 ? 10 : 1) },
];

/** The error of 95 % alone, and that of one of 8 metrics at a first look of several. */
const ERRORS = [0.05, 0.05 / 16] as const;

export interface CoverageResult {
  readonly method: string;
  readonly blocks: number;
  readonly distribution: string;
  /** Share of intervals that did not hold the centre, and their median width in standard deviations of a block, for each stated error. */
  readonly missed: readonly { readonly stated: number; readonly found: number; readonly width: number }[];
}

export function benchIntervals(replications: number): CoverageResult[] {
  return [10, 15].flatMap((blocks) =>
    DISTRIBUTIONS.flatMap(({ name: distribution, draw }) =>
      METHODS.map(({ name: method, interval }) => {
        const random = createRandom(`${distribution}/${String(blocks)}/${method}`);
        const intervals = Array.from({ length: replications }, () =>
          interval(
            Array.from({ length: blocks }, () => draw(random)),
            random,
          ),
        );
        const missed = ERRORS.map((stated) => {
          const ranges = intervals.map((byError) => byError(stated));
          const outside = ranges.filter((range) => range !== null && (range.low > 0 || range.high < 0)).length;
          return {
            stated,
            found: outside / replications,
            width: median(ranges.map((range) => (range === null ? Infinity : range.high - range.low))),
          };
        });
        return { method, blocks, distribution, missed };
      }),
    ),
  );
}

export function intervalsTable(results: readonly CoverageResult[]): string {
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
  return table(
    ['interval', 'blocks', 'noise', ...ERRORS.flatMap((error) => [`missed of ${percent(error)}`, 'width'])],
    results.map(({ method, blocks, distribution, missed }) => [
      method,
      String(blocks),
      distribution,
      ...missed.flatMap(({ found, width }) => [percent(found), width.toFixed(2)]),
    ]),
  );
}
