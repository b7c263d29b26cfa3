import type { Report } from '../../model/report.ts';
import { grouped } from '../../text/numbers.ts';
import { failuresText, onlyStatus, statusesText } from '../words/answers-text.ts';
import { rowsOf } from '../words/host-label.ts';
import { hostName } from './host-name.ts';
import { paragraph, type Section, textColumn } from './section.ts';

/** Which statuses each host answered with, and why requests failed: a redirect answers fast, and is no answer. */
export function answers({ load }: Report): Section | null {
  if (load === null || load.total.sent === 0) return null;
  const section = { id: 'answers', title: 'Statuses of the answers' };
  const status = onlyStatus(load);
  if (status !== null)
    return { ...section, inMarkdown: 'bare', blocks: [paragraph(`Every answer had the status ${status}.`)] };
  const failed = load.total.failed > 0;
  return {
    ...section,
    title: failed ? 'Statuses of the answers, and failed requests' : section.title,
    blocks: [
      {
        kind: 'table',
        caption: 'Statuses and failed requests by host',
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
