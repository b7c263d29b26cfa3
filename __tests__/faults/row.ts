import type { Trial } from './trial.ts';

/**
 * What a row needs, and so where it runs: `quick` (seconds), `slow` (waits that
 * can't be shortened), `load` (measures, so it runs alone) and `cluster` (Docker and a real cluster).
 */
export const KINDS = ['quick', 'slow', 'load', 'cluster'] as const;
export type Kind = (typeof KINDS)[number];

/** Brings a fault about and looks at what the action makes of it; throws when that is not what the row expects. */
export type Case = (trial: Trial) => Promise<void>;

/** One line of the fault matrix. What holds after every case (invariants.ts) is not said again here. */
export interface Row {
  /** A letter and a number. A row may stand twice, with another kind each time. */
  readonly id: string;
  readonly kind: Kind;
  /** The fault, in words. */
  readonly fault: string;
  /** What the action does. */
  readonly expected: string;
  /** Why this machine can't run it, or null. On CI it has to run all the same. */
  readonly skip?: () => string | null;
  readonly cases: Readonly<Record<string, Case>>;
}
