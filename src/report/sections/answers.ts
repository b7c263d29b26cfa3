import type { Report } from '../../model/report.ts';
import { grouped } from '../../text/numbers.ts';
import { failuresText, onlyStatus, statusesText } from '../words/answers-text.ts';
import { rowsOf } from '../words/host-label.ts';
import { hostName } from './host-name.ts';
import { paragraph, type Section, textColumn } from './section.ts';

/** The status codes that each host returned, and why requests failed. A redirect is fast, but not an answer. */
export function answers({ load }: Report): Section | null {
  if (load === null || load.total.sent === 0) return null;
  const section = { id: 'answers', title: 'Status codes' };
  const status = onlyStatus(load);
  if (status !== null)
    return { ...section, inMarkdown: 'bare', blocks: [paragraph(`Every answer had status ${status}.`)] };
  const failed = load.total.failed > 0;
  return {
    ...section,
    title: failed ? 'Status codes and failed requests' : section.title,
    blocks: [
      {
        kind: 'table',
        caption: 'Status codes and failed requests by host',
        columns: ['Host', 'HTTP statuses', ...(failed ? ['Failed', 'By class'] : [])].map(textColumn),
        rows: rowsOf(load).map((result) => [
          hostName(result),
          statusesText(result),
          ...(failed ? [grouped(result.failed), failuresText(result)] : []),
        ]),
      },
    ],
  };
}
