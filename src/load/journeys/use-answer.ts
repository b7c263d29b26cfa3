import { RE2JS } from 're2js';
import { cookieIn } from './cookies.ts';
import type { Expectation, Saving, Step } from './journey.ts';
import { firstAt, scalarText } from './json-path.ts';
import type { KeptAnswer } from './kept-answer.ts';

/** A regex is searched for in this many characters of a body, and no further. */
const REGEX_TEXT = 256 * 1024;
/** A longer text is no token, and would be sent with every request. */
const LONGEST_SAVED = 64 * 1024;

/** Whether a step looks at the body of its answer beyond the expected text. */
export const looksAtBody = ({ save, expect }: Step): boolean =>
  save.some(({ from }) => from.kind === 'json' || from.kind === 'regex') || expect.some(({ kind }) => kind === 'json');

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
      `${JSON.stringify(pattern)} is not a regex that RE2 accepts; it has no backreferences and no lookaround: ${error instanceof Error ? error.message : ''}`,
      { cause: error },
    );
  }
}

/** What an answer came to: what it leaves for the next steps, or what it lacks, in words without any text of the answer. */
export type Use =
  { readonly problem: string } | { readonly saved: readonly (readonly [name: string, value: string])[] };

/** Looks at the answers to one step. What a step needs is made ready once. */
export class AnswerUse {
  readonly #step: Step;
  readonly #regexes: ReadonlyMap<string, RE2JS>;

  /** @throws Error for a regex that is none. */
  constructor(step: Step) {
    this.#step = step;
    this.#regexes = new Map(
      step.save.flatMap(({ from }) =>
        from.kind === 'regex' ? [[from.pattern, compileRegex(from.pattern)] as const] : [],
      ),
    );
  }

  look(answer: KeptAnswer): Use {
    const json = new JsonBody(answer);
    for (const expectation of this.#step.expect) {
      const problem = lacking(expectation, answer, json);
      if (problem !== null) return { problem };
    }
    const saved: (readonly [string, string])[] = [];
    for (const saving of this.#step.save) {
      const value = this.#valueOf(saving, answer, json);
      const problem = unusable(saving, value);
      if (problem !== null) return { problem };
      saved.push([saving.name, value ?? '']);
    }
    return { saved };
  }

  #valueOf({ from }: Saving, answer: KeptAnswer, json: JsonBody): string | undefined {
    switch (from.kind) {
      case 'json':
        return scalarText(firstAt(json.value, from.path));
      case 'header':
        return answer.fields.find(([name]) => name === from.header)?.[1];
      case 'cookie':
        return cookieIn(setCookies(answer), from.cookie);
      case 'regex': {
        const matcher = this.#regexes.get(from.pattern)?.matcher(answer.text.slice(0, REGEX_TEXT));
        if (matcher?.find() !== true) return undefined;
        return matcher.group(matcher.groupCount() > 0 ? 1 : 0) ?? undefined;
      }
    }
  }
}

/** The body as JSON, read when it is first asked for; undefined when it is none. */
class JsonBody {
  readonly #answer: KeptAnswer;
  #read = false;
  #value: unknown = undefined;

  constructor(answer: KeptAnswer) {
    this.#answer = answer;
  }

  get value(): unknown {
    if (!this.#read) {
      this.#read = true;
      try {
        this.#value = this.#answer.cut ? undefined : JSON.parse(this.#answer.text);
      } catch {
        this.#value = undefined;
      }
    }
    return this.#value;
  }
}

export const setCookies = ({ fields }: KeptAnswer): string[] =>
  fields.flatMap(([name, value]) => (name === 'set-cookie' ? [value] : []));

function lacking(expectation: Expectation, answer: KeptAnswer, json: JsonBody): string | null {
  switch (expectation.kind) {
    case 'header': {
      const { header, text } = expectation;
      const found = answer.fields.some(([name, value]) => name === header && value.includes(text));
      return found ? null : `no header ${header}${text === '' ? '' : ` with ${JSON.stringify(text)}`}`;
    }
    case 'json': {
      const found = firstAt(json.value, expectation.path);
      if (found === undefined) return `nothing at ${expectation.text}${whyNoJson(answer, json)}`;
      return 'value' in expectation && found !== expectation.value
        ? `another value at ${expectation.text} than ${JSON.stringify(expectation.value)}`
        : null;
    }
  }
}

function unusable({ name, from, inHeader }: Saving, value: string | undefined): string | null {
  const what = `${name} can't be saved: `;
  if (value === undefined) return `${what}${nothingAt(from)}`;
  if (value.length > LONGEST_SAVED) return `${what}it is longer than ${String(LONGEST_SAVED)} characters`;
  return inHeader && !/^[\t -~]*$/.test(value)
    ? `${what}a header can't hold it, as it is no line of printable ASCII`
    : null;
}

function nothingAt(from: Saving['from']): string {
  switch (from.kind) {
    case 'json':
      return `no text, number or truth value at ${from.text}`;
    case 'header':
      return `no header ${from.header}`;
    case 'cookie':
      return `no cookie ${from.cookie} is set`;
    case 'regex':
      return `${JSON.stringify(from.pattern)} is not found`;
  }
}

const whyNoJson = (answer: KeptAnswer, { value }: JsonBody): string =>
  answer.cut ? ', as the answer is longer than 1 MiB' : value === undefined ? ', as the answer is no JSON' : '';
