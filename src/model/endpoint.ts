import { z } from 'zod';
import { list, text } from './units.ts';

/**
 * Connections go to this address and never through DNS: `*.localhost` is not resolved everywhere,
 * and `localhost` may be ::1, where kind does not listen.
 */
export const LOOPBACK = '127.0.0.1';

/** Where the same entry speaks TLS, and whom a client trusts there. */
const tlsEntry = z.strictObject({
  /** At the same address. */
  port: z.int(),
  /** Certificates in PEM that are trusted beside the roots of the system. */
  authorities: list(text),
  /** Hosts whose certificate is used although nothing vouches for it, in lower case. */
  unverified: list(text),
});
export type TlsEntry = Readonly<z.infer<typeof tlsEntry>>;

/** What a connection is opened to: one value on the whole way from the plan to the socket. */
export const endpoint = z.strictObject({
  /** An IP address or a name that DNS knows. */
  address: text,
  /** Of plain HTTP. */
  port: z.int(),
  /** Missing where nothing speaks TLS, or nobody has looked. */
  tls: tlsEntry.optional(),
});
export type Endpoint = Readonly<z.infer<typeof endpoint>>;

/** The endpoint of a port of this machine. */
export const onLoopback = (port: number): Endpoint => ({ address: LOOPBACK, port });

/** The same endpoint with a port for HTTPS, where nothing but the roots of the system is trusted yet; null for none. */
export const withHttps = (endpoint: Endpoint, port: number | null): Endpoint =>
  port === null ? endpoint : { ...endpoint, tls: { port, authorities: [], unverified: [] } };

/** An endpoint as one writes it in a URL, such as `127.0.0.1:8080` or `[2001:db8::1]:80`. */
export const endpointText = ({ address, port }: Endpoint): string =>
  `${address.includes(':') ? `[${address}]` : address}:${String(port)}`;

/** The same as it is asked by these schemes, such as `127.0.0.1:80 and 127.0.0.1:443 (HTTPS)`. */
export function askedText(endpoint: Endpoint, schemes: readonly ('http' | 'https')[]): string {
  const { address, tls } = endpoint;
  const secure =
    tls !== undefined && schemes.includes('https') ? [`${endpointText({ address, port: tls.port })} (HTTPS)`] : [];
  const plain = secure.length === 0 || schemes.includes('http') ? [endpointText(endpoint)] : [];
  return [...plain, ...secure].join(' and ');
}
