import type { Clock } from '../clock.ts';
import type { Comparison } from '../model/comparison.ts';
import type { LoadResult } from '../model/load.ts';
import type { Side } from '../model/sides.ts';
import type { WindowResources } from './figures.ts';
import type { RequestName } from './requests.ts';
import type { StartAgain } from './restarts.ts';
import type { TimeName } from './times.ts';

/** What is compared in rounds, for how long and how strictly. */
export interface ComparisonSettings extends Pick<Comparison, 'subject' | 'base' | 'head' | 'seed' | 'tolerance'> {
  /** Unique to this run; the coins also depend on it. */
  readonly run: string;
  /** The parts of the load, in the order of its plan; each is compared, too, if there are several. */
  readonly requests?: readonly RequestName[] | undefined;
  /** The times of its journeys, in the order of `timesOf`; they are compared like requests. */
  readonly times?: readonly TimeName[] | undefined;
  /** Time in milliseconds before the figures are first evaluated. */
  readonly durationMs: number;
  /** The time limit in milliseconds for all rounds, including those of a confirmation. */
  readonly limitMs: number;
  /** Rounds before the first look; null: chosen from `durationMs`. */
  readonly rounds: number | null;
}

/** One version's half of a round. */
export interface ComparisonWindow {
  /** The round that it belongs to, from 0. */
  readonly round: number;
  readonly version: Side;
  /** The same for both versions of a round; it decides hosts, paths and moments of arrival. */
  readonly seed: string;
  readonly durationMs: number;
  readonly confirmation: boolean;
  /** How often both versions had been restarted before it. */
  readonly start: number;
}

export interface LoadedWindow extends ComparisonWindow {
  readonly load: LoadResult;
}

/** Everything that touches the outside. */
export interface ComparisonPorts {
  /** Loads one version for one window. Its errors end the comparison. */
  readonly loadWindow: (window: ComparisonWindow) => Promise<LoadResult>;
  /** See `StartAgain`. */
  readonly startAgain?: StartAgain | undefined;
  /**
   * Returns what the pods of each version used in past windows, in the same order. It is called before each look, for
   * all windows since the last one, so that late metrics are there and several are read at once.
   */
  readonly readResources?:
    ((windows: readonly LoadedWindow[]) => Promise<readonly (WindowResources | null)[]>) | undefined;
  /** Called with the result so far after each look, at the end, and when an error ends the comparison. */
  readonly keep: (comparison: Comparison) => void;
  /** Called after each round. */
  readonly onRound?: ((progress: ComparisonProgress) => void) | undefined;
  readonly clock: Pick<Clock, 'now'>;
  /** Ends the comparison after the current round; the result is based on the rounds until then. */
  readonly signal: AbortSignal;
}

export interface ComparisonProgress {
  /** Rounds made so far. */
  readonly rounds: number;
  /** Rounds at the next look, or at the end of the confirmation. */
  readonly until: number;
  readonly confirmation: boolean;
  /** The result if the comparison ended now. This is not a look: it changes nothing. */
  readonly soFar: () => Comparison;
}
