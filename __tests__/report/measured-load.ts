import type { LoadResult } from '../../src/model/load.ts';
import type { Resources } from '../../src/model/resources.ts';
import { hostResult, load, resources } from '../fakes/state.ts';

/** The distribution of a host whose latencies are from 1 to 10 ms, in the buckets of src/load/counts/recorder.ts. */
const latencyHistogram = (each = 25): NonNullable<LoadResult['total']['latencyHistogram']> => ({
  edgesMs: Array.from({ length: 41 }, (_, index) => Number((10 ** (index / 40)).toPrecision(4))),
  counts: Array.from({ length: 40 }, (_, index) => (index % 7 === 6 ? 0 : each)),
});

/** A load of 20 s with everything that is measured along with it. */
export const measuredLoad = (changes: Partial<LoadResult> = {}): LoadResult =>
  load({
    durationSeconds: 20,
    timeline: Array.from({ length: 80 }, (_, index) => ({
      startSeconds: index / 4,
      seconds: 0.25,
      answered: 25 + (index % 5),
      failed: 0,
      p50Ms: 2 + (index % 3),
      p99Ms: 10 + (index % 7),
    })),
    uncertainty: {
      slices: 40,
      requestsPerSecond: { low: 98.1, high: 103.4 },
      p50Ms: { low: 1.91, high: 2.05 },
      p90Ms: { low: 3.9, high: 4.2 },
      p95Ms: { low: 5.8, high: 6.3 },
      p99Ms: { low: 9.1, high: 12.4 },
      unsupported: [],
      drift: null,
    },
    generator: {
      cpuShare: 0.23,
      eventLoopUtilization: 0.15,
      eventLoopDelayMs: { p50: 0.1, p99: 1.5, max: 5 },
      sendDelayMs: null,
      limited: false,
      reason: null,
    },
    total: hostResult({
      host: 'all',
      path: '',
      sent: 2000,
      succeeded: 2000,
      statuses: { '200': 2000 },
      requestsPerSecond: 100,
      latencyHistogram: latencyHistogram(50),
    }),
    hosts: ['foo.localhost', 'bar.localhost'].map((host) =>
      hostResult({
        host,
        sent: 1000,
        succeeded: 1000,
        statuses: { '200': 1000 },
        latencyHistogram: latencyHistogram(),
      }),
    ),
    ...changes,
  });

/** CPU and memory of two workloads over those 20 s, of which the second was not measured in the middle. */
export const measuredResources = (): Resources =>
  resources({
    timeline: {
      stepSeconds: 1,
      workloads: ['foo', 'bar'].map((name, workload) => ({
        namespace: 'echo',
        kind: 'Deployment',
        name,
        cpuCores: Array.from({ length: 20 }, (_, step) =>
          step < 2 || step > 18 || (workload === 1 && step === 9) ? null : 0.2 + step / 100,
        ),
        memoryBytes: Array.from({ length: 20 }, (_, step) => (step < 2 ? null : 15 * 2 ** 20 + step)),
      })),
    },
  });
