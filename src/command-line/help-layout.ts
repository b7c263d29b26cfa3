import { Help } from 'commander';

/** Columns that a description needs next to its term. With fewer, it goes below. */
const NARROWEST = 30;
const INDENT = 6;

/** An entry in the lists of `--help`: on a narrow terminal, its description goes below its term. */
export function formatItem(this: Help, term: string, termWidth: number, description: string, helper: Help): string {
  const width = this.helpWidth ?? 80;
  if (description === '' || width - termWidth - 4 >= NARROWEST)
    return Help.prototype.formatItem.call(this, term, termWidth, description, helper);
  const below = helper.boxWrap(description, Math.max(width - INDENT, NARROWEST));
  return [`  ${term}`, ...below.split('\n').map((line) => ' '.repeat(INDENT) + line)].join('\n');
}
