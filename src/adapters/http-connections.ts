import type { Target } from '../load/plan.ts';
import type { Outcome, Sender } from '../load/sender.ts';
import { Deadlines } from './http-deadlines.ts';
import { refuseUnsendable, type HttpSenderSettings } from './http-target.ts';

/** One connection, used for one request at a time. `Request` is a target made ready to be sent. */
export interface Connection<Request> {
  /** Sends a request at `nowMs` of `performance.now()`; `done` is called once, and never before this returns. */
  send(request: Request, nowMs: number, done: (outcome: Outcome) => void): void;
  /** Ends the request on its way as timed out, then closes the connection for good. */
  expire(): Promise<void>;
  /** Closes the connection for good; `done` is not called any more. */
  close(): Promise<void>;
}

/**
 * A sender over connections of one kind. It gives every request its deadline and replaces a
 * connection whose request has had its time, because an answer may still come over it.
 *
 * @param prepare makes a target ready to be sent, once.
 * @param open makes a connection; it calls `onSettled` when its request has an outcome.
 * @throws Error when a target can't be requested.
 */
export function openConnections<Request>(
  settings: HttpSenderSettings,
  prepare: (target: Target) => Request,
  open: (onSettled: () => void) => Connection<Request>,
): Sender {
  settings.targets.forEach(refuseUnsendable);
  const requests = settings.targets.map(prepare);
  const deadlines = new Deadlines(settings.connections, settings.requestTimeoutMs, expire);
  const openAt = (index: number): Connection<Request> => open(() => { deadlines.clear(index); });
  const connections = Array.from({ length: settings.connections }, (_, index) => openAt(index));
  const closing = new Set<Promise<void>>();

  function expire(index: number): void {
    const expired = connections[index];
    if (expired === undefined) return;
    connections[index] = openAt(index);
    const closed = expired.expire().finally(() => closing.delete(closed));
    closing.add(closed);
  }

  return {
    send(index, target, done) {
      const connection = connections[index];
      const request = requests[target];
      if (connection === undefined) throw new RangeError(`There is no connection ${String(index)}`);
      if (request === undefined) throw new RangeError(`There is no target ${String(target)}`);
      const nowMs = performance.now();
      deadlines.set(index, nowMs);
      connection.send(request, nowMs, done);
    },
    async close() {
      deadlines.close();
      await Promise.all([...closing, ...connections.map((connection) => connection.close())]);
    },
  };
}
