import type { AddressInfo } from 'node:net';
import { createServer, type TlsOptions, type TLSSocket } from 'node:tls';
import { createAuthority } from '../../../src/adapters/certificates.ts';
import type { Endpoint, TlsEntry } from '../../../src/model/endpoint.ts';
import { LOOPBACK } from '../../../src/model/endpoint.ts';
import { onRequest, OK, type RawServer } from './http-servers.ts';

/** Who vouches for the servers of the tests. */
export const AUTHORITY = createAuthority('k8s-loadtest-ci tests');

/** A server over TLS on loopback that does with each connection as it is told, once its handshake is over. */
export interface TlsServer extends RawServer {
  /** Names that were asked for, in the order of the connections. */
  readonly names: readonly string[];
}

/** For any host under localhost, unless the options have another certificate. */
export async function tlsServer(
  onConnection: (socket: TLSSocket, index: number) => void = answerOk,
  options: TlsOptions = {},
): Promise<TlsServer> {
  const { certificates, privateKey } = await (
    await AUTHORITY
  ).issue(['foo.localhost', 'bar.localhost', '*.h.localhost']);
  const sockets = new Set<{ destroy(): void }>();
  const names: string[] = [];
  const server = createServer({ cert: certificates, key: privateKey, ...options }, (socket) => {
    onConnection(socket, names.push(String(socket.servername)) - 1);
  });
  // Also those whose handshake is not over.
  server.on('connection', (socket: import('node:net').Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('secureConnection', (socket) => socket.on('error', () => undefined));
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    accepted: () => names.length,
    names,
    async [Symbol.asyncDispose]() {
      sockets.forEach((socket) => {
        socket.destroy();
      });
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers every request with the same bytes. */
export function answerOk(socket: TLSSocket): void {
  onRequest(socket, () => socket.write(OK));
}

/** The endpoint of a server that only speaks TLS, whose authority is trusted unless said otherwise. */
export async function overTls({ port }: Pick<RawServer, 'port'>, changes: Partial<TlsEntry> = {}): Promise<Endpoint> {
  const authorities = [(await AUTHORITY).certificate];
  return { address: LOOPBACK, port: 1, tls: { port, authorities, unverified: [], ...changes } };
}
