import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { GeneratorSample } from '../load/saturation.ts';

const RESOLUTION_MS = 10;
const NANOSECONDS_PER_MS = 1e6;

/**
 * Watches the event loop of this thread and the CPU use of this process from now on.
 *
 * @returns a function that ends the watch and says what was seen.
 */
export function watchGenerator(): () => GeneratorSample {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  const cpuBefore = process.cpuUsage();
  const loopBefore = performance.eventLoopUtilization();
  const beganMs = performance.now();
  return () => {
    delays.disable();
    const { user, system } = process.cpuUsage(cpuBefore);
    const elapsedMs = Math.max(1, performance.now() - beganMs);
    // The histogram holds the whole time between two rounds, of which the resolution was asked for.
    const delayMs = (nanoseconds: number): number => Math.max(0, nanoseconds / NANOSECONDS_PER_MS - RESOLUTION_MS);
    return {
      cpuShare: (user + system) / 1000 / elapsedMs,
      eventLoopUtilization: Math.min(1, Math.max(0, performance.eventLoopUtilization(loopBefore).utilization)),
      eventLoopDelayMs:
        delays.count === 0
          ? { p50: 0, p99: 0, max: 0 }
          : { p50: delayMs(delays.percentile(50)), p99: delayMs(delays.percentile(99)), max: delayMs(delays.max) },
    };
  };
}
