import { isIP } from 'node:net';
import { checkServerIdentity, connect, createSecureContext, type SecureContext } from 'node:tls';
import type { Endpoint } from '../../model/endpoint.ts';
import { trustedRoots } from '../trusted-roots.ts';
import { tlsFailureClassOf } from './http-failure.ts';
import type { Origin } from './origins.ts';

/** Older ones are refused by everything that is kept up (RFC 8996). */
const OLDEST_TLS = 'TLSv1.2';

/**
 * Opens sockets to the TLS entry of an endpoint, each for one host: its name is asked for (SNI), and the certificate has
 * to be for it and to be issued by somebody who is trusted, unless the endpoint says that this host is used without.
 *
 * HTTP/1.1 is offered (ALPN). A session that the server gave on the same connection before is resumed, as a client does
 * that comes back; users do not share theirs.
 *
 * @returns for a host, as a Host header has it, its origin.
 * @throws Error for an endpoint that speaks no TLS.
 */
export function tlsConnector(endpoint: Endpoint): (host: string) => Origin {
  const { address, tls } = endpoint;
  return (host) => {
    if (tls === undefined) throw new Error(`https://${host} can't be asked where nothing speaks TLS`);
    const name = hostName(host);
    const options = {
      host: address,
      port: tls.port,
      secureContext: contextOf(tls.authorities),
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: !tls.unverified.includes(name),
      checkServerIdentity: (_: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
        checkServerIdentity(name, certificate),
      // A literal address is never sent as a name (RFC 6066, 3).
      ...(isIP(name) === 0 ? { servername: name } : {}),
    };
    return {
      connect(onread, session, listener) {
        // The types of Node.js do not know onread here, though its documentation does.
        const given = { ...options, onread, session };
        const socket = connect(given);
        socket.setNoDelay(true);
        let openMs = 0;
        socket.once('connect', () => {
          openMs = performance.now();
        });
        socket.once('secureConnect', () => {
          listener.connected({ ms: performance.now() - openMs, resumed: socket.isSessionReused() });
        });
        socket.on('session', (ticket) => {
          listener.session(ticket);
        });
        return socket;
      },
      failureClassOf: tlsFailureClassOf,
    };
  };
}

/** That of the last sender: to read some hundred certificates takes 20 ms, and a comparison opens a sender for each of its loads. */
let last: { readonly authorities: string; readonly context: SecureContext } | null = null;

function contextOf(authorities: readonly string[]): SecureContext {
  const key = authorities.join('\n');
  if (last?.authorities !== key) {
    const context = createSecureContext({ ca: [...trustedRoots(), ...authorities], minVersion: OLDEST_TLS });
    last = { authorities: key, context };
  }
  return last.context;
}

/** The name in a Host header, which may have a port: `shop.localhost:8443`, `[::1]:8443`. */
export const hostName = (host: string): string =>
  host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1');
