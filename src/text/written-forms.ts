/**
 * What stands for one character of a secret where a tool has written it: as it is, behind the backslashes of JSON,
 * Markdown or a shell, by its number in JSON, HTML or a URL, whatever the case of the digits, and by its name in HTML.
 * An encoder may leave some characters of a text as they are and write others by a number, so that each is looked for
 * by itself.
 *
 * @returns a regular expression in which nothing repeats without an end.
 */
export function writtenAs(character: string): string {
  if (/^[A-Za-z0-9]$/.test(character)) return character;
  const named = NAMES[character];
  const number = character.codePointAt(0) ?? 0;
  // The longest first: a plain % or & may begin the form of itself.
  const forms = [
    ...(named === undefined ? [] : [named]),
    `&(?:amp;)?#(?:0{0,4}${String(number)}|[xX]0{0,4}${anyCase(number.toString(16))});`,
    inJson(character),
    percentEncoded(character),
    `\\\\{0,7}${character.replace(/[^\w\p{L}\p{N}]/gu, escaped)}`,
  ];
  return `(?:${forms.join('|')})`;
}

const escaped = (symbol: string): string =>
  symbol === '\n'
    ? '\\n'
    : symbol.charCodeAt(0) < 128
      ? `\\x${symbol.charCodeAt(0).toString(16).padStart(2, '0')}`
      : symbol;

const NAMES: Readonly<Record<string, string>> = {
  '&': '&(?:amp;){1,2}',
  '<': '&(?:amp;)?lt;',
  '>': '&(?:amp;)?gt;',
  '"': '&(?:amp;)?quot;',
  // The last two are how a shell and YAML have it within single quotes.
  "'": `&(?:amp;)?apos;|'\\\\{1,3}''|''`,
  ' ': '\\+',
  '\t': '\\\\{1,7}t',
};

/** Byte for byte, also where the result was encoded once more; a shell and Python write the bytes behind `\\x`. */
const percentEncoded = (character: string): string =>
  [...new TextEncoder().encode(character)]
    .map((byte) => `(?:%(?:25){0,2}|\\\\{1,7}x)${anyCase(byte.toString(16).padStart(2, '0'))}`)
    .join('');

/** Unit for unit, as JSON has what is beyond the first plane. */
const inJson = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\\\{1,7}u${anyCase(unit.charCodeAt(0).toString(16).padStart(4, '0'))}`)
    .join('');

const anyCase = (digits: string): string => digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);

/** Texts as they may be written, one tree of what they begin with: it is looked through once, however many they are. */
export class FormTree {
  readonly #root: Node = new Map();

  /** @param characters a regular expression for each character of the text. */
  add(characters: readonly string[]): void {
    let node = this.#root;
    for (const character of characters) {
      const next = node.get(character) ?? new Map<string, Node>();
      node.set(character, next);
      node = next;
    }
    node.set(END, new Map<string, Node>());
  }

  /** @returns a regular expression that matches the longest text at a place. */
  toString(): string {
    return sourceOf(this.#root);
  }
}

type Node = Map<string, Node>;

const END = '';

function sourceOf(node: Node): string {
  const branches = [...node].filter(([character]) => character !== END);
  if (branches.length === 0) return '';
  const sources = branches.map(([character, next]) => `${character}${sourceOf(next)}`);
  const [only = ''] = sources;
  const all = sources.length === 1 && !node.has(END) ? only : `(?:${sources.join('|')})`;
  return node.has(END) ? `${all}?` : all;
}
