import type { Report } from '../../model/report.ts';
import type { Section } from './section.ts';

/** A command that sends the same load from a laptop. */
export function repeat({ repeatWith }: Report): Section | null {
  if (repeatWith === '') return null;
  return {
    id: 'repeat',
    title: 'Repeat it on your machine',
    inMarkdown: 'folded',
    blocks: [{ kind: 'code', text: repeatWith, holds: 'command' }],
  };
}
