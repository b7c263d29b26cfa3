import { sendCountedLoad } from '../adapters/engine/load-generator.ts';
import { type Context, ingressOf } from '../context.ts';
import { StageError } from '../errors.ts';
import { countsOf } from '../load/counts/load-counts.ts';
import type { LoadProgress } from '../load/engine/generate.ts';
import type { LoadPlan } from '../load/requests/plan.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { brokenSoFar, canEndEarly } from '../load/thresholds/early-end.ts';
import type { EarlyEnd, LoadResult } from '../model/load.ts';
import { endedEarlyText } from '../report/words/ended-early.ts';
import { loadProgress } from '../report/words/progress.ts';
import { windowLength } from '../text/numbers.ts';
import { sendLoadWithK6Operator } from './k6-operator/run-load-k6-operator.ts';
import { beginLoads, builtInEngine, generatorThreads, planOf, seedOf } from './loading/load-inputs.ts';
import { type LoadMetrics, openLoadMetrics } from './loading/push-load-metrics.ts';
import { recordReplicas } from './loading/record-replicas.ts';
import { sendLoadWithK6 } from './loading/run-load-k6.ts';
import { journeysOf, targetsOf } from './loading/targets.ts';

const PROGRESS_EVERY_MS = 5000;

/** Warms up, sends the measured load, and keeps its result. */
export async function runLoad(context: Context): Promise<void> {
  const { inputs, store, runner, signal } = context;
  const endpoint = ingressOf(context);
  const plan = planOf(inputs, targetsOf(context), seedOf(inputs), journeysOf(context));
  const counted = await beginLoads(context, plan.seed, 'send the same sequence again');
  const tell = reportEvery(PROGRESS_EVERY_MS, (line) => {
    runner.info(line);
  });
  runner.progress?.({ share: null, lines: ['warm-up'] });
  const onProgress = (progress: LoadProgress): void => {
    tell(progress);
    runner.progress?.(loadProgress(progress, plan));
  };
  const recording = inputs.autoscaling ? await recordReplicas(context) : null;
  const load = await send(context, plan, endpoint, onProgress).finally(() => recording?.stop());
  store.update({ load });
  runner.info(
    `${String(load.total.sent)} requests in ${windowLength(load.durationSeconds)}, ${String(load.total.failed)} failed`,
  );
  if (load.endedBy !== undefined) runner.info(endedEarlyText(load.endedBy, load.durationSeconds));
  signal.throwIfAborted();
  counted.saw('head', load);
  await counted.end();
  if (load.total.sent === 0) {
    throw new StageError('load-failed', 'No request was sent.', { hint: 'The duration is too short for the rate.' });
  }
}

function send(
  context: Context,
  plan: LoadPlan,
  endpoint: Endpoint,
  onProgress: (progress: LoadProgress) => void,
): Promise<LoadResult> {
  switch (context.inputs.engine) {
    case 'builtin':
      return sendShown(context, plan, endpoint, onProgress);
    case 'k6':
      return sendLoadWithK6(context, plan, endpoint, onProgress);
    case 'k6-operator':
      return sendLoadWithK6Operator(context, plan, onProgress);
  }
}

/** Dashboards, if any, show it while it runs. */
async function sendShown(
  context: Context,
  plan: LoadPlan,
  endpoint: Endpoint,
  onProgress: (progress: LoadProgress) => void,
): Promise<LoadResult> {
  const metrics = await openLoadMetrics(context);
  try {
    return await sendBuiltIn(context, plan, endpoint, onProgress, metrics);
  } finally {
    await metrics?.close();
  }
}

/**
 * Sends the load of a plan with the built-in engine.
 *
 * @param metrics is updated as it goes.
 */
export async function sendBuiltIn(
  { inputs, store, signal }: Context,
  plan: LoadPlan,
  endpoint: Endpoint,
  onProgress: (progress: LoadProgress) => void,
  metrics: LoadMetrics | null,
): Promise<LoadResult> {
  let endedBy: EarlyEnd[] = [];
  const { load, measurement } = await sendCountedLoad(plan, {
    endpoint,
    ...generatorThreads(inputs),
    signal,
    onProgress,
    endsEarly: canEndEarly(inputs.thresholds)
      ? (soFar) => {
          endedBy = brokenSoFar(inputs.thresholds, soFar);
          return endedBy.length > 0;
        }
      : undefined,
    onCounts:
      metrics === null
        ? undefined
        : (counts) => {
            metrics.see(plan.targets, counts);
          },
  });
  await metrics?.seeEnd(plan.targets, countsOf(plan, measurement));
  return { ...load, engine: builtInEngine(store), ...(endedBy.length === 0 ? {} : { endedBy }) };
}

function reportEvery(everyMs: number, write: (line: string) => void): (progress: LoadProgress) => void {
  let next = everyMs;
  return ({ elapsedMs, sent, answered, failed }) => {
    if (elapsedMs < next) return;
    next = elapsedMs + everyMs;
    const rate = answered / (elapsedMs / 1000);
    write(
      `${(elapsedMs / 1000).toFixed(0)} s: ${String(sent)} sent, ${rate.toFixed(0)} answered per second, ${String(failed)} failed`,
    );
  };
}
