import type { Report } from '../../model/report.ts';
import { paragraph, type Section } from './section.ts';

/** A command that sends the same load from a laptop. */
export function repeat({ repeatWith, run, settingsFile }: Report): Section | null {
  if (repeatWith === '') return null;
  return {
    id: 'repeat',
    title: 'Repeat it on your machine',
    inMarkdown: 'folded',
    blocks: [
      ...(run.sha === null
        ? []
        : [
            paragraph(
              [
                'In a checkout of ',
                { code: run.headSha ?? run.sha },
                ...(settingsFile === undefined
                  ? []
                  : [', whose ', { code: settingsFile.file }, ' has the other inputs']),
                ', with Docker and Node.js:',
              ],
              'note',
            ),
          ]),
      { kind: 'code', text: repeatWith, holds: 'command' },
    ],
  };
}
