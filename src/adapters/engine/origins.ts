import { connect as connectPlain, type OnReadOpts, type Socket } from 'node:net';
import type { Target } from '../../load/requests/plan.ts';
import type { Handshake } from '../../load/sender.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { FailureClass } from '../../model/load.ts';
import { failureClassOf, tlsFailureClassOf } from './http-failure.ts';
import { openTls, type TlsDestination, tlsDestinations } from './tls-connect.ts';

/** Events of a socket that is being opened. */
interface SocketListener {
  /** It accepts requests from now on. `handshake` is null without TLS. */
  connected(handshake: Handshake | null): void;
  /** The server has provided a session that can shorten the next handshake. */
  session(session: Buffer): void;
}

/** One of the destinations of an endpoint's sockets; a socket serves only one. */
export interface Origin {
  /** Opens a socket. The server's bytes go to `onread`, into a reused buffer; with null they are read as usual. */
  connect(onread: OnReadOpts | null, session: Buffer | undefined, listener: SocketListener): Socket;
  /** The failure class of a request for such a socket error. */
  failureClassOf(error: unknown): FailureClass;
}

/**
 * Gives each target the destination of its requests. All plain HTTP hosts share one, because the entry tells them apart
 * by the Host header. Over TLS each host has its own, because its name is part of the handshake (RFC 6066, 3).
 */
export function originsOf(endpoint: Endpoint): (target: Target) => Origin {
  const plain = plainOrigin(endpoint);
  const destinationOf = tlsDestinations(endpoint);
  const secure = new Map<TlsDestination, Origin>();
  return ({ host, scheme }) => {
    if (scheme !== 'https') return plain;
    const destination = destinationOf(host);
    const origin = secure.get(destination) ?? secureOrigin(destination);
    secure.set(destination, origin);
    return origin;
  };
}

/** Users do not share the sessions that they resume. */
const secureOrigin = (destination: TlsDestination): Origin => ({
  connect: (onread, session, listener) =>
    openTls(destination, { protocol: 'http/1.1', session, ...(onread === null ? {} : { onread }) }, listener),
  failureClassOf: tlsFailureClassOf,
});

function plainOrigin({ address, port }: Endpoint): Origin {
  return {
    connect(onread, _session, listener) {
      const socket = connectPlain({ host: address, port, noDelay: true, ...(onread === null ? {} : { onread }) });
      socket.once('connect', () => {
        listener.connected(null);
      });
      return socket;
    },
    failureClassOf,
  };
}
