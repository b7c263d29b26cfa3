import { visibleText } from '../../text/visible-text.ts';

/** Text of any origin as plain text of one line: no markup, no mention, no reference. */
export const inline = (text: string): string =>
  visibleText(text)
    .replace(/\s+/g, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]|~!]/g, (character) => `\\${character}`)
    // A word joiner after these keeps GitHub from making a mention or a reference of it.
    .replace(/[@#]/g, (character) => `${character}\u2060`)
    // An address of an issue would leave a reference there; `$` would begin a formula.
    .replace(/github\.com/gi, (match) => `${match.slice(0, 6)}\u2060${match.slice(6)}`)
    .replace(/\$/g, '\\$');

/** Text of any origin as a code span, safe in a table too. */
export function code(text: string): string {
  // GitHub splits table cells before it reads code spans; an entity would be shown as it is written.
  const line = visibleText(text).replace(/\s+/g, ' ').replace(/\|/g, '\\|');
  const ticks = '`'.repeat(longestRun(line) + 1);
  const space = /^`|`$|^ .* $/.test(line) || line === '' ? ' ' : '';
  return `${ticks}${space}${line}${space}${ticks}`;
}

/** Text of any origin as a code block that nothing in it can end. */
export function fence(text: string, language = 'text'): string {
  // First the controls go: a run of backticks may only come together then.
  const body = visibleText(text);
  const ticks = '`'.repeat(Math.max(3, longestRun(body) + 1));
  return `${ticks}${language}\n${body}\n${ticks}`;
}

const longestRun = (text: string): number =>
  (text.match(/`+/g) ?? []).reduce((longest, { length }) => Math.max(longest, length), 0);
