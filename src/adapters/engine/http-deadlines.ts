/** A deadline is noticed late by at most this share of it. */
const PRECISION = 1 / 50;
const LONGEST_TICK_MS = 100;

/**
 * One deadline per connection, watched by a single timer: at 100,000 requests per second, a timer per request would
 * cost more than the request.
 */
export class Deadlines {
  readonly #timeoutMs: number;
  readonly #deadlineMs: Float64Array;
  readonly #onExpired: (connection: number) => void;
  readonly #timer: NodeJS.Timeout;

  /** @param onExpired called once for each deadline that passes, even if its request was answered. */
  constructor(connections: number, timeoutMs: number, onExpired: (connection: number) => void) {
    this.#timeoutMs = timeoutMs;
    this.#deadlineMs = new Float64Array(connections).fill(Infinity);
    this.#onExpired = onExpired;
    const tickMs = Math.min(LONGEST_TICK_MS, Math.max(1, timeoutMs * PRECISION));
    this.#timer = setInterval(() => {
      this.#expire();
    }, tickMs).unref();
  }

  /** Sets the deadline of a connection, counted from `nowMs` of `performance.now()`. */
  set(connection: number, nowMs: number): void {
    this.#deadlineMs[connection] = nowMs + this.#timeoutMs;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #expire(): void {
    const nowMs = performance.now();
    for (let connection = 0; connection < this.#deadlineMs.length; connection++) {
      if (nowMs < (this.#deadlineMs[connection] ?? Infinity)) continue;
      this.#deadlineMs[connection] = Infinity;
      this.#onExpired(connection);
    }
  }
}
