import type { Comparison, ComparisonRound } from '../model/comparison.ts';
import type { LatencyHistogram } from '../model/load.ts';
import type { Side } from '../model/sides.ts';
import { alignHistograms, figuresOf, type WindowResources } from './figures.ts';
import { type MeasuredRound, metricOf, pairFigures } from './metrics.ts';
import { ROUNDS_PER_BLOCK } from './plan.ts';
import { pooledP99 } from './pooled.ts';
import type { LoadedWindow } from './round-ports.ts';

/** What was loaded so far, and what the pods used meanwhile: the rounds of a comparison, as far as they are known. */
export class LoadedWindows {
  readonly #orderOf: (round: number) => ComparisonRound['order'];
  /**
   * Whole rounds: base and head of round 0, then of round 1, and so on. Half of a block is at the end only while that
   * is under way, or when the comparison was ended in it.
   */
  readonly #windows: LoadedWindow[] = [];
  /** For the first windows, as many as have been read. */
  readonly #resources: (WindowResources | null)[] = [];

  /** @param orderOf which side was loaded first in a round. */
  constructor(orderOf: (round: number) => ComparisonRound['order']) {
    this.#orderOf = orderOf;
  }

  /** @param round its windows, base first. */
  add(round: readonly LoadedWindow[]): void {
    this.#windows.push(...round);
  }

  get all(): readonly LoadedWindow[] {
    return this.#windows;
  }

  /** The windows of which it is not known what the pods used. */
  get unread(): readonly LoadedWindow[] {
    return this.#windows.slice(this.#resources.length);
  }

  /** @param resources of all unread windows, in their order. */
  addResources(resources: readonly (WindowResources | null)[]): void {
    this.#resources.push(...resources);
  }

  /** How many whole blocks there are. */
  get blocks(): number {
    return Math.floor(this.#windows.length / (2 * ROUNDS_PER_BLOCK));
  }

  /** How many of them the generator was never the limit in. */
  get countingBlocks(): number {
    const limited = new Set(
      this.#windows.flatMap(({ round, load }) =>
        figuresOf(load, null).generatorLimited ? [Math.floor(round / ROUNDS_PER_BLOCK)] : [],
      ),
    );
    return this.blocks - limited.size;
  }

  get searchRounds(): MeasuredRound[] {
    return this.rounds.filter(({ confirmation }) => !confirmation);
  }

  get freshRounds(): MeasuredRound[] {
    return this.rounds.filter(({ confirmation }) => confirmation);
  }

  /** All rounds, those of the search first. */
  get rounds(): MeasuredRound[] {
    const figures = this.#windows.map(({ load }, index) => figuresOf(load, this.#resources[index] ?? null));
    return Array.from({ length: this.#windows.length / 2 }, (_, index) => index).flatMap((index) => {
      const [base, head] = [figures[2 * index], figures[2 * index + 1]];
      const window = this.#windows[2 * index];
      if (base === undefined || head === undefined || window === undefined) return [];
      const { confirmation, start } = window;
      return [{ index, order: this.#orderOf(index), confirmation, ...(start === 0 ? {} : { start }), base, head }];
    });
  }

  /** The latencies of the rounds of the search in which the generator was not the limit. */
  get searchHistograms(): Comparison['latencyHistograms'] {
    const searched = this.#windows.filter(
      ({ confirmation, load }) => !confirmation && load.generator?.limited !== true,
    );
    return alignHistograms(histogramsOf(searched, 'base'), histogramsOf(searched, 'head'));
  }

  /** The p99 of all answers together, over the blocks that count for the percentile of a window, too. */
  pooledP99(seed: string): Comparison['pooledP99'] {
    const { blocks } = pairFigures(metricOf({ metric: 'latency-p99' }), this.rounds);
    const windowsOf = (block: number): readonly LoadedWindow[] =>
      this.#windows.slice(block * ROUNDS_PER_BLOCK * 2, (block + 1) * ROUNDS_PER_BLOCK * 2);
    return pooledP99(
      blocks.map((block) => ({
        base: histogramsOf(windowsOf(block), 'base'),
        head: histogramsOf(windowsOf(block), 'head'),
      })),
      seed,
    );
  }
}

const histogramsOf = (windows: readonly LoadedWindow[], side: Side): LatencyHistogram[] =>
  windows.flatMap(({ version, load }) => (version === side ? (load.total.latencyHistogram ?? []) : []));
