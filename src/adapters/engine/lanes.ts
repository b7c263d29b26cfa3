import type { Target } from '../../load/requests/plan.ts';

/** How many connections a user keeps at most; k6 keeps as many for each of its users (`batch`). */
const MOST_LANES = 20;

/** Which of a user's connections each target is asked over. */
export interface Lanes {
  /** Connections of one user. */
  readonly count: number;
  /** In the order of the targets: the connection, from 0. */
  readonly ofTarget: readonly number[];
}

/**
 * A connection over TLS belongs to one host. A client keeps those that it has open when it turns to another host, and so
 * does each user here: one for all hosts of plain HTTP, and one for each host over TLS. Beyond 20 of them hosts share
 * one, which is opened anew when the host changes.
 */
export function lanesOf(targets: readonly Pick<Target, 'host' | 'scheme'>[]): Lanes {
  const keys = targets.map(({ host, scheme }) => (scheme === 'https' ? host : ''));
  const distinct = [...new Set(keys)];
  return {
    count: Math.min(Math.max(1, distinct.length), MOST_LANES),
    ofTarget: keys.map((key) => distinct.indexOf(key) % MOST_LANES),
  };
}
