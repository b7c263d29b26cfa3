/** One step into a JSON value. */
type Segment =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'each' }
  | { readonly kind: 'anywhere'; readonly name: string };

/** A path into a JSON value, as plain data that can cross to another thread. */
export type JsonPath = readonly Segment[];

const SEGMENT =
  /\.\.([\p{L}_][\p{L}\p{N}_-]*)|\.([\p{L}_][\p{L}\p{N}_-]*)|\.(\*)|\[\s*(?:'((?:[^'\\]|\\['\\])*)'|"((?:[^"\\]|\\["\\])*)"|(-?\d{1,9})|(\*))\s*\]/uy;
const MOST_SEGMENTS = 50;

/**
 * Reads a path: the part of RFC 9535 (JSONPath) that names one place, and what finds the first of several. `$.a.b`,
 * `$['a b']`, `$.list[0]`, `$.list[-1]`, `$.list[*].id` and `$..id` are paths. Filters, slices and functions are not:
 * libraries that have them run what they are given as a program.
 *
 * @throws Error that says what is allowed.
 */
export function parseJsonPath(text: string): JsonPath {
  const path: Segment[] = [];
  let at = 1;
  while (text.startsWith('$') && at < text.length && path.length < MOST_SEGMENTS) {
    SEGMENT.lastIndex = at;
    const match = SEGMENT.exec(text);
    if (match === null) break;
    path.push(segmentOf(match));
    at = SEGMENT.lastIndex;
  }
  if (!text.startsWith('$') || at < text.length)
    throw new Error(
      `${JSON.stringify(text)} is not a supported path: write $.name, $['a name'], $.list[0], $.list[-1], $.list[*].id or $..id`,
    );
  return path;
}

function segmentOf([, anywhere, name, , single, double, index]: RegExpExecArray): Segment {
  if (anywhere !== undefined) return { kind: 'anywhere', name: anywhere };
  const named = name ?? single ?? double;
  if (named !== undefined) return { kind: 'name', name: named.replace(/\\(.)/g, '$1') };
  return index === undefined ? { kind: 'each' } : { kind: 'index', index: Number(index) };
}

/** Enough for any answer of a service; deeper values are ignored. */
const DEEPEST = 200;
/**
 * The maximum number of values to visit for one path; several `*` and `..` could otherwise visit the same ones
 * repeatedly.
 */
const MOST_LOOKS = 100_000;

/** The first value that a path leads to, in document order; undefined when there is none. */
export function firstAt(value: unknown, path: JsonPath): unknown {
  const looks = { left: MOST_LOOKS };
  return follow(value, path, 0, 0, looks);
}

function follow(value: unknown, path: JsonPath, at: number, depth: number, looks: { left: number }): unknown {
  const segment = path[at];
  if (segment === undefined) return value;
  looks.left -= 1;
  if (looks.left < 0 || depth > DEEPEST) return undefined;
  const next = (inner: unknown): unknown => follow(inner, path, at + 1, depth + 1, looks);
  switch (segment.kind) {
    case 'name':
      return next(memberOf(value, segment.name));
    case 'index':
      return Array.isArray(value) ? next((value as unknown[]).at(segment.index)) : undefined;
    case 'each':
      return firstOf(childrenOf(value), next);
    case 'anywhere': {
      const own = memberOf(value, segment.name);
      const found = own === undefined ? undefined : next(own);
      return found === undefined
        ? firstOf(childrenOf(value), (inner) => follow(inner, path, at, depth + 1, looks))
        : found;
    }
  }
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

const childrenOf = (value: unknown): readonly unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value) : [];

function firstOf(values: readonly unknown[], find: (value: unknown) => unknown): unknown {
  for (const value of values) {
    const found = find(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A value as it is used in a request: strings as they are, numbers and booleans as in JSON; undefined for others. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}
