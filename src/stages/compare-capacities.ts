import { hostOf, targetsOfVersion } from '../cluster/sides/version-names.ts';
import { compareInSteps as compareInTurns } from '../comparison/compare-in-steps.ts';
import { sideNames } from '../comparison/sides.ts';
import { type Context, ingressOf } from '../context.ts';
import type { StepPlan } from '../load/capacity/capacity-search.ts';
import { judgeStep } from '../load/capacity/capacity-step.ts';
import type { Target } from '../load/requests/plan.ts';
import { type Comparison, courseOf } from '../model/comparison.ts';
import type { LoadResult } from '../model/load.ts';
import { type Side, SIDES } from '../model/sides.ts';
import { clusterIn } from '../system.ts';
import { capacityText, stepText } from '../report/words/capacity-text.ts';
import { coinsOf, comparedVersionsOf } from './compare-versions.ts';
import { requireAnswer, searchSettingsOf, type Shown, stepLoad, tellsMore } from './find-capacity.ts';
import { beginLoads, seedOf } from './loading/load-inputs.ts';
import { restartOf } from './loading/restart-versions.ts';
import { comparedTargetsOf } from './loading/targets.ts';
import { readResources } from './read-resources.ts';
import { sendBuiltIn } from './run-load.ts';

/**
 * Looks for the capacity of base and of head in turns, until it can be told whether that of head is lower. The load
 * that the report shows is that of the highest rate at which head kept the thresholds, and when it never did that of
 * the lowest one. A difference is confirmed on other starts of both.
 *
 * @param startAgain restarts what both versions are made of, see `Restart`.
 * @param send sends the load of one step.
 */
export async function compareCapacities(
  context: Context,
  startAgain?: () => Promise<number>,
  send: typeof sendBuiltIn = sendBuiltIn,
): Promise<void> {
  const { inputs, store, runner, clock, signal } = context;
  const versions = comparedVersionsOf(context);
  const targets = comparedTargetsOf(context, versions);
  const seed = seedOf(inputs);
  const counted = await beginLoads(context, seed, 'send both the same requests again');
  let shown: Shown | null = null;
  const keep = (comparison: Comparison): void => {
    store.update({ comparison });
  };
  const began = clock.now();
  const seen = (line: string): void => {
    runner.progress?.({ share: (clock.now() - began) / inputs['capacity-limit'], lines: [line] });
  };
  seen('the first step');
  const sendStep = (version: Side, step: StepPlan, requests: string): Promise<LoadResult> =>
    send(
      context,
      stepLoad(context, targetsOfVersion(version, targets), step, requests),
      // A restart may have moved it.
      ingressOf(context),
      () => undefined,
      null,
    );
  /** The lowest rate so far, which hardly any version breaks. */
  let lowest: StepPlan = { ratePerSecond: Infinity, durationMs: 0 };
  const restart = restartOf(context, versions, {
    startAgain,
    looks: (found) => (found === 'slower' ? 'seems to hold less' : 'seems to hold more'),
    load: async (version) => {
      const load = await sendStep(version, lowest, `${seed}/warm`);
      signal.throwIfAborted();
      counted.saw(version, load);
      return load;
    },
  });
  const comparison = await compareInTurns(
    {
      base: versions.base,
      head: versions.head,
      seed,
      run: coinsOf(store.state),
      tolerance: inputs.tolerance,
      search: searchSettingsOf(inputs),
    },
    {
      runStep: async (step) => {
        const { version, confirmation } = step;
        const sent = await sendStep(version, step, seed);
        if (step.ratePerSecond < lowest.ratePerSecond) lowest = step;
        // A step that was cut short tells nothing.
        signal.throwIfAborted();
        counted.saw(version, sent);
        const load = withHostsOfManifests(sent, targets);
        const judged = judgeStep(step, load, inputs.thresholds);
        const line = `${sideNames(versions)[version]}${confirmation ? ', to confirm' : ''}: ${stepText(judged)}`;
        runner.info(line);
        seen(line);
        if (version === 'head' && !confirmation && (shown === null || tellsMore(judged, shown.step))) {
          shown = { step: judged, load };
          store.update({ load });
        }
        return judged;
      },
      startAgain:
        restart &&
        (async (found) => {
          // The load of the report is over, and nobody knows what pods used once they are gone.
          if (clusterIn(store.state.system) !== null && inputs.prometheus && store.state.resources === null)
            await readResources(context);
          return await restart(found);
        }),
      keep,
      onStep: (soFar) => {
        // If the job is killed, the post step reports what is here.
        keep(soFar());
      },
      clock,
    },
  );
  await counted.end();
  const course = courseOf(comparison);
  if (course.kind !== 'steps') throw new Error('a comparison in steps has found no capacities');
  for (const version of SIDES) runner.info(`${version}: ${capacityText(course.capacities[version])}`);
  runner.info(comparison.summary);
  for (const version of SIDES) requireAnswer(course.capacities[version], version);
}

/** Thresholds use the host names of the manifests. */
function withHostsOfManifests(load: LoadResult, targets: readonly Target[]): LoadResult {
  const names = new Map(SIDES.flatMap((version) => targets.map(({ host }) => [hostOf(version, host), host] as const)));
  return { ...load, hosts: load.hosts.map((result) => ({ ...result, host: names.get(result.host) ?? result.host })) };
}
