import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** How each path of the server behaves, and what the load generators are to call it. */
export const BEHAVIOURS = {
  '/right': 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfoo\n',
  '/wrong': 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbar\n',
  '/unicode': 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nfoo ÄÖ€',
  '/error': 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno',
  '/moved': 'HTTP/1.1 302 Found\r\nLocation: /error\r\nContent-Length: 0\r\n\r\n',
  '/cut': 'HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nfoo',
  '/garbage': 'foo\r\nbar\r\n\r\n',
  '/reset': '',
  '/silent': '',
} as const;

type Path = keyof typeof BEHAVIOURS;

/** Serves BEHAVIOURS on loopback, with connections kept open where HTTP allows it. */
export async function startUnrulyServer(): Promise<{ port: number; close: () => void }> {
  const server = createServer((socket) => {
    let seen = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      seen += chunk.toString('latin1');
      for (let end = seen.indexOf('\r\n\r\n'); end >= 0; end = seen.indexOf('\r\n\r\n')) {
        const path = (/^\w+ ([^\s?]+)/.exec(seen)?.[1] ?? '') as Path;
        seen = seen.slice(end + 4);
        if (path === '/reset') socket.resetAndDestroy();
        else if (path === '/cut' || path === '/garbage') socket.end(BEHAVIOURS[path]);
        else if (path !== '/silent') socket.write(BEHAVIOURS[path]);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}
