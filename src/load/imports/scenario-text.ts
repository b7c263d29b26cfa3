import { stringify } from 'yaml';
import { PATH_CHARACTERS } from '../requests/plan.ts';
import { type Found, type FoundRequest, isHost, isKnownMethod, LeftOut } from './found-requests.ts';
import { isKeptHeader, isOfTheConnection, isPrivateName, REDACTED, redactBody, redactPath } from './redact.ts';

/** A scenario can have this many requests; the most frequent ones are used. */
const MOST_REQUESTS = 100;
const HIGHEST_WEIGHT = 1000;
const LONGEST_NAME = 100;
const LONGEST_BODY = 100_000;

/** A scenario made from the found requests, and what it lacks. */
export interface ImportedScenario {
  readonly yaml: string;
  /** How many requests it has. */
  readonly requests: number;
  /** What was left out or changed, each in a sentence. */
  readonly notes: readonly string[];
}

interface Wanted {
  readonly request: FoundRequest;
  readonly path: string;
  readonly count: number;
}

/**
 * Writes a scenario: one request for each method, host and path that was found, weighted by frequency. Values that look
 * like credentials or personal data are removed.
 *
 * @param from the source, for the comment at the top.
 */
export function scenarioFrom(found: Found, from: string): ImportedScenario {
  const leftOut = new LeftOut();
  for (const [reason, count] of found.leftOut) leftOut.add(reason, count);
  const different = [...grouped(found.requests, leftOut)].sort((a, b) => b.count - a.count);
  const taken = different.slice(0, MOST_REQUESTS);
  const rest = different.slice(MOST_REQUESTS).reduce((sum, { count }) => sum + count, 0);
  if (rest > 0)
    leftOut.add(
      `requests of ${String(different.length - MOST_REQUESTS)} rarer kinds, because a scenario can have up to 100`,
      rest,
    );
  const weights = weightsOf(taken.map(({ count }) => count));
  const names = new Set<string>();
  const requests = taken.map((wanted, index) => requestOf(wanted, weights[index] ?? 1, names, leftOut));
  const notes = [...leftOut.reasons].map(([reason, count]) => (count === 1 ? reason : `${String(count)} × ${reason}`));
  const yaml = stringify({ requests }, { lineWidth: 0 });
  const head = [
    `# Made from ${from.replace(/[^ -~]+/g, '?')}.`,
    ...(yaml.includes(REDACTED)
      ? [`# ${REDACTED} replaces what looked like a credential or personal data: put in values for the test.`]
      : []),
    ...notes.map((note) => `# Not taken: ${note.replace(/[\r\n]+/g, ' ')}`),
  ];
  return { yaml: `${head.join('\n')}\n${yaml}`, requests: requests.length, notes };
}

function grouped(requests: readonly FoundRequest[], leftOut: LeftOut): Iterable<Wanted> {
  const kinds = new Map<string, Wanted>();
  for (const request of requests) {
    const path = redactPath(escaped(request.path));
    const reason = whyNot(request, path);
    if (reason !== null) {
      leftOut.add(reason, request.count);
      continue;
    }
    const body = request.body === null ? '' : redactBody(request.body, contentTypeOf(request));
    const key = [request.method, request.host, path, body].join('\n');
    const count = (kinds.get(key)?.count ?? 0) + request.count;
    kinds.set(key, { request: kinds.get(key)?.request ?? request, path, count });
  }
  return kinds.values();
}

/**
 * Characters that a client encodes before it sends them; a log may hold them as they came. Double braces would be
 * placeholders.
 */
const escaped = (path: string): string =>
  path
    .replace(/\p{Cs}/gu, '\uFFFD')
    .replace(/[^!"$-~]+/g, encodeURIComponent)
    .replaceAll('{{', '%7B%7B');

function whyNot({ method, host, body }: FoundRequest, path: string): string | null {
  if (!isKnownMethod(method)) return method === '' ? 'requests without a method' : `${method} requests`;
  if (host !== null && !isHost(host)) return 'requests to a host that has no name';
  if (!path.startsWith('/') || !PATH_CHARACTERS.test(path) || path.length > 8000)
    return 'paths that can’t be requested';
  return body !== null && body.length > LONGEST_BODY ? 'bodies of more than 100,000 characters' : null;
}

const contentTypeOf = ({ headers }: FoundRequest): string =>
  headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';

/** Whole numbers in the relation of the counts, the smallest possible ones up to 1000. */
function weightsOf(counts: readonly number[]): number[] {
  const divisor = counts.reduce(greatestCommon, 0);
  const highest = Math.max(1, ...counts);
  const scale = Math.min(1 / Math.max(1, divisor), HIGHEST_WEIGHT / highest);
  return counts.map((count) => Math.max(1, Math.round(count * scale)));
}

function greatestCommon(a: number, b: number): number {
  return b === 0 ? a : greatestCommon(b, a % b);
}

function requestOf(
  { request, path }: Wanted,
  weight: number,
  names: Set<string>,
  leftOut: LeftOut,
): Readonly<Record<string, unknown>> {
  const { method, host, status } = request;
  const headers = request.headers.flatMap(([name, value]): [string, string][] => {
    if (isOfTheConnection(name)) return [];
    if (!/^[\t -~]*$/.test(value)) {
      leftOut.add('headers with a value that is not a line of printable ASCII');
      return [];
    }
    if (isKeptHeader(name) && !isPrivateName(name)) return [[name.toLowerCase(), value.replaceAll('{{', '{ {')]];
    leftOut.add(`the header ${name.toLowerCase()}, because its value may be private`);
    return [];
  });
  const body = request.body === null || method === 'GET' ? null : redactBody(request.body, contentTypeOf(request));
  return {
    name: nameOf(request, path, names),
    ...(weight === 1 ? {} : { weight }),
    ...(method === 'GET' ? {} : { method }),
    ...(host === null ? {} : { host }),
    path,
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
    ...(body === null ? {} : { body: body.replaceAll('{{', '{ {') }),
    ...(status === null || status < 300 ? {} : { expect: { status } }),
  };
}

/** A unique name: a number is added to one that is taken. */
function nameOf({ name, method, host }: FoundRequest, path: string, names: Set<string>): string {
  const base = (name ?? `${method} ${host ?? ''}${path.split('?')[0] ?? ''}`)
    .replace(/[\0-\x1f\x7f]/g, ' ')
    .slice(0, LONGEST_NAME - 5);
  let unique = base;
  for (let number = 2; names.has(unique); number++) unique = `${base} ${String(number)}`;
  names.add(unique);
  return unique;
}
