import { messageOf } from '../../errors.ts';
import type { FailureClass } from '../../model/load.ts';

const CLASS_OF_CODE: Readonly<Record<string, FailureClass>> = {
  ECONNREFUSED: 'refused',
  UND_ERR_SOCKET: 'reset',
  // The connection ended in the middle of an answer.
  HPE_INVALID_EOF_STATE: 'reset',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'reset',
  ETIMEDOUT: 'timeout',
  EADDRNOTAVAIL: 'client-resource',
  EADDRINUSE: 'client-resource',
  EAGAIN: 'client-resource',
  EMFILE: 'client-resource',
  ENFILE: 'client-resource',
  ENOBUFS: 'client-resource',
  ENOMEM: 'client-resource',
};

/** The code of a system error or of undici; empty when it has none. */
export function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : '';
}

/**
 * The same over TLS. Errors of the system are those of the connection; all others come from TLS: alerts of the server,
 * a certificate that was refused, bytes that are not TLS. `EPROTO` is what Node.js calls some of these.
 */
export function tlsFailureClassOf(error: unknown): FailureClass {
  const code = codeOf(error);
  return /^E[A-Z]+$/.test(code) && code !== 'EPROTO' ? failureClassOf(error) : 'tls';
}

/**
 * The class of a request that failed without an answer. A system error that is not listed (`EPIPE`,
 * `ECONNRESET`, `EHOSTUNREACH`, …) means a lost connection; anything else, such as the parser's
 * `HPE_…`, that the bytes were not HTTP.
 */
export function failureClassOf(error: unknown): FailureClass {
  const code = codeOf(error);
  // undici reports unasked data and unasked upgrades as socket errors, told apart only by this.
  if (code === 'UND_ERR_SOCKET' && messageOf(error).startsWith('bad ')) return 'protocol';
  return CLASS_OF_CODE[code] ?? (/^E[A-Z]+$/.test(code) ? 'reset' : 'protocol');
}
