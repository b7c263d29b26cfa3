import { sideNames } from '../../comparison/sides.ts';
import type { AutoscaledWorkload } from '../../model/autoscaling.ts';
import type { CapacityResult } from '../../model/capacity.ts';
import { type Comparison, courseOf } from '../../model/comparison.ts';
import type { LoadResult, LoadSlice } from '../../model/load.ts';
import type { Report } from '../../model/report.ts';
import type { ResourceTimeline } from '../../model/resources.ts';
import { windowDigits } from '../../text/numbers.ts';
import { latencyByRate, searchesOf } from '../words/capacity-text.ts';
import { coarserTimeline } from '../words/coarser-timeline.ts';
import { busiest, MOST_LINES, shortNames } from './busiest.ts';
import { capacityFigures } from './capacity.ts';
import type { Diagram, DiagramLine, GappyLine } from './diagram.ts';
import { distributionFigures } from './distribution.ts';
import type { Figure } from './figure.ts';
import { loadFigures } from './load.ts';
import { FEWEST_POINTS } from './sentence.ts';

/** Enough points to see a shape in the width of a comment. */
const MOST_POINTS = 60;

/**
 * The course of a run, the most telling charts first. A diagram can't show a gap, so a line with one is left out and
 * named.
 */
export function diagramsOf(report: Report): Diagram[] {
  const { load, resources, comparison, autoscaling = [] } = report;
  const rounds = comparison === undefined ? [] : roundsChart(comparison);
  if (load === null) return rounds;
  return [
    ...rounds,
    ...capacityCharts(report),
    ...loadCharts(load),
    ...replicasChart(autoscaling, load),
    ...cpuChart(resources?.timeline, load.durationSeconds),
    ...percentileChart(load),
  ];
}

function roundsChart(comparison: Comparison): Diagram[] {
  const course = courseOf(comparison);
  if (course.kind !== 'rounds' || course.rounds.length < 2) return [];
  const { rounds } = course;
  const each = Math.ceil(rounds.length / MOST_POINTS);
  const sides = sideNames(comparison);
  const p50 = (version: 'base' | 'head'): (number | null)[] =>
    means(
      rounds.map(({ [version]: { latencyMs } }) => latencyMs?.p50 ?? null),
      each,
    );
  return diagramOf(
    {
      title: 'Median latency in each round',
      x: { title: 'round', from: 1, to: rounds.length },
      yTitle: 'ms',
      yScale: 'linear',
    },
    [
      { name: { code: sides.base }, values: p50('base') },
      { name: { code: sides.head }, values: p50('head') },
    ],
  );
}

const capacityCharts = (report: Report): Diagram[] =>
  searchesOf(report).flatMap(({ name, capacity }) =>
    capacityChart(name === '' ? 'Latency by rate' : `Latency by rate in ${name}`, capacity),
  );

/** Rates have even distances, because the search tried them in growing factors. */
function capacityChart(title: string, capacity: CapacityResult): Diagram[] {
  const points = latencyByRate(capacity.steps);
  if (points.length < 2) return [];
  const x = { title: 'requests per second', at: points.map(({ ratePerSecond }) => ratePerSecond) };
  const yScale = scaleOf(capacityFigures(capacity, null, ''), 'rates');
  return diagramOf({ title, x, yTitle: 'ms', yScale }, [
    { name: 'p50', values: points.map(({ p50Ms }) => p50Ms) },
    { name: 'p99', values: points.map(({ p99Ms }) => p99Ms) },
  ]);
}

function loadCharts(load: LoadResult): Diagram[] {
  const { timeline = [], durationSeconds } = load;
  const slices = coarserTimeline(timeline, MOST_POINTS);
  if (slices.length < 2) return [];
  const x = { title: 'seconds', from: 0, to: Number(windowDigits(durationSeconds)) };
  const perSecond = slices.map(({ answered, seconds }) => (seconds > 0 ? answered / seconds : 0));
  const latency = { title: 'Latency over time', x, yTitle: 'ms', yScale: scaleOf(loadFigures(load), 'latency') };
  return [
    {
      title: 'Requests per second',
      x,
      yTitle: 'requests per second',
      yScale: 'linear',
      lines: [{ name: 'answered', values: perSecond }],
      without: [],
    },
    ...diagramOf(latency, [
      { name: 'p50', values: slices.map(({ p50Ms }) => p50Ms) },
      { name: 'p99', values: highest(slices) },
    ]),
  ];
}

/** The ready pods in the middle of each part of the window. */
function replicasChart(autoscaling: readonly AutoscaledWorkload[], { durationSeconds }: LoadResult): Diagram[] {
  if (autoscaling.every(({ scaleUp }) => scaleUp === null)) return [];
  const names = shortNames(autoscaling);
  const lines = autoscaling.slice(0, MOST_LINES).map(({ replicas }, index) => ({
    name: { code: names[index] ?? '' },
    values: Array.from({ length: MOST_POINTS }, (_, point) => {
      const middle = ((point + 0.5) / MOST_POINTS) * durationSeconds;
      return replicas.filter(({ atSeconds }) => atSeconds <= middle).at(-1)?.ready ?? null;
    }),
  }));
  return diagramOf(
    {
      title: 'Ready pods over time',
      x: { title: 'seconds', from: 0, to: Number(windowDigits(durationSeconds)) },
      yTitle: 'pods',
      yScale: 'linear',
    },
    lines,
  );
}

const highest = (slices: readonly LoadSlice[]): (number | null)[] => slices.map(({ p99Ms }) => p99Ms);

function cpuChart(timeline: ResourceTimeline | undefined, durationSeconds: number): Diagram[] {
  if (timeline === undefined) return [];
  const { shown } = busiest(timeline);
  const names = shortNames(shown);
  const measured = shown.map(({ cpuCores }) => measuredSteps(cpuCores));
  const longest = Math.max(1, ...measured.map(({ length }) => length));
  // All lines share the axis, which spans the time for which each of them has values, ignoring lines with few.
  const whole = measured.filter(({ length }) => length >= longest / 2);
  const [from, to] = [
    Math.max(0, ...whole.map((steps) => steps[0] ?? 0)),
    Math.min(...whole.map((steps) => steps.at(-1) ?? 0)),
  ];
  if (!(to > from)) return [];
  const each = Math.ceil((to - from + 1) / MOST_POINTS);
  const lines = shown.map(({ cpuCores }, index) => ({
    name: { code: names[index] ?? '' },
    values: means(cpuCores.slice(from, to + 1), each),
  }));
  // The last step is as long as the rest of the window.
  const end = Math.min((to + 1) * timeline.stepSeconds, Number(windowDigits(durationSeconds)));
  const x = { title: 'seconds', from: from * timeline.stepSeconds, to: end };
  return diagramOf({ title: 'CPU cores over time', x, yTitle: 'cores', yScale: 'linear' }, lines);
}

const measuredSteps = (values: readonly (number | null)[]): number[] =>
  values.flatMap((value, index) => (value === null ? [] : [index]));

/** The mean of every group of values; null when one of them is null. */
function means(values: readonly (number | null)[], each: number): (number | null)[] {
  return Array.from({ length: Math.ceil(values.length / each) }, (_, index) => {
    const part = values.slice(index * each, (index + 1) * each);
    return part.includes(null) ? null : part.reduce<number>((sum, value) => sum + (value ?? 0), 0) / part.length;
  });
}

/** The tail, as far as each host has answers in it. */
function percentileChart(load: LoadResult): Diagram[] {
  const figures = distributionFigures(load);
  const tail = figures.find(({ chart }) => chart.id === 'percentiles')?.chart;
  if (tail === undefined) return [];
  const length = Math.min(...tail.lines.map(({ values }) => values.filter((value) => value !== null).length));
  const lines = tail.lines.map(({ name, values }) => ({ name: { code: name }, values: values.slice(0, length) }));
  // 10 ** 1 is p90, 10 ** 2 is p99: the page's axis, by its exponents.
  const x = { title: 'nines: 1 is p90, 2 is p99, 3 is p99.9', from: 0, to: Math.log10(tail.xs[length - 1] ?? 1) };
  return diagramOf({ title: 'Latency by percentile', x, yTitle: 'ms', yScale: tail.y.scale }, lines);
}

/** The scale of a chart in the page, so that both look alike. */
const scaleOf = (figures: readonly Figure[], id: string): Diagram['yScale'] =>
  figures.find(({ chart }) => chart.id === id)?.chart.y.scale ?? 'linear';

/** None when every line has a gap. */
function diagramOf(frame: Pick<Diagram, 'title' | 'x' | 'yTitle' | 'yScale'>, lines: readonly GappyLine[]): Diagram[] {
  const isWhole = (line: GappyLine): line is DiagramLine => !line.values.includes(null);
  const whole = lines.filter(isWhole);
  const without = lines.filter((line) => !isWhole(line)).map(({ name }) => name);
  return whole.length === 0 ? [] : [{ ...frame, lines: whole, without }];
}

/** Whether a diagram has so few points that a sentence says more. */
export const isDiagramSentence = ({ lines }: Diagram): boolean =>
  Math.max(...lines.map(({ values }) => values.length)) < FEWEST_POINTS;
