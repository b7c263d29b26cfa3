import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from '@jest/globals';

interface LocalServers {
  /** Serves on a free port of loopback: as the action's own application does, unless told otherwise. @returns the port. */
  readonly serve: (listener?: RequestListener) => Promise<number>;
  /** The same with a server of another make. */
  readonly listen: (server: Server) => Promise<number>;
  /** From now on nobody listens on their ports. */
  readonly close: () => void;
}

/** Servers that are gone after each test of the file. */
export function localServers(): LocalServers {
  const servers: Server[] = [];
  const close = (): void => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  };
  afterEach(close);
  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  return { listen, close, serve: (listener = echo) => listen(createServer(listener)) };
}

const echo: RequestListener = (request, response) => {
  response.end(`${request.headers.host?.split('.')[0] ?? ''}\n`);
};
