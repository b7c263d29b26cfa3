import { createServer, type Socket } from 'node:net';
import type { Delay } from './accuracy.ts';

/**
 * Answers after a known time: `delay-server.ts PORT DELAY`. Keeps when each request came and when its
 * answer left, and tells its parent on request.
 *
 * The last milliseconds of each delay are spun away, since timers are late by up to a millisecond:
 * what is to be found out is the error of the engine. It needs a core of its own for that.
 */
const [port, delay] = process.argv.slice(2) as [string, Delay];

/** When a request was read and its answer written, in milliseconds of CLOCK_MONOTONIC, which is that of every process. */
export interface Held {
  readonly cameMs: number;
  readonly leftMs: number;
}

interface Waiting {
  readonly socket: Socket;
  readonly cameMs: number;
  readonly dueMs: number;
}

const SPIN_MS = 1.2;
const STALL_MS = 2000;
const STALL_AFTER_MS = 3000;
const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfoo\n');
/** By when they are due, the earliest last. */
const waiting: Waiting[] = [];
let held: Held[] = [];
let beganMs: number | null = null;
let count = 0;
let sleeping: NodeJS.Timeout | undefined;
let spinning: NodeJS.Immediate | undefined;

const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

function delayMs(nowMs: number): number {
  if (delay === 'constant 50 ms') return 50;
  if (delay === '80 % 20 ms, 20 % 100 ms') return count++ % 5 === 0 ? 100 : 20;
  beganMs ??= nowMs;
  const sinceMs = nowMs - beganMs - STALL_AFTER_MS;
  return sinceMs >= 0 && sinceMs < STALL_MS ? STALL_MS - sinceMs + 10 : 10;
}

function take(socket: Socket): void {
  const cameMs = monotonicMs();
  const entry = { socket, cameMs, dueMs: cameMs + delayMs(cameMs) };
  let at = waiting.length;
  while (at > 0 && (waiting[at - 1]?.dueMs ?? Infinity) <= entry.dueMs) at--;
  waiting.splice(at, 0, entry);
  if (waiting.at(-1) === entry) disarm();
  arm();
}

function answerDue(): void {
  disarm();
  for (let next = waiting.at(-1); next !== undefined && next.dueMs <= monotonicMs(); next = waiting.at(-1)) {
    waiting.pop();
    next.socket.write(ANSWER);
    held.push({ cameMs: next.cameMs, leftMs: monotonicMs() });
  }
  arm();
}

function arm(): void {
  const next = waiting.at(-1);
  if (next === undefined || sleeping !== undefined || spinning !== undefined) return;
  const spinInMs = next.dueMs - monotonicMs() - SPIN_MS;
  if (spinInMs > 0) sleeping = setTimeout(answerDue, spinInMs);
  else spinning = setImmediate(answerDue);
}

function disarm(): void {
  clearTimeout(sleeping);
  clearImmediate(spinning);
  sleeping = spinning = undefined;
}

createServer({ noDelay: true }, (socket) => {
  // The engine sends one request at a time and whole, so that each piece is one.
  socket.on('data', () => {
    take(socket);
  });
  socket.on('error', () => socket.destroy());
}).listen(Number(port), '127.0.0.1');

process.on('message', () => {
  process.send?.(held);
  held = [];
  beganMs = null;
  count = 0;
});
process.on('disconnect', () => process.exit());
