import { createServer } from 'node:http';

/**
 * Serves a known number of requests per second and no more: `limit-server.ts PORT RATE`. Each answer takes a
 * token, which there is one of every 1/RATE seconds; who finds none waits in the queue for the next.
 */
const [port, rate] = process.argv.slice(2).map(Number) as [number, number];
let nextTokenMs = 0;

const server = createServer((_request, response) => {
  const nowMs = performance.now();
  nextTokenMs = Math.max(nowMs, nextTokenMs) + 1000 / rate;
  setTimeout(() => response.end('foo\n'), nextTokenMs - nowMs);
});
server.keepAliveTimeout = 60_000;
server.listen(port, '127.0.0.1');
process.on('disconnect', () => process.exit());
