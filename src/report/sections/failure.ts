import type { Report } from '../../model/report.ts';
import { type Block, paragraph, type Section } from './section.ts';

/** Why the run failed and what to do. A short message is not repeated, because the heading of the report has it. */
export function failure({ outcome }: Report): Section | null {
  if (outcome.failure === null) return null;
  const { message, hint, tryThis, stage } = outcome.failure;
  const blocks: Block[] = [
    ...(stage === null ? [] : [paragraph([{ strong: 'Stage:' }, ' ', { code: stage }])]),
    ...(outcome.summary.endsWith(message) ? [] : [{ kind: 'code', text: message, holds: 'text' } as const]),
    ...(hint === null ? [] : [paragraph([{ strong: 'What to do:' }, ` ${hint}`])]),
    ...(tryThis === null ? [] : [{ kind: 'code', text: tryThis, holds: 'command' } as const]),
    { kind: 'link', title: 'More about this outcome', url: outcome.helpUrl },
  ];
  return { id: 'failure', title: 'Why it failed', blocks, inMarkdown: 'bare', inHtml: 'verdict' };
}
