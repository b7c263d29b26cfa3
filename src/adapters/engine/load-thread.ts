import type { LoadCounts } from '../../load/counts/load-counts.ts';
import type { LoadMeasurement } from '../../load/counts/measurement.ts';
import type { GeneratorSample } from '../../load/counts/saturation.ts';
import { type LoadProgress, measureLoad } from '../../load/engine/generate.ts';
import type { LoadPlan } from '../../load/requests/plan.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import { systemClock } from '../clock.ts';
import { rehearse } from './load-rehearsal.ts';
import { watchGenerator } from './load-watch.ts';
import { openSender } from './open-sender.ts';
import { withWebSockets } from './web-sockets.ts';

/** What one generator, in whatever thread, reports at the end. */
export interface Measured {
  readonly measurement: LoadMeasurement;
  readonly sample: GeneratorSample;
}

export interface LoadSettings {
  readonly endpoint: Endpoint;
  /** Ends the load early; what was measured until then is returned. */
  readonly signal?: AbortSignal | undefined;
  /** Called about once a second while requests are measured. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  /** Called when the measured window begins, and about every two seconds while it lasts. */
  readonly onCounts?: ((counts: LoadCounts) => void) | undefined;
  /** Called about every two seconds while requests are measured, with all that was measured until then. */
  readonly onMeasured?: ((soFar: LoadMeasurement) => void) | undefined;
}

interface ThreadSettings extends LoadSettings {
  /** Called after the warm-up; the load begins when its promise is fulfilled. */
  readonly onWarm?: () => Promise<void>;
}

/** Once per thread is enough. */
let rehearsed: Promise<number> | null = null;

/**
 * Sends a plan, or part of one, from the calling thread. Rehearses before the first load of a thread.
 *
 * @throws Error when a target can't be requested; RangeError for a plan without an end.
 */
export async function sendInThisThread(
  plan: LoadPlan,
  { endpoint, signal, onProgress, onCounts, onMeasured, onWarm }: ThreadSettings,
): Promise<Measured> {
  await (rehearsed ??= rehearse(plan, signal));
  const settings = {
    endpoint,
    targets: plan.targets,
    connections: plan.model.concurrency,
    requestTimeoutMs: plan.requestTimeoutMs,
    httpVersion: plan.httpVersion,
    streams: plan.streams,
  };
  const sender = withWebSockets(openSender(settings), settings);
  let endWatch = watchGenerator();
  try {
    const measurement = await measureLoad(plan, sender, systemClock, {
      signal,
      onProgress,
      onCounts,
      onMeasured,
      onWarm: async () => {
        await onWarm?.();
        endWatch();
        endWatch = watchGenerator();
      },
    });
    return { measurement, sample: endWatch() };
  } finally {
    endWatch();
    await sender.close();
  }
}
