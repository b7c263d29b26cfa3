/**
 * comparison/ decides whether head is worse than base: in which order both are loaded, when there is enough data, and
 * what can be concluded. It sends nothing: the two drivers, in rounds and in steps, are given what loads a side.
 * docs/statistics.md has the reasons.
 */
import { type Comparison, type ComparisonRound, courseFields } from '../model/comparison.ts';
import type { Side } from '../model/sides.ts';
import { CONFIRMATION_ERROR, CONFIRMATION_LOOKS, searchAndConfirm } from './confirm.ts';
import { isHopeless } from './futility.ts';
import { FEWEST_BLOCKS_OF_A_START } from './held-against-starts.ts';
import { holdHits, isChanged, withAllRounds } from './hold-hits.ts';
import { ERROR, isSettled, judge, type Judgement, type Terms } from './judge.ts';
import { LoadedWindows } from './loaded-windows.ts';
import type { Change, MeasuredFigures, MeasuredRound } from './metrics.ts';
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
import { comparedRequests } from './requests.ts';
import { Restarts } from './restarts.ts';
import type { ComparisonPorts, ComparisonSettings, LoadedWindow } from './round-ports.ts';
import { sideNames } from './sides.ts';
import { comparedStarts } from './starts.ts';
import { comparedTimes } from './times.ts';
import { headline } from './words.ts';
import { comparedWorkloads } from './workloads.ts';

/**
 * Loads two versions in turns until it is clear whether head is worse or better than base, or the time is up. Rounds
 * are made until the first look. While a primary metric is undecided, more are added, as long as there is time to
 * confirm a hit. When head has changed in any metric, fresh rounds alone decide whether that is confirmed.
 *
 * @returns the comparison, even after a cancellation; an error of a port is thrown after `keep` got everything that was
 * measured.
 */
export async function compareInRounds(settings: ComparisonSettings, ports: ComparisonPorts): Promise<Comparison> {
  return await searchAndConfirm(new ComparisonRun(settings, ports), ports.keep);
}

/** This many of the last blocks predict how long the next one takes: enough that a single slow one does not matter. */
const TIMED_BLOCKS = 5;

class ComparisonRun {
  readonly #settings: ComparisonSettings;
  readonly #ports: ComparisonPorts;
  readonly #plan: ComparisonPlan;
  readonly #orderOf: (index: number) => ComparisonRound['order'];
  readonly #beganMs: number;
  /** The planned length of a block, and how long each complete one took. */
  readonly #blockMs: number[];
  /** The longest time that reading the resources for a look took. */
  #readingMs = 0;
  readonly #windows: LoadedWindows;
  #judgement: Judgement = { verdict: 'cannot-tell', metrics: [], requests: [] };
  /** Whether rounds that are made now are to confirm what the search found. */
  #confirming = false;
  #confirmed: boolean | null = null;
  #looks = 0;
  readonly #restarts: Restarts;
  /** Whether the last look spent everything that was left of the error. */
  #lastLook = false;
  /** Until the comparison has ended normally, an error or a kill may end it. */
  #stoppedBecause: Comparison['stoppedBecause'] = 'cancelled';

  constructor(settings: ComparisonSettings, ports: ComparisonPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#plan = planComparison(settings);
    this.#blockMs = [this.#plan.windowMs * 2 * ROUNDS_PER_BLOCK];
    this.#orderOf = roundOrders(settings.seed, settings.run);
    this.#windows = new LoadedWindows(this.#orderOf);
    this.#beganMs = ports.clock.now();
    this.#restarts = new Restarts(ports);
  }

  /** Makes blocks and evaluates them until every primary metric is decided, something is worse, or the time is up. */
  async search(): Promise<void> {
    for (const [look, planned] of this.#plan.looks.entries()) {
      let [blocks, whole] = [planned, await this.#makeBlocks(planned)];
      // An early look has no block to spare, and the next one is soon.
      const most = look < this.#plan.early ? (this.#plan.looks[look + 1] ?? planned) - 1 : planned;
      while (whole && blocks < most && this.#windows.countingBlocks < planned) {
        blocks += 1;
        whole = await this.#makeBlocks(blocks);
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
   * Makes fresh blocks when head has changed, of other starts where there can be some, and holds the hits against them
   * alone. What half as many blocks as the search had do not confirm may be confirmed by as many again, and at last by
   * as many as the limit allows, up to as many as a whole search has. Each look spends half of what is left of the
   * error, and the last one the rest. Which one is the last is a matter of time, and not of what was found.
   */
  async confirm(): Promise<void> {
    const [searched, found] = [this.#windows.blocks, this.#judgement];
    if (!isChanged(found.verdict)) return;
    this.#confirming = true;
    this.#stoppedBecause = 'cancelled';
    let left = CONFIRMATION_ERROR;
    for (let look = 1; look <= CONFIRMATION_LOOKS; look++) {
      const until = searched + freshBlocks(this.#plan, searched, look);
      const whole = await this.#makeFreshBlocks(until, look, found.verdict);
      const last = look === CONFIRMATION_LOOKS || !whole || !this.#fits(1);
      const error = last ? left : left / 2;
      left -= error;
      await this.#readResources();
      const { decided, judgement } = holdHits(found, this.#windows.freshRounds, {
        tolerance: this.#settings.tolerance,
        error,
        searched: this.#restarts.possible ? this.#windows.searchRounds : undefined,
      });
      this.#judgement = withAllRounds(judgement, this.#windows.rounds, {
        ...this.#terms(false),
        error: ERROR * shareOfLook(this.#plan, this.#looks - 1, this.#lastLook),
        early: false,
      });
      this.#confirmed = isChanged(this.#judgement.verdict);
      if (!whole) return;
      if (decided || last) break;
    }
    this.#stoppedBecause = 'decided';
  }

  /** Until there are this many in total; both versions are restarted before each part of them. */
  async #makeFreshBlocks(until: number, look: number, found: Change): Promise<boolean> {
    const from = this.#windows.blocks;
    const parts = this.#restarts.possible
      ? startsOfLook(look, this.#fitting(until - from), FEWEST_BLOCKS_OF_A_START)
      : 1;
    for (let part = 1; part <= parts; part++) {
      // Nobody knows what pods used once they are gone.
      if (this.#fits(1)) await this.#restarts.again(found, () => this.#readResources());
      const whole = await this.#makeBlocks(from + Math.ceil(((until - from) * part) / parts));
      if (!whole) return false;
    }
    return true;
  }

  result(): Comparison {
    const known = { ...this.#judgement, looks: this.#looks, stoppedBecause: this.#stoppedBecause };
    const pooled = this.#windows.pooledP99(this.#settings.seed);
    return { ...this.#resultOf(known), ...(pooled === undefined ? {} : { pooledP99: pooled }) };
  }

  /** Without expensive parts, because it is also called between rounds. */
  #resultOf(known: Judgement & Pick<Comparison, 'stoppedBecause'> & { readonly looks: number }): Comparison {
    const { subject, base, head, seed, tolerance } = this.#settings;
    const { verdict, metrics, requests, looks, stoppedBecause } = known;
    const { requests: named = [], times = [] } = this.#settings;
    const judged = {
      ...(subject === undefined ? {} : { subject }),
      base,
      head,
      verdict,
      confirmed: this.#confirmed,
      tolerance,
      confidence: 1 - ERROR,
      metrics: [...metrics],
      ...(requests.length === 0 ? {} : { requests: comparedRequests(named, requests, this.#windows.all) }),
      ...(times.length === 0 ? {} : { times: comparedTimes(times, requests.slice(named.length)) }),
    };
    const { rounds } = this.#windows;
    const workloads = comparedWorkloads(rounds);
    const course = courseFields({
      kind: 'rounds',
      rounds: rounds.map(withoutParts),
      latencyHistograms: this.#windows.searchHistograms,
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
      ...(this.#restarts.count === 0 ? {} : { starts: comparedStarts(rounds) }),
    };
  }

  /** The result if no round followed: the last look of the search is taken then, unless it is over. */
  #asCancelled(): Comparison {
    if (this.#confirming)
      return this.#resultOf({ ...this.#judgement, looks: this.#looks, stoppedBecause: 'cancelled' });
    const last = judge(this.#windows.searchRounds, this.#terms(true));
    return this.#resultOf({ ...last, looks: this.#looks + 1, stoppedBecause: 'cancelled' });
  }

  /**
   * Makes blocks until there are this many in total. Rounds of an unfinished block are kept, but do not count.
   *
   * @returns false when time was up or the run was cancelled before that.
   */
  async #makeBlocks(until: number): Promise<boolean> {
    while (this.#windows.blocks < until) {
      // A search leaves time to confirm what it finds.
      if (!this.#fits(this.#confirming ? 1 : 1 + confirmingBlocks(this.#windows.blocks + 1))) {
        this.#stoppedBecause = 'time-limit';
        return false;
      }
      const first = this.#windows.blocks * ROUNDS_PER_BLOCK;
      const beganMs = this.#ports.clock.now();
      for (let round = first; round < first + ROUNDS_PER_BLOCK; round++) {
        const loaded = await this.#makeRound(round);
        if (loaded === null) {
          this.#stoppedBecause = 'cancelled';
          return false;
        }
        this.#windows.add(loaded);
        this.#ports.onRound?.({
          rounds: round + 1,
          until: until * ROUNDS_PER_BLOCK,
          confirmation: this.#confirming,
          soFar: () => this.#asCancelled(),
        });
      }
      this.#blockMs.push(this.#ports.clock.now() - beganMs);
    }
    return true;
  }

  /** Both windows of a round, base first whatever their order was; null when it was cancelled. */
  async #makeRound(round: number): Promise<readonly LoadedWindow[] | null> {
    const loaded = new Map<Side, LoadedWindow>();
    const order: readonly Side[] = this.#orderOf(round) === 'base-first' ? ['base', 'head'] : ['head', 'base'];
    for (const version of order) {
      const window = {
        round,
        version,
        seed: `${this.#settings.seed}/${String(round)}`,
        durationMs: this.#plan.windowMs,
        confirmation: this.#confirming,
        start: this.#restarts.count,
      };
      const load = await this.#ports.loadWindow(window);
      // An interrupted window says nothing about its version.
      if (this.#ports.signal.aborted) return null;
      loaded.set(version, { ...window, load });
    }
    return (['base', 'head'] as const).flatMap((version) => loaded.get(version) ?? []);
  }

  async #look(last: boolean): Promise<void> {
    await this.#readResources();
    this.#judgement = judge(this.#windows.searchRounds, this.#terms(last));
    this.#lastLook = last;
    this.#looks += 1;
  }

  /** Of the next look. */
  #terms(last: boolean): Terms {
    return {
      tolerance: this.#settings.tolerance,
      error: ERROR * shareOfLook(this.#plan, this.#looks, last),
      pacedByRate: this.#windows.all[0]?.load.model.kind === 'open',
      requests: (this.#settings.requests?.length ?? 0) + (this.#settings.times?.length ?? 0),
      early: this.#looks < this.#plan.early && !last,
      names: sideNames(this.#settings),
    };
  }

  /** Asked after a look. An early look is only for a large change: "no difference" takes all of the requested time. */
  #isDecided(): boolean {
    const { verdict, metrics } = this.#judgement;
    const early = this.#looks <= this.#plan.early;
    return verdict === 'slower' || (isSettled(metrics) && !(early && verdict === 'no-difference'));
  }

  /** Asked after a look without a decision. */
  #isHopeless(): boolean {
    const { looks, early } = this.#plan;
    if (this.#looks >= looks.length || this.#looks <= early) return false;
    const { metrics, requests } = this.#judgement;
    const single = requests.flatMap((request) => (request === null || request.interval === null ? [] : [request]));
    return isHopeless([...metrics, ...single], {
      rounds: this.#windows.searchRounds,
      lastRounds: ROUNDS_PER_BLOCK * (looks.at(-1) ?? 0),
      tolerance: this.#settings.tolerance,
      error: ERROR * shareOfLook(this.#plan, this.#looks - 1, false),
      lastError: ERROR * shareOfLook(this.#plan, looks.length - 1, true),
    });
  }

  async #readResources(): Promise<void> {
    const { unread } = this.#windows;
    if (unread.length === 0) return;
    const beganMs = this.#ports.clock.now();
    this.#windows.addResources((await this.#ports.readResources?.(unread)) ?? unread.map(() => null));
    this.#readingMs = Math.max(this.#readingMs, this.#ports.clock.now() - beganMs);
  }

  /** How many of this many further blocks end before the limit. */
  #fitting(blocks: number): number {
    let fitting = blocks;
    while (fitting > 0 && !this.#fits(fitting)) fitting -= 1;
    return fitting;
  }

  get #elapsedMs(): number {
    return this.#ports.clock.now() - this.#beganMs - this.#restarts.tookMs;
  }

  /**
   * Whether this many further blocks, and reading their resources, end before the limit. A block is taken to be as long
   * as the last ones were in the (lower) median, to which the plan belongs while they are few: a machine that stood
   * still once does not end a comparison that has time left, and one that has become slower is noticed.
   */
  #fits(blocks: number): boolean {
    const last = this.#blockMs.slice(-TIMED_BLOCKS).sort((a, b) => a - b);
    const each = last[Math.floor((last.length - 1) / 2)] ?? NaN;
    return this.#elapsedMs + blocks * each + this.#readingMs <= this.#settings.limitMs;
  }
}

/** The report keeps the results of single requests and workloads, not their figures in each round. */
function withoutParts({ base, head, ...round }: MeasuredRound): ComparisonRound {
  const kept = (figures: MeasuredFigures): ComparisonRound['base'] => {
    const others: { -readonly [Name in keyof MeasuredFigures]: MeasuredFigures[Name] } = { ...figures };
    delete others.requests;
    delete others.workloads;
    delete others.failuresCount;
    return others;
  };
  return { ...round, base: kept(base), head: kept(head) };
}
