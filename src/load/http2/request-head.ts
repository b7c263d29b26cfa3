import { askedPath, cookieOf, EXPECTS_BODY, variesByRequest } from '../http1/request-text.ts';
import type { RequestContent, Target } from '../requests/plan.ts';
import { constantText, isConstant, renderTemplate, type Template, type Values } from '../requests/template.ts';
import type { HeadPart, HeadParts } from './head-parts.ts';

/** A request to a target, made ready once for all connections. */
export interface PreparedRequest {
  readonly parts: readonly HeadPart[];
  /** UTF-8; null for none, and when it is made anew for each request. */
  readonly body: Uint8Array | null;
  /** Null when all requests are the same. */
  readonly made: ((values: Values) => MadeRequest) | null;
}

/** What one of several different requests has for itself. */
export interface MadeRequest {
  /** Of the parts that vary, in their order; null for one that is left out. */
  readonly values: readonly (string | null)[];
  readonly body: Uint8Array | null;
}

/**
 * Makes requests to a target over HTTPS ready.
 *
 * @throws Error for a header that HTTP/2 does not have.
 */
export function prepareRequest(target: Target, parts: HeadParts): PreparedRequest {
  const { host, path, content, step } = target;
  const pseudo = (method: string, asked: HeadPart): HeadPart[] => [
    parts.constant(':method', method),
    parts.constant(':scheme', 'https'),
    parts.constant(':authority', host),
    asked,
  ];
  if (content === undefined) return { parts: pseudo('GET', parts.constant(':path', path)), body: null, made: null };
  const field = (name: string, value: Template): HeadPart =>
    isConstant(value) ? parts.constant(name, constantText(value)) : parts.varying(name);
  const isStep = step === true;
  const all = [
    ...pseudo(content.method, isStep ? parts.varying(':path') : field(':path', content.path)),
    ...content.headers.map(([name, value]) => field(nameOf(name), value)),
    ...(isStep ? [parts.varying('cookie')] : []),
  ];
  if (!variesByRequest(target)) {
    const body = content.body === null ? null : Buffer.from(constantText(content.body));
    const length = lengthOf(content, body);
    return { parts: length === null ? all : [...all, parts.constant('content-length', length)], body, made: null };
  }
  return {
    parts: [...all, parts.varying('content-length')],
    body: null,
    made: (values) => made(content, isStep, values),
  };
}

/** The random values are drawn in the order in which a request of HTTP/1.1 draws them. */
function made(content: RequestContent, isStep: boolean, values: Values): MadeRequest {
  const asked = askedPath(content, isStep, values);
  const own: (string | null)[] = isStep || !isConstant(content.path) ? [asked] : [];
  for (const [, value] of content.headers) if (!isConstant(value)) own.push(renderTemplate(value, values));
  if (isStep) own.push(cookieOf(content, asked, values) || null);
  const body = content.body === null ? null : Buffer.from(renderTemplate(content.body, values));
  own.push(lengthOf(content, body));
  return { values: own, body };
}

/** As over HTTP/1.1, and as other clients do it; null when a request says nothing of a body. */
function lengthOf({ method }: RequestContent, body: Uint8Array | null): string | null {
  if (body !== null) return String(body.length);
  return EXPECTS_BODY.has(method) ? '0' : null;
}

/** The connection is none of a request's business (RFC 9113, 8.2.2). */
function nameOf(name: string): string {
  const lower = name.toLowerCase();
  if (lower === 'proxy-connection')
    throw new Error(`The header ${JSON.stringify(name)} can't be sent: HTTP/2 has none for the connection`);
  return lower;
}
