import type { Clock } from '../clock.ts';
import { estimateRatio } from '../load/capacity/capacity-posterior.ts';
import {
  answersOf,
  capacityResult,
  type CapacitySettings,
  isNarrow,
  nextStep,
  stepAt,
  type StepPlan,
} from '../load/capacity/capacity-search.ts';
import type { CapacityEnd, CapacityResult, CapacityStep } from '../model/capacity.ts';
import { type CapacityPair, type Comparison, courseFields, type MetricComparison } from '../model/comparison.ts';
import { type Side, SIDES } from '../model/sides.ts';
import {
  canConfirm,
  pairCoin,
  pairRates,
  PAIRS_PER_LOOK,
  PAIRS_PER_START,
  pairsPValue,
} from './capacity-confirmation.ts';
import { CONFIRMATION_ERROR, searchAndConfirm } from './confirm.ts';
import { detectableEffect } from './detectable.ts';
import { ERROR, verdictBy } from './judge.ts';
import type { Change } from './metrics.ts';
import { roundOrders, ROUNDS_PER_BLOCK } from './plan.ts';
import { Restarts, type StartAgain } from './restarts.ts';
import { headline } from './words.ts';

export interface CapacityComparisonSettings extends Pick<Comparison, 'base' | 'head' | 'seed' | 'tolerance'> {
  /** Unique to this run; the coins also depend on it. */
  readonly run: string;
  /**
   * The settings of the search in each version; `limitMs` is the time limit for all steps of both, including those of a
   * confirmation.
   */
  readonly search: CapacitySettings;
}

/** How often fresh pairs are evaluated, each time with its part of the error. */
const LOOKS_AT_PAIRS = 2;

/** One step of one version. */
export interface VersionStep extends StepPlan {
  readonly version: Side;
  readonly confirmation: boolean;
}

/** Everything that touches the outside. */
export interface CapacityComparisonPorts {
  /** Runs one step and judges it. Its errors end the comparison. */
  readonly runStep: (step: VersionStep) => Promise<CapacityStep>;
  /** See `StartAgain`. */
  readonly startAgain?: StartAgain | undefined;
  /** Called with the result so far at the end, and when an error ends the comparison. */
  readonly keep: (comparison: Comparison) => void;
  /** Called after each step. `soFar` returns the result if the comparison ended now. */
  readonly onStep?: ((soFar: () => Comparison) => void) | undefined;
  readonly clock: Pick<Clock, 'now'>;
}

/** The maximum number of steps of a version: another one would hardly narrow the interval. */
const MOST_STEPS = 60;
/** Time for this many pairs is reserved for a confirmation: six that agree, and two that say nothing. */
const RESERVED_PAIRS = PAIRS_PER_LOOK + 2;
/** As the precision of a search that others end. */
const NEVER = 1;
const NOTHING_KNOWN = { low: 0, high: Infinity };
/** The maximum share of the limit for that; with slow steps it would be all of it. */
const MOST_RESERVED = 1 / 3;

/**
 * Searches the capacity of two versions in turns until it can be told whether that of head is lower, or the time is up.
 *
 * First each version is brought to a rate that it keeps and one that it breaks, base before head, which begins where
 * base was good. Then they take turns in blocks of base, head, head, base or head, base, base, head, by a coin from the
 * seed, so that a trend of the machine meets both. Each step is at the rate that tells most about its own version
 * (`nextStep`). The search ends when both intervals are narrow and the ratio can be told. When head holds less, or
 * more, fresh pairs of steps are made that alone decide whether that is confirmed, on other starts of both versions
 * where there can be some.
 *
 * @returns the comparison, with the capacity as its only metric; what a port throws is thrown after `keep` was given
 * all that was measured.
 */
export async function compareInSteps(
  settings: CapacityComparisonSettings,
  ports: CapacityComparisonPorts,
): Promise<Comparison> {
  return await searchAndConfirm(new CapacityComparison(settings, ports), ports.keep);
}

class CapacityComparison {
  readonly #settings: CapacityComparisonSettings;
  readonly #ports: CapacityComparisonPorts;
  readonly #beganMs: number;
  readonly #steps: Readonly<Record<Side, CapacityStep[]>> = { base: [], head: [] };
  /** What the steps found, and why there are no more. */
  readonly #found: Record<Side, CapacityResult> = {
    base: capacityResult([], 'cancelled'),
    head: capacityResult([], 'cancelled'),
  };
  readonly #pairs: CapacityPair[] = [];
  #looks = 0;
  readonly #restarts: Restarts;
  /** What is to be confirmed, and the result. */
  #change: Change | null = null;
  #confirmed: boolean | null = null;
  /** Until the comparison has ended normally, an error or a kill may end it. */
  #stoppedBecause: Comparison['stoppedBecause'] = 'cancelled';

  constructor(settings: CapacityComparisonSettings, ports: CapacityComparisonPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#beganMs = ports.clock.now();
    this.#restarts = new Restarts(ports);
  }

  /**
   * Makes steps in both versions until the ratio is decided and both capacities are known precisely, or no further step
   * is possible.
   */
  async search(): Promise<void> {
    for (const version of SIDES) await this.#findEdges(version);
    if (SIDES.every((version) => hasEdges(this.#found[version]))) await this.#takeTurns();
    const last = SIDES.map((version) => this.#found[version].end).find((end) => end === 'time' || end === 'steps');
    for (const version of SIDES) {
      const { interval } = this.#found[version];
      if (interval !== null && isNarrow(interval)) this.#end(version, 'precise');
      else if (last !== undefined) this.#end(version, last);
    }
  }

  /**
   * Makes fresh pairs when head holds less, or more, and holds the hit against them alone, at two looks with half of
   * the error each.
   */
  async confirm(): Promise<void> {
    const [base, head] = [this.#found.base.ratePerSecond, this.#found.head.ratePerSecond];
    const change = this.#metric().verdict;
    if (base === null || head === null || (change !== 'slower' && change !== 'faster')) return;
    this.#change = change;
    const { seed, run, tolerance, search } = this.#settings;
    const rates = pairRates({ base, head }, tolerance, change);
    const plans = { base: stepAt(rates.base, search), head: stepAt(rates.head, search) };
    const pairMs = 2 * search.overheadMs + plans.base.durationMs + plans.head.durationMs;
    const baseFirst = pairCoin(seed, run);
    const error = CONFIRMATION_ERROR / LOOKS_AT_PAIRS;
    const most = PAIRS_PER_LOOK * LOOKS_AT_PAIRS;
    const ended = this.#stoppedBecause;
    this.#stoppedBecause = 'cancelled';
    let [confirmed, spent] = [false, 0];
    while (
      !confirmed &&
      this.#pairs.length < most &&
      canConfirm(this.#pairs, change, most - this.#pairs.length, error)
    ) {
      if (this.#elapsedMs + Math.max(pairMs, 2 * this.#stepMs) > search.limitMs) {
        // The last look has everything that is left of the error.
        confirmed = pairsPValue(this.#pairs, change) <= CONFIRMATION_ERROR - spent;
        break;
      }
      if (this.#pairs.length % PAIRS_PER_START === 0) await this.#restarts.again(change);
      this.#pairs.push(await this.#makePair(plans, baseFirst() ? ['base', 'head'] : ['head', 'base']));
      if (this.#pairs.length % PAIRS_PER_LOOK === 0) {
        confirmed = pairsPValue(this.#pairs, change) <= error;
        spent += error;
      }
      this.#ports.onStep?.(() => this.result());
    }
    this.#confirmed = confirmed;
    this.#stoppedBecause = ended;
  }

  result(): Comparison {
    const { base, head, seed, tolerance, search } = this.#settings;
    const metric = this.#metric();
    const judged = {
      verdict: metric.verdict,
      confirmed: this.#confirmed,
      tolerance,
      confidence: 1 - ERROR,
      metrics: [metric],
    };
    const course = courseFields({ kind: 'steps', capacities: this.#found, pairs: this.#pairs });
    return {
      base,
      head,
      seed,
      ...judged,
      summary: headline({ base, head, ...judged, ...course }),
      stoppedBecause: this.#stoppedBecause,
      correction:
        'none: there is one metric, and docs/statistics.md says how often its interval holds with all the looks',
      looks: { taken: this.#looks, planned: MOST_STEPS / ROUNDS_PER_BLOCK },
      windowSeconds: search.shortestStepMs / 1000,
      durationSeconds: this.#elapsedMs / 1000,
      ...course,
    };
  }

  /** Until a version has kept the thresholds at one rate and broken them at another, or has no further step. */
  async #findEdges(version: Side): Promise<void> {
    while (!hasEdges(this.#found[version])) if (!(await this.#makeStep(version))) return;
  }

  async #takeTurns(): Promise<void> {
    const orderOf = roundOrders(this.#settings.seed, this.#settings.run);
    for (let round = 0; round < MOST_STEPS; round++) {
      for (const version of orderOf(round) === 'base-first' ? SIDES : SIDES.toReversed()) {
        if (!(await this.#makeStep(version))) return;
      }
      if (round % ROUNDS_PER_BLOCK === ROUNDS_PER_BLOCK - 1 && this.#look()) return;
    }
  }

  /** @returns false when the version has no further step. */
  async #makeStep(version: Side): Promise<boolean> {
    const { search } = this.#settings;
    const reservedMs = Math.min(2 * RESERVED_PAIRS * this.#stepMs, search.limitMs * MOST_RESERVED);
    const firstRate = version === 'head' ? (this.#found.base.highestKept ?? undefined) : undefined;
    const next = nextStep(
      this.#steps[version],
      { ...search, limitMs: search.limitMs - reservedMs, firstRate, precise: NEVER, mostSteps: MOST_STEPS },
      this.#elapsedMs,
    );
    if ('end' in next) {
      this.#end(version, next.end);
      this.#stoppedBecause = next.end === 'time' || next.end === 'steps' ? 'time-limit' : 'decided';
      return false;
    }
    this.#steps[version].push(await this.#ports.runStep({ ...next, version, confirmation: false }));
    this.#found[version] = capacityResult(this.#steps[version], 'cancelled');
    this.#ports.onStep?.(() => this.result());
    return true;
  }

  async #makePair(
    plans: Readonly<Record<Side, StepPlan>>,
    [first, second]: readonly [Side, Side],
  ): Promise<CapacityPair> {
    const one = await this.#ports.runStep({ ...plans[first], version: first, confirmation: true });
    const other = await this.#ports.runStep({ ...plans[second], version: second, confirmation: true });
    return {
      ...(this.#restarts.count === 0 ? {} : { start: this.#restarts.count }),
      ...(first === 'base' ? { base: one, head: other } : { base: other, head: one }),
    };
  }

  #end(version: Side, end: CapacityEnd): void {
    this.#found[version] = { ...this.#found[version], end };
  }

  /** @returns whether there is nothing left to find out. */
  #look(): boolean {
    this.#looks += 1;
    const narrow = SIDES.every((version) => isNarrow(this.#found[version].interval ?? NOTHING_KNOWN));
    if (!narrow || this.#metric().verdict === 'cannot-tell') return false;
    this.#stoppedBecause = 'decided';
    return true;
  }

  #metric(): MetricComparison {
    const { base, head } = this.#found;
    const answers = { base: answersOf(base.steps), head: answersOf(head.steps) };
    const known = hasEdges(base) && hasEdges(head) ? estimateRatio(answers.base, answers.head) : null;
    const margin = Math.log1p(this.#settings.tolerance);
    const bounds =
      known === null ? null : { low: Math.log(known.interval.low), high: Math.log(known.interval.high), error: ERROR };
    const said = bounds === null ? 'cannot-tell' : verdictBy(bounds, margin, 'higher');
    const verdict = this.#confirmed === false ? 'cannot-tell' : said;
    return {
      metric: 'capacity',
      unit: 'per second',
      better: 'higher',
      primary: true,
      base: base.ratePerSecond,
      head: head.ratePerSecond,
      scale: 'ratio',
      estimate: known?.ratio ?? null,
      interval: known?.interval ?? null,
      singleInterval: known?.interval ?? null,
      verdict,
      minimumDetectableEffect:
        known === null || bounds === null
          ? null
          : detectableEffect({ better: 'higher', scale: 'ratio' }, Math.log(known.ratio), bounds, margin),
      rounds: answers.base.length + answers.head.length,
      confirmation:
        this.#confirmed === null || this.#change === null
          ? null
          : {
              change: this.#change,
              confirmed: this.#confirmed,
              estimate: null,
              pValue: pairsPValue(this.#pairs, this.#change),
              rounds: this.#pairs.length,
            },
      reason:
        verdict === 'cannot-tell'
          ? whyNot(this.#found, this.#confirmed === null ? null : this.#change, this.#pairs.length)
          : null,
    };
  }

  /** The mean time of a step, with everything around it; as planned before the first. */
  get #stepMs(): number {
    const { shortestStepMs, overheadMs } = this.#settings.search;
    const steps = this.#steps.base.length + this.#steps.head.length + 2 * this.#pairs.length;
    return steps === 0 ? shortestStepMs + overheadMs : this.#elapsedMs / steps;
  }

  get #elapsedMs(): number {
    return this.#ports.clock.now() - this.#beganMs - this.#restarts.tookMs;
  }
}

const hasEdges = ({ highestKept, lowestBroken }: CapacityResult): boolean =>
  highestKept !== null && lowestBroken !== null;

function whyNot(found: Readonly<Record<Side, CapacityResult>>, unconfirmed: Change | null, pairs: number): string {
  const unknown = SIDES.flatMap((version) => {
    const { highestKept, lowestBroken } = found[version];
    if (highestKept === null) return [`${version} kept the thresholds at no rate that was tried`];
    return lowestBroken === null ? [`${version} kept the thresholds at each rate that was tried`] : [];
  });
  if (unknown.length > 0) return `There is no ratio: ${unknown.join(', and ')}.`;
  if (unconfirmed === null)
    return 'The interval is too wide to decide. More time (capacity-limit) or a quieter machine would narrow it.';
  const said = `The search said ${unconfirmed === 'slower' ? 'lower' : 'higher'}, but`;
  return pairs === 0
    ? `${said} no time was left for fresh steps to confirm it: raise capacity-limit.`
    : `${said} fresh steps did not confirm it.`;
}
