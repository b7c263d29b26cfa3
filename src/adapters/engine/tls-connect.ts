import type { OnReadOpts } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { Handshake } from '../../load/sender.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import { tlsClient } from '../tls-client.ts';

/** Where to reach a host over TLS, and how to verify its server. */
export interface TlsDestination {
  /** The host without a port. */
  readonly name: string;
  readonly options: ConnectionOptions;
}

/**
 * The TLS entry of an endpoint as seen by each host: its name is asked for (SNI), and the certificate has to be for it
 * and to be issued by somebody who is trusted, unless the endpoint says that this host is used without.
 *
 * @returns for a host, as a Host header has it, always the same destination.
 * @throws Error for an endpoint that speaks no TLS, not before a host is asked for.
 */
export function tlsDestinations(endpoint: Endpoint): (host: string) => TlsDestination {
  const { address, tls } = endpoint;
  const known = new Map<string, TlsDestination>();
  return (host) => {
    if (tls === undefined) throw new Error(`https://${host} can't be loaded where nothing speaks TLS`);
    const name = hostName(host);
    const destination = known.get(host) ?? {
      name,
      options: {
        host: address,
        port: tls.port,
        ...tlsClient(tls, name),
      },
    };
    known.set(host, destination);
    return destination;
  };
}

/** Events of a TLS socket. */
export interface TlsListener {
  /** The server was verified; requests may be written. */
  connected(handshake: Handshake): void;
  /** The server has provided a session that can shorten the next handshake. */
  session(session: Buffer): void;
}

interface TlsSettings {
  /** What is offered (ALPN). */
  readonly protocol: 'http/1.1' | 'h2';
  /** A reused buffer for the server's bytes; without it they are read as usual. */
  readonly onread?: OnReadOpts;
  /** A session to resume, as a returning client does. */
  readonly session: Buffer | undefined;
}

/** Opens a socket. */
export function openTls(
  { options }: TlsDestination,
  { protocol, onread, session }: TlsSettings,
  listener: TlsListener,
): TLSSocket {
  // The types of Node.js do not know onread here, though its documentation does.
  const given = { ...options, ALPNProtocols: [protocol], session, ...(onread === undefined ? {} : { onread }) };
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
}

/** The name in a Host header, which may have a port: `shop.localhost:8443`, `[::1]:8443`. */
export const hostName = (host: string): string =>
  host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1');
