import { type Found, type FoundRequest, isStatic, LeftOut } from './found-requests.ts';

interface HarHeader {
  readonly name: string;
  readonly value: string;
}

/**
 * Reads a HAR (HTTP Archive 1.2), as saved by browsers and proxies.
 *
 * @throws Error when the text is not a HAR.
 */
export function readHar(text: string): Found {
  const entries = entriesOf(parsed(text));
  const leftOut = new LeftOut();
  const requests = entries.flatMap((entry) => requestOf(entry, leftOut));
  return { requests, leftOut: leftOut.reasons };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new Error('it is not JSON, so it is not a HAR', { cause: error });
  }
}

function entriesOf(har: unknown): readonly unknown[] {
  const entries = field(field(har, 'log'), 'entries');
  if (!Array.isArray(entries)) throw new Error('it has no log.entries, so it is not a HAR');
  return entries;
}

function requestOf(entry: unknown, leftOut: LeftOut): FoundRequest[] {
  const request = field(entry, 'request');
  const url = textOf(field(request, 'url'));
  if (!URL.canParse(url)) {
    leftOut.add('entries without an address');
    return [];
  }
  const { protocol, hostname, pathname, search } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') {
    leftOut.add(`requests over ${protocol.replace(':', '')}`);
    return [];
  }
  if (isStatic(pathname)) {
    leftOut.add('static files (scripts, styles, images, fonts)');
    return [];
  }
  const postData = field(request, 'postData');
  const type = textOf(field(postData, 'mimeType'));
  const headers = headersOf(field(request, 'headers')).map(({ name, value }) => [name, value] as const);
  const hasType = headers.some(([name]) => name.toLowerCase() === 'content-type');
  const body = bodyOf(postData);
  const status = Number(field(field(entry, 'response'), 'status'));
  const reason = whyNoRequest(entry, status, body);
  if (reason !== null) {
    leftOut.add(reason);
    return [];
  }
  return [
    {
      method: textOf(field(request, 'method')).toUpperCase(),
      host: hostname.toLowerCase(),
      path: `${pathname}${search}`,
      headers: body === null || hasType || type === '' ? headers : [...headers, ['content-type', type]],
      body,
      // Not modified is only what a browser is told that has the answer already.
      status: Number.isInteger(status) && status >= 200 && status <= 599 && status !== NOT_MODIFIED ? status : null,
      name: null,
      count: 1,
    },
  ];
}

function headersOf(headers: unknown): HarHeader[] {
  return (Array.isArray(headers) ? headers : []).map((header: unknown) => ({
    name: textOf(field(header, 'name')),
    value: textOf(field(header, 'value')),
  }));
}

const NOT_MODIFIED = 304;
const SWITCHING_PROTOCOLS = 101;

/** What is not a request that is answered once, or can't be written as text. */
function whyNoRequest(entry: unknown, status: number, body: string | null): string | null {
  const type = textOf(field(field(field(entry, 'response'), 'content'), 'mimeType'));
  if (status === SWITCHING_PROTOCOLS) return 'WebSockets, which are steps with websocket in journeys';
  if (/^\s*text\/event-stream\b/i.test(type)) return 'event streams, which are steps with stream: events in journeys';
  const postData = field(field(entry, 'request'), 'postData');
  if (body === null)
    return isMultipart(postData) ? 'multipart uploads, because the HAR has their fields but not their text' : null;
  const isEncoded = textOf(field(postData, 'encoding')) !== '';
  return isEncoded || BINARY.test(body) ? 'bodies that are not text' : null;
}

/** No text has these characters: writers of a HAR put the bytes of a body there one by one. */
const BINARY = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\uFFFD]/;

const isMultipart = (postData: unknown): boolean => /^\s*multipart\//i.test(textOf(field(postData, 'mimeType')));

/** Some programs write the fields of a form instead of its text. */
function bodyOf(postData: unknown): string | null {
  if (postData === undefined || postData === null) return null;
  const text = field(postData, 'text');
  if (typeof text === 'string' && text !== '') return text;
  const parameters = field(postData, 'params');
  if (isMultipart(postData)) return null;
  if (!Array.isArray(parameters) || parameters.length === 0) return null;
  return new URLSearchParams(
    parameters.map((each: unknown): [string, string] => [textOf(field(each, 'name')), textOf(field(each, 'value'))]),
  ).toString();
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
