import { openFastSender } from '../src/adapters/engine/connection.ts';
import type { Sender } from '../src/load/sender.ts';
import type { Endpoint } from '../src/model/endpoint.ts';

/** A sender of its own for each of the hosts behind one endpoint, as a comparison has one for each version. */
export const openSenders = (endpoint: Endpoint, hosts: readonly string[], connections: number): Sender[] =>
  hosts.map((host) =>
    openFastSender({ endpoint, targets: [{ host, path: '/' }], connections, requestTimeoutMs: 5000 }),
  );
