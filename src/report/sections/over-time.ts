import type { Report } from '../../model/report.ts';
import { loadFigures } from '../charts/load.ts';
import { replicaFigures } from '../charts/replicas.ts';
import { resourceFigures } from '../charts/resources.ts';
import { chartBlocks, chartData } from './chart-blocks.ts';
import { paragraph, type Section } from './section.ts';

/** The load and the resources over time, on one clock. */
export function overTime(report: Report): Section | null {
  const { load, resources } = report;
  if (load === null) return null;
  const course = loadFigures(load);
  const used = resourceFigures(resources?.timeline, load.durationSeconds);
  const scaling = replicaFigures(report);
  if (course.length + used.length === 0) return null;
  return {
    id: 'timeline',
    title: 'Over time',
    only: 'html',
    blocks: [
      paragraph(
        `Seconds since the measured window began, the same in every chart.${load.total.failed === 0 ? ' No request failed.' : ''}`,
        'note',
      ),
      ...chartBlocks([...course, ...used, ...scaling]),
      chartData('Load over time', course),
      chartData('Resources over time', used),
      ...scaling.map((figure) => chartData(figure.title, [figure])),
    ],
  };
}
