/**
 * loading/ has what the stages that send load share: the plan and targets from the inputs, running k6 on this machine,
 * and what is recorded during a load. The built-in engine is in src/adapters/engine/, and k6 in pods in k6-operator/.
 */
import { randomBytes } from 'node:crypto';
import type { GeneratorSettings } from '../../adapters/engine/load-generator.ts';
import { programFile } from '../../adapters/files.ts';
import { machineFacts } from '../../adapters/machine.ts';
import { parsePods } from '../../cluster/kubernetes-json.ts';
import { restartsOf } from '../../cluster/usage/pod-lives.ts';
import { type Context, kubectlOf, namespaceFlag } from '../../context.ts';
import type { Inputs } from '../../inputs/table.ts';
import { defaultWorkers } from '../../load/engine/split-plan.ts';
import type { Journey } from '../../load/journeys/journey.ts';
import type { LoadPlan, Target } from '../../load/requests/plan.ts';
import { durationOf, highestOf, meanOf } from '../../load/requests/stages.ts';
import { percentilesOf } from '../../load/thresholds/thresholds.ts';
import type { LoadResult } from '../../model/load.ts';
import { clusterIn } from '../../system.ts';
import { CountedLoads } from './count-loads.ts';
import { refuseUnseenCertificates } from './seen-certificates.ts';

/** The threads of the built-in engine: as many as the inputs set, or as this machine can spare. */
export const generatorThreads = (inputs: Inputs): Pick<GeneratorSettings, 'workers' | 'entry'> => ({
  workers: inputs.workers ?? defaultWorkers(machineFacts().cpus),
  // A worker is this same program; it detects that it is a worker.
  entry: programFile(),
});

/** The built-in engine, as a load names it. */
export const builtInEngine = ({ state }: Context['store']): LoadResult['engine'] => ({
  name: 'builtin',
  version: state.tool.version,
});

/** The seed of the inputs, or a new random one. */
export const seedOf = (inputs: Inputs): string => inputs.seed ?? randomBytes(6).toString('hex');

/** The stages whose outcome is that of one load. */
const AFTER_THE_LOAD: ReadonlySet<string> = new Set(['read-resources', 'check-witnesses', 'profile-versions']);

/**
 * Before the first load: logs the seed, forgets an earlier load, and records how often containers had restarted.
 *
 * @param again what the seed is for, to follow "to".
 * @returns what the ingress controllers count from now on.
 * @throws StageError `tls-untrusted` for hosts over HTTPS whose certificates were not checked.
 */
export async function beginLoads(context: Context, seed: string, again: string): Promise<CountedLoads> {
  context.runner.info(`Seed ${seed}: set input seed to it to ${again}`);
  refuseUnseenCertificates(context);
  const { store } = context;
  // Results of an earlier load must not pass for those of this one.
  store.update({
    load: null,
    resources: null,
    comparison: undefined,
    profiles: undefined,
    capacity: undefined,
    replicaRecords: undefined,
    stages: store.state.stages.filter(({ name }) => !AFTER_THE_LOAD.has(name)),
    failure: AFTER_THE_LOAD.has(store.state.failure?.stage ?? '') ? null : store.state.failure,
    restartsAtStart: await readRestarts(context),
  });
  return await CountedLoads.begin(context);
}

/** What the inputs ask of the load generator. */
export const planOf = (
  inputs: Inputs,
  targets: readonly Target[],
  seed: string,
  journeys: readonly Journey[] | null,
): LoadPlan => ({
  targets,
  ...(journeys === null ? {} : { journeys }),
  ...strengthOf(inputs),
  warmupRequests: inputs['warmup-requests'],
  rampUpMs: inputs['ramp-up'] ?? 0,
  requestTimeoutMs: inputs['request-timeout'],
  seed,
  ...(inputs['http-version'] === '2' ? { httpVersion: 2, streams: inputs.streams } : {}),
  percentiles: percentilesOf(inputs.thresholds),
});

/** The level of the load, and when it ends. */
function strengthOf({
  stages: staged,
  rate,
  arrivals,
  concurrency,
  requests,
  duration,
}: Inputs): Pick<LoadPlan, 'model' | 'requests' | 'durationMs' | 'stages'> {
  const open = (ratePerSecond: number): LoadPlan['model'] => ({ kind: 'open', ratePerSecond, arrivals, concurrency });
  if (staged === null) {
    return {
      model: rate === null ? { kind: 'closed', concurrency } : open(rate),
      requests: duration === null ? requests : null,
      durationMs: duration,
    };
  }
  const { unit, stages } = staged;
  return {
    model: unit === 'users' ? { kind: 'closed', concurrency: highestOf(stages) } : open(meanOf(stages)),
    requests: null,
    durationMs: durationOf(stages),
    stages,
  };
}

/** How often containers had restarted, by pod; null without a cluster (`try`). */
async function readRestarts(context: Context): Promise<Record<string, number> | null> {
  if (clusterIn(context.store.state.system) === null) return null;
  const pods = parsePods(await kubectlOf(context).get('pods', namespaceFlag(context)));
  return Object.fromEntries(pods.map((pod) => [pod.metadata.uid, restartsOf(pod)]));
}
