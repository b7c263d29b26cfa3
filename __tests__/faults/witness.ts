import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Trial } from './trial.ts';

/** Passes bytes on as they are, and keeps how long each answer took. */
interface Witness {
  readonly port: number;
  /** From the first byte of a request to the last one of its answer, in milliseconds, in the order of the requests. */
  readonly seenMs: () => number[];
}

/** Stands on loopback before a server that answers one request at a time on each connection. */
export async function startWitness(trial: Trial, upstreamPort: number): Promise<Witness> {
  const seen: { readonly asked: number; readonly ms: number }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: upstreamPort, host: '127.0.0.1', noDelay: true });
    let asked: number | null = null;
    let answered: number | null = null;
    const end = (): void => {
      if (asked !== null && answered !== null) seen.push({ asked, ms: answered - asked });
      [asked, answered] = [null, null];
    };
    client.on('data', (bytes) => {
      // A request after an answer: so that was its last byte.
      if (answered !== null) end();
      asked ??= performance.now();
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      answered = performance.now();
      client.write(bytes);
    });
    client.on('close', () => {
      end();
      upstream.destroy();
    });
    upstream.on('close', () => client.destroy());
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  trial.defer(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    seenMs: () => seen.toSorted((a, b) => a.asked - b.asked).map(({ ms }) => ms),
  };
}
