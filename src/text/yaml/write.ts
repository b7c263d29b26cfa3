import { resolveScalar } from './resolve.ts';

/**
 * Writes values as YAML for people, one document each, which every reader of YAML 1.1 and 1.2 reads alike: what might
 * be taken for something else than a text stands in quotes, and characters that can't be seen are escaped.
 */
export const writeYaml = (values: readonly unknown[]): string =>
  values.map((value) => `${blockOf(value, 0).replace(/^\n/, '')}\n`).join('---\n');

const STEP = 2;
/** Longer keys need a question mark: readers look for the colon up to 1024 characters behind their beginning. */
const MAX_KEY_LENGTH = 1000;

/** Collections that hold something begin with a line break; all other values stand on the line that was begun. */
function blockOf(value: unknown, indent: number): string {
  if (typeof value === 'string') return literalOf(value, indent) ?? flowOf(value);
  if (typeof value !== 'object' || value === null) return wordOf(value);
  const margin = `\n${' '.repeat(indent)}`;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    // The first line of a collection stands on the line of its dash.
    const items = value
      .map((item) => blockOf(item, indent + STEP))
      .map((text) => (text.startsWith('\n') ? text.slice(1 + indent + STEP) : text));
    return items.map((text) => `${margin}- ${text}`).join('');
  }
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  if (fields.length === 0) return '{}';
  return fields
    .map(([key, field]) => `${margin}${keyOf(key, margin)}${behind(blockOf(field, indent + STEP))}`)
    .join('');
}

const behind = (text: string): string => (text.startsWith('\n') ? text : ` ${text}`);

function keyOf(key: string, margin: string): string {
  const text = flowOf(key);
  return text.length > MAX_KEY_LENGTH ? `? ${text}${margin}:` : `${text}:`;
}

/** What no eye sees, apart from what may stand in lines of text. */
const UNSEEN = /(?![\t\n ])[\p{C}\p{Z}]/u;

/** Several lines as they are; null for a text that can't be written so. */
function literalOf(text: string, indent: number): string | null {
  if (indent === 0 || !text.includes('\n') || text.trim() === '' || UNSEEN.test(text)) return null;
  const indentation = /^\s/.test(text) ? String(STEP) : '';
  const chomping = text.endsWith('\n\n') ? '+' : text.endsWith('\n') ? '' : '-';
  const lines = text.replace(/\n$/, '').split('\n');
  const margin = ' '.repeat(indent);
  return `|${indentation}${chomping}\n${lines.map((line) => (line === '' ? '' : margin + line)).join('\n')}`;
}

/** Begins as no number, time or indicator does, not even for a reader of another version. */
const BEGINS_PLAIN = /^(?:--?)?[A-Za-z_/]/;
const ENDS_PLAIN_EARLY = /[\t\n]|:(?= |$)| #| $/;

/** A text on one line: as it is where nobody can take it for anything else, else in double quotes. */
function flowOf(text: string): string {
  const isPlain = BEGINS_PLAIN.test(text) && !ENDS_PLAIN_EARLY.test(text) && !UNSEEN.test(text);
  if (isPlain && resolveScalar(text, '').type === 'str') return text;
  return JSON.stringify(text).replaceAll(/(?! )[\p{C}\p{Z}]/gu, escaped);
}

function escaped(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
}

function wordOf(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Object.is(value, -0)) return '-0.0';
  // Written out in digits, a double this large would be read as an integer.
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
    return value.toExponential();
  return JSON.stringify(value ?? null);
}
