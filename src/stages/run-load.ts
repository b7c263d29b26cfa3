import { randomBytes } from 'node:crypto';
import { programFile } from '../adapters/files.ts';
import { sendCountedLoad, type GeneratorSettings } from '../adapters/load-generator.ts';
import { machineFacts } from '../adapters/machine.ts';
import type { IngressAddress } from '../cluster/ingress-address.ts';
import { parsePods } from '../cluster/kubernetes-json.ts';
import { restartsOf } from '../cluster/resource-usage.ts';
import { ingressOf, kubectlOf, namespaceFlag, type Context } from '../context.ts';
import { StageError } from '../errors.ts';
import type { Inputs } from '../inputs.ts';
import type { LoadProgress } from '../load/generate.ts';
import { countsOf } from '../load/load-counts.ts';
import type { LoadPlan, Target } from '../load/plan.ts';
import { defaultWorkers } from '../load/split-plan.ts';
import { percentilesOf } from '../load/thresholds.ts';
import type { LoadResult } from '../report/model.ts';
import { openLoadMetrics, type LoadMetrics } from './push-load-metrics.ts';
import { recordReplicas } from './record-replicas.ts';
import { sendLoadWithK6Operator } from './run-load-k6-operator.ts';
import { sendLoadWithK6 } from './run-load-k6.ts';
import { targetsOf } from '../targets.ts';

const PROGRESS_EVERY_MS = 5000;

/** Warms up, sends the measured load, and keeps its result. */
export async function runLoad(context: Context): Promise<void> {
  const { inputs, store, runner, signal } = context;
  const ingress = ingressOf(context);
  const plan = planOf(inputs, targetsOf(context), seedOf(inputs));
  await beginLoads(context, plan.seed, 'send the same sequence again');
  const onProgress = reportEvery(PROGRESS_EVERY_MS, (line) => {
    runner.info(line);
  });
  const recording = inputs.autoscaling ? await recordReplicas(context) : null;
  const load = await send(context, plan, ingress, onProgress).finally(() => recording?.stop());
  store.update({ load });
  runner.info(`${String(load.total.sent)} requests in ${load.durationSeconds.toFixed(2)} s, ${String(load.total.failed)} failed`);
  signal.throwIfAborted();
  if (load.total.sent === 0) {
    throw new StageError('load-failed', 'No request was sent.', { hint: 'The duration is too short for the rate.' });
  }
}

function send(context: Context, plan: LoadPlan, ingress: IngressAddress, onProgress: (progress: LoadProgress) => void): Promise<LoadResult> {
  switch (context.inputs.engine) {
    case 'builtin':
      return sendShown(context, plan, ingress, onProgress);
    case 'k6':
      return sendLoadWithK6(context, plan, ingress.port, onProgress);
    case 'k6-operator':
      return sendLoadWithK6Operator(context, plan, onProgress);
  }
}

/** The dashboards show it while it runs, when there are any. */
async function sendShown(context: Context, plan: LoadPlan, ingress: IngressAddress, onProgress: (progress: LoadProgress) => void): Promise<LoadResult> {
  const metrics = await openLoadMetrics(context);
  try {
    return await sendBuiltIn(context, plan, ingress, onProgress, metrics);
  } finally {
    await metrics?.close();
  }
}

/**
 * Sends the load of a plan with the engine of this program.
 *
 * @param metrics is told how it goes.
 */
export async function sendBuiltIn(
  { inputs, store, signal }: Context,
  plan: LoadPlan,
  ingress: IngressAddress,
  onProgress: (progress: LoadProgress) => void,
  metrics: LoadMetrics | null,
): Promise<LoadResult> {
  const { load, measurement } = await sendCountedLoad(plan, {
    ...ingress,
    ...generatorThreads(inputs),
    signal,
    onProgress,
    onCounts: metrics === null ? undefined : (counts) => { metrics.see(plan.targets, counts); },
  });
  await metrics?.seeEnd(plan.targets, countsOf(plan, measurement));
  return { ...load, engine: builtInEngine(store) };
}

/** The threads that the engine of this program sends with: as many as the inputs ask for, or as this machine can spare. */
export const generatorThreads = (inputs: Inputs): Pick<GeneratorSettings, 'workers' | 'entry'> => ({
  workers: inputs.workers ?? defaultWorkers(machineFacts().cpus),
  // A worker is this same program, which sees by itself what it was started for.
  entry: programFile(),
});

/** The engine of this program, as a load names it. */
export const builtInEngine = ({ state }: Context['store']): LoadResult['engine'] => ({ name: 'builtin', version: state.tool.version });

/** The seed of the inputs, or one that was never there. */
export const seedOf = (inputs: Inputs): string => inputs.seed ?? randomBytes(6).toString('hex');

/**
 * What comes before the first load: tells the seed, and remembers how often containers had been restarted.
 *
 * @param again what the seed is good for, as it fits after "to".
 */
export async function beginLoads(context: Context, seed: string, again: string): Promise<void> {
  context.runner.info(`Seed ${seed}: give it as input seed to ${again}`);
  context.store.update({ restartsAtStart: await readRestarts(context) });
}

/** What the inputs ask the load generator to do. */
export const planOf = (inputs: Inputs, targets: readonly Target[], seed: string): LoadPlan => ({
  targets,
  model:
    inputs.rate === null
      ? { kind: 'closed', concurrency: inputs.concurrency }
      : { kind: 'open', ratePerSecond: inputs.rate, arrivals: inputs.arrivals, concurrency: inputs.concurrency },
  requests: inputs.duration === null ? inputs.requests : null,
  durationMs: inputs.duration,
  warmupRequests: inputs['warmup-requests'],
  rampUpMs: inputs['ramp-up'] ?? 0,
  requestTimeoutMs: inputs['request-timeout'],
  seed,
  percentiles: percentilesOf(inputs.thresholds),
});

/** How often containers had been restarted, by pod; null without a cluster (the try mode), where nothing could. */
async function readRestarts(context: Context): Promise<Record<string, number> | null> {
  if (context.store.state.cluster === null) return null;
  const pods = parsePods(await kubectlOf(context).get('pods', namespaceFlag(context)));
  return Object.fromEntries(pods.map((pod) => [pod.metadata.uid, restartsOf(pod)]));
}

function reportEvery(everyMs: number, write: (line: string) => void): (progress: LoadProgress) => void {
  let next = everyMs;
  return ({ elapsedMs, sent, answered, failed }) => {
    if (elapsedMs < next) return;
    next = elapsedMs + everyMs;
    const rate = answered / (elapsedMs / 1000);
    write(`${(elapsedMs / 1000).toFixed(0)} s: ${String(sent)} sent, ${rate.toFixed(0)} answered per second, ${String(failed)} failed`);
  };
}
