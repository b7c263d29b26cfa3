import type { Socket } from 'node:net';
import { BodyHead, failureOfAnswer } from '../../load/http1/answer.ts';
import { ResponseParser } from '../../load/http1/http1-parser.ts';
import { requestText, variesByRequest } from '../../load/http1/request-text.ts';
import type { KeptAnswer } from '../../load/journeys/kept-answer.ts';
import type { Target } from '../../load/requests/plan.ts';
import type { Values } from '../../load/requests/template.ts';
import type { Sender } from '../../load/sender.ts';
import type { FailureClass } from '../../model/load.ts';
import { type Connection, openConnections } from './http-connections.ts';
import type { Exchange } from './http-exchange.ts';
import { expectedBytes, type HttpSenderSettings } from './http-target.ts';
import { originsOf, type Origin } from './origins.ts';

/**
 * A request that must not be sent twice does not use a connection that was idle for longer; servers keep idle
 * connections for 5 s and more.
 */
const IDLE_LIMIT_MS = 4000;
/**
 * Any other request is sent again when the server closes the connection just then, so that there is nothing to
 * fear but what forgets a connection without a word, as networks do after minutes (Go's net/http has the same limit).
 * After a pause of the system under test many connections are used that were idle for long: to open all of
 * them anew would lengthen the pause.
 */
const IDLE_LIMIT_OF_REPEATABLE_MS = 90_000;
const READ_BUFFER_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/**
 * The sender of the load: HTTP/1.1 with keep-alive, plain or over TLS. Requests go straight through sockets: constant
 * ones are built once, and answers are read where the kernel put them. A request costs less than half the CPU of
 * undici's dispatch (`npm run bench`), which leaves that CPU to the system under test on the same machine.
 *
 * @throws Error when a target can't be requested.
 */
export function openFastSender(settings: HttpSenderSettings): Sender {
  // One for all: a read is handled before the next one begins.
  const buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  const originOf = originsOf(settings.endpoint);
  return openConnections(
    settings,
    (target) => requestTo(target, originOf(target)),
    (exchange) => new FastConnection(buffer, exchange),
  );
}

interface Request {
  readonly target: Target;
  readonly origin: Origin;
  /** Null when they are built for each request. */
  readonly bytes: Buffer | null;
  readonly expectedText: Buffer | null;
  readonly expectedStatuses: readonly number[] | null;
  /** Sending it twice has the same effect as sending it once (RFC 9110, 9.2.2). */
  readonly repeatable: boolean;
}

function requestTo(target: Target, origin: Origin): Request {
  const method = target.content?.method ?? 'GET';
  return {
    target,
    origin,
    bytes: variesByRequest(target) ? null : Buffer.from(requestText(target, null)),
    expectedText: expectedBytes(target),
    expectedStatuses: target.expectedStatuses ?? null,
    repeatable: method !== 'POST' && method !== 'PATCH',
  };
}

class FastConnection implements Connection<Request> {
  readonly #buffer: Buffer;
  readonly #exchange: Exchange<Request>;
  readonly #body = new BodyHead();
  readonly #parser: ResponseParser;
  #socket: Socket | null = null;
  /** Where the socket leads. */
  #origin: Origin | null = null;
  /** The socket accepts requests: over TLS only after the server was verified. */
  #connected = false;
  /** The session from the last handshake, to shorten the next one. */
  #session: Buffer | undefined = undefined;
  /** Where to keep the answer to a step of a journey; null for other requests. */
  #answer: KeptAnswer | null = null;
  /** The request in flight; a retry is identical to the byte. */
  #bytes: Buffer = NOTHING;
  #bytesOfAnswer = 0;

  constructor(buffer: Buffer, exchange: Exchange<Request>) {
    this.#buffer = buffer;
    this.#exchange = exchange;
    this.#parser = new ResponseParser((bytes, start, end) => {
      if (exchange.request?.expectedText !== null) this.#body.append(bytes, start, end);
      if (this.#answer !== null) this.#answer.addBody(bytes, start, end);
    });
  }

  get bodyBytes(): number {
    return this.#parser.bodyBytes;
  }

  send(request: Request, values: Values): void {
    if (request.bytes === null) this.#bytes = this.#made(request, values);
    else this.#bytes = request.bytes;
    if (this.#origin !== request.origin) this.#leadTo(request.origin);
    else if (this.#exchange.idleMs > (request.repeatable ? IDLE_LIMIT_OF_REPEATABLE_MS : IDLE_LIMIT_MS)) this.#drop();
    this.#write(request.origin);
  }

  #made({ target }: Request, values: Values): Buffer {
    this.#answer = values.answer ?? null;
    return Buffer.from(requestText(target, values));
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    this.#drop();
    if (socket === null || socket.closed) return;
    await new Promise((resolve) => socket.once('close', resolve));
  }

  #leadTo(origin: Origin): void {
    this.#drop();
    this.#origin = origin;
    this.#session = undefined;
  }

  #write(origin: Origin): void {
    this.#bytesOfAnswer = 0;
    this.#body.clear();
    this.#parser.begin();
    this.#socket ??= this.#open(origin);
    if (this.#connected) this.#socket.write(this.#bytes);
  }

  #open(origin: Origin): Socket {
    this.#exchange.answers = 0;
    const onread = {
      buffer: this.#buffer,
      callback: (length: number) => {
        if (this.#socket === socket) this.#read(length);
        return true;
      },
    };
    const socket = origin.connect(onread, this.#session, {
      connected: (handshake) => {
        if (this.#socket !== socket) return;
        this.#connected = true;
        this.#exchange.connected(handshake);
        if (this.#exchange.open) socket.write(this.#bytes);
      },
      session: (session) => {
        if (this.#origin === origin) this.#session = session;
      },
    });
    socket.on('error', (error) => {
      this.#ended(socket, origin.failureClassOf(error), false);
    });
    socket.on('end', () => {
      this.#ended(socket, 'reset', true);
    });
    socket.on('close', () => {
      this.#ended(socket, 'reset', false);
    });
    return socket;
  }

  #read(length: number): void {
    if (!this.#exchange.open) {
      if (!isLineEnds(this.#buffer, 0, length)) this.#drop();
      return;
    }
    const first = this.#bytesOfAnswer === 0;
    this.#bytesOfAnswer += length;
    if (this.#answer !== null) this.#answer.addRaw(this.#buffer, 0, length);
    const end = this.#parser.read(this.#buffer, 0, length);
    // Most answers are complete with their first bytes and need no second look at the clock.
    if (first && !this.#parser.complete) this.#exchange.answerBegan();
    if (this.#parser.complete) this.#answered(isLineEnds(this.#buffer, end, length));
    else if (this.#parser.malformed) this.#fail('protocol');
  }

  /** @param clean no byte followed the answer. */
  #answered(clean: boolean): void {
    this.#exchange.answers += 1;
    if (!clean || !this.#parser.keepAlive) this.#drop();
    const { status } = this.#parser;
    this.#settle(
      status,
      failureOfAnswer(
        status,
        this.#body,
        this.#exchange.request?.expectedText ?? null,
        this.#exchange.request?.expectedStatuses ?? null,
      ),
    );
  }

  /** @param orderly the server has closed the connection, which is how it may end an answer without a length. */
  #ended(socket: Socket, failure: FailureClass, orderly: boolean): void {
    if (this.#socket !== socket) return;
    this.#drop();
    const { request, open } = this.#exchange;
    if (!open) return;
    // What the server no longer accepts must not affect every later connection.
    if (failure === 'tls') this.#session = undefined;
    if (failure === 'reset' && request?.repeatable === true && this.#exchange.retry(this.#bytesOfAnswer)) {
      this.#write(request.origin);
      return;
    }
    if (orderly) this.#parser.end();
    if (this.#parser.complete) this.#answered(true);
    else this.#fail(failure);
  }

  #fail(failure: FailureClass): void {
    this.#drop();
    this.#settle(0, failure);
  }

  #drop(): void {
    this.#socket?.destroy();
    this.#socket = null;
    this.#connected = false;
  }

  #settle(status: number, failure: FailureClass | null): void {
    this.#exchange.settle(status, this.#parser.bodyBytes, failure);
  }
}

const CR = 13;
const LF = 10;

/** Some servers send an empty line after an answer; it means nothing (RFC 9112, 2.2). */
function isLineEnds(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    if (bytes[i] !== CR && bytes[i] !== LF) return false;
  }
  return true;
}
