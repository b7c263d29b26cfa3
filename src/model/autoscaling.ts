import { z } from 'zod';
import { count, list, nullableNumber, text } from './units.ts';

/** How many pods a workload had from a moment on. */
const replicaChange = z.strictObject({
  /** On the clock of `load.timeline`; below 0 before the measured window. */
  atSeconds: z.number(),
  /** Pods that the autoscaler has asked for. */
  desired: count,
  ready: count,
});
export type ReplicaChange = z.infer<typeof replicaChange>;

/** The first time that an autoscaler added pods after the load had begun; docs/autoscaling.md defines each moment. */
const scaleUp = z.strictObject({
  from: count,
  to: count,
  decidedAtSeconds: z.number(),
  /** When the first of the new pods was ready, and when all of them were; null when the load ended before. */
  firstReadyAtSeconds: nullableNumber,
  allReadyAtSeconds: nullableNumber,
  /** To firstReadyAtSeconds from the moment at which the CPU use exceeded the target, or, where that was not measured before the decision, from the beginning of the load. */
  delaySeconds: nullableNumber,
});
export type ScaleUp = z.infer<typeof scaleUp>;

/** The rest of the measured window after the last new pod was ready. */
const afterScaleUp = z.strictObject({
  fromSeconds: z.number(),
  seconds: z.number(),
  /** Mean CPU use divided by the CPU requests of the ready pods. */
  utilization: z.number(),
  /** Whether that is at most the target and the tolerance of Kubernetes. */
  targetKept: z.boolean(),
});

/** A HorizontalPodAutoscaler, and what it changes the number of pods of. */
export const autoscalerFacts = z.strictObject({
  namespace: text,
  kind: text,
  name: text,
  autoscaler: text,
  minReplicas: count,
  maxReplicas: count,
  /** The share of the CPU requests that it aims at; null when it scales by something else. */
  targetUtilization: nullableNumber,
});

/** What one HorizontalPodAutoscaler did under the load. */
export const autoscaledWorkload = autoscalerFacts.extend({
  /** The first entry is how it was when the load began. */
  replicas: list(replicaChange),
  /** What the autoscaler saw, from the moment that it said so: figures of metrics-server, which are older. */
  seenUtilization: list(z.strictObject({ atSeconds: z.number(), share: z.number() })),
  /** CPU use divided by the CPU requests of the ready pods, in the steps of `resources.timeline`; empty when it was not measured. */
  utilization: list(nullableNumber),
  /** When the CPU use first lay above the target and the tolerance of Kubernetes; null when it did not, or was not measured. */
  exceededAtSeconds: nullableNumber,
  /** Null when no pods were added. */
  scaleUp: scaleUp.nullable(),
  /** Null when no pods were added, or too little was measured after that. */
  afterScaleUp: afterScaleUp.nullable(),
  /** When it first asked for as many pods as it may; null when it never did. */
  maxReachedAtSeconds: nullableNumber,
});
export type AutoscaledWorkload = z.infer<typeof autoscaledWorkload>;
