/**
 * load/ decides what is sent and when, and evaluates the answers, without a socket or clock of its own. This file is
 * the boundary: load/ sees the network only as a sender, and src/adapters/engine/ has the real one.
 */
import type { FailureClass } from '../model/load.ts';
import type { Values } from './requests/template.ts';

/** A successful TLS handshake. */
export interface Handshake {
  /** Milliseconds, with fractions, from the open TCP connection until requests can be written. */
  readonly ms: number;
  /** It resumed a session that the server had given before, without a certificate. */
  readonly resumed: boolean;
}

/** The outcome of one request. */
export interface Outcome {
  /** Status code of the answer; 0 when no complete answer arrived. */
  readonly status: number;
  /** Bytes of the body that were received, even of an incomplete answer. */
  readonly bytes: number;
  /** Null when the request succeeded. */
  readonly failure: FailureClass | null;
  /** Milliseconds, with fractions, from writing the request to the last byte of its answer or the failure. */
  readonly serviceMs: number;
  /**
   * Milliseconds, with fractions, from writing the request on an open connection to the first byte of its answer; 0
   * without one, NaN when not reported.
   */
  readonly waitingMs: number;
  /** The handshake of the connection that was opened for this request; null when none was opened, or it failed. */
  readonly handshake: Handshake | null;
  /** Sent a second time on a fresh connection, because the server had closed the idle one. */
  readonly retried: boolean;
}

/**
 * Sends requests over a fixed number of connections, each used for one request at a time. It takes a callback instead
 * of returning a promise, because at 100,000 requests per second promises are noticeable.
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
   * Placeholders in the request are filled from `values` before this returns. For a step of a journey the answer is
   * kept where `values` say, until the next request on the connection.
   */
  send(connection: number, target: number, done: (outcome: Outcome) => void, values: Values): void;
  /** Closes every connection at once, including requests in flight. */
  close(): Promise<void>;
}

/** True when a complete HTTP answer arrived, good or bad. */
export function isAnswered(outcome: Outcome): boolean {
  return outcome.status !== 0;
}
