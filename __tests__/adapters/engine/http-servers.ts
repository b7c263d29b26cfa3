import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createRandom } from '../../../src/load/random.ts';
import type { Outcome, Sender } from '../../../src/load/sender.ts';

/** A server on loopback that does with each connection as it is told. */
export interface RawServer extends AsyncDisposable {
  readonly port: number;
  /** Connections accepted so far. */
  readonly accepted: () => number;
}

/** Listens on a port that the kernel gives; disposing of it ends every connection. */
export async function rawServer(onConnection: (socket: Socket, index: number) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket, accepted++);
  });
  const port = await listen(server);
  return {
    port,
    accepted: () => accepted,
    async [Symbol.asyncDispose]() {
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Calls `answer` for each request head that a socket receives, with its text. */
export function onRequest(socket: Socket, answer: (head: string, index: number) => void): void {
  let text = '';
  let index = 0;
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const head = text.slice(0, end);
      text = text.slice(end + 4);
      answer(head, index++);
    }
  });
}

/** A server that answers every request with the same bytes. */
export function answering(bytes: string): Promise<RawServer> {
  return rawServer((socket) => {
    onRequest(socket, () => socket.write(bytes, 'latin1'));
  });
}

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nfoo';

/** A port on loopback on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = await rawServer(() => undefined);
  await server[Symbol.asyncDispose]();
  return server.port;
}

/** Sends one request and resolves with its outcome. */
export function sendOne(sender: Sender, connection = 0, target = 0): Promise<Outcome> {
  return new Promise((resolve) => {
    sender.send(connection, target, resolve, createRandom('test'));
  });
}
