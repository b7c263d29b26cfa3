import type { Report } from '../../model/report.ts';
import { AUTOSCALING_HEAD, autoscalingFigures, autoscalingTexts } from '../words/autoscaling-text.ts';
import { figureColumn, type Section, textColumn } from './section.ts';

/** What each autoscaler did, in words and figures. */
export function autoscaling({ autoscaling: workloads = [], load }: Report): Section | null {
  if (load === null || workloads.length === 0) return null;
  return {
    id: 'autoscaling',
    title: 'Autoscaling',
    blocks: [
      { kind: 'list', items: autoscalingTexts(workloads, load) },
      {
        kind: 'table',
        caption: 'Autoscaling by workload',
        columns: AUTOSCALING_HEAD.map((head, index) => (index === 0 ? textColumn(head) : figureColumn(head))),
        rows: workloads.map((workload) => [
          { code: `${workload.namespace}/${workload.name}` },
          ...autoscalingFigures(workload),
        ]),
      },
    ],
  };
}
