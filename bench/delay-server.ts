import { createServer } from 'node:http';
import type { Delay } from './accuracy.ts';

/**
 * Answers after a known time: `delay-server.ts PORT DELAY`. Keeps how long it really held each
 * answer back, since timers are late by up to a millisecond, and sends it to its parent on request.
 */
const [port, delay] = process.argv.slice(2) as [string, Delay];
const STALL_MS = 2000;
const STALL_AFTER_MS = 3000;
let held: number[] = [];
let beganMs: number | null = null;
let count = 0;

function delayMs(nowMs: number): number {
  if (delay === 'constant 50 ms') return 50;
  if (delay === '80 % 20 ms, 20 % 100 ms') return count++ % 5 === 0 ? 100 : 20;
  beganMs ??= nowMs;
  const sinceMs = nowMs - beganMs - STALL_AFTER_MS;
  return sinceMs >= 0 && sinceMs < STALL_MS ? STALL_MS - sinceMs : 1;
}

const server = createServer((_request, response) => {
  const nowMs = performance.now();
  setTimeout(() => {
    held.push(performance.now() - nowMs);
    response.end('foo\n');
  }, delayMs(nowMs));
});
server.keepAliveTimeout = 60_000;
server.listen(Number(port), '127.0.0.1');
process.on('message', () => {
  process.send?.(held);
  held = [];
  beganMs = null;
});
process.on('disconnect', () => process.exit());
