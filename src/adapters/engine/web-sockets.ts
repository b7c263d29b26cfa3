import type { Socket } from 'node:net';
import { type buildConnector, Client, type Dispatcher, WebSocket } from 'undici';
import { askedPath, cookieOf } from '../../load/http1/request-text.ts';
import type { EchoSession } from '../../load/journeys/echo.ts';
import type { Field } from '../../load/journeys/kept-answer.ts';
import type { RequestContent, Target } from '../../load/requests/plan.ts';
import { renderTemplate, type Values } from '../../load/requests/template.ts';
import type { Handshake, Outcome, Sender } from '../../load/sender.ts';
import type { FailureClass } from '../../model/load.ts';
import type { HttpSenderSettings } from './http-target.ts';
import { originsOf, type Origin } from './origins.ts';

/** How long a server that is done may take to close; nobody waits longer. */
const CLOSES_WITHIN_MS = 1000;
const NORMAL_CLOSURE = 1000;
const SWITCHING_PROTOCOLS = 101;
const PROTOCOLS_HEADER = 'sec-websocket-protocol';

/**
 * A sender that opens a WebSocket for the targets that say so, and leaves all others to the sender that it is given;
 * that very sender when no target does.
 *
 * A session is one request: its latency is the time to open it, its failure whatever goes wrong before its end. Each
 * has a connection of its own, over HTTP/1.1 (RFC 6455), that leads to the endpoint with the host of the target in its
 * Host header and, over TLS, as the name that is asked for.
 */
export function withWebSockets(sender: Sender, settings: HttpSenderSettings): Sender {
  const { targets, endpoint, requestTimeoutMs } = settings;
  if (targets.every(({ echo }) => echo === undefined)) return sender;
  const originOf = originsOf(endpoint);
  const origins = targets.map((target) => (target.echo === undefined ? null : originOf(target)));
  const open = new Set<WebSocketExchange>();
  /** Sessions from earlier handshakes, by connection and target. */
  const tickets = new Map<string, Buffer>();
  return {
    send: (connection, index, done, values) => {
      const target = targets[index];
      const origin = origins[index] ?? null;
      if (target === undefined || origin === null || values.session === undefined) {
        sender.send(connection, index, done, values);
        return;
      }
      const key = `${String(connection)}/${String(index)}`;
      const exchange = new WebSocketExchange(
        { target, origin, values, session: values.session, timeoutMs: requestTimeoutMs, ticket: tickets.get(key) },
        {
          done: (outcome) => {
            open.delete(exchange);
            done(outcome);
          },
          ticket: (ticket) => tickets.set(key, ticket),
        },
      );
      open.add(exchange);
      exchange.begin();
    },
    async close() {
      for (const exchange of open) exchange.abandon();
      open.clear();
      await sender.close();
    },
  };
}

interface Opening {
  readonly target: Target;
  readonly origin: Origin;
  readonly values: Values;
  readonly session: EchoSession;
  readonly timeoutMs: number;
  readonly ticket: Buffer | undefined;
}

interface Listener {
  done(outcome: Outcome): void;
  ticket(ticket: Buffer): void;
}

/** One WebSocket from opening to end. */
class WebSocketExchange {
  readonly #opening: Opening;
  readonly #listener: Listener;
  readonly #session: EchoSession;
  #client: Client | null = null;
  #socket: Socket | null = null;
  #webSocket: WebSocket | null = null;
  #timer: NodeJS.Timeout | undefined = undefined;
  #beganMs = 0;
  /** When the opening request was written. */
  #writtenMs = NaN;
  #sentMs = 0;
  #handshake: Handshake | null = null;
  /** The status of the answer to the opening request; 0 before. */
  #status = 0;
  #waitingMs = NaN;
  #connectingMs: number | null = null;
  #socketFailure: FailureClass | null = null;
  #bytes = 0;
  #closing = false;
  #settled = false;

  constructor(opening: Opening, listener: Listener) {
    this.#opening = opening;
    this.#listener = listener;
    this.#session = opening.session;
  }

  begin(): void {
    const { target, values } = this.#opening;
    const { host, scheme = 'http', content } = target;
    this.#beganMs = performance.now();
    this.#deadline();
    this.#session.onStop = () => {
      if (this.#connectingMs !== null && this.#session.over) this.#close();
    };
    const client = new Client(`${scheme}://${host}`, {
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (_, callback) => {
        this.#connect(callback);
      },
    });
    this.#client = client;
    const { path, headers, protocols } = openingOf(content, values);
    const webSocket = new WebSocket(`${scheme === 'https' ? 'wss' : 'ws'}://${host}${path}`, {
      protocols,
      headers,
      dispatcher: client.compose((dispatch) => (options, handler) => dispatch(options, this.#watched(handler))),
    });
    this.#webSocket = webSocket;
    webSocket.binaryType = 'arraybuffer';
    webSocket.onopen = () => {
      this.#opened();
    };
    webSocket.onmessage = ({ data }: { readonly data: unknown }) => {
      this.#received(data);
    };
    webSocket.onerror = () => {
      this.#broken();
    };
    webSocket.onclose = ({ code }) => {
      this.#closed(code);
    };
  }

  /** Nobody waits for the outcome any more. */
  abandon(): void {
    this.#settled = true;
    this.#release();
  }

  #connect(callback: buildConnector.Callback): void {
    const { origin, ticket } = this.#opening;
    let told = false;
    const tell = (error: Error | null): void => {
      if (told) return;
      told = true;
      if (error === null) callback(null, socket);
      else callback(error, null);
    };
    const socket = origin.connect(null, ticket, {
      connected: (handshake) => {
        this.#handshake = handshake;
        this.#writtenMs = performance.now();
        tell(null);
      },
      session: (session) => {
        this.#listener.ticket(session);
      },
    });
    this.#socket = socket;
    socket.on('error', (error) => {
      this.#socketFailure ??= origin.failureClassOf(error);
      tell(error);
    });
    socket.on('close', () => {
      this.#socketFailure ??= 'reset';
      tell(new Error('The connection was closed'));
    });
  }

  /** undici's WebSocket does not say why it could not be opened; the answer does. */
  #watched(handler: Handlers): Handlers {
    return watchingHead(handler, (status, fields) => {
      if (status > 0 && status < 200 && status !== SWITCHING_PROTOCOLS) return;
      this.#status = status;
      this.#waitingMs = performance.now() - this.#writtenMs;
      this.#opening.values.answer?.setFields(fields, status);
    });
  }

  #opened(): void {
    if (this.#settled) return;
    this.#connectingMs = performance.now() - this.#beganMs;
    this.#session.opened(this.#connectingMs);
    this.#goOn();
  }

  #goOn(): void {
    if (this.#settled || this.#closing) return;
    if (this.#session.over) {
      this.#close();
      return;
    }
    if (!this.#session.awaitsGreeting) {
      const text = this.#session.next();
      this.#sentMs = performance.now();
      this.#webSocket?.send(text);
    }
    this.#deadline();
  }

  #received(data: unknown): void {
    if (this.#settled || this.#closing) return;
    const text = typeof data === 'string' ? data : null;
    this.#bytes += text === null ? (data as ArrayBuffer).byteLength : Buffer.byteLength(text);
    const awaited = this.#session.awaitsAnswer || this.#session.awaitsGreeting;
    this.#session.received(text, performance.now() - this.#sentMs);
    if (!awaited) return;
    if (this.#session.problem !== null) {
      this.#settle('wrong-answer');
      return;
    }
    const pauseMs = this.#session.over || this.#session.awaitsGreeting ? 0 : this.#session.pauseMs();
    if (pauseMs === 0) this.#goOn();
    else
      this.#wait(pauseMs, () => {
        this.#goOn();
      });
  }

  /** Everything was sent: the server gets a moment to close its side. */
  #close(): void {
    if (this.#closing || this.#settled) return;
    this.#closing = true;
    this.#webSocket?.close(NORMAL_CLOSURE);
    this.#wait(CLOSES_WITHIN_MS, () => {
      this.#settle(null);
    });
  }

  #closed(code: number): void {
    if (this.#settled) return;
    if (this.#closing) {
      this.#settle(null);
      return;
    }
    if (this.#connectingMs === null) {
      this.#settle(this.#failureOfOpening());
      return;
    }
    this.#session.closedEarly(code);
    this.#settle('reset');
  }

  /**
   * While it is being opened, another event with more details follows; afterwards this one means that what arrived was
   * not a frame.
   */
  #broken(): void {
    if (this.#settled || this.#closing) return;
    if (this.#connectingMs === null) this.#settle(this.#failureOfOpening());
    else if (this.#socketFailure === null) {
      this.#session.broken();
      this.#settle('protocol');
    }
  }

  #failureOfOpening(): FailureClass {
    const status = this.#status;
    if (status === 0) return this.#socketFailure ?? 'protocol';
    if (status === SWITCHING_PROTOCOLS) return 'protocol';
    return status >= 300 && status < 400 ? 'redirect' : 'http-status';
  }

  #deadline(): void {
    const { timeoutMs } = this.#opening;
    this.#wait(timeoutMs, () => {
      if (this.#connectingMs !== null) this.#session.timedOut(timeoutMs);
      this.#settle('timeout');
    });
  }

  #wait(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }

  #settle(failure: FailureClass | null): void {
    if (this.#settled) return;
    this.#settled = true;
    const nowMs = performance.now();
    if (failure === null) this.#session.ended(nowMs - this.#beganMs);
    this.#release();
    const status = failure === 'protocol' && this.#connectingMs === null ? 0 : this.#status;
    this.#listener.done({
      status,
      bytes: this.#bytes,
      failure,
      serviceMs: this.#connectingMs ?? nowMs - this.#beganMs,
      waitingMs: status === 0 ? 0 : this.#waitingMs,
      handshake: this.#handshake,
      retried: false,
    });
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.#session.onStop = null;
    this.#socket?.destroy();
    // Errors of a client that is being torn down don't matter.
    void this.#client?.destroy().catch(() => undefined);
  }
}

interface OpeningRequest {
  readonly path: string;
  readonly headers: [string, string][];
  readonly protocols: string[];
}

function openingOf(content: RequestContent | undefined, values: Values): OpeningRequest {
  if (content === undefined) return { path: '/', headers: [], protocols: [] };
  const path = askedPath(content, true, values);
  const given = content.headers.map(([name, value]): [string, string] => [name, renderTemplate(value, values)]);
  const cookie = cookieOf(content, path, values);
  const isProtocols = ([name]: readonly [string, string]): boolean => name.toLowerCase() === PROTOCOLS_HEADER;
  return {
    path,
    headers: [
      ...given.filter((header) => !isProtocols(header)),
      ...(cookie === '' ? [] : [['cookie', cookie] as [string, string]]),
    ],
    protocols: given.filter(isProtocols).flatMap(([, value]) => value.split(',').map((part) => part.trim())),
  };
}

type Handlers = Dispatcher.DispatchHandlers;

/** Looks at the head of an answer on its way to its handler. */
const watchingHead = (handler: Handlers, onHead: (status: number, fields: readonly Field[]) => void): Handlers => ({
  onConnect: (abort) => handler.onConnect?.(abort),
  onError: (error) => handler.onError?.(error),
  onUpgrade: (status, headers, socket) => {
    onHead(status, fieldsOf(headers));
    handler.onUpgrade?.(status, headers, socket);
  },
  onResponseStarted: () => handler.onResponseStarted?.(),
  onHeaders: (status, headers, resume, statusText) => {
    onHead(status, fieldsOf(headers));
    return handler.onHeaders?.(status, headers, resume, statusText) ?? true;
  },
  onData: (chunk) => handler.onData?.(chunk) ?? true,
  onComplete: (trailers) => handler.onComplete?.(trailers),
});

/** undici passes names and values alternately. */
function fieldsOf(raw: readonly (Buffer | string)[] | null): Field[] {
  const texts = (raw ?? []).map((each) => (typeof each === 'string' ? each : each.toString('latin1')));
  return texts.flatMap((name, index): Field[] =>
    index % 2 === 0 ? [[name.toLowerCase(), texts[index + 1] ?? '']] : [],
  );
}
