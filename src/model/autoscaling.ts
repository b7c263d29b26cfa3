import { z } from 'zod';
import { count, list, nullableNumber, text } from './units.ts';

/** How many pods a workload had from a moment on. */
const replicaChange = z.strictObject({
  /** On the clock of `load.timeline`; negative before the measured window. */
  atSeconds: z.number(),
  /** Pods that the autoscaler asked for. */
  desired: count,
  ready: count,
});
export type ReplicaChange = z.infer<typeof replicaChange>;

/** The first time that an autoscaler added pods after the load began; docs/autoscaling.md defines each moment. */
const scaleUp = z.strictObject({
  from: count,
  to: count,
  decidedAtSeconds: z.number(),
  /** When the first new pod was ready, and when all of them were; null when the load ended before. */
  firstReadyAtSeconds: nullableNumber,
  allReadyAtSeconds: nullableNumber,
  /**
   * From the moment when the CPU use exceeded the target until firstReadyAtSeconds; from the beginning of the load if
   * that moment was not measured before the decision.
   */
  delaySeconds: nullableNumber,
});
export type ScaleUp = z.infer<typeof scaleUp>;

/** The rest of the measured window after the last new pod was ready. */
const afterScaleUp = z.strictObject({
  fromSeconds: z.number(),
  seconds: z.number(),
  /** Mean CPU use divided by the CPU requests of the ready pods. */
  utilization: z.number(),
  /** Whether that is within the target plus the tolerance of Kubernetes. */
  targetKept: z.boolean(),
});

/** A HorizontalPodAutoscaler, and the workload that it scales. */
export const autoscalerFacts = z.strictObject({
  namespace: text,
  kind: text,
  name: text,
  autoscaler: text,
  minReplicas: count,
  maxReplicas: count,
  /** The target as a share of the CPU requests; null when it scales on something else. */
  targetUtilization: nullableNumber,
});

/** What one HorizontalPodAutoscaler did during the load. */
export const autoscaledWorkload = autoscalerFacts.extend({
  /** The first entry is the state when the load began. */
  replicas: list(replicaChange),
  /** What the autoscaler saw, when it reported it: figures of metrics-server, which are older. */
  seenUtilization: list(z.strictObject({ atSeconds: z.number(), share: z.number() })),
  /**
   * CPU use divided by the CPU requests of the ready pods, in the steps of `resources.timeline`; empty when not
   * measured.
   */
  utilization: list(nullableNumber),
  /**
   * When the CPU use first exceeded the target plus the tolerance of Kubernetes; null when it did not, or was not
   * measured.
   */
  exceededAtSeconds: nullableNumber,
  /** Null when no pods were added. */
  scaleUp: scaleUp.nullable(),
  /** Null when no pods were added, or too little was measured afterwards. */
  afterScaleUp: afterScaleUp.nullable(),
  /** When it first asked for its maximum; null when it never did. */
  maxReachedAtSeconds: nullableNumber,
});
export type AutoscaledWorkload = z.infer<typeof autoscaledWorkload>;
