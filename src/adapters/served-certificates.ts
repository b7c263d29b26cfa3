import { connect, type DetailedPeerCertificate } from 'node:tls';
import type { ServedCertificates } from '../cluster/tls/judge-certificate.ts';
import { messageOf } from '../errors.ts';
import { type Endpoint, endpointText } from '../model/endpoint.ts';
import { codeOf } from './engine/http-failure.ts';
import { tlsClient } from './tls-client.ts';

interface CertificateQuestion {
  readonly endpoint: Endpoint;
  readonly host: string;
  /** In PEM, trusted in addition to the system's roots. */
  readonly authorities: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Makes one handshake with a host, and sends nothing.
 *
 * @returns what the server presented, trusted or not.
 * @throws Error with a sentence that says what was requested and what went wrong; the signal's reason when aborted.
 */
export async function readServedCertificates(question: CertificateQuestion): Promise<ServedCertificates> {
  const { endpoint, host, authorities, timeoutMs, signal } = question;
  const { tls } = endpoint;
  if (tls === undefined)
    throw new Error(`https://${host} can't be loaded at ${endpointText(endpoint)}: no HTTPS port is known there`);
  const asked = `A handshake for https://${host} at ${endpointText({ ...endpoint, port: tls.port })}`;
  const deadline = AbortSignal.timeout(timeoutMs);
  const over = AbortSignal.any([signal, deadline]);
  const socket = connect({
    ...tlsClient({ authorities: [...authorities], unverified: [] }, host),
    host: endpoint.address,
    port: tls.port,
    // The caller judges it.
    rejectUnauthorized: false,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        reject(over.reason as Error);
      };
      if (over.aborted) stop();
      over.addEventListener('abort', stop, { once: true });
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
      socket.once('close', () => {
        reject(new Error('the connection was closed'));
      });
    });
    const refused = socket.authorized ? null : refusalOf(socket.authorizationError);
    return { chain: chainOf(socket.getPeerCertificate(true)), protocol: socket.getProtocol() ?? 'TLS', refused };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new Error(`${asked} ${whatWentWrong(error, deadline.aborted, timeoutMs)}`, { cause: error });
  } finally {
    socket.destroy();
  }
}

/** An OpenSSL code; Node.js has its own error for a name that does not match. */
const refusalOf = (error: unknown): string => (typeof error === 'string' ? error : codeOf(error) || messageOf(error));

/** The certificates that the server sent, followed by those that Node.js knew; a root is its own issuer. */
function chainOf(leaf: DetailedPeerCertificate): string[] {
  const chain = new Map<string, string>();
  for (let current = leaf; !chain.has(current.fingerprint256); current = current.issuerCertificate) {
    chain.set(current.fingerprint256, pemOf(current.raw));
    // Missing when the issuer is unknown, despite the types.
    if (!('issuerCertificate' in current)) break;
  }
  return [...chain.values()];
}

const pemOf = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;

function whatWentWrong(error: unknown, late: boolean, timeoutMs: number): string {
  if (late) return `did not finish in ${String(timeoutMs)} ms`;
  const code = codeOf(error);
  if (code === 'ECONNREFUSED') return 'was refused: nothing listens on that port';
  if (code === 'ECONNRESET')
    return 'was cut off: what listens there may not speak TLS, or has no certificate for the host';
  return `failed: ${messageOf(error)}`;
}
