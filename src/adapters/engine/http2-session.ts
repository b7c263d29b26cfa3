import type { TLSSocket } from 'node:tls';
import type { ClientStream } from '../../load/http2/client-stream.ts';
import { Http2Client } from '../../load/http2/http2-client.ts';
import type { Handshake } from '../../load/sender.ts';
import type { FailureClass } from '../../model/load.ts';
import { tlsFailureClassOf } from './http-failure.ts';
import { openTls, type TlsDestination } from './tls-connect.ts';

/**
 * One HTTP/2 connection to one host, with any number of streams at a time. It takes no new streams after GOAWAY or when
 * the connection ends; the streams on it still get their outcome.
 *
 * One write is in progress at a time. All frames of one turn of the event loop, or of the time until that write is
 * done, leave in the next one.
 */
export class Http2Session {
  readonly #socket: TLSSocket;
  readonly #client = new Http2Client();
  #connected = false;
  /** Nothing is read or written any more. */
  #ended = false;
  #reading = false;
  #writing = false;
  #flushes = false;
  #idleSinceMs = performance.now();

  /**
   * @param buffer for the server's bytes; one for all connections, because a read is handled before the next one
   * begins.
   */
  constructor(
    destination: TlsDestination,
    buffer: Buffer,
    session: Buffer | undefined,
    onSession: (session: Buffer) => void,
  ) {
    const onread = {
      buffer,
      callback: (length: number) => {
        this.#read(buffer, length);
        return true;
      },
    };
    this.#socket = openTls(
      destination,
      { protocol: 'h2', onread, session },
      {
        connected: (handshake) => {
          this.#begin(handshake);
        },
        session: onSession,
      },
    );
    this.#socket.on('error', (error) => {
      this.#end(tlsFailureClassOf(error));
    });
    this.#socket.on('end', () => {
      this.#end('reset');
    });
    this.#socket.on('close', () => {
      this.#end('reset');
    });
  }

  /** Whether new streams may be opened. */
  get usable(): boolean {
    return !this.#ended && this.#client.usable;
  }

  /** Whether the connection is closed. */
  get closed(): boolean {
    return this.#socket.closed;
  }

  /** How long no stream has been open, in milliseconds; 0 while one is. */
  get idleMs(): number {
    // The answer that is being read has just ended the last stream.
    return this.#reading || this.#client.streams > 0 ? 0 : performance.now() - this.#idleSinceMs;
  }

  /** Counts signs of life, to recognise a connection that has died silently. */
  get progress(): number {
    return this.#client.progress;
  }

  /** Sends the request of a stream. Its listener is not called before this returns. */
  send(stream: ClientStream): void {
    this.#client.open(stream);
    this.#flushSoon();
  }

  /** Nobody waits for a stream any more. */
  cancel(stream: ClientStream): void {
    this.#client.cancel(stream);
    if (this.#client.streams === 0) this.#idleSinceMs = performance.now();
    this.#flushSoon();
  }

  /** No new stream is opened; open ones continue. */
  retire(): void {
    this.#client.retire();
    this.#flushSoon();
  }

  async destroy(): Promise<void> {
    this.#ended = true;
    if (this.#socket.closed) return;
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.destroy();
    await closed;
  }

  #begin(handshake: Handshake): void {
    if (this.#ended) return;
    if (this.#socket.alpnProtocol !== 'h2') {
      this.#end('protocol');
      return;
    }
    this.#connected = true;
    this.#client.begin(handshake);
    this.#flush();
  }

  #read(buffer: Buffer, length: number): void {
    if (this.#ended) return;
    this.#reading = true;
    this.#client.receive(buffer, 0, length);
    this.#reading = false;
    if (this.#client.streams === 0) this.#idleSinceMs = performance.now();
    this.#flush();
  }

  #flushSoon(): void {
    if (this.#reading || this.#writing || this.#flushes) return;
    this.#flushes = true;
    queueMicrotask(this.#flushNow);
  }

  readonly #flushNow = (): void => {
    this.#flushes = false;
    this.#flush();
  };

  #flush(): void {
    if (this.#ended || this.#writing) return;
    const { output, over } = this.#client;
    if (this.#connected && output.length > 0) {
      this.#writing = true;
      this.#socket.write(output.take(), this.#written);
    }
    if (!over) return;
    this.#ended = true;
    if (this.#connected) this.#socket.destroySoon();
    else this.#socket.destroy();
  }

  readonly #written = (): void => {
    this.#writing = false;
    this.#client.written();
    this.#flush();
  };

  /** The connection has ended. */
  #end(failure: FailureClass): void {
    if (this.#ended && this.#client.over) return;
    this.#ended = true;
    this.#client.end(failure);
    this.#socket.destroy();
  }
}
