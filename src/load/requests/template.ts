import type { EchoSession } from '../journeys/echo.ts';
import type { KeptAnswer } from '../journeys/kept-answer.ts';
import type { Random } from '../random.ts';

/** A part of a text that is chosen for each request. */
type Placeholder =
  | { readonly kind: 'int'; readonly min: number; readonly max: number }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | { readonly kind: 'uuid' }
  /** `as` says how the value is encoded. */
  | { readonly kind: 'value'; readonly name: string; readonly as: Place | 'url' | 'json' };

/** Where a text is used in a request. */
export type Place = 'path' | 'header' | 'body';

/** The values for the placeholders of a request, and what a step of a journey needs in addition. */
export interface Values extends Random {
  /** The text of a saved value, or of a field of the data. */
  readonly named?: ((name: string) => string) | undefined;
  /** The Cookie header for a path; empty for none. */
  readonly cookie?: ((path: string) => string) | undefined;
  /** Where to keep the answer. */
  readonly answer?: KeptAnswer | undefined;
  /** What to send over the WebSocket. */
  readonly session?: EchoSession | undefined;
  /** The path as it was sent is written here. */
  asked?: string | undefined;
}

/** A text with parts that are chosen for each request, as plain data that can be sent to another thread. */
export type Template = readonly (string | Placeholder)[];

/** The most values that a number from `Random` can distinguish. */
const MOST_VALUES = 2 ** 32;

const KNOWN = 'Placeholders are {{int MIN MAX}}, {{choice A B …}} and {{uuid}}.';

/** Names that a value can't have, because placeholders begin with them. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set(['int', 'choice', 'uuid', 'url', 'json']);

/**
 * Reads a text with placeholders in double braces: `{{int 1 1000}}` is a whole number from 1 to 1000,
 * `{{choice a "b c"}}` one of the words, `{{uuid}}` a UUID of version 4.
 *
 * In a step of a journey `{{token}}` is a value of that name, `{{url token}}` the same encoded as a part of a query,
 * and `{{json token}}` as a text of JSON, with its quotes.
 *
 * @param names that there are values of; none outside of journeys.
 * @throws Error that names the placeholder and what is allowed.
 */
export function parseTemplate(text: string, place: Place = 'body', names: ReadonlySet<string> = new Set()): Template {
  const parts: (string | Placeholder)[] = [];
  let end = 0;
  for (const match of text.matchAll(/\{\{(.{0,10000}?)\}\}/gs)) {
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(valueIn(match[1] ?? '', place, names) ?? placeholder(match[0], match[1] ?? '', names));
    end = match.index + match[0].length;
  }
  const rest = text.slice(end);
  if (rest.includes('{{')) throw new Error(`a placeholder begins with {{ but is not closed with }}. ${KNOWN}`);
  if (rest !== '') parts.push(rest);
  return parts;
}

function valueIn(inner: string, place: Place, names: ReadonlySet<string>): Placeholder | null {
  const [, as, name = ''] = /^\s*(?:(url|json)\s+)?([A-Za-z_]\w*)\s*$/.exec(inner) ?? [];
  return names.has(name) ? { kind: 'value', name, as: as === 'url' || as === 'json' ? as : place } : null;
}

function placeholder(written: string, inner: string, names: ReadonlySet<string>): Placeholder {
  const words = [...inner.matchAll(/"([^"]*)"|([^\s"]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const [name, ...given] = words;
  if (name === 'uuid' && given.length === 0) return { kind: 'uuid' };
  if (name === 'choice' && given.length > 0) return { kind: 'choice', choices: given };
  const [min, max] = given.map((word) => (/^-?\d{1,15}$/.test(word) ? Number(word) : NaN));
  if (
    name === 'int' &&
    given.length === 2 &&
    min !== undefined &&
    max !== undefined &&
    min <= max &&
    max - min < MOST_VALUES
  )
    return { kind: 'int', min, max };
  if (name === 'int')
    throw new Error(`${written} needs two whole numbers, the smaller one first, at most 4294967296 values apart.`);
  const values = names.size === 0 ? '' : ` Available values are ${[...names].join(', ')}.`;
  throw new Error(`${written} is not a placeholder. ${KNOWN}${values} For braces as they are, write {{choice "{{"}}.`);
}

/** True when the text is the same for every request. */
export const isConstant = (template: Template): boolean => template.every((part) => typeof part === 'string');

/** The text of a template that is the same for every request. */
export const constantText = (template: Template): string => textsIn(template).join('');

/** Every fixed text in the template and every text it may choose; generated numbers are left out. */
export const textsIn = (template: Template): string[] =>
  template.flatMap((part) => (typeof part === 'string' ? [part] : part.kind === 'choice' ? part.choices : []));

/** Whether a template needs a value that only a journey has. */
export const needsValues = (template: Template): boolean =>
  template.some((part) => typeof part !== 'string' && part.kind === 'value');

/**
 * The names of the values that stand in a template with any of their characters, and not encoded as a part of a query.
 */
export const valuesAsTheyAre = (template: Template): string[] =>
  template.flatMap((part) =>
    typeof part !== 'string' && part.kind === 'value' && part.as !== 'url' ? [part.name] : [],
  );

/** Writes the text of one request. Takes the same number of values from the stream each time. */
export function renderTemplate(template: Template, random: Values): string {
  let text = '';
  for (const part of template) text += typeof part === 'string' ? part : choose(part, random);
  return text;
}

function choose(part: Placeholder, random: Values): string {
  switch (part.kind) {
    case 'int':
      return String(part.min + random.integer(part.max - part.min + 1));
    case 'choice':
      return part.choices[random.integer(part.choices.length)] ?? '';
    case 'uuid':
      return uuid(random);
    case 'value':
      return fitFor(part.as, random.named?.(part.name) ?? '');
  }
}

/** Half a character, as a broken text may hold, can't be encoded. */
const wellFormed = (text: string): string => text.replace(/\p{Cs}/gu, '\uFFFD');

/**
 * A value comes from an answer or a file: it must not be able to end a line of the head, or be read as another part of
 * it.
 */
function fitFor(as: Place | 'url' | 'json', value: string): string {
  switch (as) {
    case 'path':
      return wellFormed(value).replace(/[^!"$-~]+/g, encodeURIComponent);
    case 'url':
      return encodeURIComponent(wellFormed(value));
    case 'header':
      return value.replace(/[^\t -~]+/g, '');
    case 'json':
      return JSON.stringify(value);
    case 'body':
      return value;
  }
}

/** RFC 9562, 5.4: 122 random bits, the version 4 and the variant 10. */
function uuid(random: Random): string {
  const word = (): string => random.integer(MOST_VALUES).toString(16).padStart(8, '0');
  const hex = word() + word() + word() + word();
  const variant = (8 + (parseInt(hex[16] ?? '0', 16) % 4)).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
