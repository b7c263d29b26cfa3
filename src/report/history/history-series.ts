/**
 * history/ covers many runs: the line that each leaves, the series made from these lines, and the files for Apache
 * Otava. html/ renders the page, and no verdict on a run depends on it.
 */
import { changePoints, type ChangePoint } from '../../comparison/change-points.ts';
import type { HistoryLine } from '../../model/history-line.ts';
import type { Interval } from '../../model/units.ts';

/** One figure over runs in which it is comparable. */
export interface HistorySeries {
  readonly metric: string;
  /** `change`: head to base, a share with a sign; otherwise the unit of an absolute figure. */
  readonly unit: string;
  /** Whether higher is better; null when the figure is neutral. */
  readonly better: 'higher' | 'lower' | null;
  /** What these runs have in common: the load, and for absolute figures the machine. */
  readonly machine: string | null;
  readonly points: readonly HistoryPoint[];
  readonly changes: readonly ChangePoint[];
}

export interface HistoryPoint {
  readonly line: HistoryLine;
  readonly value: number;
  readonly interval: Interval | null;
  /** Of a ratio; null for an absolute figure. */
  readonly verdict: string | null;
}

/** Runs that sent the same load. */
export interface HistoryGroup {
  readonly load: HistoryLine['load'];
  readonly runs: number;
  /** Head to base: ratios of two versions on one machine at one time, whichever machine that was. */
  readonly changes: readonly HistorySeries[];
  /** Absolute figures, one series for each machine: figures of two machines are never mixed. */
  readonly figures: readonly HistorySeries[];
}

/** The runs by their load, the one with the latest run first. */
export function historyGroups(lines: readonly HistoryLine[]): HistoryGroup[] {
  const groups = groupedBy(lines, ({ load }) => JSON.stringify(Object.entries(load).sort()));
  return groups
    .sort((a, b) => ((a.at(-1)?.at ?? '') < (b.at(-1)?.at ?? '') ? 1 : -1))
    .map((runs) => ({
      load: runs[0]?.load ?? {},
      runs: runs.length,
      changes: changesOf(runs),
      // Two machines that nobody knows are not the same one.
      figures: groupedBy(
        runs.filter(({ machine }) => machine !== null),
        ({ machine }) => machine ?? '',
      ).flatMap(figuresOf),
    }));
}

function groupedBy(lines: readonly HistoryLine[], keyOf: (line: HistoryLine) => string): HistoryLine[][] {
  const groups = new Map<string, HistoryLine[]>();
  for (const line of lines) groups.set(keyOf(line), [...(groups.get(keyOf(line)) ?? []), line]);
  return [...groups.values()];
}

function changesOf(runs: readonly HistoryLine[]): HistorySeries[] {
  const all = runs.flatMap((line) => (line.comparison?.metrics ?? []).map((metric) => ({ line, metric })));
  const names = [...new Set(all.map(({ metric }) => metric.metric))];
  return names.flatMap((name) => {
    const own = all.filter(({ metric }) => metric.metric === name);
    const ratio = own[0]?.metric.scale === 'ratio';
    const shareOf = (value: number): number => (ratio ? value - 1 : value);
    const points = own.flatMap(({ line, metric }): HistoryPoint[] =>
      metric.estimate === null
        ? []
        : [
            {
              line,
              value: shareOf(metric.estimate),
              interval: metric.interval && { low: shareOf(metric.interval.low), high: shareOf(metric.interval.high) },
              verdict: metric.verdict,
            },
          ],
    );
    return seriesOf({ metric: name, unit: 'change', better: own[0]?.metric.better ?? null, machine: null }, points);
  });
}

function figuresOf(runs: readonly HistoryLine[]): HistorySeries[] {
  const names = [...new Set(runs.flatMap(({ figures }) => figures.map(({ metric }) => metric)))];
  return names.flatMap((name) => {
    const own = runs.flatMap((line) =>
      line.figures.flatMap((figure) => (figure.metric === name ? [{ line, figure }] : [])),
    );
    const points = own.flatMap(({ line, figure: { value, interval } }): HistoryPoint[] =>
      value === null ? [] : [{ line, value, interval, verdict: null }],
    );
    const better = name === 'throughput' ? 'higher' : 'lower';
    return seriesOf(
      { metric: name, unit: own[0]?.figure.unit ?? '', better, machine: runs[0]?.machine ?? null },
      points,
    );
  });
}

const seriesOf = (
  about: Pick<HistorySeries, 'metric' | 'unit' | 'better' | 'machine'>,
  points: readonly HistoryPoint[],
): HistorySeries[] =>
  points.length === 0
    ? []
    : [
        {
          ...about,
          points,
          changes: changePoints(
            points.map(({ value }) => value),
            about.metric,
          ),
        },
      ];
