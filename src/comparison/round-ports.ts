import type { Clock } from '../clock.ts';
import type { Comparison } from '../model/comparison.ts';
import type { LoadResult } from '../model/load.ts';
import type { Side } from '../model/sides.ts';
import type { WindowResources } from './figures.ts';
import type { Change } from './metrics.ts';
import type { RequestName } from './requests.ts';
import type { TimeName } from './times.ts';

/** What is compared in rounds, for how long and how strictly. */
export interface ComparisonSettings extends Pick<Comparison, 'subject' | 'base' | 'head' | 'seed' | 'tolerance'> {
  /** What no other run has: the coins are drawn from it, too. */
  readonly run: string;
  /** What the load is made of, in the order of its plan; each is compared, too, when there are several. */
  readonly requests?: readonly RequestName[] | undefined;
  /** Of its journeys, in the order of `timesOf`; they are compared as requests are. */
  readonly times?: readonly TimeName[] | undefined;
  /** Time in milliseconds before the figures are first looked at. */
  readonly durationMs: number;
  /** The most time in milliseconds that all rounds may take, those of a confirmation included. */
  readonly limitMs: number;
  /** Rounds before the first look; null: chosen from `durationMs`. */
  readonly rounds: number | null;
}

/** One version's half of a round. */
export interface ComparisonWindow {
  /** The round that it belongs to, from 0. */
  readonly round: number;
  readonly version: Side;
  /** The same for both versions of a round: of hosts, paths and moments of arrival. */
  readonly seed: string;
  readonly durationMs: number;
  readonly confirmation: boolean;
  /** How often both versions have been started again before it. */
  readonly start: number;
}

export interface LoadedWindow extends ComparisonWindow {
  readonly load: LoadResult;
}

/** Everything that touches the outside. */
export interface ComparisonPorts {
  /** Loads one version for one window. What it throws ends the comparison. */
  readonly loadWindow: (window: ComparisonWindow) => Promise<LoadResult>;
  /**
   * Starts both versions again, and waits until they are healthy and warm. Its time does not count. Without it, and when it returns
   * false because there is nothing to start again, a hit is confirmed on the same start.
   *
   * @param found what is to be confirmed.
   */
  readonly startAgain?: ((found: Change) => Promise<boolean>) | undefined;
  /**
   * Tells what the pods of each version used in windows that are over, in the same order. It is asked before each look, for all
   * windows since the last one, so that metrics that come late are there and several are read at once.
   */
  readonly readResources?:
    ((windows: readonly LoadedWindow[]) => Promise<readonly (WindowResources | null)[]>) | undefined;
  /** Takes what is known, after each look, at the end, and when an error ends the comparison. */
  readonly keep: (comparison: Comparison) => void;
  /** Called after each round. */
  readonly onRound?: ((progress: ComparisonProgress) => void) | undefined;
  readonly clock: Pick<Clock, 'now'>;
  /** Ends the comparison after the round that is under way; its result rests on the rounds until then. */
  readonly signal: AbortSignal;
}

export interface ComparisonProgress {
  /** Rounds made so far. */
  readonly rounds: number;
  /** Rounds at the next look, or at the end of the confirmation. */
  readonly until: number;
  readonly confirmation: boolean;
  /** What the comparison would say if it were ended now. Not a look: what is found here changes nothing. */
  readonly soFar: () => Comparison;
}
