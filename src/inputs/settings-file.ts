import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { parseScenario } from '../load/requests/scenario.ts';
import type { ReadData } from '../load/requests/scenario-journeys.ts';
import { closest } from '../text/closest.ts';
import { definitionOf, type FileFault, INPUT_NAMES, type InputName, type Topic, TOPICS } from './table.ts';

/** What a settings file gives for one input. */
interface FileEntry {
  /** As it would have been given as an input: several values one a line. */
  readonly text: string;
  /** Such as `load.rate`. */
  readonly key: string;
  /** The line of the file in which its key stands, from 1. */
  readonly line: number;
  /** The line of the file for each line of `text`. */
  readonly lines: readonly number[];
}

export type FileEntries = Readonly<Partial<Record<InputName, FileEntry>>>;

export interface SettingsFile {
  /** The path by which it was found, as messages show it. */
  readonly file: string;
  readonly entries: FileEntries;
  readonly faults: readonly FileFault[];
}

const TOPIC_NAMES = Object.keys(TOPICS) as Topic[];

/**
 * Whether a file that nobody named is one of these at all: other tools have a `load-test.yml`, too.
 * What can't be read as YAML is taken for one, so that its fault is told.
 */
export function looksLikeSettings(text: string): boolean {
  const document = parseDocument(text, { prettyErrors: false });
  const { contents } = document;
  if (document.errors.length > 0 || contents === null) return true;
  return isMap(contents) && contents.items.some(({ key }) => TOPIC_NAMES.includes(textOfKey(key) as Topic));
}

/**
 * Reads a file that holds inputs by topic.
 *
 * A value is written as YAML has it; its text is what counts, so that `1.10` stays `1.10`. An input of several lines
 * is a list, a block of lines, or, for what is written as `name: value`, a map. A scenario may stand in the file: the
 * text of the input is then the path of the file itself, where the reader of scenarios finds it.
 *
 * @param file its path, for messages and for the scenario in it.
 * @param readData gives the text of a file of data of the scenario, by its path from the file.
 * @returns what can be used, and every fault with its line and key.
 */
export function readSettingsFile(text: string, file: string, readData?: ReadData): SettingsFile {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const faults: FileFault[] = [];
  const lineAt = (offset: number): number => counter.linePos(offset).line;
  const fault = (line: number, key: string, message: string): void => {
    faults.push({ place: { file, line, key }, message });
  };
  const problems = [...document.errors, ...document.warnings];
  for (const { message, pos } of problems) fault(lineAt(pos[0]), '', message);
  const { contents } = document;
  if (problems.length > 0 || contents === null || (isScalar(contents) && contents.value === null))
    return { file, entries: {}, faults };
  if (!isMap(contents)) {
    fault(1, '', `the file holds no topics; it starts with a line such as load: (topics: ${TOPIC_NAMES.join(', ')})`);
    return { file, entries: {}, faults };
  }
  const entries: Partial<Record<InputName, FileEntry>> = {};
  for (const pair of contents.items) {
    const name = textOfKey(pair.key);
    const line = lineAt(offsetOf(pair.key));
    if (!TOPIC_NAMES.includes(name as Topic)) {
      fault(line, name, unknownTopic(name));
      continue;
    }
    const topic = name as Topic;
    const group = resolved(document, pair.value);
    if (group === null) continue;
    if (!isMap(group)) {
      fault(line, topic, `holds inputs, each with its value, such as ${exampleOf(topic)}`);
      continue;
    }
    for (const item of group.items) readEntry(topic, item);
  }
  return { file, entries, faults };

  function readEntry(topic: Topic, pair: Pair): void {
    const name = textOfKey(pair.key);
    const key = `${topic}.${name}`;
    const line = lineAt(offsetOf(pair.key));
    const refused = whyNot(name, topic);
    if (refused !== null) {
      fault(line, key, refused);
      return;
    }
    const input = name as InputName;
    const value = resolved(document, pair.value);
    if (input === 'scenario' && isMap(value)) {
      entries[input] = { text: file, key, line, lines: [line] };
      for (const wrong of parseScenario(text, readData).faults) fault(wrong.line, '', wrong.message);
      return;
    }
    const several = definitionOf(input).parse.shape.several === true;
    const read = linesOf(value, several, line);
    if (typeof read === 'string') fault(line, key, read);
    else if (read.length > 0)
      entries[input] = {
        text: read.map((each) => each.text).join('\n'),
        key,
        line,
        lines: read.map((each) => each.line),
      };
  }

  /** The lines of a value, or what is wrong with it. */
  function linesOf(value: Node | null, several: boolean, line: number): { text: string; line: number }[] | string {
    if (value === null) return [];
    if (isScalar(value)) return linesOfScalar(value, line);
    if (!several) return `takes one value, not ${isSeq(value) ? 'a list' : 'a map'}`;
    if (isMap(value))
      return value.items.map((pair) => lineOfPair(pair) ?? '').some((text) => text === '')
        ? 'takes a list of values, one line each'
        : value.items.map((pair) => ({ text: lineOfPair(pair) ?? '', line: lineAt(offsetOf(pair.key)) }));
    if (!isSeq(value)) return 'takes a list of values, one line each';
    const items = value.items.map((item) => ({ text: lineOfItem(item as Node), line: lineAt(offsetOf(item)) }));
    const wrong = items.find(({ text }) => text === null);
    return wrong === undefined
      ? items.map(({ text, line: at }) => ({ text: text ?? '', line: at }))
      : `takes a list of values, one line each; line ${String(wrong.line)} holds something else`;
  }

  function linesOfScalar(scalar: Scalar, line: number): { text: string; line: number }[] {
    const block = scalar.type === 'BLOCK_LITERAL' || scalar.type === 'BLOCK_FOLDED';
    const start = block ? lineAt(offsetOf(scalar)) + 1 : line;
    return textOfScalar(scalar)
      .split('\n')
      .map((text, index) => ({ text: text.trim(), line: block ? start + index : start }))
      .filter(({ text }) => text !== '');
  }

  function lineOfItem(item: Node): string | null {
    const node = resolved(document, item);
    if (isScalar(node)) {
      const text = textOfScalar(node).trim();
      return text === '' || text.includes('\n') ? null : text;
    }
    const [pair] = isMap(node) && node.items.length === 1 ? node.items : [];
    return pair === undefined ? null : lineOfPair(pair);
  }

  /** Without quotes YAML reads `http_req_failed: rate<0.01` as a pair. */
  function lineOfPair({ key, value }: Pair): string | null {
    const node = resolved(document, value);
    if (!isScalar(node)) return null;
    const text = `${textOfKey(key)}: ${textOfScalar(node)}`.trim();
    return text.includes('\n') ? null : text;
  }
}

/** Why a key of a topic gives no input; null when it does. */
function whyNot(name: string, topic: Topic): string | null {
  const known = INPUT_NAMES.find((input) => input === name);
  if (known === undefined) {
    const meant =
      INPUT_NAMES.find((input) => definitionOf(input).aliases?.includes(name)) ??
      closest(name, INPUT_NAMES.filter(canBeInFile));
    return `is no input${meant === null ? '' : `; did you mean ${meant} under ${definitionOf(meant as InputName).topic}?`}`;
  }
  const { topic: own, notInFile, secret } = definitionOf(known);
  if (secret === true)
    return `a secret can't stand in a file: give it as an input from a secret of the workflow, or in the environment`;
  if (notInFile !== undefined) return `can't stand in the file, as it ${notInFile}; give it as an input or option`;
  return own === topic ? null : `belongs under ${own}:, not under ${topic}:`;
}

/** Whether a settings file may hold an input. */
export function canBeInFile(name: InputName): boolean {
  const { secret, notInFile } = definitionOf(name);
  return secret !== true && notInFile === undefined;
}

function unknownTopic(name: string): string {
  const topics = `topics are ${TOPIC_NAMES.join(', ')}`;
  const input = INPUT_NAMES.find((known) => known === name);
  if (input !== undefined) return `stands under a topic: move it below ${definitionOf(input).topic}: (${topics})`;
  const meant = closest(name, TOPIC_NAMES);
  return `is no topic${meant === null ? '' : `; did you mean ${meant}?`} (${topics})`;
}

function exampleOf(topic: Topic): string {
  const name = INPUT_NAMES.find((input) => definitionOf(input).topic === topic && canBeInFile(input));
  return `${name ?? ''}: …`;
}

const resolved = (document: Document, node: unknown): Node | null => {
  const target = isAlias(node) ? node.resolve(document) : (node as Node | null | undefined);
  return target === undefined || target === null || (isScalar(target) && target.value === null) ? null : target;
};

const textOfKey = (key: unknown): string => (isScalar(key) ? textOfScalar(key) : String(key));

/** As it is written where YAML would read a number: `1.10` is no 1.1. */
const textOfScalar = ({ value, source }: Scalar): string =>
  typeof value === 'string' ? value : value === null ? '' : (source ?? JSON.stringify(value));

const offsetOf = (node: unknown): number => (node as Node | YAMLMap | null)?.range?.[0] ?? 0;
