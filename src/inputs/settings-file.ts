import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
} from 'yaml';
import { parseScenario } from '../load/requests/scenario.ts';
import type { ReadData } from '../load/requests/scenario-journeys.ts';
import { closest } from '../text/closest.ts';
import type { FileFault } from './faults.ts';
import { definitionOf, INPUT_NAMES, type InputName, type Topic, TOPICS } from './table.ts';

/** What a settings file sets for one input. */
interface FileEntry {
  /** The text as an input would have it: several values one per line. */
  readonly text: string;
  /** Such as `load.rate`. */
  readonly key: string;
  /** The line of its key in the file, starting at 1. */
  readonly line: number;
  /** The line in the file of each line of `text`. */
  readonly lines: readonly number[];
}

export type FileEntries = Readonly<Partial<Record<InputName, FileEntry>>>;

export interface SettingsFile {
  /** The path where it was found, as messages show it. */
  readonly file: string;
  readonly entries: FileEntries;
  readonly faults: readonly FileFault[];
}

const TOPIC_NAMES = Object.keys(TOPICS) as Topic[];

/**
 * Whether a file that nobody named is a settings file of this tool; other tools have a `load-test.yml`, too. A file
 * that is not valid YAML counts as one, so that its fault is reported.
 */
export function looksLikeSettings(text: string): boolean {
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent' });
  const { contents } = document;
  if (document.errors.length > 0 || contents === null) return true;
  return isMap(contents) && contents.items.some(({ key }) => TOPIC_NAMES.some((topic) => topic === textOfKey(key)));
}

/**
 * Reads a file with inputs by topic. Values are taken as written, so `1.10` stays `1.10`. An input with several lines
 * is a list, a block of lines, or a map where lines have the form `name: value`. A scenario can be inline: the input is
 * then the path of the file itself, where the scenario reader finds it.
 *
 * @param file its path, for messages and for an inline scenario.
 * @param readData gives the text of a scenario's data file, by its path relative to the file.
 * @returns the usable inputs, and every fault with its line and key.
 */
export function readSettingsFile(text: string, file: string, readData?: ReadData): SettingsFile {
  return new SettingsReader(text, file, readData).read();
}

/** A value of an input and the line of the file that it stands in. */
interface ValueLine {
  readonly text: string;
  readonly line: number;
}

class SettingsReader {
  readonly #text: string;
  readonly #file: string;
  readonly #readData: ReadData | undefined;
  readonly #counter = new LineCounter();
  readonly #document: Document;
  readonly #entries: Partial<Record<InputName, FileEntry>> = {};
  readonly #faults: FileFault[] = [];

  constructor(text: string, file: string, readData: ReadData | undefined) {
    this.#text = text;
    this.#file = file;
    this.#readData = readData;
    this.#document = parseDocument(text, { lineCounter: this.#counter, prettyErrors: false, logLevel: 'silent' });
  }

  read(): SettingsFile {
    const { contents, errors, warnings } = this.#document;
    const problems = [...errors, ...warnings];
    for (const { message, pos } of problems) this.#fault(this.#lineAt(pos[0]), '', message);
    const isEmpty = contents === null || (isScalar(contents) && contents.value === null);
    if (problems.length === 0 && !isEmpty) {
      if (isMap(contents)) for (const pair of contents.items) this.#readTopic(pair);
      else
        this.#fault(
          1,
          '',
          `the file holds no topics; it starts with a line such as load: (topics: ${TOPIC_NAMES.join(', ')})`,
        );
    }
    return { file: this.#file, entries: this.#entries, faults: this.#faults };
  }

  #readTopic(pair: Pair): void {
    const name = textOfKey(pair.key);
    const line = this.#lineOf(pair.key);
    const topic = TOPIC_NAMES.find((known) => known === name);
    if (topic === undefined) {
      this.#fault(line, name, unknownTopic(name));
      return;
    }
    const group = this.#resolved(pair.value);
    if (group === null) return;
    if (isMap(group)) for (const item of group.items) this.#readEntry(topic, item);
    else this.#fault(line, topic, `takes inputs with their values, such as ${exampleOf(topic)}`);
  }

  #readEntry(topic: Topic, pair: Pair): void {
    const name = textOfKey(pair.key);
    const key = `${topic}.${name}`;
    const line = this.#lineOf(pair.key);
    const input = INPUT_NAMES.find((known) => known === name);
    if (input === undefined) {
      this.#fault(line, key, unknownInput(name));
      return;
    }
    const refused = whyNotUnder(topic, input);
    if (refused !== null) {
      this.#fault(line, key, refused);
      return;
    }
    const value = this.#resolved(pair.value);
    if (input === 'scenario' && isMap(value)) {
      this.#entries[input] = { text: this.#file, key, line, lines: [line] };
      for (const wrong of parseScenario(this.#text, this.#readData).faults) this.#fault(wrong.line, '', wrong.message);
      return;
    }
    const several = definitionOf(input).parse.shape.several === true;
    const read = several ? this.#severalLines(value, line) : this.#oneValue(value, line);
    if (typeof read === 'string') this.#fault(line, key, read);
    else if (read.length > 0)
      this.#entries[input] = {
        text: read.map((each) => each.text).join('\n'),
        key,
        line,
        lines: read.map((each) => each.line),
      };
  }

  /** The lines of a value that is one, or what is wrong with it. */
  #oneValue(value: Node | null, line: number): readonly ValueLine[] | string {
    if (value === null) return [];
    return isScalar(value)
      ? this.#linesOfScalar(value, line)
      : `takes one value, not ${isSeq(value) ? 'a list' : 'a map'}`;
  }

  /** The lines of a value that may be several, or what is wrong with it. */
  #severalLines(value: Node | null, line: number): readonly ValueLine[] | string {
    if (value === null) return [];
    if (isScalar(value)) return this.#linesOfScalar(value, line);
    if (isMap(value)) {
      const pairs = value.items.map((pair) => ({ text: this.#lineOfPair(pair) ?? '', line: this.#lineOf(pair.key) }));
      return pairs.some(({ text }) => text === '') ? 'takes a list of values, one line each' : pairs;
    }
    if (!isSeq(value)) return 'takes a list of values, one line each';
    const items = value.items.map((item) => ({ text: this.#lineOfItem(item) ?? '', line: this.#lineOf(item) }));
    const wrong = items.find(({ text }) => text === '');
    return wrong === undefined
      ? items
      : `takes a list of values, one line each; line ${String(wrong.line)} is something else`;
  }

  #linesOfScalar(scalar: Scalar, line: number): readonly ValueLine[] {
    const isBlock = scalar.type === 'BLOCK_LITERAL' || scalar.type === 'BLOCK_FOLDED';
    const start = isBlock ? this.#lineOf(scalar) + 1 : line;
    return textOfScalar(scalar)
      .split('\n')
      .map((text, index) => ({ text: text.trim(), line: isBlock ? start + index : start }))
      .filter(({ text }) => text !== '');
  }

  #lineOfItem(item: unknown): string | null {
    const node = this.#resolved(item);
    if (isScalar(node)) {
      const text = textOfScalar(node).trim();
      return text === '' || text.includes('\n') ? null : text;
    }
    const [pair] = isMap(node) && node.items.length === 1 ? node.items : [];
    return pair === undefined ? null : this.#lineOfPair(pair);
  }

  /** Without quotes, YAML reads `http_req_failed: rate<0.01` as a pair. */
  #lineOfPair({ key, value }: Pair): string | null {
    const node = this.#resolved(value);
    if (!isScalar(node)) return null;
    const text = `${textOfKey(key)}: ${textOfScalar(node)}`.trim();
    return text.includes('\n') ? null : text;
  }

  /** What stands there, behind an alias, too; null for nothing. */
  #resolved(given: unknown): Node | null {
    const node = isAlias(given) ? given.resolve(this.#document) : given;
    return !isNode(node) || (isScalar(node) && node.value === null) ? null : node;
  }

  #lineOf(node: unknown): number {
    return this.#lineAt(isNode(node) ? (node.range?.[0] ?? 0) : 0);
  }

  #lineAt(offset: number): number {
    return this.#counter.linePos(offset).line;
  }

  #fault(line: number, key: string, message: string): void {
    this.#faults.push({ place: { file: this.#file, line, key }, message });
  }
}

function unknownInput(name: string): string {
  const meant =
    INPUT_NAMES.find((input) => definitionOf(input).aliases?.includes(name)) ??
    closest(name, INPUT_NAMES.filter(canBeInFile));
  return `is not an input${meant === null ? '' : `; did you mean ${meant} under ${definitionOf(meant).topic}?`}`;
}

/** Why an input can't stand under a topic; null when it can. */
function whyNotUnder(topic: Topic, input: InputName): string | null {
  const { topic: own, notInFile, secret } = definitionOf(input);
  if (secret === true)
    return `a secret can't be in this file: give it as an input from a secret of the workflow, or in the environment`;
  if (notInFile !== undefined) return `can't be in this file, because it ${notInFile}; give it as an input or option`;
  return own === topic ? null : `belongs under ${own}:, not under ${topic}:`;
}

/** Whether a settings file can have an input. */
export function canBeInFile(name: InputName): boolean {
  const { secret, notInFile } = definitionOf(name);
  return secret !== true && notInFile === undefined;
}

function unknownTopic(name: string): string {
  const topics = `topics are ${TOPIC_NAMES.join(', ')}`;
  const input = INPUT_NAMES.find((known) => known === name);
  if (input !== undefined) return `belongs under a topic: move it below ${definitionOf(input).topic}: (${topics})`;
  const meant = closest(name, TOPIC_NAMES);
  return `is not a topic${meant === null ? '' : `; did you mean ${meant}?`} (${topics})`;
}

function exampleOf(topic: Topic): string {
  const name = INPUT_NAMES.find((input) => definitionOf(input).topic === topic && canBeInFile(input));
  return `${name ?? ''}: …`;
}

const textOfKey = (key: unknown): string => (isScalar(key) ? textOfScalar(key) : String(key));

/** The text as written where YAML would read a number: `1.10` is not 1.1. */
const textOfScalar = ({ value, source }: Scalar): string =>
  typeof value === 'string' ? value : value === null ? '' : (source ?? JSON.stringify(value));
