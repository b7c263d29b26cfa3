import type { Report } from '../../model/report.ts';
import { distributionFigures } from '../charts/distribution.ts';
import { chartBlocks, chartData } from './chart-blocks.ts';
import type { Section } from './section.ts';

/** The distribution of latencies, and how far the tail reaches. */
export function latencyInDetail({ load }: Report): Section | null {
  const figures = load === null ? [] : distributionFigures(load);
  if (figures.length === 0) return null;
  return {
    id: 'spread',
    title: 'Latency in detail',
    only: 'html',
    blocks: [...chartBlocks(figures, figures.length), ...figures.map((figure) => chartData(figure.title, [figure]))],
  };
}
