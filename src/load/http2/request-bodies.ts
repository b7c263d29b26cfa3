import type { ClientStream } from './client-stream.ts';
import { ConnectionFault } from './fault.ts';
import type { FrameWriter } from './frame-writer.ts';
import {
  DATA,
  DEFAULT_FRAME_BYTES,
  DEFAULT_WINDOW_BYTES,
  END_STREAM,
  FLOW_CONTROL_ERROR,
  LARGEST_WINDOW_BYTES,
} from './frames.ts';

/** Bodies go no further ahead of what the socket has taken. */
const OUTPUT_BYTES = 256 * 1024;

/**
 * Sends the bodies of requests over one connection, as far as the windows of the server (RFC 9113, 5.2) and the socket
 * allow.
 */
export class RequestBodies {
  readonly #output: FrameWriter;
  /** Streams whose bodies are not sent as a whole. */
  #sending: ClientStream[] = [];
  #window = DEFAULT_WINDOW_BYTES;

  constructor(output: FrameWriter) {
    this.#output = output;
  }

  /** Sends the body of a stream whose head was written. */
  begin(stream: ClientStream): void {
    if (this.#sending.length === 0) this.#sendPiece(stream);
    if (isSent(stream)) return;
    this.#sending.push(stream);
    this.goOn();
  }

  /** A piece of each body in turn. */
  goOn(): void {
    let goesOn = this.#sending.length > 0;
    while (goesOn) {
      goesOn = false;
      for (const stream of this.#sending) if (this.#sendPiece(stream)) goesOn = true;
      this.#sending = this.#sending.filter((stream) => !isSent(stream));
    }
  }

  /** The stream is over. */
  forget(stream: ClientStream): void {
    if (this.#sending.length > 0) this.#sending = this.#sending.filter((each) => each !== stream);
  }

  /** The window of the connection grows. */
  grow(bytes: number): void {
    this.#window += bytes;
    if (this.#window > LARGEST_WINDOW_BYTES) throw new ConnectionFault(FLOW_CONTROL_ERROR, 'A window is too large');
  }

  /** @returns whether there may be another one. */
  #sendPiece(stream: ClientStream): boolean {
    const { body, bodySent } = stream;
    const rest = (body?.length ?? 0) - bodySent;
    const length = Math.min(rest, stream.sendWindow, this.#window, DEFAULT_FRAME_BYTES);
    if (body === null || length <= 0 || this.#output.length >= OUTPUT_BYTES) return false;
    this.#output.frame(length, DATA, length === rest ? END_STREAM : 0, stream.id);
    this.#output.bytes(body, bodySent, bodySent + length);
    this.#window -= length;
    stream.sendWindow -= length;
    stream.bodySent += length;
    return length < rest;
  }
}

/** Whether the body of its request was sent, or there is none. */
export const isSent = ({ body, bodySent }: ClientStream): boolean => bodySent === (body?.length ?? 0);
