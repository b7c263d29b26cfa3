import { yamlError, type Mark } from './cursor.ts';
import { Scanner } from './scanner.ts';
import type { PunctuationType, Token } from './tokens.ts';

/** A value of a document as it is written, before anybody knows what its texts mean. */
export type Node = { readonly mark: Mark } & (
  | { readonly kind: 'scalar'; readonly value: string; readonly tag: string; readonly implicit: boolean }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'mapping'; readonly entries: readonly Entry[] }
  | { readonly kind: 'alias'; readonly name: string; readonly target: Node }
);

export interface Entry {
  readonly key: Node;
  readonly value: Node;
}

/** Deeper than any manifest goes, and less deep than the stack. kubectl's limit is 10,000. */
const MAX_DEPTH = 1000;

const DEFAULT_HANDLES: readonly (readonly [string, string])[] = [
  ['!', '!'],
  ['!!', 'tag:yaml.org,2002:'],
];

/**
 * Reads the first document of a YAML text; what stands behind its end is not looked at, as kubectl does not.
 *
 * @returns null for a text without any document.
 * @throws YamlError
 */
export function parseDocument(text: string): Node | null {
  const scanner = new Scanner(text);
  const document = new Parser(scanner).document();
  // libyaml looks at one token more before it calls a document complete, and may refuse that one.
  if (document !== null) scanner.peek();
  return document;
}

/** Follows the grammar of libyaml as go-yaml 2 has it, see the scanner. */
class Parser {
  readonly #scanner: Scanner;
  readonly #handles = new Map<string, string>();
  readonly #anchors = new Map<string, Node>();
  #depth = 0;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  document(): Node | null {
    const first = this.#scanner.peek();
    if (first.type === 'stream-end') return null;
    const explicit = this.#directives() || this.#isNext('document-start');
    if (!explicit) return this.#node(true, false);
    if (!this.#isNext('document-start')) throw yamlError('did not find expected <document start>', this.#next().mark);
    this.#scanner.take();
    const ends = this.#isNext('version', 'tag-directive', 'document-start', 'document-end', 'stream-end');
    return ends ? this.#empty() : this.#node(true, false);
  }

  /** @returns whether there are any. */
  #directives(): boolean {
    let found = false;
    let version = false;
    for (let token = this.#next(); token.type === 'version' || token.type === 'tag-directive'; token = this.#next()) {
      found = true;
      if (token.type === 'version') {
        if (version) throw yamlError('found duplicate %YAML directive', token.mark);
        if (token.major !== 1 || token.minor !== 1) throw yamlError('found incompatible YAML document', token.mark);
        version = true;
      } else {
        if (this.#handles.has(token.handle)) throw yamlError('found duplicate %TAG directive', token.mark);
        this.#handles.set(token.handle, token.prefix);
      }
      this.#scanner.take();
    }
    for (const [handle, prefix] of DEFAULT_HANDLES) {
      if (!this.#handles.has(handle)) this.#handles.set(handle, prefix);
    }
    return found;
  }

  #next(): Token {
    return this.#scanner.peek();
  }

  #isNext(...types: readonly Token['type'][]): boolean {
    return types.includes(this.#next().type);
  }

  #takeIf(type: PunctuationType): boolean {
    if (!this.#isNext(type)) return false;
    this.#scanner.take();
    return true;
  }

  /** @param indentless whether a sequence may stand in the column of its key. */
  #node(inBlock: boolean, indentless: boolean): Node {
    const first = this.#next();
    if (first.type === 'alias') {
      this.#scanner.take();
      const target = this.#anchors.get(first.name);
      if (target === undefined) throw yamlError(`unknown anchor '${first.name}' referenced`, first.mark);
      return { kind: 'alias', mark: first.mark, name: first.name, target };
    }
    const { anchor, tag } = this.#properties();
    const token = this.#next();
    const { mark } = first;
    if (token.type === 'scalar') {
      this.#scanner.take();
      const implicit = (tag === '' && token.plain) || tag === '!';
      return this.#anchored(anchor, { kind: 'scalar', mark, value: token.value, tag, implicit });
    }
    if (token.type === 'flow-sequence-start') return this.#flowSequence(anchor, mark);
    if (token.type === 'flow-mapping-start') return this.#flowMapping(anchor, mark);
    if (inBlock && token.type === 'block-sequence-start') return this.#blockSequence(anchor, mark);
    if (inBlock && token.type === 'block-mapping-start') return this.#blockMapping(anchor, mark);
    if (indentless && token.type === 'block-entry') return this.#indentlessSequence(anchor, mark);
    if (anchor === null && tag === '') throw yamlError('did not find expected node content', token.mark);
    return this.#anchored(anchor, { kind: 'scalar', mark, value: '', tag, implicit: tag === '' });
  }

  /** An anchor and a tag, in either order. */
  #properties(): { anchor: string | null; tag: string } {
    let anchor: string | null = null;
    let tag: string | null = null;
    for (let token = this.#next(); ; token = this.#next()) {
      if (token.type === 'anchor' && anchor === null) anchor = token.name;
      else if (token.type === 'tag' && tag === null) tag = this.#tagOf(token);
      else return { anchor, tag: tag ?? '' };
      this.#scanner.take();
    }
  }

  #tagOf({ handle, suffix, mark }: Extract<Token, { type: 'tag' }>): string {
    if (handle === '') return suffix;
    const prefix = this.#handles.get(handle);
    if (prefix === undefined) throw yamlError('found undefined tag handle', mark);
    return prefix + suffix;
  }

  #anchored<T extends Node>(anchor: string | null, node: T): T {
    if (anchor !== null) this.#anchors.set(anchor, node);
    return node;
  }

  // A collection has its anchor before it has its values: one that holds itself is refused only when it is looked at.
  #newSequence(anchor: string | null, mark: Mark): { node: Node; items: Node[] } {
    this.#enter(mark);
    const items: Node[] = [];
    return { node: this.#anchored(anchor, { kind: 'sequence', mark, items }), items };
  }

  #newMapping(anchor: string | null, mark: Mark): { node: Node; entries: Entry[] } {
    this.#enter(mark);
    const entries: Entry[] = [];
    return { node: this.#anchored(anchor, { kind: 'mapping', mark, entries }), entries };
  }

  #enter(mark: Mark): void {
    if (++this.#depth > MAX_DEPTH) throw yamlError(`exceeded max depth of ${String(MAX_DEPTH)}`, mark);
  }

  #leave(node: Node): Node {
    this.#depth--;
    return node;
  }

  #blockSequence(anchor: string | null, mark: Mark): Node {
    const { node, items } = this.#newSequence(anchor, mark);
    const begun = this.#scanner.take().mark;
    while (this.#takeIf('block-entry')) {
      items.push(this.#isNext('block-entry', 'block-end') ? this.#empty() : this.#node(true, false));
    }
    if (!this.#takeIf('block-end')) throw this.#unexpected("did not find expected '-' indicator", begun);
    return this.#leave(node);
  }

  /** Its dashes stand in the column of the key that it belongs to. */
  #indentlessSequence(anchor: string | null, mark: Mark): Node {
    const { node, items } = this.#newSequence(anchor, mark);
    while (this.#takeIf('block-entry')) {
      const isEmpty = this.#isNext('block-entry', 'key', 'value', 'block-end');
      items.push(isEmpty ? this.#empty() : this.#node(true, false));
    }
    return this.#leave(node);
  }

  #blockMapping(anchor: string | null, mark: Mark): Node {
    const { node, entries } = this.#newMapping(anchor, mark);
    const begun = this.#scanner.take().mark;
    const isOver = (): boolean => this.#isNext('key', 'value', 'block-end');
    while (this.#takeIf('key')) {
      const key = isOver() ? this.#empty() : this.#node(true, true);
      entries.push({ key, value: this.#takeIf('value') && !isOver() ? this.#node(true, true) : this.#empty() });
    }
    if (!this.#takeIf('block-end')) throw this.#unexpected('did not find expected key', begun);
    return this.#leave(node);
  }

  #flowSequence(anchor: string | null, mark: Mark): Node {
    const { node, items } = this.#newSequence(anchor, mark);
    const begun = this.#scanner.take().mark;
    for (let first = true; !this.#isNext('flow-sequence-end'); first = false) {
      if (!first && !this.#takeIf('flow-entry')) throw this.#unexpected("did not find expected ',' or ']'", begun);
      if (this.#isNext('key')) items.push(this.#pair());
      else if (!this.#isNext('flow-sequence-end')) items.push(this.#node(false, false));
    }
    this.#scanner.take();
    return this.#leave(node);
  }

  /** `[key: value]`: a mapping of one entry without braces. */
  #pair(): Node {
    const { mark } = this.#scanner.take();
    const isOver = (): boolean => this.#isNext('flow-entry', 'flow-sequence-end');
    let key: Node;
    if (this.#isNext('value') || isOver()) {
      // libyaml takes the token away with the empty key, so that `[? : a]` is refused.
      key = empty(this.#scanner.take().mark);
    } else {
      key = this.#node(false, false);
    }
    const value = this.#takeIf('value') && !isOver() ? this.#node(false, false) : this.#empty();
    return { kind: 'mapping', mark, entries: [{ key, value }] };
  }

  #flowMapping(anchor: string | null, mark: Mark): Node {
    const { node, entries } = this.#newMapping(anchor, mark);
    const begun = this.#scanner.take().mark;
    const isOver = (): boolean => this.#isNext('flow-entry', 'flow-mapping-end');
    for (let first = true; !this.#isNext('flow-mapping-end'); first = false) {
      if (!first && !this.#takeIf('flow-entry')) throw this.#unexpected("did not find expected ',' or '}'", begun);
      if (this.#takeIf('key')) {
        const key = this.#isNext('value') || isOver() ? this.#empty() : this.#node(false, false);
        entries.push({ key, value: this.#takeIf('value') && !isOver() ? this.#node(false, false) : this.#empty() });
      } else if (!this.#isNext('flow-mapping-end')) {
        entries.push({ key: this.#node(false, false), value: this.#empty() });
      }
    }
    this.#scanner.take();
    return this.#leave(node);
  }

  /** A value that was left out. */
  #empty(): Node {
    return empty(this.#next().mark);
  }

  #unexpected(what: string, begun: Mark): Error {
    return yamlError(`${what} (what it belongs to begins on line ${String(begun.line + 1)})`, this.#next().mark);
  }
}

const empty = (mark: Mark): Node => ({ kind: 'scalar', mark, value: '', tag: '', implicit: true });
