import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { BodyHead, failureOfAnswer } from '../../load/http1/answer.ts';
import { askedPath, cookieOf, variesByRequest } from '../../load/http1/request-text.ts';
import type { Field, KeptAnswer } from '../../load/journeys/kept-answer.ts';
import type { Target } from '../../load/requests/plan.ts';
import { renderTemplate, type Values } from '../../load/requests/template.ts';
import { createRandom } from '../../load/random.ts';
import type { Handshake, Sender } from '../../load/sender.ts';
import type { FailureClass } from '../../model/load.ts';
import { type Connection, openConnections } from './http-connections.ts';
import type { Exchange } from './http-exchange.ts';
import { expectedBytes, type HttpSenderSettings } from './http-target.ts';
import { Http2Session, type OpenStream, type StreamListener } from './http2-session.ts';
import { lanesOf } from './lanes.ts';
import { tlsDestinations, type TlsDestination } from './tls-connect.ts';

/** As for HTTP/1.1: whatever may not be sent twice is not trusted to a connection that was idle for longer. */
const IDLE_LIMIT_MS = 4000;

/**
 * The sender of the load over HTTP/2, which client and server agree on in the TLS handshake (ALPN).
 * Each user has one stream at a time. It has a connection of its own for each host, or shares one with as many users as
 * `streams` says.
 *
 * @throws Error when a target can't be requested, or is not asked over HTTPS.
 */
export function openHttp2Sender(settings: HttpSenderSettings): Sender {
  const destinationOf = tlsDestinations(settings.endpoint);
  const streams = settings.streams ?? 1;
  const lanes = lanesOf(settings.targets).count;
  const shared = new Map<number, SharedSession>();
  const sessionOf = (slot: number): SharedSession => {
    const key = Math.floor(Math.floor(slot / lanes) / streams) * lanes + (slot % lanes);
    const known = shared.get(key);
    if (known !== undefined) return known;
    const made = new SharedSession();
    shared.set(key, made);
    return made;
  };
  const sender = openConnections(
    settings,
    (target) => requestTo(target, destinationOf),
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
  readonly target: Target;
  readonly destination: TlsDestination;
  /** Null when they are made anew for each request. */
  readonly headers: OutgoingHttpHeaders | null;
  readonly expectedText: Buffer | null;
  readonly expectedStatuses: readonly number[] | null;
  /** Sending it twice does the same as sending it once (RFC 9110, 9.2.2). */
  readonly repeatable: boolean;
}

function requestTo(target: Target, destinationOf: (host: string) => TlsDestination): Request {
  if (target.scheme !== 'https')
    throw new Error(`http://${target.host} can't be asked over HTTP/2: it needs HTTPS, where the server offers it`);
  const method = target.content?.method ?? 'GET';
  return {
    target,
    destination: destinationOf(target.host),
    headers: variesByRequest(target) ? null : headersOf(target, createRandom('')),
    expectedText: expectedBytes(target),
    expectedStatuses: target.expectedStatuses ?? null,
    repeatable: method !== 'POST' && method !== 'PATCH',
  };
}

function headersOf({ host, path, content, step }: Target, values: Values): OutgoingHttpHeaders {
  const asked = content === undefined ? path : askedPath(content, step === true, values);
  const headers: OutgoingHttpHeaders = {
    ':method': content?.method ?? 'GET',
    ':scheme': 'https',
    ':authority': host,
    ':path': asked,
  };
  for (const [name, value] of content?.headers ?? []) headers[name.toLowerCase()] = renderTemplate(value, values);
  if (content !== undefined && step === true) {
    const cookie = cookieOf(content, asked, values);
    if (cookie !== '') headers['cookie'] = cookie;
  }
  return headers;
}

/** A field that came several times is a list (`set-cookie`); those of HTTP/2 itself begin with a colon. */
const fieldsOf = (headers: IncomingHttpHeaders): Field[] =>
  Object.entries(headers).flatMap(([name, value]): Field[] =>
    name.startsWith(':') || value === undefined ? [] : [value].flat().map((each) => [name, each]),
  );

/** The connection that some users share, and the one that takes its place when it is used up. */
class SharedSession {
  #current: Http2Session | null = null;
  #destination: TlsDestination | null = null;
  #ticket: Buffer | undefined = undefined;
  readonly #old = new Set<Http2Session>();

  /** One that takes new streams. */
  take({ destination, repeatable }: Request): Http2Session {
    const current = this.#current;
    const fits =
      current?.usable === true && this.#destination === destination && (repeatable || current.idleMs <= IDLE_LIMIT_MS);
    if (fits) return current;
    if (current !== null) this.retire(current);
    if (this.#destination !== destination) this.#ticket = undefined;
    this.#destination = destination;
    const opened = new Http2Session(destination, this.#ticket, (ticket) => {
      if (this.#destination === destination) this.#ticket = ticket;
    });
    this.#current = opened;
    return opened;
  }

  /** New streams go over another one. */
  retire(session: Http2Session): void {
    session.retire();
    if (!session.ended) this.#old.add(session);
    for (const old of this.#old) if (old.ended) this.#old.delete(old);
    if (this.#current === session) this.#current = null;
  }

  /** What the server no longer takes must not spoil every connection after it. */
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
  readonly #body = new BodyHead();
  #session: Http2Session | null = null;
  #stream: OpenStream | null = null;
  #progressBefore = 0;
  #headers: OutgoingHttpHeaders = {};
  #requestBody: string | null = null;
  /** Where the answer to a step of a journey is kept; null for every other request. */
  #answer: KeptAnswer | null = null;
  #status = 0;
  bodyBytes = 0;

  constructor(shared: SharedSession, exchange: Exchange<Request>) {
    this.#shared = shared;
    this.#exchange = exchange;
  }

  send(request: Request, values: Values): void {
    const { content } = request.target;
    this.#headers = request.headers ?? headersOf(request.target, values);
    this.#requestBody = content === undefined || content.body === null ? null : renderTemplate(content.body, values);
    this.#answer = values.answer ?? null;
    this.#open(request);
  }

  close(): Promise<void> {
    const [session, stream] = [this.#session, this.#stream];
    this.#stream = null;
    stream?.cancel();
    // A connection over which nothing was answered while a request had its time has died without a word.
    if (session !== null && stream !== null && session.progress === this.#progressBefore) this.#shared.retire(session);
    return Promise.resolve();
  }

  written(handshake: Handshake | null): void {
    this.#exchange.connected(handshake);
  }

  answered(status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#answer?.setFields(fieldsOf(headers), status);
    this.#exchange.answerBegan();
  }

  data(bytes: Buffer): void {
    this.bodyBytes += bytes.length;
    if (this.#exchange.request?.expectedText !== null) this.#body.append(bytes, 0, bytes.length);
    this.#answer?.addBody(bytes, 0, bytes.length);
  }

  ended(): void {
    this.#stream = null;
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
    this.#stream = null;
    const { request, open } = this.#exchange;
    if (!open || request === null) return;
    if (failure === 'tls') this.#shared.forgetTicket();
    const again = unprocessed
      ? this.#exchange.retryUnprocessed()
      : failure === 'reset' && request.repeatable && this.#exchange.retry(this.#status === 0 ? 0 : 1);
    if (again) this.#open(request);
    else this.#exchange.settle(0, this.bodyBytes, failure);
  }

  #open(request: Request): void {
    this.#status = 0;
    this.bodyBytes = 0;
    this.#body.clear();
    const session = this.#shared.take(request);
    if (session !== this.#session) this.#exchange.answers = 0;
    this.#session = session;
    this.#progressBefore = session.progress;
    this.#stream = session.send(this.#headers, this.#requestBody, this);
  }
}
