import type { Handshake, Outcome } from '../../load/sender.ts';
import type { FailureClass } from '../../model/load.ts';

/** A server can only have closed a connection for being idle if it was idle for at least this time. */
const IDLE_AT_LEAST_MS = 50;

/**
 * The one request in flight over a connection, from sending to outcome, and the history of the connection that decides
 * whether it may be retried. `Request` is a target that is prepared for sending.
 */
export class Exchange<Request> {
  /** The request that was sent last; null before the first. */
  request: Request | null = null;
  /** Answers on the current socket. */
  answers = 0;
  /** How long the connection had been idle when the request was sent. */
  idleMs = 0;
  #done: ((outcome: Outcome) => void) | null = null;
  #sentAtMs = 0;
  /** When it was written on an open connection. */
  #writtenAtMs = 0;
  /** 0 until the answer began; stays 0 when the answer was complete with its first bytes. */
  #answerBeganAtMs = 0;
  #handshake: Handshake | null = null;
  #answeredAtMs = 0;
  #retried = false;

  /** False when nobody waits for an outcome. */
  get open(): boolean {
    return this.#done !== null;
  }

  /** A request is sent at `nowMs` of `performance.now()`; `done` gets its outcome. */
  begin(request: Request, nowMs: number, done: (outcome: Outcome) => void): void {
    this.request = request;
    this.idleMs = nowMs - this.#answeredAtMs;
    this.#done = done;
    this.#sentAtMs = nowMs;
    this.#writtenAtMs = nowMs;
    this.#answerBeganAtMs = 0;
    this.#handshake = null;
    this.#retried = false;
  }

  /** The connection for the request is open, so the request is written now. */
  connected(handshake: Handshake | null): void {
    this.#writtenAtMs = performance.now();
    this.#handshake = handshake;
  }

  /** The first bytes of an answer arrived, but not all of it. */
  answerBegan(): void {
    this.#answerBeganAtMs = performance.now();
  }

  /**
   * Whether the request, whose connection was lost, may be sent once more; true only once. The server
   * closed a connection that had answered before and was idle since, and not a byte of an answer
   * came, so that its closing and the request crossed (RFC 9112, 9.3.1 lets a client repeat a GET).
   * Under steady load connections are not idle, so that a server that drops requests is not excused.
   */
  retry(bytesOfAnswer: number): boolean {
    const crossed = this.answers > 0 && this.idleMs >= IDLE_AT_LEAST_MS && bytesOfAnswer === 0;
    if (!crossed || this.#retried) return false;
    this.#retried = true;
    return true;
  }

  /**
   * Whether a request that the server reports as not processed may be sent once more, whatever its method; true only
   * once.
   */
  retryUnprocessed(): boolean {
    if (this.#retried) return false;
    this.#retried = true;
    return true;
  }

  /**
   * Passes on the outcome, if anybody waits for one.
   *
   * @param status of a complete answer, otherwise 0.
   * @param bytes of the body that were received.
   */
  settle(status: number, bytes: number, failure: FailureClass | null): void {
    const done = this.#done;
    if (done === null) return;
    const nowMs = performance.now();
    this.#answeredAtMs = nowMs;
    this.#done = null;
    done({
      status,
      bytes,
      failure,
      serviceMs: nowMs - this.#sentAtMs,
      waitingMs: status === 0 ? 0 : (this.#answerBeganAtMs === 0 ? nowMs : this.#answerBeganAtMs) - this.#writtenAtMs,
      handshake: this.#handshake,
      retried: this.#retried,
    });
  }

  /** Nobody waits for the outcome any more. */
  abandon(): void {
    this.#done = null;
  }
}
