import type { Report } from '../../model/report.ts';
import { WITNESS_HEAD, witnessCells, witnessNotes } from '../words/witness-text.ts';
import { figureColumn, notes, type Section, textColumn } from './section.ts';

/** What the ingress and the pods saw of the load, next to the generator's own count. */
export function witness({ witness: seen }: Report): Section | null {
  if (seen === undefined) return null;
  const [host, sent, ...others] = WITNESS_HEAD;
  return {
    id: 'witness',
    title: 'What the ingress and pods saw of the load',
    // A doubt here is why there is no verdict.
    ...(seen.doubts.length === 0 ? { inMarkdown: 'folded' as const } : {}),
    blocks: [
      {
        kind: 'table',
        caption: 'Sent, counted by the ingress and received by the pods, by host',
        columns: [textColumn(host), figureColumn(sent), ...others.map(textColumn)],
        rows: seen.hosts.map((row) => [{ code: row.hosts.join(', ') }, ...witnessCells(row)]),
      },
      ...notes(witnessNotes(seen)),
    ],
  };
}
