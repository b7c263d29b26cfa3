import { type Context, ingressOf } from '../context.ts';
import { StageError } from '../errors.ts';
import type { Inputs } from '../inputs/table.ts';
import { type CapacitySettings, isSpoilt, searchCapacity, type StepPlan } from '../load/capacity/capacity-search.ts';
import { judgeStep, requestsFor } from '../load/capacity/capacity-step.ts';
import { meanThinkingMs } from '../load/journeys/journey.ts';
import type { LoadPlan, Target } from '../load/requests/plan.ts';
import type { CapacityResult, CapacityStep } from '../model/capacity.ts';
import type { LoadResult } from '../model/load.ts';
import type { Side } from '../model/sides.ts';
import { capacityText, stepText } from '../report/words/capacity-text.ts';
import { beginLoads, planOf, seedOf } from './loading/load-inputs.ts';
import { openLoadMetrics } from './loading/push-load-metrics.ts';
import { journeysOf, targetsOf } from './loading/targets.ts';
import { sendBuiltIn } from './run-load.ts';

const SHORTEST_STEP_MS = 5000;
/** How long the rate of a step ramps up before it is measured, to open connections and let the previous step drain. */
const RAMP_UP_MS = 1000;
/** For the warm-up and the requests in flight at the end. */
const AROUND_MS = 500;
const MOST_CONNECTIONS = 1000;

/**
 * Searches for the highest rate that keeps the thresholds. The report shows the load at that rate, or at the lowest
 * rate if none kept them.
 *
 * @param send sends the load of one step.
 */
export async function findCapacity(context: Context, send: typeof sendBuiltIn = sendBuiltIn): Promise<void> {
  const { inputs, store, runner, clock, signal } = context;
  const endpoint = ingressOf(context);
  const seed = seedOf(inputs);
  const counted = await beginLoads(context, seed, 'send the same sequence again');
  let shown: Shown | null = null;
  const metrics = await openLoadMetrics(context);
  const began = clock.now();
  const seen = (line: string): void => {
    runner.progress?.({ share: (clock.now() - began) / inputs['capacity-limit'], lines: [line] });
  };
  seen('the first step');
  const capacity = await searchCapacity(searchSettingsOf(inputs), {
    now: () => clock.now(),
    runStep: async (step) => {
      const load = await send(
        context,
        stepLoad(context, targetsOf(context), step, seed),
        endpoint,
        () => undefined,
        metrics,
      );
      // A step that was cut short tells nothing.
      signal.throwIfAborted();
      counted.saw('head', load);
      const judged = judgeStep(step, load, inputs.thresholds);
      runner.info(stepText(judged));
      seen(stepText(judged));
      if (shown === null || tellsMore(judged, shown.step)) shown = { step: judged, load };
      store.update({ load: shown.load });
      return judged;
    },
    onStep: (result) => {
      store.update({ capacity: result });
    },
  }).finally(() => metrics?.close());
  store.update({ capacity });
  await counted.end();
  runner.info(capacityText(capacity));
  requireAnswer(capacity);
}

/** How a search proceeds, from the inputs. */
export const searchSettingsOf = (inputs: Inputs): CapacitySettings => ({
  requestsPerStep: requestsFor(inputs.thresholds),
  shortestStepMs: inputs.duration ?? SHORTEST_STEP_MS,
  overheadMs: rampUpOf(inputs) + AROUND_MS,
  limitMs: inputs['capacity-limit'],
});

/** The step whose load the report shows. */
export interface Shown {
  readonly step: CapacityStep;
  readonly load: LoadResult;
}

/**
 * Whether the load of a step says more than another: kept beats broken; among kept steps the highest rate wins,
 * otherwise the lowest.
 */
export function tellsMore(one: CapacityStep, other: CapacityStep): boolean {
  if (one.kept !== other.kept) return one.kept;
  // Figures of a saturated generator are shown only when there are no others.
  if (one.generatorLimited !== other.generatorLimited) return other.generatorLimited;
  return one.kept ? one.ratePerSecond >= other.ratePerSecond : one.ratePerSecond <= other.ratePerSecond;
}

const rampUpOf = (inputs: Inputs): number => inputs['ramp-up'] ?? RAMP_UP_MS;

/** The load of one step: open model, with as many connections as its rate may need. */
export function stepLoad(
  context: Pick<Context, 'inputs'>,
  targets: readonly Target[],
  { ratePerSecond, durationMs }: StepPlan,
  seed: string,
): LoadPlan {
  const { inputs } = context;
  const journeys = journeysOf(context);
  // By Little's law, this many connections are enough while a request, or a journey, takes less than a second.
  const seconds = 1 + meanThinkingMs(journeys ?? []) / 1000;
  const concurrency = Math.max(inputs.concurrency, Math.min(MOST_CONNECTIONS, Math.ceil(ratePerSecond * seconds)));
  return {
    ...planOf(inputs, targets, seed, journeys),
    model: { kind: 'open', ratePerSecond, arrivals: inputs.arrivals, concurrency },
    requests: null,
    durationMs,
    rampUpMs: rampUpOf(inputs),
  };
}

/**
 * @param version whose capacity it is, when two are compared.
 * @throws StageError when no step kept the thresholds, so there is no answer at all.
 */
export function requireAnswer(capacity: CapacityResult, version?: Side): void {
  if (capacity.highestKept !== null) return;
  const spoilt = capacity.steps.some((step) => isSpoilt(step));
  const [of, whose] = version === undefined ? ['', ''] : [`Of ${version}: `, ` in ${version}`];
  if (spoilt && capacity.lowestBroken === null) {
    throw new StageError(
      'generator-saturated',
      `The load generator was the bottleneck at the very first rate${whose}, so the capacity of the system under test is unknown.`,
      {
        hint: 'Use a machine with more cores, or a less busy one.',
      },
    );
  }
  throw new StageError('capacity-not-found', `${of}${capacityText(capacity)}`, {
    hint: 'Check whether the thresholds can be met at all: the same run with mode: load shows how long a request takes. To try lower rates, raise capacity-limit.',
  });
}
