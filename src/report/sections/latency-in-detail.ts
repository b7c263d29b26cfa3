import type { Report } from '../../model/report.ts';
import { distributionFigures } from '../charts/distribution.ts';
import { figureBlock, type Section } from './section.ts';

/** How the latencies are distributed, and how far out the tail goes. */
export function latencyInDetail({ load }: Report): Section | null {
  const figures = load === null ? [] : distributionFigures(load);
  if (figures.length === 0) return null;
  return {
    id: 'spread',
    title: 'Latency in detail',
    only: 'html',
    blocks: [
      { kind: 'pair', figures: figures.map(figureBlock) },
      ...figures.map((figure) => ({ kind: 'chart-data' as const, caption: figure.title, figures: [figure] })),
    ],
  };
}
