import { sendCountedLoad } from '../adapters/engine/load-generator.ts';
import { compareInRounds } from '../comparison/compare-in-rounds.ts';
import { FEWEST_ROUNDS, planComparison } from '../comparison/plan.ts';
import type { ComparisonProgress, ComparisonWindow } from '../comparison/round-ports.ts';
import { timesOf } from '../comparison/times.ts';
import { type Context, ingressOf } from '../context.ts';
import { StageError } from '../errors.ts';
import { type CountedLoad, JoinedLoad } from '../load/counts/joined-load.ts';
import { longestThinkingMs } from '../load/journeys/journey.ts';
import type { LoadPlan } from '../load/requests/plan.ts';
import type { Comparison } from '../model/comparison.ts';
import type { LoadResult } from '../model/load.ts';
import type { Side } from '../model/sides.ts';
import type { ComparedVersions, PipelineState } from '../state.ts';
import { clusterIn } from '../system.ts';
import { roundsProgress } from '../report/words/progress.ts';
import type { CountedLoads } from './loading/count-loads.ts';
import { beginLoads, builtInEngine, generatorThreads, planOf, seedOf } from './loading/load-inputs.ts';
import { readWindowResources, type VersionStretch } from './loading/read-window-resources.ts';
import { restartOf } from './loading/restart-versions.ts';
import { comparedTargetsOf, journeysOf, targetsOfSide } from './loading/targets.ts';
import { reset } from './loading/user-command.ts';

/** Without compare-limit, a comparison may take this many times the time until its first look. */
const LIMIT_OF_DURATIONS = 3;
const PROGRESS_EVERY_MS = 10_000;

/**
 * Loads base and head in turns, with the same requests at the same moments, until it is clear whether head is slower. A
 * hit is confirmed on other starts of both. The sides are two versions of the application, or two ingress controllers
 * in front of it. Everything that head answered is also kept as the load of the run: thresholds are rules for head.
 *
 * @param startAgain restarts whatever both versions consist of, waits until it is healthy, and returns how much that
 * was. Without it, the Deployments of both are restarted, if there is a cluster.
 */
export async function compareVersions(context: Context, startAgain?: () => Promise<number>): Promise<void> {
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
    times: timesOf(journeysOf(context) ?? []),
    tolerance: inputs.tolerance,
    durationMs,
    limitMs: inputs['compare-limit'] ?? LIMIT_OF_DURATIONS * durationMs,
    rounds: inputs.rounds,
  };
  refuseShortRounds(context, settings);
  const measured = clusterIn(store.state.system) !== null && inputs.prometheus;
  const keep = (known: Comparison): void => {
    store.update({ comparison: known, load: loaded.head() });
  };
  const tellProgress = progressEvery(context, PROGRESS_EVERY_MS);
  runner.progress?.({ share: 0, lines: ['the first rounds'] });
  const comparison = await compareInRounds(settings, {
    loadWindow: (window) => loaded.load(window),
    readResources: measured ? (windows) => readWindowResources(context, loaded.stretches, windows) : undefined,
    startAgain: restartOf(context, versions, {
      startAgain,
      looks: (found) => `looks ${found}`,
      load: (version) => loaded.warm(version),
    }),
    keep,
    onRound: (progress) => {
      // If the job is killed, the post step reports what is here.
      const known = progress.soFar();
      keep(known);
      runner.progress?.(roundsProgress(progress, known));
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
      hint: 'The rounds are too short for the rate: raise compare-duration or lower rounds.',
    });
  }
}

/** How many of the longest walks must fit into one version's half of a round. */
const WALKS_IN_A_WINDOW = 3;

/** @throws StageError `input-invalid` when think times are so long that later steps would rarely be sent in a round. */
function refuseShortRounds(context: Context, settings: Parameters<typeof planComparison>[0]): void {
  const thinkingMs = longestThinkingMs(journeysOf(context) ?? []);
  const { windowMs } = planComparison(settings);
  if (windowMs >= WALKS_IN_A_WINDOW * thinkingMs) return;
  const needed = Math.ceil((WALKS_IN_A_WINDOW * thinkingMs * 2 * FEWEST_ROUNDS) / 1000);
  throw new StageError(
    'input-invalid',
    `Users of the scenario pause for up to ${String(thinkingMs / 1000)} s in a journey, but each version is loaded for ${String(windowMs / 1000)} s at a time: their last steps would rarely be sent.`,
    {
      hint: `Shorten think in the scenario, or make the rounds longer: rounds: ${String(FEWEST_ROUNDS)} and compare-duration: ${String(needed)}s.`,
    },
  );
}

/** Added to the seed of the comparison's random order: no other run, attempt or job has it. */
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

/** Loads windows of both versions and records when each was under load. */
class LoadedVersions {
  readonly stretches: VersionStretch[] = [];
  readonly #context: Context;
  readonly #counted: CountedLoads;
  readonly #plan: LoadPlan;
  readonly #versions: ComparedVersions;
  readonly #head: JoinedLoad;
  /** How long a window is. */
  #windowMs = 0;

  constructor(context: Context, versions: ComparedVersions, seed: string, counted: CountedLoads) {
    this.#context = context;
    this.#counted = counted;
    // Options that end a single load early do not apply here, and a ramp would make rounds longer than intended.
    this.#plan = {
      ...planOf(context.inputs, comparedTargetsOf(context, versions), seed, journeysOf(context)),
      requests: null,
      durationMs: 0,
      rampUpMs: 0,
    };
    this.#versions = versions;
    this.#head = new JoinedLoad(this.#plan);
  }

  /** Loads a version for as long as a window. No figure counts it. */
  async warm(version: Side): Promise<LoadResult> {
    return (await this.#send(version, `${this.#plan.seed}/warm`, this.#windowMs)).counted.load;
  }

  async load({ version, seed, durationMs }: ComparisonWindow): Promise<LoadResult> {
    // The first window of each version uses what `prepare` set up.
    if (this.stretches.some((stretch) => stretch.version === version)) await reset(this.#context, version);
    this.#windowMs = durationMs;
    const { clock, store } = this.#context;
    const began = clock.date();
    const { counted, plan } = await this.#send(version, seed, durationMs);
    const { load } = counted;
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

  async #send(version: Side, seed: string, durationMs: number): Promise<{ counted: CountedLoad; plan: LoadPlan }> {
    const { inputs, signal } = this.#context;
    const targets = targetsOfSide(this.#versions, version, this.#plan.targets);
    const plan = { ...this.#plan, targets, seed, durationMs };
    const endpoint = ingressOf(this.#context, version);
    const counted = await sendCountedLoad(plan, { endpoint, ...generatorThreads(inputs), signal });
    this.#counted.saw(version, counted.load);
    return { counted, plan };
  }

  /** Everything that head answered in all windows; null before the first. */
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
      `${String(rounds)} of ${String(until)} rounds${confirmation ? ', the last ones to confirm what was found' : ' before the next look'}`,
    );
  };
}
