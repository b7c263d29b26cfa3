import type { ComparedVersion, Revision } from '../../model/comparison.ts';
import type { Report } from '../../model/report.ts';
import { paragraph, type Section, type Span } from './section.ts';

/** A command that sends the same load from a laptop, and where to run it. */
export function repeat(report: Report): Section | null {
  const { repeatWith } = report;
  if (repeatWith === '') return null;
  const place = placeOf(report);
  return {
    id: 'repeat',
    title: 'Repeat it on your machine',
    inMarkdown: 'folded',
    blocks: [
      ...(place === null ? [] : [paragraph(place, 'note')]),
      { kind: 'code', text: repeatWith, holds: 'command' },
    ],
  };
}

/** What to check out; null when it is not known, as on a laptop. */
function placeOf({ run, settingsFile, comparison }: Report): (string | Span)[] | null {
  const { base, head } = comparison ?? {};
  const needs = ', with Docker and Node.js:';
  if (base?.revision !== undefined && head?.revision !== undefined) {
    const side = ({ manifests }: ComparedVersion, { commit }: Revision): (string | Span)[] => [
      { code: manifests[0] ?? '' },
      ' as of commit ',
      { code: commit },
    ];
    return ['In a folder with ', ...side(head, head.revision), ' and ', ...side(base, base.revision), needs];
  }
  if (run.sha === null) return null;
  const file: (string | Span)[] =
    settingsFile === undefined ? [] : [', whose ', { code: settingsFile.file }, ' has the other inputs'];
  return ['In a checkout of ', { code: run.headSha ?? run.sha }, ...file, needs];
}
