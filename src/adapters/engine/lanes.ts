import type { Target } from '../../load/requests/plan.ts';

/** The maximum number of connections of a user; k6 uses the same for each of its users (`batch`). */
const MOST_LANES = 20;

/** Which of a user's connections each target uses. */
export interface Lanes {
  /** Connections of one user. */
  readonly count: number;
  /** In the order of the targets: the connection, from 0. */
  readonly ofTarget: readonly number[];
}

/**
 * A TLS connection belongs to one host. Clients keep their open connections when they turn to another host, and so does
 * each user here: one connection for all plain HTTP hosts, and one for each HTTPS host. Beyond 20 of them, hosts share
 * one, which is reopened when the host changes.
 */
export function lanesOf(targets: readonly Pick<Target, 'host' | 'scheme'>[]): Lanes {
  const keys = targets.map(({ host, scheme }) => (scheme === 'https' ? host : ''));
  const distinct = [...new Set(keys)];
  return {
    count: Math.min(Math.max(1, distinct.length), MOST_LANES),
    ofTarget: keys.map((key) => distinct.indexOf(key) % MOST_LANES),
  };
}
