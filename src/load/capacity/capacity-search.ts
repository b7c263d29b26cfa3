/**
 * capacity/ searches for the highest rate that keeps the thresholds: the next step, what a step says, and how precisely
 * the answer is known. The steps are sent elsewhere. src/comparison/ compares two capacities.
 */
import type { CapacityEnd, CapacityResult, CapacityStep } from '../../model/capacity.ts';
import type { Interval } from '../../model/units.ts';
import { estimateCapacity, type RateAnswer } from './capacity-posterior.ts';

/** What decides how a search proceeds. All times are in milliseconds. */
export interface CapacitySettings {
  /** Requests that a step needs to make its thresholds meaningful. */
  readonly requestsPerStep: number;
  /** The shortest length of a step. */
  readonly shortestStepMs: number;
  /** What surrounds the measured part of a step: warm-up, ramp, requests in flight. */
  readonly overheadMs: number;
  /** The search begins no step that would end later. */
  readonly limitMs: number;
  /** The rate of the first step; by default the lowest rate for which the shortest step is long enough. */
  readonly firstRate?: number | undefined;
  /** The search ends when the upper end of the interval is this many times the lower one; 1.15 by default. */
  readonly precise?: number | undefined;
  /** The maximum number of steps; 40 by default. */
  readonly mostSteps?: number | undefined;
}

/** One step to run: an open load with even gaps. */
export interface StepPlan {
  readonly ratePerSecond: number;
  readonly durationMs: number;
}

const GROWTH = 2;
const LOWEST_RATE = 0.1;
const HIGHEST_RATE = 100_000;
const MOST_STEPS = 40;
/** An interval is narrow enough at this ratio of its ends: 7 % to both sides. */
const PRECISE = 1.15;
/** This many steps in a row spoilt by the generator: it can't send any faster. */
const SPOILT_IN_A_ROW = 2;

/**
 * The next step of a search, from the steps so far alone, so that it can go on after any of them and two
 * searches can take turns.
 *
 * The rate doubles from the lowest one that a short step is enough for, until a step breaks the thresholds
 * (or halves, when the first one does). From then on it goes through the rates that the capacity is
 * below with a probability of 30, 70, 10 and 90 %, until the 95 % interval is narrow enough. Steps at these rates
 * narrow it faster than steps in its middle, because they also tell how wide the transition is.
 *
 * @param elapsedMs since the search began.
 */
export function nextStep(
  steps: readonly CapacityStep[],
  settings: CapacitySettings,
  elapsedMs: number,
): StepPlan | { readonly end: CapacityEnd } {
  if (steps.length >= (settings.mostSteps ?? MOST_STEPS)) return { end: 'steps' };
  const last = steps.slice(-SPOILT_IN_A_ROW);
  if (last.length === SPOILT_IN_A_ROW && last.every((step) => isSpoilt(step))) return { end: 'generator' };
  const ratePerSecond = nextRate(steps, settings);
  if (ratePerSecond === null) return { end: 'precise' };
  if (ratePerSecond > HIGHEST_RATE || ratePerSecond < LOWEST_RATE) return { end: 'range' };
  const step = stepAt(ratePerSecond, settings);
  return elapsedMs + settings.overheadMs + step.durationMs > settings.limitMs ? { end: 'time' } : step;
}

/** A step at a rate, as long as its thresholds need. */
export const stepAt = (ratePerSecond: number, { shortestStepMs, requestsPerStep }: CapacitySettings): StepPlan => ({
  ratePerSecond: rounded(ratePerSecond),
  durationMs: Math.max(shortestStepMs, Math.ceil((requestsPerStep / ratePerSecond) * 1000)),
});

/** Null when the answer is precise enough. */
function nextRate(
  steps: readonly CapacityStep[],
  { requestsPerStep, shortestStepMs, firstRate, precise = PRECISE }: CapacitySettings,
): number | null {
  const answers = answersOf(steps);
  const { highestKept, lowestBroken } = edgesOf(answers);
  if (highestKept === null && lowestBroken === null)
    return rounded(firstRate ?? requestsPerStep / (shortestStepMs / 1000));
  if (lowestBroken === null) return rounded(Number(highestKept) * GROWTH);
  if (highestKept === null) return rounded(lowestBroken / GROWTH);
  const { interval, tryNext } = estimateCapacity(answers);
  if (isNarrow(interval, precise)) return null;
  return rounded(tryNext[answers.length % tryNext.length] ?? NaN);
}

/** Whether the interval of a capacity is as narrow as a search wants it. */
export const isNarrow = ({ low, high }: Interval, precise = PRECISE): boolean => high / low <= precise;

/** Three digits, because nobody asks for 731.418 requests per second. */
const rounded = (rate: number): number => Number(rate.toPrecision(3));

/** A saturated generator can only make figures worse: a broken step says nothing then, a kept one does. */
export const isSpoilt = ({ kept, generatorLimited }: Pick<CapacityStep, 'kept' | 'generatorLimited'>): boolean =>
  generatorLimited && !kept;

/** The steps that count. */
export const answersOf = (steps: readonly CapacityStep[]): RateAnswer[] => steps.filter((step) => !isSpoilt(step));

function edgesOf(answers: readonly RateAnswer[]): { highestKept: number | null; lowestBroken: number | null } {
  const rates = (kept: boolean): number[] =>
    answers.filter((answer) => answer.kept === kept).map(({ ratePerSecond }) => ratePerSecond);
  const [kept, broken] = [rates(true), rates(false)];
  return {
    highestKept: kept.length === 0 ? null : Math.max(...kept),
    lowestBroken: broken.length === 0 ? null : Math.min(...broken),
  };
}

/** The result so far, even when the search was interrupted. */
export function capacityResult(steps: readonly CapacityStep[], end: CapacityEnd): CapacityResult {
  const answers = answersOf(steps);
  const edges = edgesOf(answers);
  const estimate = edges.highestKept === null || edges.lowestBroken === null ? null : estimateCapacity(answers);
  return {
    ratePerSecond: estimate?.ratePerSecond ?? null,
    interval: estimate?.interval ?? null,
    ...edges,
    end,
    steps: [...steps],
  };
}

/** What a search does between its steps. */
export interface SearchPorts {
  /** Runs one step and judges it. */
  readonly runStep: (plan: StepPlan) => Promise<CapacityStep>;
  /** From a monotonic clock. */
  readonly now: () => number;
  /** Called with what is known after each step. */
  readonly onStep: (result: CapacityResult) => void;
}

/**
 * Runs step after step until the search ends: because the answer is precise, or steps or time are used up. Errors of a
 * step are passed on.
 */
export async function searchCapacity(
  settings: CapacitySettings,
  { runStep, now, onStep }: SearchPorts,
): Promise<CapacityResult> {
  const beganMs = now();
  const steps: CapacityStep[] = [];
  for (;;) {
    const next = nextStep(steps, settings, now() - beganMs);
    if ('end' in next) return capacityResult(steps, next.end);
    steps.push(await runStep(next));
    onStep(capacityResult(steps, 'cancelled'));
  }
}
