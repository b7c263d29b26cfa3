import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';

/** What is wrong, and in which line of the file, starting at 1. */
export interface ScenarioFault {
  readonly line: number;
  readonly message: string;
}

/** The keys and indexes that lead to a value of the scenario. */
export type ScenarioPath = readonly PropertyKey[];

/** Takes what is wrong with a field of what is being read. */
export type TellFault = (field: ScenarioPath, message: string) => void;

/** The YAML of a scenario, and the lines in which its values stand. */
export class ScenarioDocument {
  readonly #text: string;
  readonly #document: Document;
  readonly #lines = new LineCounter();
  readonly #root: readonly string[];
  readonly #isTooMuch: boolean;
  /** The scenario as plain data, checked by nobody. */
  readonly value: unknown;

  constructor(text: string) {
    this.#text = text;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, logLevel: 'silent' });
    this.#root = rootOf(this.#document);
    const whole = plain(this.#document);
    this.#isTooMuch = whole === undefined;
    this.value = this.#root.reduce(valueAt, whole);
  }

  /** Whether the file holds more than the scenario. */
  get isPartOfSettings(): boolean {
    return this.#root.length > 0;
  }

  /** What keeps the file from being YAML. */
  get syntaxFaults(): ScenarioFault[] {
    if (this.#document.errors.length === 0 && this.#isTooMuch)
      return [this.fault([], 'its aliases (*name) stand for too much, or for nothing. Write the values out.')];
    // Those behind the first one mostly follow from it.
    return this.#document.errors.slice(0, 1).map(({ message, pos: [at] }) => ({
      line: this.#lines.linePos(at).line,
      message: `${message}${syntaxHint(this.#text, at)}`,
    }));
  }

  /** A fault whose message begins with the field that it is about. */
  fault(path: ScenarioPath, message: string, at: ScenarioPath = path): ScenarioFault {
    const field = [...this.#root, ...path].map(String).join('.') || 'the file';
    return { line: this.#lineOf([...this.#root, ...at]), message: `${field}: ${message}` };
  }

  /** The line of a key or item, or of the nearest existing thing around it. */
  #lineOf(path: ScenarioPath): number {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = this.#document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return this.#lines.linePos(node.range[0]).line;
    }
    return 1;
  }
}

/** Paths of JSON and placeholders have brackets and braces, which mean something else in YAML. */
function syntaxHint(text: string, at: number): string {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const [line = ''] = text.slice(start).split('\n', 1);
  return /[[{]/.test(line)
    ? `. Put quotes around a value or a key with brackets or braces in it, as in {json: '$.list[0].id'} and path: '{{next}}'`
    : '';
}

/** The data of a document; undefined where its aliases stand for too much, or for nothing. */
function plain(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch {
    return undefined;
  }
}

/** Where a file of settings has its scenario. */
const IN_SETTINGS = ['load', 'scenario'];

/** A scenario is the whole file, or part of a settings file. */
const rootOf = (document: Document): readonly string[] =>
  isMap(document.contents) &&
  !document.has('requests') &&
  !document.has('journeys') &&
  isMap(document.getIn(IN_SETTINGS))
    ? IN_SETTINGS
    : [];

const valueAt = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
