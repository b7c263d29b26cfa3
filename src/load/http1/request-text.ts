import { createRandom } from '../random.ts';
import type { RequestContent, Target } from '../requests/plan.ts';
import { isConstant, renderTemplate, type Template, type Values } from '../requests/template.ts';

/** Whether requests to a target differ from each other, because they have placeholders. */
export const variesByRequest = ({ content, step }: Target): boolean =>
  content !== undefined &&
  (step === true ||
    ![content.path, ...content.headers.map(([, value]) => value), content.body ?? []].every(isConstant));

/** Methods for which a request without a body says so by a length of 0 (RFC 9110, 8.6). */
export const EXPECTS_BODY = new Set(['POST', 'PUT', 'PATCH']);

/**
 * A whole HTTP/1.1 request to a target, to be encoded as UTF-8. Its head is ASCII, as
 * `refuseUnsendable` has seen to.
 *
 * @param values fills the placeholders; null for a target that has none.
 */
export function requestText({ host, path, content, step }: Target, values: Values | null): string {
  if (content === undefined) return `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n\r\n`;
  const random: Values = values ?? createRandom('');
  const render = (template: Template): string => renderTemplate(template, random);
  const asked = askedPath(content, step === true, random);
  let head = `${content.method} ${asked} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
  for (const [name, value] of content.headers) head += `${name}: ${render(value)}\r\n`;
  if (step === true) {
    const cookie = cookieOf(content, asked, random);
    if (cookie !== '') head += `cookie: ${cookie}\r\n`;
  }
  if (content.body === null) return `${head}${EXPECTS_BODY.has(content.method) ? 'content-length: 0\r\n' : ''}\r\n`;
  const body = render(content.body);
  return `${head}content-length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`;
}

/** The path of one request. That of a step may be a value, which is made a path. */
export function askedPath({ path }: RequestContent, step: boolean, values: Values): string {
  const rendered = renderTemplate(path, values);
  return step ? asPath(rendered) : rendered;
}

/** The cookies of the user for a step, unless it says its own; empty for none. The path that they are for is told. */
export function cookieOf({ headers }: RequestContent, asked: string, values: Values): string {
  values.asked = asked;
  if (headers.some(([name]) => name.toLowerCase() === 'cookie')) return '';
  return values.cookie?.(asked) ?? '';
}

/** A value may be a whole address, as servers send in a Location; it is requested on the host of the step. */
function asPath(text: string): string {
  if (text.startsWith('/')) return text;
  if (!URL.canParse(text)) return `/${text}`;
  const { pathname, search } = new URL(text);
  return `${pathname}${search}`;
}
