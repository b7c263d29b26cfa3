import { sendCountedLoad } from '../adapters/engine/load-generator.ts';
import { fetchBytes } from '../adapters/fetch-bytes.ts';
import { remove, writeFileAtomically } from '../adapters/files.ts';
import { parsePods, type PodJson } from '../cluster/kubernetes-json.ts';
import { isReady } from '../cluster/readiness.ts';
import { ownerOf } from '../cluster/usage/resource-usage.ts';
import { compareProfiles, type TakenProfile } from '../comparison/profiles/compare-profiles.ts';
import { readProfile } from '../comparison/profiles/read-profile.ts';
import { type Context, ingressOf, kubectlOf, outputPath, warn } from '../context.ts';
import { messageOf, StageError } from '../errors.ts';
import type { ProfileSource } from '../inputs/formats.ts';
import { onLoopback } from '../model/endpoint.ts';
import type { LoadResult } from '../model/load.ts';
import type { ProfiledWorkload } from '../model/profiles.ts';
import type { Side } from '../model/sides.ts';
import { comparedVersionsOf } from './compare-versions.ts';
import { generatorThreads, planOf } from './loading/load-inputs.ts';
import { comparedTargetsOf, journeysOf, targetsOfSide } from './loading/targets.ts';

interface ProfileTimes {
  readonly seconds: number;
  /** The load starts before the profile and ends after it. */
  readonly loadAheadMs: number;
  readonly loadMarginMs: number;
}

/** A thousand samples of a busy core at 100 a second. */
const TIMES: ProfileTimes = { seconds: 10, loadAheadMs: 1000, loadMarginMs: 5000 };
/** On top of the profile itself, for starting and finishing it. */
const SPARE_MS = 20_000;
/** Evidence is in one folder, the only one that a later process trusts. */
const FOLDER = 'diagnostics/profiles';

/**
 * After a confirmed regression: loads each version once more and takes CPU profiles of the requested workloads. Nothing
 * is measured, because profiling itself takes time. A workload that can't be profiled is a warning.
 */
export async function profileVersions(context: Context, times: ProfileTimes = TIMES): Promise<void> {
  const { inputs, store, runner, signal } = context;
  remove(outputPath(context, FOLDER));
  if (store.state.comparison?.verdict !== 'slower' || !store.state.comparison.confirmed) {
    runner.info('No profile was taken: no regression was confirmed.');
    return;
  }
  // The verdict stands, whatever happens to the profiles.
  const nothing = (error: unknown): Outcome[] => inputs.profile.map(() => ({ status: 'rejected', reason: error }));
  const base = await profilesOf(context, 'base', times).catch(nothing);
  const head = await profilesOf(context, 'head', times).catch(nothing);
  signal.throwIfAborted();
  const profiles: ProfiledWorkload[] = [];
  for (const [index, { workload }] of inputs.profile.entries()) {
    try {
      const compared = compareProfiles(workload, { base: valueOf(base[index]), head: valueOf(head[index]) });
      profiles.push(compared);
      const first = compared.path.at(-1) ?? compared.functions[0]?.name;
      runner.info(`Profiles of ${workload}: ${first === undefined ? 'no function changed' : `see ${first}`}`);
    } catch (error) {
      signal.throwIfAborted();
      warn(context, `Workload ${workload} could not be profiled: ${messageOf(error)}`);
    }
  }
  store.update({ profiles });
}

type Outcome = PromiseSettledResult<TakenProfile>;

function valueOf(outcome: Outcome | undefined): TakenProfile {
  if (outcome?.status === 'fulfilled') return outcome.value;
  throw outcome?.reason;
}

/** All workloads of one version at once, in one window of load. */
async function profilesOf(context: Context, side: Side, times: ProfileTimes): Promise<Outcome[]> {
  const { inputs, store, signal, clock } = context;
  const pods = await readyPods(context, side);
  const loading = sendLoad(context, side, times.seconds * 1000 + times.loadMarginMs);
  // Errors of the load are handled below.
  loading.catch(() => undefined);
  await clock.sleep(times.loadAheadMs, signal);
  const taken = await Promise.allSettled(
    inputs.profile.map(async (source) => ({
      source,
      ...(await takenFrom(context, source, { ready: pods, side, seconds: times.seconds })),
    })),
  );
  const perSecond = (await loading).total.requestsPerSecond ?? 0;
  return await Promise.allSettled(
    taken.map(async (outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason;
      const { source, bytes, ...of } = await Promise.resolve(outcome.value);
      const file = `${FOLDER}/${source.workload}-${side}.${extensionOf(bytes)}`;
      writeFileAtomically(outputPath(context, file), bytes);
      store.update({ diagnostics: [...store.state.diagnostics.filter((other) => other !== file), file] });
      const profile = readProfile(bytes);
      const seconds = profile.seconds ?? times.seconds;
      return { ...of, file, seconds, requests: perSecond * seconds, samples: profile.samples, profile };
    }),
  );
}

/** The same load as in the rounds, on one version alone. */
async function sendLoad(context: Context, side: Side, durationMs: number): Promise<LoadResult> {
  const { inputs, store, signal } = context;
  const versions = comparedVersionsOf(context);
  const targets = targetsOfSide(versions, side, comparedTargetsOf(context, versions));
  const plan = {
    ...planOf(inputs, targets, `${store.state.comparison?.seed ?? ''}/profile`, journeysOf(context)),
    requests: null,
    durationMs,
    rampUpMs: 0,
  };
  const settings = { endpoint: ingressOf(context, side), ...generatorThreads(inputs), signal };
  return (await sendCountedLoad(plan, settings)).load;
}

/** The workloads of a version that take part in the load, by name. */
async function readyPods(context: Context, side: Side): Promise<PodJson[]> {
  const { namespaces } = comparedVersionsOf(context);
  const all = await Promise.all(
    namespaces[side].map(async (namespace) =>
      parsePods(await kubectlOf(context).get('pods', `--namespace=${namespace}`)),
    ),
  );
  return all
    .flat()
    .filter((pod) => pod.metadata.deletionTimestamp === undefined && isReady(pod))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** The profile of one pod of a workload. */
async function takenFrom(
  context: Context,
  { workload, from }: ProfileSource,
  { ready, side, seconds }: { readonly ready: readonly PodJson[]; readonly side: Side; readonly seconds: number },
): Promise<{ readonly bytes: Buffer; readonly pod: string; readonly pods: number }> {
  const pods = ready.filter((pod) => ownerOf(pod).name === workload);
  const pod = pods[0]?.metadata;
  if (pod === undefined) {
    const known = [...new Set(ready.map((other) => ownerOf(other).name))].join(', ');
    throw new StageError(
      'unexpected-answer',
      `${side} has no ready pod of it; ${known === '' ? 'none of its pods is ready' : `it has ${known}`}.`,
    );
  }
  const bytes = await bytesOf(context, from, pod, seconds);
  return { bytes, pod: pod.name, pods: pods.length };
}

async function bytesOf(
  context: Context,
  from: ProfileSource['from'],
  { namespace, name }: { readonly namespace: string; readonly name: string },
  seconds: number,
): Promise<Buffer> {
  const kubectl = kubectlOf(context);
  const deadlineMs = seconds * 1000 + SPARE_MS;
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(deadlineMs)]);
  if ('command' in from) {
    const command = from.command.replaceAll('{seconds}', String(seconds));
    return await kubectl.exec({ namespace, name }, ['sh', '-c', command], { deadlineMs, signal });
  }
  const forward = await kubectl.forwardToPod({ namespace, name, port: String(from.port) }, { deadlineMs, signal });
  try {
    return await fetchBytes(onLoopback(forward.port), withSeconds(from.path, seconds), signal);
  } finally {
    await forward.close();
  }
}

/** net/http/pprof takes 30 s by default. */
function withSeconds(path: string, seconds: number): string {
  if (/[?&]seconds=/.test(path)) return path;
  return `${path}${path.includes('?') ? '&' : '?'}seconds=${String(seconds)}`;
}

/** The extension that tools for such files expect. */
function extensionOf(bytes: Buffer): string {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'pb.gz';
  const begin = bytes.subarray(0, 100).toString('latin1');
  return /^\s*\{/.test(begin) ? 'cpuprofile' : begin.includes('\0') || bytes[0] === 0x0a ? 'pb' : 'folded.txt';
}
