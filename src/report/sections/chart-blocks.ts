import type { Figure } from '../charts/figure.ts';
import { isSentence, valuesText } from '../charts/sentence.ts';
import { type Block, type FigureBlock, paragraph } from './section.ts';

/**
 * Charts of the page in order; those with few points become sentences.
 *
 * @param pair how many of the first share a line.
 */
export function chartBlocks(figures: readonly Figure[], pair = 0): Block[] {
  const beside = drawn(figures.slice(0, pair)).map(figureBlock);
  return [
    ...(beside.length === 0 ? [] : [{ kind: 'pair' as const, figures: beside }]),
    ...drawn(figures.slice(pair)).map(figureBlock),
    ...figures.filter(isSentence).map((figure) => ({
      ...paragraph([{ strong: `${figure.title}:` }, ` ${valuesText(figure)}`]),
      only: 'html' as const,
    })),
  ];
}

/** The values of the charts that are drawn. */
export function chartData(caption: string, figures: readonly Figure[]): Block {
  return { kind: 'chart-data', caption, figures: drawn(figures) };
}

const drawn = (figures: readonly Figure[]): Figure[] => figures.filter((figure) => !isSentence(figure));

const figureBlock = (figure: Figure): FigureBlock => ({ kind: 'figure', ...figure, diagram: null });
