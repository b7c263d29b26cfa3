import { z } from 'zod';
import type { Observation } from '../wait.ts';
import { quantities } from './kubernetes-json.ts';
import type { KubernetesObject } from './manifests.ts';
import { parseQuantity } from './quantity.ts';
import { answerOf } from '../model/answer.ts';

/** The resource by its full name: other groups have kinds of the same name. */
export const AUTOSCALERS = 'horizontalpodautoscalers.autoscaling';

const metadata = z.object({ name: z.string(), namespace: z.string().default('default') });

const resourceMetric = z.object({
  name: z.string(),
  target: z.object({ type: z.string().default(''), averageUtilization: z.number().nullish() }).prefault({}),
});
const currentResource = z.object({
  name: z.string(),
  current: z.object({ averageUtilization: z.number().nullish() }).prefault({}),
});

/** The fields of autoscaling/v2 that are read here. */
const autoscalerSchema = z.object({
  metadata,
  spec: z.object({
    scaleTargetRef: z.object({ kind: z.string(), name: z.string() }),
    minReplicas: z.number().nullish(),
    maxReplicas: z.number(),
    metrics: z.array(z.object({ type: z.string(), resource: resourceMetric.optional() })).nullish(),
  }),
  status: z
    .object({
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), message: z.string().default('') }))
        .nullish(),
      currentMetrics: z.array(z.object({ type: z.string(), resource: currentResource.nullish() })).nullish(),
    })
    .prefault({}),
});
export type AutoscalerJson = z.infer<typeof autoscalerSchema>;

/** The workload that an autoscaler scales. */
const scaleTargetSchema = z.object({
  kind: z.string(),
  metadata,
  spec: z.object({
    replicas: z.number().default(1),
    template: z
      .object({
        spec: z
          .object({
            containers: z
              .array(z.object({ resources: z.object({ requests: quantities.default({}) }).prefault({}) }))
              .default([]),
          })
          .prefault({}),
      })
      .prefault({}),
  }),
  status: z.object({ readyReplicas: z.number().default(0) }).prefault({}),
});
export type ScaleTargetJson = z.infer<typeof scaleTargetSchema>;

/** @throws StageError `unexpected-answer` for anything that is not a HorizontalPodAutoscaler. */
export const parseAutoscaler = (json: unknown): AutoscalerJson =>
  answerOf('The API server, asked for an autoscaler,', autoscalerSchema, json);
/** @throws StageError `unexpected-answer` for anything that is not a list of them. */
export const parseAutoscalers = (json: unknown): AutoscalerJson[] =>
  answerOf('The API server, asked for autoscalers,', z.object({ items: z.array(autoscalerSchema) }), json).items;
/** @throws StageError `unexpected-answer` for anything that has no number of replicas. */
export const parseScaleTarget = (json: unknown): ScaleTargetJson =>
  answerOf('The API server, asked for what is scaled,', scaleTargetSchema, json);

interface AutoscalerReference {
  readonly namespace: string;
  readonly name: string;
}

/** The autoscalers in manifests. */
export const autoscalersIn = (objects: readonly KubernetesObject[]): AutoscalerReference[] =>
  objects.flatMap(({ kind, metadata: { namespace = 'default', name } }) =>
    kind === 'HorizontalPodAutoscaler' ? [{ namespace, name }] : [],
  );

/** Whether each of these autoscalers could read its metric; the value is their number. */
export function observeAutoscalers(
  expected: readonly AutoscalerReference[],
  found: readonly AutoscalerJson[],
): Observation<number> {
  for (const { namespace, name } of expected) {
    const autoscaler = found.find((one) => one.metadata.namespace === namespace && one.metadata.name === name);
    const active = autoscaler?.status.conditions?.find(({ type }) => type === 'ScalingActive');
    if (active === undefined) return { ready: false, why: `autoscaler ${namespace}/${name} has not reported yet` };
    if (active.status !== 'True')
      return { ready: false, why: `autoscaler ${namespace}/${name} has no metrics: ${active.message}` };
  }
  return { ready: true, value: expected.length };
}

/** The target of an autoscaler as a share of the CPU requests; null when it scales on something else. */
export function targetUtilization({ spec }: AutoscalerJson): number | null {
  const percentage = spec.metrics?.find(({ resource }) => resource?.name === 'cpu')?.resource?.target
    .averageUtilization;
  return percentage === null || percentage === undefined ? null : percentage / 100;
}

/** The share of the CPU requests that an autoscaler saw last; null when it saw none. */
export function seenUtilization({ status }: AutoscalerJson): number | null {
  const seen = status.currentMetrics?.find(({ resource }) => resource?.name === 'cpu')?.resource?.current
    .averageUtilization;
  return seen === null || seen === undefined ? null : seen / 100;
}

/** The CPU request of one pod in cores; null when a container has none. */
export function cpuRequestOf({ spec }: ScaleTargetJson): number | null {
  let sum = 0;
  for (const { resources } of spec.template.spec.containers) {
    const request = parseQuantity(resources.requests['cpu'] ?? '');
    if (request === null) return null;
    sum += request;
  }
  return sum;
}
