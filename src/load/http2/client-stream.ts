import type { FailureClass } from '../../model/load.ts';
import type { Handshake } from '../sender.ts';
import type { AnswerHead } from './answer-head.ts';
import type { HeadPart } from './head-parts.ts';

/** What becomes of one stream. Either `lost` or `ended` is called, once, and nothing after it. */
export interface StreamListener {
  /**
   * The request leaves now, after it had to wait for the connection or for a free stream. `handshake` is that of the
   * connection, when it was opened for this stream.
   */
  written(handshake: Handshake | null): void;
  /** The head of the answer was read. */
  answered(head: AnswerHead): void;
  /** The bytes that began the answer did not end it. */
  began(): void;
  /** Bytes of the body from `start` to before `end`, valid during the call. */
  data(bytes: Uint8Array, start: number, end: number): void;
  /** The answer is whole. */
  ended(): void;
  /**
   * There is no whole answer.
   *
   * @param unprocessed the server has said that it did nothing with the request (RFC 9113, 6.8).
   */
  lost(failure: FailureClass, unprocessed: boolean): void;
}

const NO_PARTS: readonly HeadPart[] = [];
/** Of a request that has none of its own. */
export const NO_VALUES: readonly (string | null)[] = [];

/** The stream of one user, reused for each request. Fields from `id` on belong to the connection. */
export class ClientStream {
  readonly listener: StreamListener;
  parts: readonly HeadPart[] = NO_PARTS;
  values: readonly (string | null)[] = NO_VALUES;
  body: Uint8Array | null = null;

  /** 0 while it is on no connection, or waits to be sent. */
  id = 0;
  /** Bytes of the body that were sent, and how many more the peer accepts. */
  bodySent = 0;
  sendWindow = 0;
  /** Null until the answer began. */
  head: AnswerHead | null = null;
  hasBegun = false;
  /** Bytes of the body that were received, and bytes for which the window has not yet grown again. */
  received = 0;
  unacknowledged = 0;

  constructor(listener: StreamListener) {
    this.listener = listener;
  }

  /** Gives it its next request. `values` are those of the parts that vary. */
  set(parts: readonly HeadPart[], values: readonly (string | null)[], body: Uint8Array | null): void {
    this.parts = parts;
    this.values = values;
    this.body = body === null || body.length === 0 ? null : body;
  }

  /** Prepares it for a connection. */
  reset(): void {
    this.id = 0;
    this.bodySent = 0;
    this.head = null;
    this.hasBegun = false;
    this.received = 0;
    this.unacknowledged = 0;
  }
}
