import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Handshake } from '../../load/sender.ts';
import type { FailureClass } from '../../model/load.ts';
import { codeOf, failureClassOf, tlsFailureClassOf } from './http-failure.ts';
import { openTls, type TlsDestination } from './tls-connect.ts';

/** As large as those of Go's client, which k6 uses: at the 64 KiB of the standard large answers wait for the window. */
const STREAM_WINDOW_BYTES = 4 * 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 1024 * 1024 * 1024;

/** Codes with which a peer says that what it received was no proper HTTP/2 (RFC 9113, 7). */
const PROTOCOL_CODES = new Set<number>([
  constants.NGHTTP2_PROTOCOL_ERROR,
  constants.NGHTTP2_FLOW_CONTROL_ERROR,
  constants.NGHTTP2_FRAME_SIZE_ERROR,
  constants.NGHTTP2_COMPRESSION_ERROR,
]);

/** What becomes of one stream. Either `lost` or `ended` is called, once, and nothing after it. */
export interface StreamListener {
  /** It is about to be sent. `handshake` is that of the connection, when it was opened for this stream. */
  written(handshake: Handshake | null): void;
  answered(status: number, headers: IncomingHttpHeaders): void;
  data(bytes: Buffer): void;
  /** The answer is whole. */
  ended(): void;
  /**
   * There is no whole answer.
   *
   * @param unprocessed the server has said that it did nothing with the request (RFC 9113, 6.8 and 8.7).
   */
  lost(failure: FailureClass, unprocessed: boolean): void;
}

/** A stream that may be given up. */
export interface OpenStream {
  /** Nobody waits for it any more. */
  cancel(): void;
}

interface Waiting {
  readonly headers: OutgoingHttpHeaders;
  readonly body: string | null;
  readonly listener: StreamListener;
  cancelled: boolean;
  stream: ClientHttp2Stream | null;
}

/**
 * One connection of HTTP/2 to one host, with any number of streams at a time. It is used up when the server says so
 * (GOAWAY) or the connection ends; streams that are on it then still have their outcome.
 */
export class Http2Session {
  readonly #socket: TLSSocket;
  #session: ClientHttp2Session | null = null;
  /** Streams that wait for the end of the handshake; the first has opened the connection. */
  #waiting: Waiting[] = [];
  #usable = true;
  /** The highest stream that the server may have worked on, once it has said so. */
  #lastStream = Infinity;
  #error: FailureClass | null = null;
  #streams = 0;
  #progress = 0;
  #idleSinceMs = performance.now();

  constructor(destination: TlsDestination, session: Buffer | undefined, onSession: (session: Buffer) => void) {
    this.#socket = openTls(
      destination,
      { protocol: 'h2', session },
      {
        connected: (handshake) => {
          this.#begin(destination.name, handshake);
        },
        session: onSession,
      },
    );
    this.#socket.on('error', (error) => {
      this.#error ??= tlsFailureClassOf(error);
      this.#end();
    });
    this.#socket.on('close', () => {
      this.#end();
    });
  }

  /** Whether new streams may be opened. */
  get usable(): boolean {
    const session = this.#session;
    return this.#usable && !this.#socket.destroyed && session?.closed !== true && session?.destroyed !== true;
  }

  /** Whether the connection is closed. */
  get ended(): boolean {
    return this.#socket.destroyed;
  }

  /** How long no stream has been open, in milliseconds; 0 while one is. */
  get idleMs(): number {
    return this.#streams > 0 || this.#waiting.length > 0 ? 0 : performance.now() - this.#idleSinceMs;
  }

  /** How often answers have come on, by which a connection that has died without a word is known. */
  get progress(): number {
    return this.#progress;
  }

  /** Sends a request. `listener` is never called before this returns. */
  send(headers: OutgoingHttpHeaders, body: string | null, listener: StreamListener): OpenStream {
    const waiting: Waiting = { headers, body, listener, cancelled: false, stream: null };
    if (this.#session === null) this.#waiting.push(waiting);
    else this.#open(this.#session, waiting, null);
    return {
      cancel: () => {
        waiting.cancelled = true;
        waiting.stream?.close(constants.NGHTTP2_CANCEL);
      },
    };
  }

  /** No new stream is opened; those that are open go on. */
  retire(): void {
    this.#usable = false;
    this.#session?.close();
  }

  async destroy(): Promise<void> {
    this.#usable = false;
    const closed = this.#socket.closed ? undefined : new Promise((resolve) => this.#socket.once('close', resolve));
    this.#session?.destroy();
    this.#socket.destroy();
    await closed;
  }

  #begin(host: string, handshake: Handshake): void {
    if (this.#socket.alpnProtocol !== 'h2') {
      this.#error = 'protocol';
      this.#socket.destroy();
      return;
    }
    const session = connect(`https://${host.includes(':') ? `[${host}]` : host}`, {
      createConnection: () => this.#socket,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
      // Megabytes: what is received is handed on at once, but many streams may be open.
      maxSessionMemory: 256,
    });
    session.on('connect', () => {
      session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    });
    session.on('goaway', (_code: number, lastStream: number) => {
      this.#usable = false;
      this.#lastStream = lastStream;
    });
    session.on('error', (error) => {
      this.#error ??= failureOf(error);
      this.#usable = false;
    });
    session.on('close', () => {
      this.#end();
    });
    this.#session = session;
    const [first, ...others] = this.#waiting;
    this.#waiting = [];
    if (first !== undefined) this.#open(session, first, handshake);
    for (const waiting of others) this.#open(session, waiting, null);
    if (!this.#usable) session.close();
  }

  #open(session: ClientHttp2Session, waiting: Waiting, handshake: Handshake | null): void {
    if (waiting.cancelled) return;
    const { headers, body, listener } = waiting;
    if (session.closed || session.destroyed) {
      // Not before `send` has returned.
      setImmediate(() => {
        listener.lost(this.#error ?? 'reset', true);
      });
      return;
    }
    listener.written(handshake);
    const stream = session.request(headers, { endStream: body === null });
    waiting.stream = stream;
    this.#streams += 1;
    this.#watch(stream, waiting);
    if (body !== null) stream.end(body);
  }

  #watch(stream: ClientHttp2Stream, { listener }: Waiting): void {
    let status = 0;
    let proper = false;
    let whole = false;
    let failure: FailureClass | null = null;
    onProperEnd(stream, () => {
      proper = true;
    });
    stream.on('response', (answered: IncomingHttpHeaders) => {
      this.#progress += 1;
      status = Number(answered[':status'] ?? 0);
      listener.answered(status, answered);
    });
    stream.on('data', (bytes: Buffer) => {
      this.#progress += 1;
      listener.data(bytes);
    });
    stream.on('end', () => {
      if (status === 0 || !proper) return;
      whole = true;
      listener.ended();
    });
    stream.on('error', (error) => {
      failure = failureOf(error);
    });
    stream.on('close', () => {
      this.#streams -= 1;
      if (this.#streams === 0) this.#idleSinceMs = performance.now();
      if (whole) return;
      const unprocessed = (stream.id ?? Infinity) > this.#lastStream;
      listener.lost(failure ?? this.#error ?? 'reset', unprocessed);
    });
  }

  /** The connection has ended. Streams that were open tell of it themselves. */
  #end(): void {
    this.#usable = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { cancelled, listener } of waiting) if (!cancelled) listener.lost(this.#error ?? 'reset', false);
  }
}

/**
 * Tells of the end of an answer. Node.js emits `end` also for a stream that the server has reset in the middle of an
 * answer; only at the moment in which its end is noted they differ: such a stream is closed already.
 */
function onProperEnd(stream: ClientHttp2Stream, proper: () => void): void {
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (chunk === null && !stream.closed) proper();
    return push(chunk, encoding);
  };
}

/**
 * The class of a stream or session that ended with such an error. What the server ended with a code of its own is a
 * reset, unless the code says that it took what came for no HTTP/2; what Node.js could not read is no HTTP/2 either.
 */
function failureOf(error: unknown): FailureClass {
  const code = codeOf(error);
  if (code === 'ERR_HTTP2_STREAM_ERROR' || code === 'ERR_HTTP2_SESSION_ERROR')
    return PROTOCOL_CODES.has(codeInText(error)) ? 'protocol' : 'reset';
  if (code === 'ERR_HTTP2_STREAM_CANCEL' || code === 'ERR_HTTP2_GOAWAY_SESSION' || code === 'ERR_HTTP2_INVALID_SESSION')
    return 'reset';
  if (/^E[A-Z]+$/.test(code)) return tlsFailureClassOf(error);
  return code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') ? 'tls' : failureClassOf(error);
}

/** Node.js has the code only in its sentence, by name for streams and by number for sessions. */
function codeInText(error: unknown): number {
  const text = String(error);
  const name = /NGHTTP2_[A-Z0-9_]+/.exec(text)?.[0];
  if (name !== undefined) return Number(Reflect.get(constants, name));
  return Number(/code (\d+)/.exec(text)?.[1] ?? NaN);
}
