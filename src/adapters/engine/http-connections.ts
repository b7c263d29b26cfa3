import type { Target } from '../../load/requests/plan.ts';
import type { Values } from '../../load/requests/template.ts';
import type { Sender } from '../../load/sender.ts';
import { Deadlines } from './http-deadlines.ts';
import { Exchange } from './http-exchange.ts';
import { lanesOf } from './lanes.ts';
import { type HttpSenderSettings, refuseUnsendable, refuseWithoutTls } from './http-target.ts';

/** One connection of a user, used for one request at a time. `Request` is a target that is prepared for sending. */
export interface Connection<Request> {
  /** Bytes of the body that were received for the last request. */
  readonly bodyBytes: number;
  /**
   * Sends a request, whose exchange has begun; it is settled once, and never before this returns. Its
   * placeholders are filled from `values`.
   */
  send(request: Request, values: Values): void;
  /** Closes the connection for good; its exchange was settled or abandoned before. */
  close(): Promise<void>;
}

interface Slot<Request> {
  readonly exchange: Exchange<Request>;
  readonly connection: Connection<Request>;
}

/**
 * A sender over connections of one kind. Each user has one, and over TLS one for each host (`lanesOf`). It gives every
 * request its deadline and replaces a connection whose request has had its time, because an answer may still come over
 * it.
 *
 * @param prepare makes a target ready to be sent, once.
 * @param open makes a connection, which settles each request by the exchange that it is given. Its slot is the number
 * of
 *   the user times that of the lanes, plus that of its lane.
 * @throws Error when a target can't be requested.
 */
export function openConnections<Request>(
  settings: HttpSenderSettings,
  prepare: (target: Target) => Request,
  open: (exchange: Exchange<Request>, slot: number) => Connection<Request>,
): Sender {
  for (const target of settings.targets) {
    refuseUnsendable(target);
    refuseWithoutTls(target, settings.endpoint);
  }
  const requests = settings.targets.map(prepare);
  const lanes = lanesOf(settings.targets);
  const openOne = (slot: number): Slot<Request> => {
    const exchange = new Exchange<Request>();
    return { exchange, connection: open(exchange, slot) };
  };
  const slots = Array.from({ length: settings.connections * lanes.count }, (_, slot) => openOne(slot));
  const deadlines = new Deadlines(slots.length, settings.requestTimeoutMs, expire);
  const closing = new Set<Promise<void>>();

  function expire(index: number): void {
    const expired = slots[index];
    // The deadline of an answered request is left to pass, because clearing it would cost a call for each.
    if (expired?.exchange.open !== true) return;
    slots[index] = openOne(index);
    const { exchange, connection } = expired;
    exchange.settle(0, connection.bodyBytes, 'timeout');
    const closed = connection.close().finally(() => closing.delete(closed));
    closing.add(closed);
  }

  return {
    send(user, target, done, values) {
      const request = requests[target];
      const index = user * lanes.count + (lanes.ofTarget[target] ?? 0);
      const used = slots[index];
      if (request === undefined) throw new RangeError(`There is no target ${String(target)}`);
      if (used === undefined) throw new RangeError(`There is no connection ${String(user)}`);
      const nowMs = performance.now();
      deadlines.set(index, nowMs);
      used.exchange.begin(request, nowMs, done);
      used.connection.send(request, values);
    },
    async close() {
      deadlines.close();
      for (const { exchange } of slots) exchange.abandon();
      await Promise.all([...closing, ...slots.map(({ connection }) => connection.close())]);
    },
  };
}
