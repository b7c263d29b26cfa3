import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { GeneratorSample } from '../../load/counts/saturation.ts';

const RESOLUTION_MS = 10;
const NANOSECONDS_PER_MS = 1e6;

/**
 * Watches the event loop of this thread and the CPU use of this process from now on.
 *
 * @returns a function that stops watching and returns what was observed.
 */
export function watchGenerator(): () => GeneratorSample {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  const cpuBefore = process.cpuUsage();
  const loopBefore = performance.eventLoopUtilization();
  const waitedBefore = waitedMs();
  const beganMs = performance.now();
  return () => {
    delays.disable();
    const { user, system } = process.cpuUsage(cpuBefore);
    const elapsedMs = Math.max(1, performance.now() - beganMs);
    const waited = waitedMs();
    // The histogram holds the whole time between two rounds, of which the resolution was asked for.
    const delayMs = (nanoseconds: number): number => Math.max(0, nanoseconds / NANOSECONDS_PER_MS - RESOLUTION_MS);
    return {
      cpuShare: (user + system) / 1000 / elapsedMs,
      eventLoopUtilization: Math.min(1, Math.max(0, performance.eventLoopUtilization(loopBefore).utilization)),
      cpuWaitShare: waited === null || waitedBefore === null ? null : (waited - waitedBefore) / elapsedMs,
      eventLoopDelayMs:
        delays.count === 0
          ? { p50: 0, p90: 0, p95: 0, p99: 0, max: 0 }
          : {
              p50: delayMs(delays.percentile(50)),
              p90: delayMs(delays.percentile(90)),
              p95: delayMs(delays.percentile(95)),
              p99: delayMs(delays.percentile(99)),
              max: delayMs(delays.max),
            },
    };
  };
}

/** CPU time of this process and all of its threads since its start. */
export function generatorCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * How long this thread has been ready to run without a core, in milliseconds since its start; null
 * outside Linux. The second number of schedstat (Documentation/scheduler/sched-stats.rst).
 */
function waitedMs(): number | null {
  try {
    const nanoseconds = Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1]);
    return Number.isNaN(nanoseconds) ? null : nanoseconds / NANOSECONDS_PER_MS;
  } catch {
    return null;
  }
}
