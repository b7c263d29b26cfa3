import type { Report } from '../../model/report.ts';
import { loadFigures } from '../charts/load.ts';
import { replicaFigures } from '../charts/replicas.ts';
import { resourceFigures } from '../charts/resources.ts';
import { type Block, figureBlock, paragraph, type Section } from './section.ts';

/** The course of the load and of the resources on one clock. */
export function overTime(report: Report): Section | null {
  const { load, resources } = report;
  if (load === null) return null;
  const course = loadFigures(load);
  const used = resourceFigures(resources?.timeline, load.durationSeconds);
  const scaling = replicaFigures(report);
  if (course.length + used.length === 0) return null;
  const data = (caption: string, figures: typeof course): Block => ({ kind: 'chart-data', caption, figures });
  return {
    id: 'timeline',
    title: 'Over time',
    only: 'html',
    blocks: [
      paragraph(
        `Seconds since the measured window began, the same in every chart.${load.total.failed === 0 ? ' No request failed.' : ''}`,
        'note',
      ),
      ...[...course, ...used, ...scaling].map(figureBlock),
      data('Load over time', course),
      data('Resources over time', used),
      ...scaling.map((figure) => data(figure.title, [figure])),
    ],
  };
}
