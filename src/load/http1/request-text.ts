import { createRandom, type Random } from '../random.ts';
import type { Target } from '../requests/plan.ts';
import { isConstant, renderTemplate, type Template } from '../requests/template.ts';

/** Whether requests to a target differ from each other, because of placeholders in them. */
export const variesByRequest = ({ content }: Target): boolean =>
  content !== undefined &&
  ![content.path, ...content.headers.map(([, value]) => value), content.body ?? []].every(isConstant);

/** Methods for which a request without a body says so by a length of 0 (RFC 9110, 8.6). */
const EXPECTS_BODY = new Set(['POST', 'PUT', 'PATCH']);

/**
 * A whole HTTP/1.1 request to a target, to be encoded as UTF-8. Its head is ASCII, as
 * `refuseUnsendable` has seen to.
 *
 * @param values fills the placeholders; null for a target that has none.
 */
export function requestText({ host, path, content }: Target, values: Random | null): string {
  if (content === undefined) return `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n\r\n`;
  const random = values ?? createRandom('');
  const render = (template: Template): string => renderTemplate(template, random);
  let head = `${content.method} ${render(content.path)} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
  for (const [name, value] of content.headers) head += `${name}: ${render(value)}\r\n`;
  if (content.body === null) return `${head}${EXPECTS_BODY.has(content.method) ? 'content-length: 0\r\n' : ''}\r\n`;
  const body = render(content.body);
  return `${head}content-length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`;
}
