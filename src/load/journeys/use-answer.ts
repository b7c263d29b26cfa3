import { RE2JS } from 're2js';
import { renderTemplate, type Template, type Values } from '../requests/template.ts';
import { type AnswerText, isHtml, withoutReferences } from './answer-text.ts';
import { cookieIn } from './cookies.ts';
import { parseExactJson } from './exact-json.ts';
import type { Expectation, Saving, Scalar, Source, Step } from './journey.ts';
import { firstAt, scalarText } from './json-path.ts';
import type { KeptAnswer } from './kept-answer.ts';

/** A regex is searched for in this many characters of a body. */
const REGEX_TEXT = 256 * 1024;
/** A longer text is not a token, and would be sent with every request. */
const LONGEST_SAVED = 64 * 1024;

/** Whether a step looks at the body of its answer. */
export const looksAtBody = ({ save, expect }: Step): boolean =>
  save.some(({ from }) => from.kind === 'json' || from.kind === 'regex') ||
  expect.some(({ kind }) => kind === 'json' || kind === 'text');

/**
 * Compiles a regex after RE2 (re2js): its time grows with the length of the text and not faster, whatever the pattern
 * is. There are no references back and no looking around in it.
 *
 * @throws Error that says what is wrong with it.
 */
export function compileRegex(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new Error(
      `${JSON.stringify(pattern)} is not a regex that RE2 accepts; RE2 has no backreferences and no lookaround: ${error instanceof Error ? error.message : ''}`,
      { cause: error },
    );
  }
}

/** The result of an answer: values for later steps, or what was missing, in words without any content of the answer. */
export type Use =
  { readonly problem: string } | { readonly saved: readonly (readonly [name: string, value: string])[] };

/** Checks the answers to one step. What a step needs is prepared once. */
export class AnswerUse {
  readonly #step: Step;
  readonly #regexes: ReadonlyMap<string, RE2JS>;

  /** @throws Error for an invalid regex. */
  constructor(step: Step) {
    this.#step = step;
    this.#regexes = new Map(
      step.save.flatMap(({ from }) => {
        const pattern = patternOf(from);
        return pattern === undefined ? [] : [[pattern, compileRegex(pattern)] as const];
      }),
    );
  }

  /**
   * @param values what was saved before, for expectations with a value in them.
   * @param asked the path that was answered.
   */
  look(answer: KeptAnswer, values: Values, asked = '/'): Use {
    const body = new Body(answer);
    for (const expectation of this.#step.expect) {
      const problem = lacking(expectation, answer, body, values);
      if (problem !== null) return { problem };
    }
    const saved: (readonly [string, string])[] = [];
    for (const saving of this.#step.save) {
      const value = this.#valueOf(saving, answer, body, asked);
      const problem = unusable(saving, value, body);
      if (problem !== null) return { problem };
      saved.push([saving.name, value ?? '']);
    }
    return { saved };
  }

  #valueOf({ from }: Saving, answer: KeptAnswer, body: Body, asked: string): string | undefined {
    const whole = this.#wholeOf(from, answer, body, asked);
    return from.kind === 'regex' || from.part === undefined || whole === undefined
      ? whole
      : this.#find(from.part, whole);
  }

  #wholeOf(from: Source, answer: KeptAnswer, body: Body, asked: string): string | undefined {
    switch (from.kind) {
      case 'json':
        return scalarText(firstAt(body.json, from.path));
      case 'header': {
        const value = answer.fields.find(([name]) => name === from.header)?.[1];
        return value !== undefined && from.header === 'location' ? locationOf(value, asked) : value;
      }
      case 'cookie':
        return cookieIn(setCookies(answer), from.cookie);
      case 'regex': {
        const found = this.#find(from.pattern, body.text.slice(0, REGEX_TEXT));
        return found !== undefined && isHtml(answer.fields) ? withoutReferences(found) : found;
      }
    }
  }

  /** The first group of a regex, or the whole of what it finds when it has none. */
  #find(pattern: string, text: string): string | undefined {
    const matcher = this.#regexes.get(pattern)?.matcher(text);
    return matcher?.find() === true ? (matcher.group(matcher.groupCount() > 0 ? 1 : 0) ?? undefined) : undefined;
  }
}

const patternOf = (from: Source): string | undefined => (from.kind === 'regex' ? from.pattern : from.part);

/**
 * Where a redirect leads: one without a leading slash goes on from what was asked (RFC 9110, 10.2.2), and a fragment is
 * never sent.
 */
function locationOf(value: string, asked: string): string {
  const text = value.replace(/#.*$/s, '');
  if (text.startsWith('/') || URL.canParse(text)) return text;
  const { pathname, search } = new URL(text, `http://localhost${asked.startsWith('/') ? asked : '/'}`);
  return `${pathname}${search}`;
}

/** The body of an answer, read when it is first asked for. */
class Body {
  readonly #answer: KeptAnswer;
  #read: AnswerText | null = null;
  #json: { readonly value: unknown } | null = null;

  constructor(answer: KeptAnswer) {
    this.#answer = answer;
  }

  get text(): string {
    return this.#whole.text;
  }

  /** Why it has less than the answer had; null when it has all. */
  get lacking(): string | null {
    return this.#whole.lacking;
  }

  /** Undefined when it is not JSON, or incomplete. */
  get json(): unknown {
    this.#json ??= { value: this.lacking === null ? jsonIn(this.text) : undefined };
    return this.#json.value;
  }

  /** Why something is not there, where the reason is the body as a whole. */
  get why(): string {
    if (this.lacking !== null) return `, because ${this.lacking}`;
    if (this.text === '') return ', because the answer has no body';
    return this.json === undefined ? ', because the answer is not JSON' : '';
  }

  get #whole(): AnswerText {
    this.#read ??= this.#answer.body;
    return this.#read;
  }
}

function jsonIn(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    return undefined;
  }
}

export const setCookies = ({ fields }: KeptAnswer): string[] =>
  fields.flatMap(([name, value]) => (name === 'set-cookie' ? [value] : []));

function lacking(expectation: Expectation, answer: KeptAnswer, body: Body, values: Values): string | null {
  switch (expectation.kind) {
    case 'text':
      return body.text.includes(renderTemplate(expectation.text, values))
        ? null
        : `no text ${written(expectation.text)}${body.lacking === null ? '' : `, because ${body.lacking}`}`;
    case 'header': {
      const { header, text } = expectation;
      const wanted = renderTemplate(text, values);
      const found = answer.fields.some(([name, value]) => name === header && value.includes(wanted));
      return found ? null : `no header ${header}${text.length === 0 ? '' : ` with ${written(text)}`}`;
    }
    case 'json': {
      const found = firstAt(body.json, expectation.path);
      if (found === undefined) return `nothing at ${expectation.text}${body.why}`;
      if (!('value' in expectation) || isSame(found, expectation.value, values)) return null;
      const { value } = expectation;
      return `the value at ${expectation.text} is not ${isTemplate(value) ? written(value) : JSON.stringify(value)}`;
    }
  }
}

/** What is expected, as it stands in the scenario: never a saved value. */
const written = (template: Template): string =>
  JSON.stringify(
    template
      .map((part) => (typeof part === 'string' ? part : part.kind === 'value' ? `{{${part.name}}}` : ''))
      .join(''),
  );

const isTemplate = (value: Scalar | Template): value is Template => Array.isArray(value);

/**
 * A number too long for one of JavaScript's is the same when its digits are, or when the scenario has lost them in the
 * same way.
 */
function isSame(found: unknown, value: Scalar | Template, values: Values): boolean {
  if (isTemplate(value)) return scalarText(found) === renderTemplate(value, values);
  if (typeof found === 'bigint') return Number(found) === value || String(found) === value;
  return found === value;
}

function unusable({ name, from, inHeader }: Saving, value: string | undefined, body: Body): string | null {
  const what = `${name} can't be saved: `;
  if (value === undefined) return `${what}${nothingAt(from, body)}`;
  if (value.length > LONGEST_SAVED) return `${what}it is longer than ${String(LONGEST_SAVED)} characters`;
  return inHeader && !/^[\t -~]*$/.test(value)
    ? `${what}a header can't hold it, because it is not a line of printable ASCII`
    : null;
}

function nothingAt(from: Source, body: Body): string {
  const within =
    from.kind === 'regex' || from.part === undefined ? '' : `, or ${JSON.stringify(from.part)} is not found in it`;
  return `${wholeIsMissing(from, body)}${within}`;
}

function wholeIsMissing(from: Source, body: Body): string {
  switch (from.kind) {
    case 'json':
      return `no string, number or boolean at ${from.text}${body.why}`;
    case 'header':
      return `no header ${from.header}`;
    case 'cookie':
      return `no cookie ${from.cookie} is set`;
    case 'regex':
      return `${JSON.stringify(from.pattern)} is not found${body.text === '' ? body.why : ''}`;
  }
}
