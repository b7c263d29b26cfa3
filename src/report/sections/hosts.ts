import { sideNames } from '../../comparison/sides.ts';
import { type Comparison, courseOf } from '../../model/comparison.ts';
import type { HostResult, Uncertainty } from '../../model/load.ts';
import type { Report } from '../../model/report.ts';
import { approximate, grouped, milliseconds, percent, perSecond, range } from '../../text/numbers.ts';
import { explanations, weakPercentiles } from '../words/trust.ts';
import { hostName } from './host-name.ts';
import { type Cell, figureColumn, notes, type Section, type Text, textColumn } from './section.ts';

/** Requests and latency of each host and of all, and how they came about. */
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
        columns: [textColumn('Host'), ...['Requests', 'Succeeded', 'Throughput', ...STATISTICS].map(figureColumn)],
        rows: [...load.hosts.map((result) => row(result)), totalRow(load.total, load.uncertainty)],
      },
      ...notes(explanations(load)),
    ],
  };
}

/** Which load the figures of hosts are of in a comparison. */
function loadOfHead(comparison: Comparison): string {
  const course = courseOf(comparison);
  switch (course.kind) {
    case 'rounds':
      return `Load on ${sideNames(comparison).head}, all rounds together`;
    case 'steps':
      return `Load on head at the ${course.capacities.head.highestKept === null ? 'lowest rate' : 'highest rate that kept the thresholds'}`;
  }
}

const STATISTICS = ['avg', 'p50', 'p90', 'p95', 'p99', 'max'] as const;

function row(result: HostResult): Text[] {
  const weak: ReadonlySet<string> = weakPercentiles(result);
  return [
    hostName(result),
    grouped(result.sent),
    percent(result.successRatio),
    perSecond(result.requestsPerSecond),
    ...STATISTICS.map((name) => approximate(milliseconds(result.latencyMs?.[name] ?? null), weak.has(name))),
  ];
}

/** With the intervals of its figures, where there are any. */
function totalRow(total: HostResult, uncertainty: Uncertainty | undefined): Cell[] {
  const cells = row(total);
  if (uncertainty === undefined || uncertainty.requestsPerSecond === null) return cells;
  const { requestsPerSecond, p50Ms, p90Ms, p95Ms, p99Ms } = uncertainty;
  const below = [
    '95 % interval',
    '',
    '',
    range(requestsPerSecond, perSecond),
    ...[null, p50Ms, p90Ms, p95Ms, p99Ms, null].map((interval) => range(interval, milliseconds)),
  ];
  return cells.map((text, index) => ({ text, below: below[index] ?? '' }));
}
