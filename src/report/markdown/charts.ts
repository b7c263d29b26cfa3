import { sideNames } from '../../comparison/sides.ts';
import type { AutoscaledWorkload } from '../../model/autoscaling.ts';
import type { CapacityResult } from '../../model/capacity.ts';
import type { Comparison } from '../../model/comparison.ts';
import type { LoadResult, LoadSlice } from '../../model/load.ts';
import type { Report } from '../../model/report.ts';
import type { ResourceTimeline } from '../../model/resources.ts';
import { busiest, shortNames } from '../words/busiest.ts';
import { latencyByRate, searchesOf } from '../words/capacity-text.ts';
import { coarserTimeline } from '../words/coarser-timeline.ts';
import { hostLabel } from '../words/host-label.ts';
import { code } from './markdown-text.ts';

/** Enough for a shape to be seen in the width of a comment. */
const MOST_POINTS = 60;

/** Colours that stand out on light and dark, each with the sign that names it in the legend below the chart: it has none. */
const COLOURS = [
  ['#3b82f6', '🟦'],
  ['#f97316', '🟧'],
  ['#22c55e', '🟩'],
  ['#a855f7', '🟪'],
  ['#ef4444', '🟥'],
  ['#eab308', '🟨'],
] as const;

interface Line {
  /** Markdown. */
  readonly name: string;
  readonly values: readonly number[];
}

/**
 * The course of a run as Mermaid diagrams, the most telling first. Only figures get into the
 * diagrams: names from outside stand in the legends, as Markdown. A diagram can't show a gap, so a
 * line with one is left out, and its legend says so.
 */
export function renderCharts(report: Report): string[] {
  const { load, resources, comparison, autoscaling = [] } = report;
  const rounds = comparison === undefined ? [] : roundsChart(comparison);
  if (load === null) return rounds;
  return [
    ...rounds,
    ...capacityCharts(report),
    ...loadCharts(load),
    ...replicasChart(autoscaling, load),
    ...cpuChart(resources?.timeline),
    ...percentileChart(load),
  ];
}

function roundsChart(comparison: Comparison): string[] {
  const { rounds } = comparison;
  if (rounds.length < 3) return [];
  const each = Math.ceil(rounds.length / MOST_POINTS);
  const sides = sideNames(comparison);
  const p50 = (version: 'base' | 'head'): (number | null)[] =>
    means(
      rounds.map(({ [version]: { latencyMs } }) => latencyMs?.p50 ?? null),
      each,
    );
  return lineChart(
    { title: 'p50 in each round', axis: `x-axis "round" 1 --> ${figure(rounds.length)}`, yTitle: 'ms' },
    [
      { name: code(sides.base), values: p50('base') },
      { name: code(sides.head), values: p50('head') },
    ],
  );
}

const capacityCharts = (report: Report): string[] =>
  searchesOf(report).flatMap(({ version, capacity }) =>
    capacityChart(version === '' ? 'Latency by rate' : `Latency by rate in ${version}`, capacity),
  );

/** Rates are set at even distances, as they were tried: growing by factors. */
function capacityChart(title: string, capacity: CapacityResult): string[] {
  const points = latencyByRate(capacity.steps);
  if (points.length < 3) return [];
  const axis = `x-axis "requests per second" [${points.map(({ ratePerSecond }) => figure(ratePerSecond)).join(', ')}]`;
  return lineChart({ title, axis, yTitle: 'ms' }, [
    { name: 'p50', values: points.map(({ p50Ms }) => p50Ms) },
    { name: 'p99', values: points.map(({ p99Ms }) => p99Ms) },
  ]);
}

function loadCharts({ timeline = [], durationSeconds }: LoadResult): string[] {
  const slices = coarserTimeline(timeline, MOST_POINTS);
  if (slices.length < 3) return [];
  const axis = `x-axis "seconds" 0 --> ${figure(durationSeconds)}`;
  const perSecond = slices.map(({ answered, seconds }) => (seconds > 0 ? answered / seconds : 0));
  const latency = { title: 'Latency over time', axis, yTitle: 'ms' };
  return [
    chart({
      title: 'Requests per second',
      axis,
      yTitle: 'requests per second',
      lines: [{ name: 'answered', values: perSecond }],
      without: [],
    }),
    ...lineChart(latency, [
      { name: 'p50', values: slices.map(({ p50Ms }) => p50Ms) },
      { name: 'p99', values: highest(slices) },
    ]),
  ];
}

/** The pods that were ready in the middle of each part of the window. */
function replicasChart(autoscaling: readonly AutoscaledWorkload[], { durationSeconds }: LoadResult): string[] {
  if (autoscaling.every(({ scaleUp }) => scaleUp === null)) return [];
  const names = shortNames(autoscaling);
  const lines = autoscaling.slice(0, COLOURS.length).map(({ replicas }, index) => ({
    name: code(names[index] ?? ''),
    values: Array.from({ length: MOST_POINTS }, (_, point) => {
      const middle = ((point + 0.5) / MOST_POINTS) * durationSeconds;
      return replicas.filter(({ atSeconds }) => atSeconds <= middle).at(-1)?.ready ?? null;
    }),
  }));
  return lineChart(
    { title: 'Ready pods over time', axis: `x-axis "seconds" 0 --> ${figure(durationSeconds)}`, yTitle: 'pods' },
    lines,
  );
}

const highest = (slices: readonly LoadSlice[]): (number | null)[] => slices.map(({ p99Ms }) => p99Ms);

function cpuChart(timeline: ResourceTimeline | undefined): string[] {
  if (timeline === undefined) return [];
  const { shown } = busiest(timeline);
  const names = shortNames(shown);
  const measured = shown.map(({ cpuCores }) => measuredSteps(cpuCores));
  const longest = Math.max(1, ...measured.map(({ length }) => length));
  // All lines share the axis: it is the time for which each of them has values, but for those that have few.
  const whole = measured.filter(({ length }) => length >= longest / 2);
  const [from, to] = [
    Math.max(0, ...whole.map((steps) => steps[0] ?? 0)),
    Math.min(...whole.map((steps) => steps.at(-1) ?? 0)),
  ];
  if (!(to - from >= 2)) return [];
  const each = Math.ceil((to - from + 1) / MOST_POINTS);
  const lines = shown.map(({ cpuCores }, index) => ({
    name: code(names[index] ?? ''),
    values: means(cpuCores.slice(from, to + 1), each),
  }));
  const axis = `x-axis "seconds" ${figure(from * timeline.stepSeconds)} --> ${figure((to + 1) * timeline.stepSeconds)}`;
  return lineChart({ title: 'CPU cores over time', axis, yTitle: 'cores' }, lines);
}

const measuredSteps = (values: readonly (number | null)[]): number[] =>
  values.flatMap((value, index) => (value === null ? [] : [index]));

/** The mean of each so many values; null when one of them is. */
function means(values: readonly (number | null)[], each: number): (number | null)[] {
  return Array.from({ length: Math.ceil(values.length / each) }, (_, index) => {
    const part = values.slice(index * each, (index + 1) * each);
    return part.includes(null) ? null : part.reduce<number>((sum, value) => sum + (value ?? 0), 0) / part.length;
  });
}

const FIGURES = ['p50', 'p90', 'p95', 'p99'] as const;

function percentileChart({ hosts }: LoadResult): string[] {
  const lines = hosts
    .slice(0, COLOURS.length)
    .flatMap(({ latencyMs, ...target }) =>
      latencyMs === null ? [] : [{ name: code(hostLabel(target)), values: FIGURES.map((name) => latencyMs[name]) }],
    );
  return lineChart({ title: 'Latency by percentile', axis: `x-axis [${FIGURES.join(', ')}]`, yTitle: 'ms' }, lines);
}

interface Frame {
  readonly title: string;
  /** A line of Mermaid. */
  readonly axis: string;
  readonly yTitle: string;
}

function lineChart(
  frame: Frame,
  lines: readonly { readonly name: string; readonly values: readonly (number | null)[] }[],
): string[] {
  const isWhole = (line: (typeof lines)[number]): line is Line => !line.values.includes(null);
  const whole = lines.filter(isWhole);
  const without = lines.filter((line) => !isWhole(line)).map(({ name }) => name);
  return whole.length === 0 ? [] : [chart({ ...frame, lines: whole, without })];
}

function chart({
  title,
  axis,
  yTitle,
  lines,
  without,
}: Frame & { readonly lines: readonly Line[]; readonly without: readonly string[] }): string {
  const highestValue = Math.max(...lines.flatMap(({ values }) => values));
  const diagram = [
    '---',
    'config:',
    '  xyChart:',
    '    width: 900',
    '    height: 300',
    '  themeVariables:',
    '    xyChart:',
    `      plotColorPalette: "${COLOURS.map(([colour]) => colour).join(', ')}"`,
    '---',
    'xychart-beta',
    `    ${axis}`,
    `    y-axis "${yTitle}" 0 --> ${figure(highestValue > 0 ? highestValue * 1.05 : 1)}`,
    ...lines.map(({ values }) => `    line [${values.map(figure).join(', ')}]`),
  ];
  const legend = [
    ...lines.map(({ name }, index) => `${COLOURS[index]?.[1] ?? ''} ${name}`),
    ...(without.length === 0 ? [] : [`not measured throughout: ${without.join(', ')}`]),
  ];
  return `**${title}**\n\n\`\`\`mermaid\n${diagram.join('\n')}\n\`\`\`\n\n${legend.join('   ')}`;
}

/** Four significant digits, never with an exponent, which Mermaid does not read. */
const figure = (value: number): string => {
  const digits = Math.max(0, Math.min(6, 3 - Math.floor(Math.log10(Math.max(1e-6, Math.abs(value))))));
  return String(Number(value.toFixed(digits)));
};
