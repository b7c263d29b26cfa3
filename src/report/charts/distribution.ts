import type { Comparison } from '../../model/comparison.ts';
import { BUCKETS_PER_DECADE, type HostResult, type LatencyHistogram, type LoadResult } from '../../model/load.ts';
import { milliseconds } from '../../text/numbers.ts';
import { hostLabel } from '../words/host-label.ts';
import { MOST_LINES } from './busiest.ts';
import { type Figure, isWide, linear, logarithmic } from './figure.ts';

/** A distribution in buckets that all hosts share; number 0 begins at 1 µs. */
interface Distribution {
  readonly name: string;
  readonly answered: number;
  /** The percentiles from the tables, which are exact, unlike buckets. */
  readonly latencyMs: HostResult['latencyMs'];
  readonly countOf: ReadonlyMap<number, number>;
}

const distributionOf = ({ latencyHistogram, latencyMs, ...target }: HostResult): Distribution[] =>
  latencyHistogram === undefined ? [] : namedDistribution(hostLabel(target), latencyHistogram, latencyMs);

function namedDistribution(
  name: string,
  { edgesMs, counts }: LatencyHistogram,
  latencyMs: HostResult['latencyMs'] = null,
): Distribution[] {
  if (counts.length === 0 || !edgesMs.every((edge) => edge > 0)) return [];
  const bucketAt = (edge: number): number => Math.round(Math.log10(edge * 1000) * BUCKETS_PER_DECADE);
  const countOf = new Map(counts.map((count, index) => [bucketAt(edgesMs[index] ?? 1), count]));
  return [{ name, answered: counts.reduce((sum, count) => sum + count, 0), latencyMs, countOf }];
}

const edgeMs = (bucket: number): number => 10 ** (bucket / BUCKETS_PER_DECADE) / 1000;

/** The distribution of the latencies, and how far the tail reaches; one line for each host. */
export function distributionFigures({ hosts, total }: LoadResult): Figure[] {
  const distributions = hosts.slice(0, MOST_LINES).flatMap(distributionOf);
  const buckets = distributions.flatMap(({ countOf }) => [...countOf.keys()]);
  if (buckets.length === 0) return [];
  const note = hosts.length > MOST_LINES ? `the first ${String(MOST_LINES)} of ${String(hosts.length)} hosts` : '';
  return [densityFigure(distributions, buckets, total.latencyMs, note), tailFigure(distributions, note)];
}

/** The latencies of both sides of a comparison in one chart, under their names. */
export function overlaidDistribution(
  histograms: NonNullable<Comparison['latencyHistograms']>,
  sides: Readonly<Record<'base' | 'head', string>>,
): Figure {
  const distributions = (['base', 'head'] as const).flatMap((side) => namedDistribution(sides[side], histograms[side]));
  const buckets = distributions.flatMap(({ countOf }) =>
    [...countOf].flatMap(([bucket, count]) => (count > 0 ? [bucket] : [])),
  );
  const figure = densityFigure(distributions, buckets.length === 0 ? [0] : buckets, null, 'all counted rounds');
  return {
    ...figure,
    title: `Latency of ${sides.base} and ${sides.head}`,
    chart: { ...figure.chart, id: 'compared-distribution' },
  };
}

/** With few answers, only wide buckets show a shape. */
const widthFor = (answered: number): number => (answered < 500 ? 4 : answered < 5000 ? 2 : 1);

function densityFigure(
  distributions: readonly Distribution[],
  buckets: readonly number[],
  latencyMs: HostResult['latencyMs'],
  note: string,
): Figure {
  const width = widthFor(Math.min(...distributions.map(({ answered }) => answered)));
  const first = Math.floor(Math.min(...buckets) / width) - 1;
  const groups = Array.from(
    { length: Math.floor(Math.max(...buckets) / width) + 2 - first },
    (_, index) => (first + index) * width,
  );
  const share = ({ countOf, answered }: Distribution, group: number): number =>
    Array.from({ length: width }, (_, index) => countOf.get(group + index) ?? 0).reduce(
      (sum, count) => sum + count,
      0,
    ) / answered;
  return {
    title: 'Distribution of the latency',
    note: ['share of the answers', note].filter((text) => text !== '').join(', '),
    chart: {
      id: 'distribution',
      x: logarithmic('ms'),
      y: linear('share'),
      shape: 'steps',
      clock: false,
      xs: groups.map(edgeMs),
      lines: distributions.map((distribution) => ({
        name: distribution.name,
        values: groups.map((group) => share(distribution, group)),
      })),
      marks: latencyMs === null ? [] : (['p50', 'p95', 'p99'] as const).map((name) => ({ name, at: latencyMs[name] })),
    },
  };
}

const TAIL_STEPS_PER_DECADE = 20;

function tailFigure(distributions: readonly Distribution[], note: string): Figure {
  const decades = Math.log10(Math.max(10, ...distributions.map(({ answered }) => answered)));
  const steps = Array.from(
    { length: Math.floor(decades * TAIL_STEPS_PER_DECADE) + 1 },
    (_, index) => 10 ** (index / TAIL_STEPS_PER_DECADE),
  );
  const lines = distributions.map((distribution) => ({
    name: distribution.name,
    ...percentilesOf(distribution),
    values: tailOf(distribution, steps),
  }));
  const wide = isWide(lines);
  return {
    title: 'Latency by percentile',
    note: [wide ? 'logarithmic' : '', note].filter((text) => text !== '').join(', '),
    chart: {
      id: 'percentiles',
      x: logarithmic('tail'),
      y: wide ? logarithmic('ms') : linear('ms'),
      shape: 'line',
      clock: false,
      xs: steps,
      lines,
      marks: [],
    },
  };
}

/** The value from the host's table: the curve is made from buckets, whose edges are up to 6 % off. */
const percentilesOf = ({ latencyMs }: Distribution): { says?: string } =>
  latencyMs === null
    ? {}
    : { says: (['p50', 'p95', 'p99'] as const).map((name) => `${name} ${milliseconds(latencyMs[name])}`).join(', ') };

/** The upper edge of the bucket with each percentile; null where fewer than one answer lies beyond. */
function tailOf({ answered, countOf }: Distribution, steps: readonly number[]): (number | null)[] {
  const buckets = [...countOf].sort(([a], [b]) => a - b);
  return steps.map((step) => {
    if (step > answered) return null;
    let seen = 0;
    for (const [bucket, count] of buckets) {
      seen += count;
      if (seen >= answered * (1 - 1 / step) - 1e-9 && seen > 0) return edgeMs(bucket + 1);
    }
    return null;
  });
}
