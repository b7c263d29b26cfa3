import type { Help } from 'commander';

/** Columns that a description needs next to its term. With fewer, it goes below. */
const NARROWEST = 30;
/** Left of a description below its term. */
const INDENT = 6;

/** An entry in the lists of `--help`: on a narrow terminal, its description goes below its term. */
export function formatItem(this: Help, term: string, termWidth: number, description: string, helper: Help): string {
  const width = this.helpWidth ?? 80;
  const left = termWidth + 4;
  const isBelow = width - left < NARROWEST;
  const indent = ' '.repeat(isBelow ? INDENT : left);
  const lines = helper.boxWrap(description, Math.max(width - indent.length, NARROWEST)).split('\n');
  const text = lines.map((line) => indent + line).join('\n');
  if (description === '') return `  ${term}`;
  return isBelow ? `  ${term}\n${text}` : `  ${term.padEnd(termWidth)}  ${text.trimStart()}`;
}
