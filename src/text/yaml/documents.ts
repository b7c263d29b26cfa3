import { YamlError } from './cursor.ts';
import { readJson } from './json.ts';
import { readYaml, type Json } from './read.ts';

/** One document of a file. */
export interface Document {
  readonly value: Json;
  /** The line of the file where it begins, starting at 1. */
  readonly line: number;
}

/**
 * Reads the documents of a file as `kubectl` does (`YAMLOrJSONDecoder` of `k8s.io/apimachinery`): JSON values one after
 * another where the file begins with a brace, else YAML, cut at each line that begins with `---` before anything of it
 * is looked at. Documents without a value are left out.
 *
 * @throws YamlError with the place in the file.
 */
export function readDocuments(text: string): Document[] {
  const whole = text.replace(/^\ufeff/, '');
  const { documents, rest } = BEGINS_LIKE_JSON.test(whole) ? readJsonValues(whole) : { documents: [], rest: 0 };
  const yaml = readYamlDocuments(whole.slice(rest), lineAt(whole, rest));
  return [...documents, ...yaml].filter(({ value }) => value !== null);
}

/** What Go calls white space. */
const WHITESPACE = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/.source;
const BEGINS_LIKE_JSON = new RegExp(`^${WHITESPACE}*\\{`);
const ONE_WHITESPACE = new RegExp(`^${WHITESPACE}$`);
const NO_WHITESPACE = new RegExp(WHITESPACE.replace('[', '[^'));

/** Without what Go calls white space around it; a pattern for its end would look at each space of a long run anew. */
function trimmed(text: string): string {
  const start = text.search(NO_WHITESPACE);
  let end = text.length;
  while (end > start && ONE_WHITESPACE.test(text.charAt(end - 1))) end -= 1;
  return start < 0 ? '' : text.slice(start, end);
}

const lineAt = (text: string, position: number): number => text.slice(0, position).split('\n').length;

/**
 * Reads JSON values up to something else. After no value or one of them this may still be YAML, such as a mapping in
 * braces without quotes, or what follows `---`; after more it may not.
 */
function readJsonValues(text: string): { documents: Document[]; rest: number } {
  const documents: Document[] = [];
  let rest = 0;
  for (;;) {
    const start = rest + widthOf(/[ \t\r\n]*/y, text, rest);
    if (start === text.length) return { documents, rest: start };
    const line = lineAt(text, start);
    try {
      const end = endOfJson(text, start);
      documents.push({ value: readJson(text.slice(start, end)), line });
      rest = end;
    } catch (error) {
      const yaml = startOfYaml(text, rest);
      if (error instanceof SyntaxError && documents.length < 2 && yaml !== null) return { documents, rest: yaml };
      const { message } = error as Error;
      throw new YamlError(/call stack/.test(message) ? 'it is nested too deeply' : message, { line, column: 1 });
    }
  }
}

const JSON_WORD =
  /-?(?:0|[1-9]\d*(?!\d))(?:\.\d+(?!\d)|(?!\.))(?:[eE][-+]?\d+|(?![eE]))|true|false|null|"[^"\\]*(?:\\[^][^"\\]*)*"/y;
const JSON_PART = /[[\]{}]|"[^"\\]*(?:\\[^][^"\\]*)*"|[^"[\]{}]+|"/y;

/** Where the value ends that begins at a position: behind its last bracket, or behind the one word that it is. */
function endOfJson(text: string, start: number): number {
  let depth = 0;
  let position = start;
  do {
    const first = text.charAt(position);
    if (first === '{' || first === '[') depth++;
    if (first === '}' || first === ']') depth--;
    if (depth === 0 && position === start) return start + widthOf(JSON_WORD, text, start);
    position += widthOf(JSON_PART, text, position);
  } while (depth > 0 && position < text.length);
  return position;
}

function widthOf(pattern: RegExp, text: string, position: number): number {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0].length ?? 0;
}

/** Goes over the rest of a line that is empty. @returns null where fewer octets are left than kubectl asks for. */
function startOfYaml(text: string, after: number): number | null {
  for (let position = after; ; position++) {
    if (new TextEncoder().encode(text.slice(position, position + 4)).length < 4) return null;
    const character = text.charAt(position);
    if (character === '\n') return position + 1;
    if (!ONE_WHITESPACE.test(character)) return position;
  }
}

/** @param firstLine the number of its first line in the file. */
function readYamlDocuments(text: string, firstLine: number): Document[] {
  const chunks = inFile(firstLine, () => chunksOf(text));
  return chunks.map(({ chunk, before }) => {
    const line = firstLine + before;
    return { value: inFile(line, () => readYaml(chunk)), line };
  });
}

/** Makes the lines of errors those of the file. */
function inFile<T>(firstLine: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const { line, column } = error.place;
    throw new YamlError(error.what, { line: line + firstLine - 1, column });
  }
}

const SEPARATOR = '---';

/** The text of each document, and how many lines stand before it. */
function chunksOf(text: string): { chunk: string; before: number }[] {
  const chunks: { chunk: string; before: number }[] = [];
  let lines: string[] = [];
  const close = (before: number): void => {
    if (lines.length > 0) chunks.push({ chunk: lines.join(''), before: before - lines.length });
    lines = [];
  };
  const all = text.split('\n');
  if (all.at(-1) === '') all.pop();
  for (const [index, line] of all.entries()) {
    const ended = index < all.length - 1 || text.endsWith('\n') ? line.replace(/\r$/, '') : line;
    if (line.startsWith(SEPARATOR)) {
      const behind = trimmed(line.slice(SEPARATOR.length));
      if (behind !== '' && !behind.startsWith('#')) {
        throw new YamlError(`invalid Yaml document separator: ${behind}`, { line: index + 1, column: 4 });
      }
      // The one before the first document belongs to it, so that directives may stand before it.
      const separates = lines.length > 0;
      close(index);
      if (separates) continue;
    }
    lines.push(`${ended}\n`);
  }
  close(all.length);
  return chunks;
}
