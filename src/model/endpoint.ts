import { z } from 'zod';
import { list, text } from './units.ts';

/**
 * Connections go to this address and never through DNS: `*.localhost` does not resolve everywhere, and `localhost` may
 * be ::1, where kind does not listen.
 */
export const LOOPBACK = '127.0.0.1';

/** Where the same entry accepts TLS, and what a client trusts there. */
const tlsEntry = z.strictObject({
  /** At the same address. */
  port: z.int(),
  /** PEM certificates that are trusted in addition to the system's roots. */
  authorities: list(text),
  /** Hosts whose unverified certificate is accepted, in lower case. */
  unverified: list(text),
});
export type TlsEntry = Readonly<z.infer<typeof tlsEntry>>;

/** The target of a connection: one value all the way from the plan to the socket. */
export const endpoint = z.strictObject({
  /** An IP address or a DNS name. */
  address: text,
  /** For plain HTTP. */
  port: z.int(),
  /** Missing when nothing accepts TLS, or when that was not checked. */
  tls: tlsEntry.optional(),
});
export type Endpoint = Readonly<z.infer<typeof endpoint>>;

/** The endpoint of a port on this machine. */
export const onLoopback = (port: number): Endpoint => ({ address: LOOPBACK, port });

/** The same endpoint with an HTTPS port, trusting only the system's roots so far; unchanged for null. */
export const withHttps = (endpoint: Endpoint, port: number | null): Endpoint =>
  port === null ? endpoint : { ...endpoint, tls: { port, authorities: [], unverified: [] } };

/** An endpoint as in a URL, such as `127.0.0.1:8080` or `[2001:db8::1]:80`. */
export const endpointText = ({ address, port }: Endpoint): string =>
  `${address.includes(':') ? `[${address}]` : address}:${String(port)}`;

/** The addresses for these schemes, such as `127.0.0.1:80 and 127.0.0.1:443 (HTTPS)`. */
export function askedText(endpoint: Endpoint, schemes: readonly ('http' | 'https')[]): string {
  const { address, tls } = endpoint;
  const secure =
    tls !== undefined && schemes.includes('https') ? [`${endpointText({ address, port: tls.port })} (HTTPS)`] : [];
  const plain = secure.length === 0 || schemes.includes('http') ? [endpointText(endpoint)] : [];
  return [...plain, ...secure].join(' and ');
}
