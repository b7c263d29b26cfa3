import { BodyHead, failureOfAnswer } from '../../load/http1/answer.ts';
import type { AnswerHead } from '../../load/http2/answer-head.ts';
import { ClientStream, NO_VALUES, type StreamListener } from '../../load/http2/client-stream.ts';
import { HeadParts } from '../../load/http2/head-parts.ts';
import { type MadeRequest, type PreparedRequest, prepareRequest } from '../../load/http2/request-head.ts';
import type { KeptAnswer } from '../../load/journeys/kept-answer.ts';
import type { Target } from '../../load/requests/plan.ts';
import type { Values } from '../../load/requests/template.ts';
import type { Handshake, Sender } from '../../load/sender.ts';
import type { FailureClass } from '../../model/load.ts';
import { type Connection, openConnections } from './http-connections.ts';
import type { Exchange } from './http-exchange.ts';
import { expectedBytes, type HttpSenderSettings } from './http-target.ts';
import { Http2Session } from './http2-session.ts';
import { lanesOf } from './lanes.ts';
import { tlsDestinations, type TlsDestination } from './tls-connect.ts';

/** As for HTTP/1.1: a request that must not be sent twice does not use a connection that was idle for longer. */
const IDLE_LIMIT_MS = 4000;
const READ_BUFFER_BYTES = 64 * 1024;

/**
 * The sender of the load over HTTP/2, which client and server agree on in the TLS handshake (ALPN).
 * Each user has one stream at a time. It has a connection of its own for each host, or shares one with as many users as
 * `streams` says.
 *
 * @throws Error when a target can't be requested, or is not asked over HTTPS.
 */
export function openHttp2Sender(settings: HttpSenderSettings): Sender {
  const buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  const parts = new HeadParts();
  const destinationOf = tlsDestinations(settings.endpoint);
  const streams = settings.streams ?? 1;
  const lanes = lanesOf(settings.targets).count;
  const shared = new Map<number, SharedSession>();
  const sessionOf = (slot: number): SharedSession => {
    const key = Math.floor(Math.floor(slot / lanes) / streams) * lanes + (slot % lanes);
    const known = shared.get(key);
    if (known !== undefined) return known;
    const made = new SharedSession(buffer);
    shared.set(key, made);
    return made;
  };
  const sender = openConnections(
    settings,
    (target) => requestTo(target, destinationOf, parts),
    (exchange, slot) => new StreamConnection(sessionOf(slot), exchange),
  );
  return {
    send: (connection, target, done, values) => {
      sender.send(connection, target, done, values);
    },
    async close() {
      await sender.close();
      await Promise.all([...shared.values()].map((each) => each.close()));
    },
  };
}

interface Request {
  readonly destination: TlsDestination;
  readonly prepared: PreparedRequest;
  readonly expectedText: Buffer | null;
  readonly expectedStatuses: readonly number[] | null;
  /** Sending it twice has the same effect as sending it once (RFC 9110, 9.2.2). */
  readonly repeatable: boolean;
}

function requestTo(target: Target, destinationOf: (host: string) => TlsDestination, parts: HeadParts): Request {
  if (target.scheme !== 'https')
    throw new Error(`http://${target.host} can't be loaded over HTTP/2, which needs HTTPS`);
  const method = target.content?.method ?? 'GET';
  return {
    destination: destinationOf(target.host),
    prepared: prepareRequest(target, parts),
    expectedText: expectedBytes(target),
    expectedStatuses: target.expectedStatuses ?? null,
    repeatable: method !== 'POST' && method !== 'PATCH',
  };
}

/** The connection that some users share, and its successor when it is used up. */
class SharedSession {
  readonly #buffer: Buffer;
  #current: Http2Session | null = null;
  #destination: TlsDestination | null = null;
  #ticket: Buffer | undefined = undefined;
  readonly #old = new Set<Http2Session>();

  /** @param buffer for the server's bytes. */
  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  /** One that accepts new streams. */
  take({ destination, repeatable }: Request): Http2Session {
    const current = this.#current;
    const fits =
      current?.usable === true && this.#destination === destination && (repeatable || current.idleMs <= IDLE_LIMIT_MS);
    if (fits) return current;
    if (current !== null) this.retire(current);
    if (this.#destination !== destination) this.#ticket = undefined;
    this.#destination = destination;
    const opened = new Http2Session(destination, this.#buffer, this.#ticket, (ticket) => {
      if (this.#destination === destination) this.#ticket = ticket;
    });
    this.#current = opened;
    return opened;
  }

  /** New streams use another one. */
  retire(session: Http2Session): void {
    session.retire();
    if (!session.closed) this.#old.add(session);
    for (const old of this.#old) if (old.closed) this.#old.delete(old);
    if (this.#current === session) this.#current = null;
  }

  /** What the server no longer accepts must not affect every later connection. */
  forgetTicket(): void {
    this.#ticket = undefined;
  }

  async close(): Promise<void> {
    const all = [...this.#old, ...(this.#current === null ? [] : [this.#current])];
    await Promise.all(all.map((session) => session.destroy()));
  }
}

/** One user: one stream at a time. */
class StreamConnection implements Connection<Request>, StreamListener {
  readonly #shared: SharedSession;
  readonly #exchange: Exchange<Request>;
  readonly #stream = new ClientStream(this);
  readonly #body = new BodyHead();
  #session: Http2Session | null = null;
  #waits = false;
  #progressBefore = 0;
  /** Where to keep the answer to a step of a journey; null for other requests. */
  #answer: KeptAnswer | null = null;
  #status = 0;
  bodyBytes = 0;

  constructor(shared: SharedSession, exchange: Exchange<Request>) {
    this.#shared = shared;
    this.#exchange = exchange;
  }

  send(request: Request, values: Values): void {
    const { parts, body, made } = request.prepared;
    if (made === null) this.#stream.set(parts, NO_VALUES, body);
    else this.#make(parts, made(values), values);
    this.#open(request);
  }

  #make(parts: PreparedRequest['parts'], made: MadeRequest, values: Values): void {
    this.#stream.set(parts, made.values, made.body);
    this.#answer = values.answer ?? null;
  }

  close(): Promise<void> {
    const session = this.#session;
    const waited = this.#waits;
    this.#waits = false;
    if (session === null || !waited) return Promise.resolve();
    session.cancel(this.#stream);
    // A connection on which nothing arrived during a request's whole time is dead.
    if (session.progress === this.#progressBefore) this.#shared.retire(session);
    return Promise.resolve();
  }

  written(handshake: Handshake | null): void {
    this.#exchange.connected(handshake);
  }

  answered({ status, fields }: AnswerHead): void {
    this.#status = status;
    if (this.#answer !== null) this.#answer.setFields(fields, status);
  }

  began(): void {
    this.#exchange.answerBegan();
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    this.bodyBytes += end - start;
    if (this.#exchange.request?.expectedText !== null) this.#body.append(bytes, start, end);
    if (this.#answer !== null) this.#answer.addBody(bytes, start, end);
  }

  ended(): void {
    this.#waits = false;
    this.#exchange.answers += 1;
    const { request } = this.#exchange;
    const failure = failureOfAnswer(
      this.#status,
      this.#body,
      request?.expectedText ?? null,
      request?.expectedStatuses ?? null,
    );
    this.#exchange.settle(this.#status, this.bodyBytes, failure);
  }

  lost(failure: FailureClass, unprocessed: boolean): void {
    this.#waits = false;
    const { request, open } = this.#exchange;
    if (!open || request === null) return;
    if (failure === 'tls') this.#shared.forgetTicket();
    const again = unprocessed
      ? this.#exchange.retryUnprocessed()
      : failure === 'reset' && request.repeatable && this.#exchange.retry(this.#status === 0 ? 0 : 1);
    if (again) {
      this.#exchange.connected(null);
      this.#open(request);
    } else this.#exchange.settle(0, this.bodyBytes, failure);
  }

  #open(request: Request): void {
    this.#status = 0;
    this.bodyBytes = 0;
    this.#body.clear();
    const session = this.#shared.take(request);
    if (session !== this.#session) this.#exchange.answers = 0;
    this.#session = session;
    this.#waits = true;
    this.#progressBefore = session.progress;
    session.send(this.#stream);
  }
}
