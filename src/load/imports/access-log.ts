import { type Found, type FoundRequest, isKnownMethod, isStatic, LeftOut } from './found-requests.ts';

/** The common and combined formats of Apache and nginx, from the request on; the part before may differ. */
const COMMON = /"([A-Z]{1,20}) (\S+)(?: HTTP\/[\d.]+)?" (\d{3})\b/;
/** The maximum number of different paths; with more, a scenario would not be a summary. */
const MOST_DIFFERENT = 100_000;

/**
 * Reads the log of a server: lines in the common or combined format of Apache and nginx, also behind other fields, or
 * a JSON object a line with a method, a path and a status under usual names (Traefik, Caddy, Envoy).
 *
 * @throws Error when no line is any of that.
 */
export function readAccessLog(text: string): Found {
  const leftOut = new LeftOut();
  const found = new Map<string, { request: FoundRequest; count: number }>();
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const request = line.trimStart().startsWith('{') ? ofJson(line) : ofCommon(line);
    const reason = request === null ? 'lines that are not requests in a known format' : whyLeftOut(request);
    if (request === null || reason !== null) {
      leftOut.add(reason ?? '');
      continue;
    }
    const key = `${request.method} ${request.host ?? ''} ${request.path}`;
    const known = found.get(key);
    if (known !== undefined) known.count += 1;
    else if (found.size < MOST_DIFFERENT) found.set(key, { request, count: 1 });
    else leftOut.add(`requests after the first ${String(MOST_DIFFERENT)} different ones`);
  }
  if (found.size === 0 && leftOut.reasons.size > 0 && !hasRequests(leftOut))
    throw new Error('it has no line with a request in the common, combined or JSON format');
  return {
    requests: [...found.values()].map(({ request, count }) => ({ ...request, count })),
    leftOut: leftOut.reasons,
  };
}

const hasRequests = ({ reasons }: LeftOut): boolean =>
  [...reasons.keys()].some((reason) => reason !== 'lines that are not requests in a known format');

function whyLeftOut({ method, path, status }: FoundRequest): string | null {
  if (!isKnownMethod(method)) return `${method} requests`;
  if (method !== 'GET') return `${method} requests, because a log does not have their bodies`;
  if (isStatic(path)) return 'static files (scripts, styles, images, fonts)';
  if (status !== null && status >= 400) return `requests answered with ${String(status)}`;
  return path.startsWith('/') ? null : 'requests without a path';
}

function ofCommon(line: string): FoundRequest | null {
  const [, method, target, status] = COMMON.exec(line) ?? [];
  return method === undefined || target === undefined ? null : requestOf(method, target, Number(status), null);
}

const METHOD = ['RequestMethod', 'method', 'request_method'];
const PATH = ['RequestPath', 'path', 'uri', 'request_uri', 'url'];
const STATUS = ['DownstreamStatus', 'status', 'response_code', 'status_code'];
const HOST = ['RequestHost', 'host', 'authority', ':authority'];

function ofJson(line: string): FoundRequest | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const entry = value as Readonly<Record<string, unknown>>;
  // Caddy puts the request into its own object.
  const inner =
    typeof entry['request'] === 'object' ? (entry['request'] as Readonly<Record<string, unknown>> | null) : null;
  const first = (names: readonly string[]): unknown =>
    names.map((name) => inner?.[name] ?? entry[name]).find((each) => each !== undefined && each !== null);
  const [method, path, status, host] = [first(METHOD), first(PATH), Number(first(STATUS)), first(HOST)];
  return typeof method === 'string' && typeof path === 'string'
    ? requestOf(method.toUpperCase(), path, status, typeof host === 'string' ? host : null)
    : null;
}

function requestOf(method: string, target: string, status: number, host: string | null): FoundRequest {
  const url = /^https?:\/\//i.test(target) && URL.canParse(target) ? new URL(target) : null;
  return {
    method,
    host: url?.hostname.toLowerCase() ?? host?.toLowerCase().replace(/:\d+$/, '') ?? null,
    path: url === null ? (target.split('#')[0] ?? '') : `${url.pathname}${url.search}`,
    headers: [],
    body: null,
    status: Number.isInteger(status) && status >= 200 && status <= 599 ? status : null,
    name: null,
    count: 1,
  };
}
