import { METRICS, type PairedFigures, pairFigures } from '../../comparison/metrics.ts';
import { courseOf, type Comparison } from '../../model/comparison.ts';
import { historyLine, type HistoryLine } from '../../model/history-line.ts';
import type { Report } from '../../model/report.ts';
import { exportsOf } from '../exports/exports.ts';
import { figuresOf, loadSettings } from '../words/earlier-run.ts';
import { processorsAndMemory } from '../words/machine-text.ts';

/**
 * The history line of a run.
 *
 * @returns null for a run with unusable figures: without a load, interrupted, or with a saturated generator.
 */
export function historyLineOf(report: Report): HistoryLine | null {
  const { load, comparison, run, environment } = report;
  if (load === null || 'skipped' in exportsOf(report)) return null;
  return {
    version: 1,
    at: report.endedAt,
    commit: run.sha,
    ref: run.ref,
    url: run.url,
    result: report.outcome.result,
    machine: environment === null ? null : processorsAndMemory(environment),
    load: loadSettings(report.settings, comparison !== undefined),
    figures: figuresOf(load),
    ...(comparison === undefined ? {} : { comparison: comparedIn(comparison) }),
  };
}

const comparedIn = (comparison: Comparison): NonNullable<HistoryLine['comparison']> => ({
  verdict: comparison.verdict,
  confirmed: comparison.confirmed,
  metrics: comparison.metrics.map(({ metric, scale, better, estimate, interval, verdict }) => ({
    metric,
    scale,
    better,
    estimate,
    interval,
    verdict,
  })),
  pairs: pairsOf(comparison),
});

/** Each block as one ratio, as it is judged. */
function pairsOf(comparison: Comparison): Record<string, number[]> {
  const course = courseOf(comparison);
  if (course.kind !== 'rounds') return {};
  const ratios = ({ effects }: PairedFigures): number[] =>
    effects.map((effect) => Number(Math.exp(effect).toPrecision(5)));
  return Object.fromEntries(
    METRICS.filter(({ scale }) => scale === 'ratio')
      .map((metric) => [metric.metric, ratios(pairFigures(metric, course.rounds))] as const)
      .filter(([, pairs]) => pairs.length > 0),
  );
}

/** A line in the file. */
export const historyText = (line: HistoryLine): string => `${JSON.stringify(line)}\n`;

/**
 * The lines of a file in chronological order, and how many could not be read. A run that appears twice, as in two
 * merged files, is kept once.
 */
export function readHistory(text: string): { readonly lines: HistoryLine[]; readonly unread: number } {
  const given = text.split('\n').filter((line) => line.trim() !== '');
  const seen = new Set<string>();
  const lines = given.flatMap((line) => {
    const parsed = historyLine.safeParse(jsonOf(line));
    return parsed.success ? [parsed.data] : [];
  });
  return {
    lines: lines
      .filter((line) => {
        const key = historyText(line);
        return seen.size !== seen.add(key).size;
      })
      .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
    unread: given.length - lines.length,
  };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
