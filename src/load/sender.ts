/**
 * load/ decides what is sent, when, and what the answers amount to, without a socket or a clock of its own. This file
 * is the border: a sender is all that it knows of the network, and src/adapters/engine/ has the real one.
 */
import type { FailureClass } from '../model/load.ts';
import type { Values } from './requests/template.ts';

/** A TLS handshake that ended well. */
export interface Handshake {
  /** Milliseconds, with fractions, from the open TCP connection to the moment at which requests may be written. */
  readonly ms: number;
  /** It went on with a session that the server had given before, without a certificate. */
  readonly resumed: boolean;
}

/** What became of one request. */
export interface Outcome {
  /** Status code of the answer; 0 when no whole answer arrived. */
  readonly status: number;
  /** Bytes of the body that were received, also of a broken answer. */
  readonly bytes: number;
  /** Null when the request succeeded. */
  readonly failure: FailureClass | null;
  /** Milliseconds, with fractions, from writing the request to the last byte of its answer or the failure. */
  readonly serviceMs: number;
  /** Milliseconds, with fractions, from writing the request on an open connection to the first byte of its answer; 0 without one, NaN when nobody tells. */
  readonly waitingMs: number;
  /** The handshake of the connection that was opened for this request; null when none was, or it failed. */
  readonly handshake: Handshake | null;
  /** Sent a second time on a fresh connection, because the server had closed the idle one. */
  readonly retried: boolean;
}

/**
 * Sends requests over a fixed number of connections, each used for one request at a time. It takes
 * a callback and not a promise because at 100 000 requests per second a promise shows.
 */
export interface Sender {
  /**
   * Sends one request on connection `connection` (0 to connections - 1), which must be free, to the
   * target at index `target`. Opens the connection when it is not open.
   *
   * `done` is called exactly once, never before `send` returns; every failure, the deadline of the
   * request included, is an outcome. The connection is free again when `done` is called.
   * After `close` it may stay uncalled.
   *
   * Placeholders in the request are filled from `values` before this returns. For a step of a journey the answer is kept
   * where `values` say, until the next request on the connection.
   */
  send(connection: number, target: number, done: (outcome: Outcome) => void, values: Values): void;
  /** Closes every connection at once, with whatever is on its way. */
  close(): Promise<void>;
}

/** True when a whole HTTP answer arrived, good or bad. */
export function isAnswered(outcome: Outcome): boolean {
  return outcome.status !== 0;
}
