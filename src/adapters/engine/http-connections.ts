import type { Random } from '../../load/random.ts';
import type { Target } from '../../load/requests/plan.ts';
import type { Sender } from '../../load/sender.ts';
import { Deadlines } from './http-deadlines.ts';
import { Exchange } from './http-exchange.ts';
import { type HttpSenderSettings, refuseUnsendable, refuseWithoutTls } from './http-target.ts';

/** One connection, used for one request at a time. `Request` is a target made ready to be sent. */
export interface Connection<Request> {
  /** Bytes of the body that were received for the last request. */
  readonly bodyBytes: number;
  /**
   * Sends a request, whose exchange has begun; it is settled once, and never before this returns. Its
   * placeholders are filled from `values`.
   */
  send(request: Request, values: Random): void;
  /** Closes the connection for good; its exchange was settled or abandoned. */
  close(): Promise<void>;
}

/**
 * A sender over connections of one kind. It gives every request its deadline and replaces a
 * connection whose request has had its time, because an answer may still come over it.
 *
 * @param prepare makes a target ready to be sent, once.
 * @param open makes a connection, which settles each request by the exchange that it is given.
 * @throws Error when a target can't be requested.
 */
export function openConnections<Request>(
  settings: HttpSenderSettings,
  prepare: (target: Target) => Request,
  open: (exchange: Exchange<Request>) => Connection<Request>,
): Sender {
  for (const target of settings.targets) {
    refuseUnsendable(target);
    refuseWithoutTls(target, settings.endpoint);
  }
  const requests = settings.targets.map(prepare);
  const deadlines = new Deadlines(settings.connections, settings.requestTimeoutMs, expire);
  const openOne = (): { exchange: Exchange<Request>; connection: Connection<Request> } => {
    const exchange = new Exchange<Request>();
    return { exchange, connection: open(exchange) };
  };
  const connections = Array.from({ length: settings.connections }, openOne);
  const closing = new Set<Promise<void>>();

  function expire(index: number): void {
    const expired = connections[index];
    // The deadline of a request that was answered is left to pass: to clear it would cost a call for each.
    if (expired?.exchange.open !== true) return;
    connections[index] = openOne();
    const { exchange, connection } = expired;
    exchange.settle(0, connection.bodyBytes, 'timeout');
    const closed = connection.close().finally(() => closing.delete(closed));
    closing.add(closed);
  }

  return {
    send(index, target, done, values) {
      const used = connections[index];
      const request = requests[target];
      if (used === undefined) throw new RangeError(`There is no connection ${String(index)}`);
      if (request === undefined) throw new RangeError(`There is no target ${String(target)}`);
      const nowMs = performance.now();
      deadlines.set(index, nowMs);
      used.exchange.begin(request, nowMs, done);
      used.connection.send(request, values);
    },
    async close() {
      deadlines.close();
      for (const { exchange } of connections) exchange.abandon();
      await Promise.all([...closing, ...connections.map(({ connection }) => connection.close())]);
    },
  };
}
