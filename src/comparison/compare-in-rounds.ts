/**
 * comparison/ decides whether head is worse than base: in which order both are loaded, when there is enough, and what
 * may be said. It sends nothing: the two drivers, in rounds and in steps, get what loads a side from outside.
 * docs/statistics.md has the reasons.
 */
import type { Clock } from '../clock.ts';
import { type Comparison, type ComparisonRound, courseFields, type MetricComparison } from '../model/comparison.ts';
import type { LoadResult } from '../model/load.ts';
import type { Side } from '../model/sides.ts';
import type { Interval } from '../model/units.ts';
import { CONFIRMATION_ERROR, CONFIRMATION_LOOKS, confirmHits, searchAndConfirm } from './confirm.ts';
import { alignHistograms, figuresOf, type WindowResources } from './figures.ts';
import { isHopeless } from './futility.ts';
import { FEWEST_BLOCKS_OF_A_START } from './held-against-starts.ts';
import {
  beyondBand,
  ERROR,
  isSettled,
  judge,
  type Judgement,
  type Terms,
  wholeVerdict,
  withoutAdvantageOfFailing,
} from './judge.ts';
import { type Change, type MeasuredFigures, type MeasuredRound, metricOf, pairFigures } from './metrics.ts';
import {
  type ComparisonPlan,
  confirmingBlocks,
  freshBlocks,
  planComparison,
  roundOrders,
  ROUNDS_PER_BLOCK,
  shareOfLook,
  startsOfLook,
} from './plan.ts';
import { pooledP99 } from './pooled.ts';
import { comparedRequests, requestMetric, type RequestName } from './requests.ts';
import { sideNames } from './sides.ts';
import { comparedStarts } from './starts.ts';
import { comparedTimes, type TimeName } from './times.ts';
import { headline } from './words.ts';
import { comparedWorkloads } from './workloads.ts';

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

/**
 * Loads two versions in turns until it can be told whether head is worse than base, or better, or the time is up.
 *
 * Rounds are made until the first look. While a primary metric can't be told more are added, as long as time is left to confirm a
 * hit. When head has changed in any metric, fresh rounds are made that alone decide whether that is confirmed.
 *
 * @returns the comparison, also after a cancellation; what a port throws is thrown after `keep` was given all that was measured.
 */
export async function compareInRounds(settings: ComparisonSettings, ports: ComparisonPorts): Promise<Comparison> {
  return await searchAndConfirm(new ComparisonRun(settings, ports), ports.keep);
}

/** So many of the last blocks say how long the next one takes: enough that a single slow one does not. */
const TIMED_BLOCKS = 5;

class ComparisonRun {
  readonly #settings: ComparisonSettings;
  readonly #ports: ComparisonPorts;
  readonly #plan: ComparisonPlan;
  readonly #orderOf: (index: number) => ComparisonRound['order'];
  readonly #beganMs: number;
  /** How long a block is meant to take, and how long each whole one took. */
  readonly #blockMs: number[];
  /** The longest time that reading the resources for a look took. */
  #readingMs = 0;
  /** Whole rounds: base and head of round 0, then of round 1, and so on. Half of a block is at the end only while that is under way, or when the comparison was ended in it. */
  readonly #windows: LoadedWindow[] = [];
  /** Of the first windows, as many as have been read. */
  readonly #resources: (WindowResources | null)[] = [];
  #judgement: Judgement = { verdict: 'cannot-tell', metrics: [], requests: [] };
  #confirmed: boolean | null = null;
  #looks = 0;
  /** How often both versions were started again, and how long that took. */
  #starts = 0;
  #startingMs = 0;
  #startsAgain: boolean;
  /** Whether the last look that was taken had all that was left of the error. */
  #lastLook = false;
  /** Until the comparison has an end of its own, an error or a kill may be its end. */
  #stoppedBecause: Comparison['stoppedBecause'] = 'cancelled';

  constructor(settings: ComparisonSettings, ports: ComparisonPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#plan = planComparison(settings);
    this.#blockMs = [this.#plan.windowMs * 2 * ROUNDS_PER_BLOCK];
    this.#orderOf = roundOrders(settings.seed, settings.run);
    this.#beganMs = ports.clock.now();
    this.#startsAgain = ports.startAgain !== undefined;
  }

  /** Makes blocks and looks at them until every primary metric is settled, something is worse, or the time is up. */
  async search(): Promise<void> {
    for (const [look, planned] of this.#plan.looks.entries()) {
      const fits = (): boolean => this.#fits(1 + confirmingBlocks(this.#blocks + 1));
      let [blocks, whole] = [planned, await this.#makeBlocks(planned, false, fits)];
      // An early look has no block to spare, and the next one is not far.
      const most = look < this.#plan.early ? (this.#plan.looks[look + 1] ?? planned) - 1 : planned;
      while (whole && blocks < most && this.#countingBlocks < planned) {
        blocks += 1;
        whole = await this.#makeBlocks(blocks, false, fits);
      }
      await this.#look(!whole || blocks === this.#plan.looks.at(-1));
      if (!whole) return;
      if (this.#isDecided()) {
        this.#stoppedBecause = 'decided';
        return;
      }
      if (this.#isHopeless()) {
        this.#stoppedBecause = 'hopeless';
        return;
      }
      this.#ports.keep(this.result());
    }
    this.#stoppedBecause = 'time-limit';
  }

  /**
   * Makes fresh blocks when head has changed, of other starts where there can be some, and holds the hits against them alone. What half as many blocks as the search had do not
   * confirm may be confirmed by as many again, and at last by as many as the limit allows, up to as many as a whole search has. Each look spends half of what is left
   * of the error, and the last one the rest. Which one is the last is a matter of time, and not of what was found.
   */
  async confirm(): Promise<void> {
    const [searched, found] = [this.#blocks, this.#judgement];
    if (!isChanged(found.verdict)) return;
    this.#stoppedBecause = 'cancelled';
    let left = CONFIRMATION_ERROR;
    for (let look = 1; look <= CONFIRMATION_LOOKS; look++) {
      const until = searched + freshBlocks(this.#plan, searched, look);
      const whole = await this.#makeFreshBlocks(until, look, found.verdict);
      const last = look === CONFIRMATION_LOOKS || !whole || !this.#fits(1);
      const error = last ? left : left / 2;
      left -= error;
      await this.#readResources();
      const { decided, judgement } = this.#held(found, error);
      this.#judgement = this.#withAllRounds(judgement);
      this.#confirmed = isChanged(this.#judgement.verdict);
      if (!whole) return;
      if (decided || last) break;
    }
    this.#stoppedBecause = 'decided';
  }

  /** Until there are this many in all; before each part of them both versions are started again. */
  async #makeFreshBlocks(until: number, look: number, found: Change): Promise<boolean> {
    const from = this.#blocks;
    const parts = this.#startsAgain ? startsOfLook(look, this.#fitting(until - from), FEWEST_BLOCKS_OF_A_START) : 1;
    for (let part = 1; part <= parts; part++) {
      if (this.#fits(1)) await this.#startAgain(found);
      const whole = await this.#makeBlocks(from + Math.ceil(((until - from) * part) / parts), true, () =>
        this.#fits(1),
      );
      if (!whole) return false;
    }
    return true;
  }

  async #startAgain(found: Change): Promise<void> {
    if (!this.#startsAgain) return;
    const beganMs = this.#ports.clock.now();
    // Nobody knows what pods used once they are gone.
    await this.#readResources();
    this.#startsAgain = (await this.#ports.startAgain?.(found)) === true;
    if (this.#startsAgain) this.#starts += 1;
    this.#startingMs += this.#ports.clock.now() - beganMs;
  }

  /** What fresh rounds leave of the hits for the worse, and of those for the better, each direction with an error of its own. A decision for the worse leaves none for the better to wait for. */
  #held(found: Judgement, error: number): { readonly decided: boolean; readonly judgement: Judgement } {
    const worse = this.#heldIn('slower', found, error);
    const both = this.#heldIn('faster', worse.judgement, error);
    return {
      decided: worse.confirmed || (worse.refuted && (both.confirmed || both.refuted)),
      judgement: both.judgement,
    };
  }

  /**
   * What they leave in one direction: of the whole, and of single requests, each in an order of its own. Where the whole was a hit and is not
   * confirmed, no request is.
   */
  #heldIn(
    change: Change,
    found: Judgement,
    error: number,
  ): { readonly confirmed: boolean; readonly refuted: boolean; readonly judgement: Judgement } {
    const [fresh, { tolerance }] = [this.#roundsOf(true), this.#settings];
    const terms = { change, tolerance, error, searched: this.#startsAgain ? this.#roundsOf(false) : undefined };
    const whole = confirmHits(found.metrics, fresh, terms);
    const wasHit = found.metrics.some(({ verdict }) => verdict === change);
    const known = found.requests.flatMap((request) => request ?? []);
    const single = confirmHits(known, fresh, {
      ...terms,
      error: wasHit && !whole.confirmed ? 0 : error,
      metricFor: (request) => requestMetric(found.requests.indexOf(request)),
    });
    const requests = found.requests.map((request) => request && (single.metrics[known.indexOf(request)] ?? null));
    return {
      confirmed: whole.confirmed || single.confirmed,
      refuted: whole.refuted && (wasHit || single.refuted),
      judgement: { verdict: wholeVerdict(whole.metrics, requests), metrics: whole.metrics, requests },
    };
  }

  /**
   * The hits with the figures of all rounds, those of the search and the fresh ones: these are surer, and less kind to what raised the suspicion. With as many blocks as there are
   * now, the error of the look that found them gives intervals that hold together as before. Verdicts stay as they are, but for a figure that leaves out what failed
   * in fresh rounds.
   */
  #withAllRounds({ metrics, requests }: Judgement): Judgement {
    const terms = {
      ...this.#terms(false),
      error: ERROR * shareOfLook(this.#plan, this.#looks - 1, this.#lastLook),
      early: false,
    };
    const rounds = [...this.#roundsOf(false), ...this.#roundsOf(true)];
    const all = judge(rounds, terms);
    const failures = all.metrics.find(({ metric }) => metric === 'failed-share')?.verdict ?? 'cannot-tell';
    const renewed = (before: MetricComparison, again: MetricComparison | null | undefined): MetricComparison => {
      if (again === null || again === undefined || before.confirmation?.confirmed !== true) return before;
      const { base, head, estimate, singleInterval, minimumDetectableEffect } = again;
      const both = again.interval && wider(again.interval, before.confirmation.byStarts ?? again.interval);
      const interval = beyondBand({ ...again, verdict: before.verdict, interval: both }, this.#settings.tolerance);
      const figures = { base, head, estimate, interval, singleInterval, minimumDetectableEffect, rounds: again.rounds };
      const metric = { ...before, ...figures };
      const fair = metricOf(metric).overAnswered
        ? withoutAdvantageOfFailing(metric, failures, rounds, terms.names)
        : metric;
      return isChanged(fair.verdict)
        ? fair
        : { ...fair, interval: again.interval, confirmation: { ...before.confirmation, confirmed: false } };
    };
    const kept = metrics.map((metric) =>
      renewed(
        metric,
        all.metrics.find((each) => each.metric === metric.metric),
      ),
    );
    const keptRequests = requests.map((request, index) => request && renewed(request, all.requests[index]));
    return { verdict: wholeVerdict(kept, keptRequests), metrics: kept, requests: keptRequests };
  }

  result(): Comparison {
    const known = { ...this.#judgement, looks: this.#looks, stoppedBecause: this.#stoppedBecause };
    const pooled = this.#pooled();
    return { ...this.#resultOf(known), ...(pooled === undefined ? {} : { pooledP99: pooled }) };
  }

  /** Without what takes long to compute, for it is asked for between rounds, too. */
  #resultOf(known: Judgement & Pick<Comparison, 'stoppedBecause'> & { readonly looks: number }): Comparison {
    const { subject, base, head, seed, tolerance } = this.#settings;
    const { verdict, metrics, requests, looks, stoppedBecause } = known;
    const { requests: named = [], times = [] } = this.#settings;
    const searched = this.#windows.filter(
      ({ confirmation, load }) => !confirmation && load.generator?.limited !== true,
    );
    const histograms = (version: Side) =>
      searched.flatMap((window) => (window.version === version ? (window.load.total.latencyHistogram ?? []) : []));
    const judged = {
      ...(subject === undefined ? {} : { subject }),
      base,
      head,
      verdict,
      confirmed: this.#confirmed,
      tolerance,
      confidence: 1 - ERROR,
      metrics: [...metrics],
      ...(requests.length === 0 ? {} : { requests: comparedRequests(named, requests, this.#windows) }),
      ...(times.length === 0 ? {} : { times: comparedTimes(times, requests.slice(named.length)) }),
    };
    const rounds = [...this.#roundsOf(false), ...this.#roundsOf(true)];
    const workloads = comparedWorkloads(rounds);
    const course = courseFields({
      kind: 'rounds',
      rounds: rounds.map(withoutParts),
      latencyHistograms: alignHistograms(histograms('base'), histograms('head')),
    });
    return {
      seed,
      ...judged,
      summary: headline({ ...judged, ...course }),
      stoppedBecause,
      correction:
        'max-T by sign flips over the metrics (Westfall and Young), Bonferroni over the looks, each of which spends half of what is left of the error',
      looks: { taken: looks, planned: this.#plan.looks.length },
      windowSeconds: this.#plan.windowMs / 1000,
      durationSeconds: this.#elapsedMs / 1000,
      ...course,
      ...(workloads.length === 0 ? {} : { workloads }),
      ...(this.#starts === 0 ? {} : { starts: comparedStarts(rounds) }),
    };
  }

  /** Of the blocks that count for the percentile of a window, too. */
  #pooled(): Comparison['pooledP99'] {
    const rounds = [...this.#roundsOf(false), ...this.#roundsOf(true)];
    const { blocks } = pairFigures(metricOf({ metric: 'latency-p99' }), rounds);
    const windowsOf = (block: number) =>
      this.#windows.slice(block * ROUNDS_PER_BLOCK * 2, (block + 1) * ROUNDS_PER_BLOCK * 2);
    const histograms = (block: number, side: Side) =>
      windowsOf(block).flatMap(({ version, load }) => (version === side ? (load.total.latencyHistogram ?? []) : []));
    return pooledP99(
      blocks.map((block) => ({ base: histograms(block, 'base'), head: histograms(block, 'head') })),
      this.#settings.seed,
    );
  }

  /** The result if no round followed: the last look of the search is taken then, unless it is over. */
  #asCancelled(confirmation: boolean): Comparison {
    const last = confirmation ? this.#judgement : judge(this.#roundsOf(false), this.#terms(true));
    return this.#resultOf({ ...last, looks: this.#looks + (confirmation ? 0 : 1), stoppedBecause: 'cancelled' });
  }

  /**
   * Makes blocks until there are this many in all.
   *
   * Rounds of a block that was not finished are kept, and do not count.
   *
   * @returns false when time was up or the run was cancelled before that.
   */
  async #makeBlocks(until: number, confirmation: boolean, fits: () => boolean): Promise<boolean> {
    while (this.#blocks < until) {
      if (!fits()) {
        this.#stoppedBecause = 'time-limit';
        return false;
      }
      const first = this.#blocks * ROUNDS_PER_BLOCK;
      const beganMs = this.#ports.clock.now();
      for (let round = first; round < first + ROUNDS_PER_BLOCK; round++) {
        const loaded = await this.#makeRound(round, confirmation);
        if (loaded === null) {
          this.#stoppedBecause = 'cancelled';
          return false;
        }
        this.#windows.push(...loaded);
        this.#ports.onRound?.({
          rounds: round + 1,
          until: until * ROUNDS_PER_BLOCK,
          confirmation,
          soFar: () => this.#asCancelled(confirmation),
        });
      }
      this.#blockMs.push(this.#ports.clock.now() - beganMs);
    }
    return true;
  }

  /** Both windows of a round, base first whatever their order was; null when it was cancelled. */
  async #makeRound(round: number, confirmation: boolean): Promise<readonly LoadedWindow[] | null> {
    const loaded = new Map<Side, LoadedWindow>();
    const order: readonly Side[] = this.#orderOf(round) === 'base-first' ? ['base', 'head'] : ['head', 'base'];
    for (const version of order) {
      const window = {
        round,
        version,
        seed: `${this.#settings.seed}/${String(round)}`,
        durationMs: this.#plan.windowMs,
        confirmation,
        start: this.#starts,
      };
      const load = await this.#ports.loadWindow(window);
      // What was cut off says nothing about its version.
      if (this.#ports.signal.aborted) return null;
      loaded.set(version, { ...window, load });
    }
    return (['base', 'head'] as const).flatMap((version) => loaded.get(version) ?? []);
  }

  async #look(last: boolean): Promise<void> {
    await this.#readResources();
    this.#judgement = judge(this.#roundsOf(false), this.#terms(last));
    this.#lastLook = last;
    this.#looks += 1;
  }

  /** Of the next look. */
  #terms(last: boolean): Terms {
    return {
      tolerance: this.#settings.tolerance,
      error: ERROR * shareOfLook(this.#plan, this.#looks, last),
      pacedByRate: this.#windows[0]?.load.model.kind === 'open',
      requests: (this.#settings.requests?.length ?? 0) + (this.#settings.times?.length ?? 0),
      early: this.#looks < this.#plan.early && !last,
      names: sideNames(this.#settings),
    };
  }

  /** Asked after a look. An early one is only for a large change: "no difference" has the time that was asked for. */
  #isDecided(): boolean {
    const { verdict, metrics } = this.#judgement;
    const early = this.#looks <= this.#plan.early;
    return verdict === 'slower' || (isSettled(metrics) && !(early && verdict === 'no-difference'));
  }

  /** Asked after a look that decided nothing. */
  #isHopeless(): boolean {
    const { looks, early } = this.#plan;
    if (this.#looks >= looks.length || this.#looks <= early) return false;
    const { metrics, requests } = this.#judgement;
    const single = requests.flatMap((request) => (request === null || request.interval === null ? [] : [request]));
    return isHopeless([...metrics, ...single], {
      rounds: this.#roundsOf(false),
      lastRounds: ROUNDS_PER_BLOCK * (looks.at(-1) ?? 0),
      tolerance: this.#settings.tolerance,
      error: ERROR * shareOfLook(this.#plan, this.#looks - 1, false),
      lastError: ERROR * shareOfLook(this.#plan, looks.length - 1, true),
    });
  }

  async #readResources(): Promise<void> {
    const unread = this.#windows.slice(this.#resources.length);
    if (unread.length === 0) return;
    const beganMs = this.#ports.clock.now();
    this.#resources.push(...((await this.#ports.readResources?.(unread)) ?? unread.map(() => null)));
    this.#readingMs = Math.max(this.#readingMs, this.#ports.clock.now() - beganMs);
  }

  #roundsOf(confirmation: boolean): MeasuredRound[] {
    const figures = this.#windows.map(({ load }, index) => figuresOf(load, this.#resources[index] ?? null));
    return Array.from({ length: this.#windows.length / 2 }, (_, index) => index).flatMap((index) => {
      const [base, head] = [figures[2 * index], figures[2 * index + 1]];
      if (base === undefined || head === undefined || this.#windows[2 * index]?.confirmation !== confirmation)
        return [];
      const start = this.#windows[2 * index]?.start ?? 0;
      return [{ index, order: this.#orderOf(index), confirmation, ...(start === 0 ? {} : { start }), base, head }];
    });
  }

  /** Whole ones in which the generator was never the limit. */
  get #countingBlocks(): number {
    const limited = new Set(
      this.#windows.flatMap(({ round, load }) =>
        figuresOf(load, null).generatorLimited ? [Math.floor(round / ROUNDS_PER_BLOCK)] : [],
      ),
    );
    return this.#blocks - limited.size;
  }

  /** How many of this many further blocks end before the limit. */
  #fitting(blocks: number): number {
    let fitting = blocks;
    while (fitting > 0 && !this.#fits(fitting)) fitting -= 1;
    return fitting;
  }

  /** Whole ones. */
  get #blocks(): number {
    return Math.floor(this.#windows.length / (2 * ROUNDS_PER_BLOCK));
  }

  get #elapsedMs(): number {
    return this.#ports.clock.now() - this.#beganMs - this.#startingMs;
  }

  /**
   * Whether this many further blocks, and reading their resources, end before the limit. A block is taken to be as long as the last
   * ones were in the (lower) median, to which the plan belongs while they are few: a machine that stood still once does not end a comparison that has time left, and one that has
   * become slower is noticed.
   */
  #fits(blocks: number): boolean {
    const last = this.#blockMs.slice(-TIMED_BLOCKS).sort((a, b) => a - b);
    const each = last[Math.floor((last.length - 1) / 2)] ?? NaN;
    return this.#elapsedMs + blocks * each + this.#readingMs <= this.#settings.limitMs;
  }
}

/** At each end the wider of two: starts differ, too. */
const wider = (one: Interval, other: Interval): Interval => ({
  low: Math.min(one.low, other.low),
  high: Math.max(one.high, other.high),
});

const isChanged = (verdict: Comparison['verdict']): verdict is Change => verdict === 'slower' || verdict === 'faster';

/** The report keeps what single requests and workloads come to, not what each was in each round. */
function withoutParts({ base, head, ...round }: MeasuredRound): ComparisonRound {
  const kept = (figures: MeasuredFigures): ComparisonRound['base'] => {
    const { requests, workloads, ...others } = figures;
    return requests === undefined && workloads === undefined ? figures : others;
  };
  return { ...round, base: kept(base), head: kept(head) };
}
