import { sideNames } from '../../comparison/sides.ts';
import { type Comparison, courseOf, roundsOfLastStart } from '../../model/comparison.ts';
import type { Report } from '../../model/report.ts';
import { hasFigures, WORKLOAD_FIGURES, workloadFigures } from '../words/resource-figures.ts';
import { figureColumn, paragraph, type Section, textColumn } from './section.ts';

/**
 * What each workload used during the load, and what could not be measured. If nothing was, only the sentences that say
 * why.
 */
export function resources({ resources: used, comparison }: Report): Section | null {
  if (used === null) return null;
  const { workloads, missing } = used;
  return {
    id: 'resources',
    title: 'Resources during the load',
    blocks: [
      {
        kind: 'table',
        caption: 'Resources by workload',
        columns: [textColumn('Workload'), ...WORKLOAD_FIGURES.map(figureColumn)],
        rows: (workloads.some(hasFigures) ? workloads : []).map((workload) => [
          { code: `${workload.namespace}/${workload.name}` },
          ...workloadFigures(workload),
        ]),
      },
      ...[...missing, ...(comparison === undefined ? [] : [resourcesOfBoth(comparison)])].map((sentence) =>
        paragraph(sentence, 'note'),
      ),
    ],
  };
}

/** Pods of an earlier start are gone and can no longer be measured. */
function roundsOfResources(comparison: Comparison): string {
  const last = roundsOfLastStart(comparison);
  return last.length === 0
    ? 'From the first round to the last'
    : `Of the pods of the last start (again ${String(last[0]?.start ?? 0)}), in its ${String(last.length)} rounds`;
}

/** What the resource figures cover in a comparison. */
function resourcesOfBoth(comparison: Comparison): string {
  const { subject } = comparison;
  const names = sideNames(comparison);
  switch (courseOf(comparison).kind) {
    case 'rounds':
      return `${roundsOfResources(comparison)}: each ${subject === undefined ? 'version' : 'controller'} was idle for more than half of this time, so its mean CPU use is low. The comparison has the CPU per request.`;
    case 'steps':
      return `While ${names.head} had the load in the table above, and ${names.base} had none.`;
  }
}
