import { sendCountedLoad } from '../adapters/engine/load-generator.ts';
import {
  compareInRounds as compareInRounds,
  type ComparisonProgress,
  type ComparisonWindow,
} from '../comparison/compare-in-rounds.ts';
import { type Context, ingressOf } from '../context.ts';
import { StageError } from '../errors.ts';
import { JoinedLoad } from '../load/counts/joined-load.ts';
import type { LoadPlan } from '../load/requests/plan.ts';
import type { Comparison } from '../model/comparison.ts';
import type { LoadResult } from '../model/load.ts';
import type { ComparedVersions, PipelineState } from '../state.ts';
import { clusterIn } from '../system.ts';
import type { CountedLoads } from './loading/count-loads.ts';
import { beginLoads, builtInEngine, generatorThreads, planOf, seedOf } from './loading/load-inputs.ts';
import { readWindowResources, type VersionStretch } from './loading/read-window-resources.ts';
import { comparedTargetsOf, targetsOfSide } from './loading/targets.ts';

/** Without a limit of its own a comparison may take so many times the time until its first look. */
const LIMIT_OF_DURATIONS = 3;
const PROGRESS_EVERY_MS = 10_000;

/**
 * Loads base and head in turns, with the same requests at the same moments in both, until it can be told whether head
 * is slower. They are two versions of the application, or two ingress controllers in front of it. Everything that head answered is kept as the load of the run, too: thresholds are rules for head.
 */
export async function compareVersions(context: Context): Promise<void> {
  const { inputs, store, runner, clock, signal } = context;
  const versions = comparedVersionsOf(context);
  const seed = seedOf(inputs);
  const counted = await beginLoads(context, seed, 'send both the same requests again');
  const loaded = new LoadedVersions(context, versions, seed, counted);
  const durationMs = inputs['compare-duration'];
  const settings = {
    ...(versions.subject === undefined ? {} : { subject: versions.subject }),
    base: versions.base,
    head: versions.head,
    seed,
    run: coinsOf(store.state),
    requests: comparedTargetsOf(context, versions).map(({ host, path, name }) => ({
      host,
      path,
      ...(name === undefined ? {} : { name }),
    })),
    tolerance: inputs.tolerance,
    durationMs,
    limitMs: inputs['compare-limit'] ?? LIMIT_OF_DURATIONS * durationMs,
    rounds: inputs.rounds,
  };
  const measured = clusterIn(store.state.system) !== null && inputs.prometheus;
  const keep = (known: Comparison): void => {
    store.update({ comparison: known, load: loaded.head() });
  };
  const tellProgress = progressEvery(context, PROGRESS_EVERY_MS);
  const comparison = await compareInRounds(settings, {
    loadWindow: (window) => loaded.load(window),
    readResources: measured ? (windows) => readWindowResources(context, loaded.stretches, windows) : undefined,
    keep,
    onRound: (progress) => {
      // The post step makes a report of what is here when the job is killed.
      keep(progress.soFar());
      tellProgress(progress);
    },
    clock,
    signal,
  });
  signal.throwIfAborted();
  await counted.end();
  runner.info(comparison.summary);
  if (comparison.rounds.every(({ base, head }) => base.sent + head.sent === 0)) {
    throw new StageError('load-failed', 'No request was sent.', {
      hint: 'The rounds are too short for the rate: give more compare-duration or fewer rounds.',
    });
  }
}

/** What the coins of a comparison are drawn from beside the seed: no other run, attempt or job has it. */
export const coinsOf = ({ run, startedAt }: PipelineState): string =>
  [run.id, String(run.attempt), run.job ?? '', startedAt].join('/');

/** @throws StageError `stage-order` when only one version was deployed. */
export function comparedVersionsOf({ store }: Context): ComparedVersions {
  const { comparedVersions } = store.state;
  if (comparedVersions === undefined) {
    throw new StageError('stage-order', "This stage can't run: there is nothing to compare.", {
      hint: 'Start with the command `up`, with manifests and baseline-manifests, or with baseline-ingress-controller.',
    });
  }
  return comparedVersions;
}

/** Loads windows of both versions and knows when each was under load. */
class LoadedVersions {
  readonly stretches: VersionStretch[] = [];
  readonly #context: Context;
  readonly #counted: CountedLoads;
  readonly #plan: LoadPlan;
  readonly #versions: ComparedVersions;
  readonly #head: JoinedLoad;

  constructor(context: Context, versions: ComparedVersions, seed: string, counted: CountedLoads) {
    this.#context = context;
    this.#counted = counted;
    // What ends a load that runs alone is not asked for here, and a ramp would make rounds longer than they are meant to be.
    this.#plan = {
      ...planOf(context.inputs, comparedTargetsOf(context, versions), seed),
      requests: null,
      durationMs: 0,
      rampUpMs: 0,
    };
    this.#versions = versions;
    this.#head = new JoinedLoad(this.#plan);
  }

  async load({ version, seed, durationMs }: ComparisonWindow): Promise<LoadResult> {
    const { inputs, clock, store, signal } = this.#context;
    const began = clock.date();
    const plan = {
      ...this.#plan,
      targets: targetsOfSide(this.#versions, version, this.#plan.targets),
      seed,
      durationMs,
    };
    const counted = await sendCountedLoad(plan, {
      endpoint: ingressOf(this.#context, version),
      ...generatorThreads(inputs),
      signal,
    });
    const { load } = counted;
    this.#counted.saw(version, load);
    this.stretches.push({
      version,
      start: began.getTime() / 1000,
      end: Date.parse(load.endedAt) / 1000,
      measuredShare: load.total.sent / Math.max(1, load.total.sent + plan.warmupRequests),
      startedAt: load.startedAt,
    });
    if (version === 'head') this.#head.add(counted);
    return { ...load, engine: builtInEngine(store) };
  }

  /** What head answered in all windows together; null before the first. */
  head(): LoadResult | null {
    const load = this.#head.result();
    return load === null ? null : { ...load, engine: builtInEngine(this.#context.store) };
  }
}

function progressEvery({ runner, clock }: Context, everyMs: number): (progress: ComparisonProgress) => void {
  let next = clock.now() + everyMs;
  return ({ rounds, until, confirmation }) => {
    if (clock.now() < next) return;
    next = clock.now() + everyMs;
    runner.info(
      `${String(rounds)} of ${String(until)} rounds${confirmation ? ', the last ones to confirm that head is worse' : ' before the next look'}`,
    );
  };
}
