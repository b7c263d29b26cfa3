/**
 * exports/ writes the figures of a report in the formats of other tools. They contain nothing that the report does not.
 */
import { undelivered } from '../../load/counts/delivery.ts';
import type { Report } from '../../model/report.ts';
import { bencherMetrics } from './bencher.ts';
import { biggerIsBetter, smallerIsBetter } from './github-action-benchmark.ts';
import { k6Summary } from './k6-summary.ts';

/** The files with figures for other tools, in their folder of the output folder. */
export const EXPORTS = [
  'exports/github-action-benchmark-smaller-is-better.json',
  'exports/github-action-benchmark-bigger-is-better.json',
  'exports/bencher.json',
  'exports/k6-summary.json',
] as const;

export type ExportFile = (typeof EXPORTS)[number];

/** The text of each file, or a sentence why there are none. */
export type Exports = { readonly files: Readonly<Partial<Record<ExportFile, string>>> } | { readonly skipped: string };

/**
 * The figures of a run in the formats of dashboards and other tools. Those formats can't express doubt: a figure
 * becomes a point on a curve, or the baseline of the next run. So only a complete load is exported, without a saturated
 * generator and with its rate delivered. After a comparison, it is the load of head, all rounds together.
 */
export function exportsOf(report: Report): Exports {
  const { load, stages } = report;
  if (load === null || load.total.sent === 0) return { skipped: 'No load was measured.' };
  const measuring = report.comparison === undefined ? 'run-load' : 'compare-versions';
  if (stages.find(({ name }) => name === measuring)?.outcome !== 'ok') return { skipped: 'The load was not finished.' };
  if (load.generator?.limited === true)
    return {
      skipped: 'The load generator was the bottleneck, so the figures do not describe the system under test.',
    };
  if ((report.witness?.doubts.length ?? 0) > 0)
    return {
      skipped: 'The ingress or the pods did not see the load that was sent, so something else answered.',
    };
  const late = undelivered(load);
  if (late !== null) return { skipped: `The load was not the requested one. ${late}` };
  const measured = { ...report, load };
  const [smaller, bigger] = [smallerIsBetter(measured), biggerIsBetter(measured)];
  return {
    files: {
      // github-action-benchmark refuses a file without entries.
      ...(smaller.length === 0 ? {} : { 'exports/github-action-benchmark-smaller-is-better.json': json(smaller) }),
      ...(bigger.length === 0 ? {} : { 'exports/github-action-benchmark-bigger-is-better.json': json(bigger) }),
      'exports/bencher.json': json(bencherMetrics(measured)),
      'exports/k6-summary.json': json(k6Summary(measured)),
    },
  };
}

const json = (data: unknown): string => `${JSON.stringify(data, null, 2)}\n`;
