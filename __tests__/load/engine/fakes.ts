import type { Clock } from '../../../src/clock.ts';
import type { LoadPlan } from '../../../src/load/requests/plan.ts';
import type { Outcome, Sender } from '../../../src/load/sender.ts';

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that passes only when everything waits; the same program always takes the same course. */
export class FakeTime implements Clock {
  #nowMs = 1000;
  #order = 0;
  #events: Event[] = [];
  #running = false;

  now(): number {
    return this.#nowMs;
  }

  date(): Date {
    return new Date(1_700_000_000_000 + this.#nowMs);
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        reject(new Error('aborted'));
      };
      if (signal?.aborted === true) abort();
      signal?.addEventListener('abort', abort, { once: true });
      this.at(ms, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
    });
  }

  /** Runs a function in `ms`, at least 1 µs from now. */
  at(ms: number, run: () => void): void {
    this.#events.push({ atMs: this.#nowMs + Math.max(ms, 0.001), order: this.#order++, run });
    if (!this.#running) void this.#run();
  }

  /** Holds everything up, as a blocked event loop does. */
  stall(ms: number): void {
    this.#nowMs += ms;
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#events.length > 0) {
      // Lets every promise that is ready go first.
      await new Promise((resolve) => setImmediate(resolve));
      this.#events.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
      const event = this.#events.shift();
      if (event === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, event.atMs);
      event.run();
    }
    this.#running = false;
  }
}

export interface SentRequest {
  readonly connection: number;
  readonly target: number;
  readonly atMs: number;
}

export const GOOD: Outcome = {
  status: 200,
  bytes: 3,
  failure: null,
  serviceMs: 10,
  waitingMs: 10,
  handshake: null,
  retried: false,
};

/** Answers each request after the service time of its outcome, and checks that connections are free when used. */
export class FakeSender implements Sender {
  readonly requests: SentRequest[] = [];
  #busy = new Set<number>();
  readonly #time: FakeTime;
  readonly #answer: (request: SentRequest, index: number) => Outcome;

  constructor(time: FakeTime, answer: (request: SentRequest, index: number) => Outcome = () => GOOD) {
    this.#time = time;
    this.#answer = answer;
  }

  send(connection: number, target: number, done: (outcome: Outcome) => void): void {
    if (this.#busy.has(connection)) throw new Error(`Connection ${String(connection)} is in use`);
    this.#busy.add(connection);
    const request = { connection, target, atMs: this.#time.now() };
    const outcome = this.#answer(request, this.requests.length);
    this.requests.push(request);
    this.#time.at(outcome.serviceMs, () => {
      this.#busy.delete(connection);
      done(outcome);
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export function plan(overrides: Partial<LoadPlan> = {}): LoadPlan {
  return {
    targets: [
      { host: 'foo.localhost', path: '/' },
      { host: 'bar.localhost', path: '/' },
    ],
    model: { kind: 'closed', concurrency: 4 },
    requests: 100,
    durationMs: null,
    warmupRequests: 0,
    rampUpMs: 0,
    requestTimeoutMs: 1000,
    seed: 'seed',
    ...overrides,
  };
}
