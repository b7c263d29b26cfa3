import { visibleText } from '../../text/visible-text.ts';

/** Invisible; keeps two characters on one line but apart. */
const JOINER = '\u2060';

/** What GitHub makes a link of in plain text: the beginning of an address, and an issue such as GH-1. */
const LINK = /((?<=[a-z0-9+.-]):)(\/\/)|\b(www|mailto|xmpp|GH)([.:-])/gi;

/** From seven hexadecimal digits on, GitHub looks for a commit. */
const COMMIT = /\b(?=\d*[a-f])[0-9a-f]{7,64}\b/gi;

/** What would begin a list, a rule or a heading at the start of a line: `- `, `---`, `===`, `+ `, `1. `, `1) `. */
const BLOCK = /^( ?\d*)([-+](?=\s|$)|-(?=-)|=(?=[=\s]|$)|(?<=\d)[.)](?=\s|$))/;

/** Any text as one line of plain text: no markup, mention, reference or link. */
export const inline = (text: string): string =>
  visibleText(text)
    .replace(/\s+/g, ' ')
    .replace(LINK, `$1$3${JOINER}$2$4`)
    .replace(COMMIT, (digits) => digits.replace(/.{6}(?=.)/g, `$&${JOINER}`))
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]|~!]/g, (character) => `\\${character}`)
    // A word joiner after these keeps GitHub from making a mention or a reference of it.
    .replace(/[@#]/g, (character) => `${character}${JOINER}`)
    // An address of an issue would leave a reference there; `$` would begin a formula.
    .replace(/github\.com/gi, (match) => `${match.slice(0, 6)}${JOINER}${match.slice(6)}`)
    .replace(/\$/g, '\\$')
    .replace(BLOCK, '$1\\$2');

/** Text of any origin as a code span, safe in a table too. */
export function code(text: string): string {
  // GitHub splits table cells before it reads code spans; an entity would be shown as it is written.
  const line = visibleText(text).replace(/\s+/g, ' ').replace(/\|/g, '\\|');
  const ticks = '`'.repeat(longestRun(line) + 1);
  const space = /^`|`$|^ .* $/.test(line) || line === '' ? ' ' : '';
  return `${ticks}${space}${line}${space}${ticks}`;
}

/** Any text as a code block that its content can't end. */
export function fence(text: string, language = 'text'): string {
  // Remove control characters first: a run of backticks may only form then.
  const body = visibleText(text);
  const ticks = '`'.repeat(Math.max(3, longestRun(body) + 1));
  return `${ticks}${language}\n${body}\n${ticks}`;
}

const longestRun = (text: string): number =>
  (text.match(/`+/g) ?? []).reduce((longest, { length }) => Math.max(longest, length), 0);
