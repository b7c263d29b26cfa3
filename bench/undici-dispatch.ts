import { connect, type Socket } from 'node:net';
import { Client, type Dispatcher } from 'undici';
import { type Connection, openConnections } from '../src/adapters/engine/http-connections.ts';
import type { Exchange } from '../src/adapters/engine/http-exchange.ts';
import { codeOf, failureClassOf } from '../src/adapters/engine/http-failure.ts';
import { expectedBytes, type HttpSenderSettings } from '../src/adapters/engine/http-target.ts';
import { BodyHead, failureOfAnswer } from '../src/load/http1/answer.ts';
import type { Target } from '../src/load/requests/plan.ts';
import type { Sender } from '../src/load/sender.ts';
import { type Endpoint, endpointText } from '../src/model/endpoint.ts';
import type { FailureClass } from '../src/model/load.ts';

/**
 * Sends GET requests through undici's dispatch, with one Client per connection. A peer of the bench, and the sender
 * that the tests hold that of the load against.
 *
 * @throws Error when a target can't be requested.
 */
export function openUndiciSender(settings: HttpSenderSettings): Sender {
  return openConnections(settings, requestTo, (exchange) => new UndiciConnection(settings.endpoint, exchange));
}

interface Request {
  readonly options: Dispatcher.DispatchOptions;
  readonly expectedText: Buffer | null;
}

function requestTo(target: Target): Request {
  if (target.content !== undefined) throw new Error('This client sends only plain GET requests');
  return {
    options: { method: 'GET', path: target.path, headers: ['host', target.host] },
    expectedText: expectedBytes(target),
  };
}

class UndiciConnection implements Connection<Request>, Dispatcher.DispatchHandlers {
  readonly #client: Client;
  readonly #exchange: Exchange<Request>;
  readonly #body = new BodyHead();
  #socket: Socket | null = null;
  #bytesReadBefore = 0;
  #status = 0;
  #bytes = 0;

  constructor(endpoint: Endpoint, exchange: Exchange<Request>) {
    this.#exchange = exchange;
    this.#client = new Client(`http://${endpointText(endpoint)}`, {
      pipelining: 1,
      // The sender has one deadline for the whole request.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (_options, callback) => {
        this.#open(endpoint, callback);
      },
    });
  }

  get bodyBytes(): number {
    return this.#bytes;
  }

  send(request: Request): void {
    this.#dispatch(request);
  }

  async close(): Promise<void> {
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
    if (this.#exchange.request?.expectedText !== null) this.#body.append(chunk, 0, chunk.length);
    return true;
  }

  onComplete(): void {
    this.#exchange.answers += 1;
    this.#settle(this.#status, failureOfAnswer(this.#status, this.#body, this.#exchange.request?.expectedText ?? null));
  }

  onError(error: Error): void {
    const failure = this.#failureClassOf(error);
    const { request, open } = this.#exchange;
    // What undici says about a request that was given up is of no interest.
    if (!open) return;
    const bytesOfAnswer = (this.#socket?.bytesRead ?? 0) - this.#bytesReadBefore;
    if (failure === 'reset' && request !== null && this.#exchange.retry(bytesOfAnswer)) this.#dispatch(request);
    else this.#settle(0, failure);
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

  #settle(status: number, failure: FailureClass | null): void {
    this.#exchange.settle(status, this.#bytes, failure);
  }

  #open(
    { address, port }: Endpoint,
    callback: (...args: [error: null, socket: Socket] | [error: Error, socket: null]) => void,
  ): void {
    const socket = connect({ host: address, port, noDelay: true });
    this.#socket = socket;
    this.#exchange.answers = 0;
    const onError = (error: Error): void => {
      callback(error, null);
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      socket.off('error', onError);
      callback(null, socket);
    });
  }
}
