import { z } from 'zod';
import { count, list, nullableNumber, text, timestamp } from './units.ts';

/** A figure from Prometheus with the number of its samples. */
const measurement = z.strictObject({ value: nullableNumber, samples: count });
export type Measurement = z.infer<typeof measurement>;

const workloadResources = z.strictObject({
  namespace: text,
  kind: text,
  name: text,
  pods: count,
  /** Mean CPU use over the window, in cores, summed over the pods. */
  cpuCores: measurement,
  /** Highest CPU use between two samples in the window, in cores, summed over the pods at the same moment. */
  cpuCoresMax: measurement.optional(),
  /** cpuCores divided by the CPU limits of the measured pods; null without a limit. */
  cpuShareOfLimit: nullableNumber,
  /** Highest working set in the window, summed over the pods at the same moment. */
  memoryBytes: measurement,
  memoryShareOfLimit: nullableNumber,
  networkReceivedBytesPerSecond: measurement,
  networkSentBytesPerSecond: measurement,
  /** Share of the CFS periods in which a container was throttled by its CPU limit. */
  cpuThrottledShare: measurement,
  /** Restarts of containers and sidecars between the start and the end of the window. */
  restarts: count.nullable(),
});
export type WorkloadResources = z.infer<typeof workloadResources>;

const nodeResources = z.strictObject({
  name: text,
  cpuCores: measurement,
  cpuCoresMax: measurement.optional(),
  memoryBytes: measurement,
  networkReceivedBytesPerSecond: measurement,
  networkSentBytesPerSecond: measurement,
});
export type NodeResources = z.infer<typeof nodeResources>;

/** What a workload used in each step of the measured window; null when not all of its containers were measured. */
const workloadTimeline = z.strictObject({
  namespace: text,
  kind: text,
  name: text,
  /** Mean CPU use in cores, from neighbouring samples, summed over the pods. */
  cpuCores: list(nullableNumber),
  /** Mean working set in bytes, summed over the pods. */
  memoryBytes: list(nullableNumber),
});
export type WorkloadTimeline = z.infer<typeof workloadTimeline>;

/** On the clock of `load.timeline`: the first step begins with the measured window. */
const resourceTimeline = z.strictObject({
  /** Length of a step; the last one ends with the window. */
  stepSeconds: z.number(),
  workloads: list(workloadTimeline),
});
export type ResourceTimeline = z.infer<typeof resourceTimeline>;

export const resources = z.strictObject({
  startedAt: timestamp,
  endedAt: timestamp,
  workloads: list(workloadResources),
  nodes: list(nodeResources),
  /** Why figures are missing, in whole sentences; empty when none is. */
  missing: list(text),
  timeline: resourceTimeline.optional(),
});
export type Resources = z.infer<typeof resources>;
