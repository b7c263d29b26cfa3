/**
 * engine/ is the half of the load engine that has sockets, threads and timers. src/load/, which has none of them,
 * decides when a request is due, what it requests and how it is counted.
 */
import type { CountedLoad } from '../../load/counts/joined-load.ts';
import { figuresSoFar, loadResult, mergeMeasurements } from '../../load/counts/measurement.ts';
import { judgeGenerator, mergeSamples } from '../../load/counts/saturation.ts';
import { splitPlan } from '../../load/engine/split-plan.ts';
import type { LoadPlan } from '../../load/requests/plan.ts';
import type { LoadResult } from '../../model/load.ts';
import { refuseUnlessHttp2 } from './http2-offer.ts';
import { type LoadSettings, sendInThisThread } from './load-thread.ts';
import { sendInWorkers } from './load-workers.ts';

export interface GeneratorSettings extends LoadSettings {
  /** Threads that send the load; 1 sends it in the calling thread. */
  readonly workers: number;
  /** The JavaScript file that a worker runs; it calls `serveLoads` when `isLoadWorker()`. */
  readonly entry: string | URL;
  /** Called about every two seconds with what was measured so far; the load ends when it returns true. */
  readonly endsEarly?: ((soFar: LoadResult) => boolean) | undefined;
}

/**
 * Sends the load of a plan to one endpoint, with one or more threads, and judges the generator by its observed
 * condition.
 *
 * @returns the load with its raw counts, which can be added to those of other loads.
 * @throws StageError when HTTP/2 is requested and a server does not offer it.
 * @throws Error when a target can't be requested or a worker dies; RangeError for a plan without an end.
 */
export async function sendCountedLoad(plan: LoadPlan, settings: GeneratorSettings): Promise<CountedLoad> {
  await refuseUnlessHttp2(plan, settings.endpoint);
  const parts = splitPlan(plan, settings.workers);
  const ending = new AbortController();
  const watched = withEnding(plan, settings, ending);
  const measured =
    parts.length === 1 ? [await sendInThisThread(plan, watched)] : await sendInWorkers(plan, parts, watched);
  const merged = mergeMeasurements(
    plan,
    measured.map((part) => part.measurement),
  );
  // What was due after a rule ended the load does not count as not sent.
  const measurement = ending.signal.aborted && plan.requests !== null ? { ...merged, notSent: 0 } : merged;
  const sample = mergeSamples(measured.map((part) => part.sample));
  const result = loadResult(plan, measurement, parts.length, null);
  const { failures, latencyMs, serviceTimeMs } = result.total;
  const clientResourceFailures = failures['client-resource'] ?? 0;
  const load = {
    ...result,
    generator: judgeGenerator({ sample, measurement, clientResourceFailures, latencyMs, serviceTimeMs }),
  };
  return { load, measurement };
}

function withEnding(plan: LoadPlan, settings: GeneratorSettings, ending: AbortController): GeneratorSettings {
  const { endsEarly, signal, workers } = settings;
  if (endsEarly === undefined) return settings;
  return {
    ...settings,
    signal: signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]),
    onMeasured: (soFar) => {
      if (!ending.signal.aborted && endsEarly(figuresSoFar(plan, soFar, workers))) ending.abort();
    },
  };
}
