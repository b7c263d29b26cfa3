import type { CapacityResult } from '../../model/capacity.ts';
import type { Comparison } from '../../model/comparison.ts';
import {
  BUCKETS_PER_DECADE,
  type HostResult,
  type LatencyHistogram,
  type LoadResult,
  type LoadSlice,
} from '../../model/load.ts';
import type { ResourceTimeline } from '../../model/resources.ts';
import { busiest, MOST_LINES, shortNames } from '../words/busiest.ts';
import { latencyByRate } from '../words/capacity-text.ts';
import { coarserTimeline } from '../words/coarser-timeline.ts';
import { hostLabel } from '../words/host-label.ts';
import { html, type Markup, NOTHING, table } from './html-text.ts';
import { shownIn } from './html-units.ts';
import type { Axis, Chart, Line, Unit } from './page/chart.ts';

/** A chart with what stands around it in the page. */
export interface Figure {
  readonly title: string;
  readonly note: string;
  readonly chart: Chart;
}

const linear = (unit: Unit): Axis => ({ unit, scale: 'linear' });
const logarithmic = (unit: Unit): Axis => ({ unit, scale: 'log' });

/** From this ratio of the highest to the lowest value a linear axis hides the low ones. */
const WIDE_RANGE = 30;

/** Requests per second, latency and failures over the measured window. */
export function loadFigures({ timeline: slices = [], durationSeconds }: LoadResult): Figure[] {
  const timeline = coarserTimeline(slices);
  if (timeline.length < 2) return [];
  const xs = [0, ...timeline.map(({ startSeconds, seconds }) => startSeconds + seconds / 2), durationSeconds];
  const line = (name: string, value: (slice: LoadSlice) => number | null): Line => ({
    name,
    values: [null, ...timeline.map(value), null],
  });
  const perSecond = (count: number, { seconds }: LoadSlice): number | null => (seconds > 0 ? count / seconds : null);
  const latencies = [line('p50', ({ p50Ms }) => p50Ms), line('p99', ({ p99Ms }) => p99Ms)];
  const wide = ratioOf(latencies.flatMap(({ values }) => values)) > WIDE_RANGE;
  const over = { x: linear('seconds'), shape: 'line', clock: true, xs, marks: [] } as const;
  const failed = timeline.some((slice) => slice.failed > 0);
  return [
    {
      title: 'Requests per second',
      note: '',
      chart: {
        ...over,
        id: 'requests',
        y: linear('per second'),
        lines: [line('answered', (slice) => perSecond(slice.answered, slice))],
      },
    },
    {
      title: 'Latency',
      note: wide ? 'logarithmic' : '',
      chart: { ...over, id: 'latency', y: wide ? logarithmic('ms') : linear('ms'), lines: latencies },
    },
    ...(failed
      ? [
          {
            title: 'Failed requests per second',
            note: '',
            chart: {
              ...over,
              id: 'failures',
              y: linear('per second'),
              lines: [line('failed', (slice) => perSecond(slice.failed, slice))],
            },
          },
        ]
      : []),
  ];
}

/** Latency by the rates that a search tried, with the capacity that it found; `version` when two were searched. */
export function capacityFigures(capacity: CapacityResult, version: '' | 'base' | 'head'): Figure[] {
  const points = latencyByRate(capacity.steps);
  if (points.length < 2) return [];
  const { ratePerSecond, interval } = capacity;
  const lines = [
    { name: 'p50', values: points.map(({ p50Ms }) => p50Ms) },
    { name: 'p99', values: points.map(({ p99Ms }) => p99Ms) },
  ];
  const wide = ratioOf(lines.flatMap(({ values }) => values)) > WIDE_RANGE;
  const marks = [
    ...(interval === null ? [] : [{ name: 'low', at: interval.low }]),
    ...(ratePerSecond === null ? [] : [{ name: 'capacity', at: ratePerSecond }]),
    ...(interval === null ? [] : [{ name: 'high', at: interval.high }]),
  ];
  return [
    {
      title: `Latency by rate${version === '' ? '' : ` in ${version}`}`,
      note: 'logarithmic',
      chart: {
        id: version === '' ? 'rates' : `rates-${version}`,
        x: logarithmic('per second'),
        y: wide ? logarithmic('ms') : linear('ms'),
        shape: 'line',
        clock: false,
        xs: points.map((point) => point.ratePerSecond),
        lines,
        marks,
      },
    },
  ];
}

function ratioOf(values: readonly (number | null)[]): number {
  const positive = values.filter((value): value is number => value !== null && value > 0);
  return positive.length === 0 ? 1 : Math.max(...positive) / Math.min(...positive);
}

/** CPU and memory of the workloads on the same clock. */
export function resourceFigures(timeline: ResourceTimeline | undefined, durationSeconds: number): Figure[] {
  if (timeline === undefined) return [];
  const { shown, leftOut } = busiest(timeline);
  const names = shortNames(shown);
  const steps = Math.max(0, ...shown.map(({ cpuCores, memoryBytes }) => Math.max(cpuCores.length, memoryBytes.length)));
  if (steps < 2) return [];
  const xs = [...Array.from({ length: steps }, (_, index) => index * timeline.stepSeconds), durationSeconds];
  // The last step goes on to the end of the window.
  const line = (name: string, values: readonly (number | null)[]): Line => ({
    name,
    values: [...values, values.at(-1) ?? null],
  });
  const over = { x: linear('seconds'), shape: 'steps', clock: true, xs, marks: [] } as const;
  const note =
    leftOut === 0 ? '' : `the ${String(shown.length)} busiest of ${String(shown.length + leftOut)} workloads`;
  return [
    {
      title: 'CPU cores',
      note,
      chart: {
        ...over,
        id: 'cpu',
        y: linear('cores'),
        lines: shown.map(({ cpuCores }, index) => line(names[index] ?? '', cpuCores)),
      },
    },
    {
      title: 'Memory',
      note,
      chart: {
        ...over,
        id: 'memory',
        y: linear('bytes'),
        lines: shown.map(({ memoryBytes }, index) => line(names[index] ?? '', memoryBytes)),
      },
    },
  ];
}

/** A distribution in buckets that all hosts share: number 0 begins at 1 µs. */
interface Distribution {
  readonly name: string;
  readonly answered: number;
  readonly countOf: ReadonlyMap<number, number>;
}

const distributionOf = ({ latencyHistogram, ...target }: HostResult): Distribution[] =>
  latencyHistogram === undefined ? [] : namedDistribution(hostLabel(target), latencyHistogram);

function namedDistribution(name: string, { edgesMs, counts }: LatencyHistogram): Distribution[] {
  if (counts.length === 0 || !edgesMs.every((edge) => edge > 0)) return [];
  const bucketAt = (edge: number): number => Math.round(Math.log10(edge * 1000) * BUCKETS_PER_DECADE);
  const countOf = new Map(counts.map((count, index) => [bucketAt(edgesMs[index] ?? 1), count]));
  return [{ name, answered: counts.reduce((sum, count) => sum + count, 0), countOf }];
}

const edgeMs = (bucket: number): number => 10 ** (bucket / BUCKETS_PER_DECADE) / 1000;

/** How the latencies are distributed, and how far out the tail goes; one line a host. */
export function distributionFigures({ hosts, total }: LoadResult): Figure[] {
  const distributions = hosts.slice(0, MOST_LINES).flatMap(distributionOf);
  const buckets = distributions.flatMap(({ countOf }) => [...countOf.keys()]);
  if (buckets.length === 0) return [];
  const note = hosts.length > MOST_LINES ? `the first ${String(MOST_LINES)} of ${String(hosts.length)} hosts` : '';
  return [densityFigure(distributions, buckets, total.latencyMs, note), tailFigure(distributions, note)];
}

/** The latencies of both sides of a comparison over each other, under their names. */
export function overlaidDistribution(
  histograms: NonNullable<Comparison['latencyHistograms']>,
  sides: Readonly<Record<'base' | 'head', string>>,
): Figure {
  const distributions = (['base', 'head'] as const).flatMap((side) => namedDistribution(sides[side], histograms[side]));
  const buckets = distributions.flatMap(({ countOf }) =>
    [...countOf].flatMap(([bucket, count]) => (count > 0 ? [bucket] : [])),
  );
  const figure = densityFigure(distributions, buckets.length === 0 ? [0] : buckets, null, 'all rounds that count');
  return {
    ...figure,
    title: `Latency of ${sides.base} and ${sides.head}`,
    chart: { ...figure.chart, id: 'compared-distribution' },
  };
}

/** Few answers need wide buckets for a shape to be seen. */
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
  const lines = distributions.map((distribution) => ({ name: distribution.name, values: tailOf(distribution, steps) }));
  const wide = ratioOf(lines.flatMap(({ values }) => values)) > WIDE_RANGE;
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

/** The upper edge of the bucket that each percentile is in; null where fewer than one answer lies beyond. */
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

/** Place of a chart in the page, with what it shows in words. */
export function figureMarkup({ title, note, chart }: Figure): Markup {
  const { id, lines, y } = chart;
  const summaries = lines.map(({ values }) => rangeOf(values, y.unit));
  const spoken = lines.map(({ name }, index) => `${name}: ${summaries[index] ?? ''}`).join('; ');
  return html`<figure id="${id}">
<figcaption><strong>${title}</strong>${note === '' ? NOTHING : html` <span class="note">${note}</span>`}
<span class="legend"><span class="where"></span>${lines.map(({ name }, index) => html`<span class="key line-${index + 1}"><svg viewBox="0 0 18 4" aria-hidden="true"><line x1="0" y1="2" x2="18" y2="2"/></svg>${name} <output>${summaries[index] ?? ''}</output></span>`)}</span></figcaption>
<div class="plot" role="img" tabindex="0" aria-label="Chart: ${title}. ${spoken}. Arrow keys read single values."></div>
</figure>
`;
}

function rangeOf(values: readonly (number | null)[], unit: Unit): string {
  const measured = values.filter((value) => value !== null);
  if (measured.length === 0) return 'not measured';
  if (unit === 'share') return `up to ${shownIn(unit, Math.max(...measured))}`;
  const [low, high] = [shownIn(unit, Math.min(...measured)), shownIn(unit, Math.max(...measured))];
  return low === high ? low : `${low} to ${high}`;
}

const COLUMN: Partial<Record<Unit, string>> = { seconds: 'Time', tail: 'Percentile', round: 'Round' };

/** The data of charts that have the same x, as a table that opens on demand. */
export function figuresTable(caption: string, figures: readonly Figure[]): Markup {
  const [first] = figures;
  if (first === undefined) return NOTHING;
  const { xs, x } = first.chart;
  const columns = figures.flatMap(({ title, chart }) =>
    chart.lines.map(({ name, values }) => ({ head: `${title}, ${name}`, unit: chart.y.unit, values })),
  );
  const measured = xs
    .map((_, index) => index)
    .filter((index) => columns.some(({ values }) => (values[index] ?? null) !== null));
  const rows = measured.map((index) => [
    shownIn(x.unit, xs[index] ?? null),
    ...columns.map(({ unit, values }) => shownIn(unit, values[index] ?? null)),
  ]);
  return html`<details><summary>${caption} as a table</summary>
${table({ caption, head: [COLUMN[x.unit] ?? 'From', ...columns.map(({ head }) => head)], rows, textColumns: 1 })}
</details>`;
}
