import { generatorCpuSeconds } from '../../adapters/engine/load-watch.ts';
import { openRemoteWrite, type PushCount } from '../../adapters/remote-write.ts';
import { prometheusService } from '../../cluster/prometheus-service.ts';
import { type Context, kubectlOf, warn } from '../../context.ts';
import { messageOf } from '../../errors.ts';
import type { LoadCounts } from '../../load/counts/load-counts.ts';
import { loadSeries } from '../../load/metrics/load-series.ts';
import { remoteWriteBody } from '../../load/metrics/remote-write.ts';
import type { Target } from '../../load/requests/plan.ts';
import { clusterIn } from '../../system.ts';

/** No load takes longer, including warm-up and ramp-up. */
const LONGEST_LOAD_MS = 8 * 3600 * 1000;

/** Pushes the counts of loads to Prometheus, while they run and when they end. */
export interface LoadMetrics {
  /** Called with a running load's counts; it returns immediately, whatever happens to the push. */
  see(targets: readonly Target[], counts: LoadCounts): void;
  /** The final counts of a load. */
  seeEnd(targets: readonly Target[], counts: LoadCounts): Promise<void>;
  /** Closes the connection, and warns once, for all loads, about what Prometheus lacks. */
  close(): Promise<void>;
}

/**
 * Opens the connection to Prometheus for the counts of loads, if input `dashboard` is set. It can't fail a load:
 * problems are warnings.
 *
 * @returns null without dashboards, or when the connection fails.
 */
export async function openLoadMetrics(context: Context): Promise<LoadMetrics | null> {
  const { inputs, store, signal, clock } = context;
  const service = inputs.dashboard && clusterIn(store.state.system) !== null ? prometheusService(inputs) : null;
  if (service === null) return null;
  try {
    const forward = await kubectlOf(context).forward(service, { deadlineMs: LONGEST_LOAD_MS, signal });
    const push = openRemoteWrite(forward.port, signal);
    const cpuBefore = generatorCpuSeconds();
    let complete = true;
    const bodyOf = (targets: readonly Target[], counts: LoadCounts): (() => Uint8Array) => {
      const timeMs = clock.date().getTime();
      const cpuSeconds = generatorCpuSeconds() - cpuBefore;
      return () => remoteWriteBody(loadSeries(targets, counts, cpuSeconds), timeMs);
    };
    return {
      see: (targets, counts) => {
        push.offer(bodyOf(targets, counts));
      },
      seeEnd: async (targets, counts) => {
        complete = (await push.finish(bodyOf(targets, counts))) && complete;
      },
      close: async () => {
        const pushes = await push.close();
        await forward.close();
        if (!signal.aborted) tellPushes(context, pushes, complete);
      },
    };
  } catch (error) {
    signal.throwIfAborted();
    warn(
      context,
      `The dashboards lack the client's metrics, because the connection to Prometheus failed: ${messageOf(error)}`,
    );
    return null;
  }
}

function tellPushes(context: Context, { sent, failed, lastError }: PushCount, complete: boolean): void {
  const pushes = `${String(failed)} of ${String(sent + failed)} pushes to Prometheus failed, the last one with: ${lastError ?? ''}`;
  if (!complete) warn(context, `The dashboards lack the end of a load: ${pushes}`);
  else if (failed > 0) warn(context, `The dashboards have fewer of the client's metrics: ${pushes}`);
  else context.runner.info(`Prometheus has the metrics of the load: ${String(sent)} pushes`);
}
