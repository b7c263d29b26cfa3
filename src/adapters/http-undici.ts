import { connect, type Socket } from 'node:net';
import { Client, type Dispatcher } from 'undici';
import { BodyHead, failureOfAnswer } from '../load/answer.ts';
import type { Target } from '../load/plan.ts';
import type { Outcome, Sender } from '../load/sender.ts';
import type { FailureClass } from '../report/model.ts';
import { openConnections, type Connection } from './http-connections.ts';
import { codeOf, failureClassOf } from './http-failure.ts';
import { closedWhileIdle, expectedBytes, LOOPBACK, type HttpSenderSettings } from './http-target.ts';

/**
 * Sends GET requests through undici's dispatch, with one Client per connection.
 *
 * @throws Error when a target can't be requested.
 */
export function openUndiciSender(settings: HttpSenderSettings): Sender {
  return openConnections(settings, requestTo, (onSettled) => new UndiciConnection(settings.port, onSettled));
}

interface Request {
  readonly options: Dispatcher.DispatchOptions;
  readonly expectedText: Buffer | null;
}

function requestTo(target: Target): Request {
  return {
    options: { method: 'GET', path: target.path, headers: ['host', target.host] },
    expectedText: expectedBytes(target),
  };
}

class UndiciConnection implements Connection<Request>, Dispatcher.DispatchHandlers {
  readonly #client: Client;
  readonly #onSettled: () => void;
  readonly #body = new BodyHead();
  #socket: Socket | null = null;
  /** Answers that came over the present socket. */
  #answers = 0;
  #answeredAtMs = 0;
  #request: Request | null = null;
  #done: ((outcome: Outcome) => void) | null = null;
  #sentAtMs = 0;
  #idleMs = 0;
  #bytesReadBefore = 0;
  #status = 0;
  #bytes = 0;
  #retried = false;

  constructor(port: number, onSettled: () => void) {
    this.#onSettled = onSettled;
    this.#client = new Client(`http://${LOOPBACK}:${String(port)}`, {
      pipelining: 1,
      // The sender has one deadline for the whole request.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (_options, callback) => {
        this.#open(port, callback);
      },
    });
  }

  send(request: Request, nowMs: number, done: (outcome: Outcome) => void): void {
    this.#request = request;
    this.#done = done;
    this.#sentAtMs = nowMs;
    this.#idleMs = nowMs - this.#answeredAtMs;
    this.#retried = false;
    this.#dispatch(request);
  }

  async expire(): Promise<void> {
    this.#settle(0, 'timeout');
    await this.close();
  }

  async close(): Promise<void> {
    this.#done = null;
    this.#socket?.destroy();
    await this.#client.destroy();
  }

  onConnect(): void {
    this.#bytesReadBefore = this.#socket?.bytesRead ?? 0;
  }

  onHeaders(status: number): boolean {
    // Interim answers (1xx) come here, too.
    if (status >= 200) this.#status = status;
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    if (this.#request?.expectedText !== null) this.#body.append(chunk, 0, chunk.length);
    return true;
  }

  onComplete(): void {
    this.#answers += 1;
    this.#settle(this.#status, failureOfAnswer(this.#status, this.#body, this.#request?.expectedText ?? null));
  }

  onError(error: Error): void {
    const failure = this.#failureClassOf(error);
    if (failure === 'reset' && this.#mayRetry()) {
      this.#retried = true;
      if (this.#request !== null) this.#dispatch(this.#request);
    } else {
      this.#settle(0, failure);
    }
  }

  #failureClassOf(error: Error): FailureClass {
    // Before the header is whole this is how undici reports a header that it could not read.
    if (this.#status === 0 && codeOf(error) === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return 'protocol';
    return failureClassOf(error);
  }

  #dispatch(request: Request): void {
    this.#status = 0;
    this.#bytes = 0;
    this.#body.clear();
    this.#client.dispatch(request.options, this);
  }

  #mayRetry(): boolean {
    const bytesOfAnswer = (this.#socket?.bytesRead ?? 0) - this.#bytesReadBefore;
    return !this.#retried && closedWhileIdle({ answers: this.#answers, idleMs: this.#idleMs, bytesOfAnswer });
  }

  #settle(status: number, failure: FailureClass | null): void {
    const nowMs = performance.now();
    const done = this.#done;
    // What undici says about a request that was given up is of no interest.
    if (done === null) return;
    this.#answeredAtMs = nowMs;
    this.#done = null;
    this.#onSettled();
    done({ status, bytes: this.#bytes, failure, serviceMs: nowMs - this.#sentAtMs, retried: this.#retried });
  }

  #open(port: number, callback: (...args: [error: null, socket: Socket] | [error: Error, socket: null]) => void): void {
    const socket = connect({ host: LOOPBACK, port, noDelay: true });
    this.#socket = socket;
    this.#answers = 0;
    const onError = (error: Error): void => { callback(error, null); };
    socket.once('error', onError);
    socket.once('connect', () => {
      socket.off('error', onError);
      callback(null, socket);
    });
  }
}
