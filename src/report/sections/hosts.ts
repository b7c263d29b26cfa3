import { sideNames } from '../../comparison/sides.ts';
import { type Comparison, courseOf } from '../../model/comparison.ts';
import type { HostResult, LoadResult, Uncertainty } from '../../model/load.ts';
import type { Report } from '../../model/report.ts';
import type { Interval } from '../../model/units.ts';
import { approximate, grouped, milliseconds, percent, perSecond, range } from '../../text/numbers.ts';
import { rowsOf } from '../words/host-label.ts';
import { explanations, weakPercentiles } from '../words/trust.ts';
import { hostName } from './host-name.ts';
import { type Cell, figureColumn, notes, type Section, type Text, textColumn } from './section.ts';

/** Requests and latency of each host and of all hosts, and how they were measured. */
export function hosts({ load, comparison }: Report): Section | null {
  if (load === null) return null;
  return {
    id: 'hosts',
    title: comparison === undefined ? 'Hosts' : loadOfHead(comparison),
    ...(comparison === undefined ? { inMarkdown: 'bare' as const } : {}),
    blocks: [
      {
        kind: 'table',
        caption: 'Requests and latency by host',
        columns: [textColumn('Host'), ...['Succeeded', ...FIRST, 'Throughput', 'Requests', ...LAST].map(figureColumn)],
        rows: rows(load),
      },
      ...notes(explanations(load)),
    ],
  };
}

/** Which load the figures belong to in a comparison. */
function loadOfHead(comparison: Comparison): string {
  const course = courseOf(comparison);
  switch (course.kind) {
    case 'rounds':
      return `Load on ${sideNames(comparison).head}, all rounds together`;
    case 'steps':
      return `Load on ${sideNames(comparison).head} at the ${course.capacities.head.highestKept === null ? 'lowest rate' : 'highest rate that kept the thresholds'}`;
  }
}

const FIRST = ['p50', 'p95', 'p99'] as const;
const LAST = ['avg', 'p90', 'max'] as const;
type Statistic = (typeof FIRST | typeof LAST)[number];

/** The last row is the total, or the only host; it has the intervals. */
function rows(load: LoadResult): Cell[][] {
  const all = rowsOf(load).map(row);
  return [...all.slice(0, -1), ...all.slice(-1).map((cells) => withIntervals(cells, load.uncertainty))];
}

/** The most important figures first: a narrow screen shows no more. */
function row(result: HostResult): Text[] {
  const weak: ReadonlySet<string> = weakPercentiles(result);
  const statistic = (name: Statistic): string =>
    approximate(milliseconds(result.latencyMs?.[name] ?? null), weak.has(name));
  return [
    hostName(result),
    percent(result.successRatio),
    ...FIRST.map(statistic),
    perSecond(result.requestsPerSecond),
    grouped(result.sent),
    ...LAST.map(statistic),
  ];
}

/** Empty when there is none. */
function withIntervals(cells: readonly Text[], uncertainty: Uncertainty | undefined): Cell[] {
  if (uncertainty === undefined || uncertainty.requestsPerSecond === null) return [...cells];
  const { requestsPerSecond, p50Ms, p90Ms, p95Ms, p99Ms } = uncertainty;
  const intervals: Partial<Record<Statistic, Interval | null>> = { p50: p50Ms, p90: p90Ms, p95: p95Ms, p99: p99Ms };
  const statistic = (name: Statistic): string => range(intervals[name], milliseconds);
  const below = [
    '95 % interval',
    '',
    ...FIRST.map(statistic),
    range(requestsPerSecond, perSecond),
    '',
    ...LAST.map(statistic),
  ];
  return cells.map((text, index) => ({ text, below: below[index] ?? '' }));
}
