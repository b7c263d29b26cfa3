import { z } from 'zod';
import { answerOf } from '../../model/answer.ts';
import type { PodJson } from '../kubernetes-json.ts';
import type { WorkloadReference } from '../manifests.ts';
import { ownerOf } from '../usage/resource-usage.ts';

const preference = z.looseObject({ weight: z.number() });
const deployments = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), namespace: z.string() }),
      spec: z.object({
        replicas: z.number().default(1),
        template: z.object({
          spec: z.object({
            affinity: z
              .object({
                nodeAffinity: z
                  .object({ preferredDuringSchedulingIgnoredDuringExecution: z.array(preference).nullish() })
                  .nullish(),
              })
              .nullish(),
          }),
        }),
      }),
    }),
  ),
});

/** A Deployment to start again. */
export interface RestartedDeployment {
  readonly reference: WorkloadReference;
  /** What its pods prefer in their nodes by the manifests. */
  readonly preferences: readonly Preference[];
}
type Preference = z.infer<typeof preference>;

/** Those that have pods. */
export function restartedDeployments(json: unknown): RestartedDeployment[] {
  const { items } = answerOf('The API server, asked for Deployments,', deployments, json);
  return items
    .filter(({ spec }) => spec.replicas > 0)
    .map(({ metadata: { name, namespace }, spec }) => ({
      reference: { kind: 'Deployment', namespace, name },
      preferences: (
        spec.template.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
      ).filter((each) => !isOurs(each)),
    }));
}

/**
 * The nodes that a Deployment should be on after the swap: those on which the other version has its pods of the same
 * name. None where both are on the same ones already, as there is nothing to swap then.
 *
 * @param own, other the pods of this version and of the other one.
 */
export function swappedNodes(name: string, own: readonly PodJson[], other: readonly PodJson[]): string[] {
  const nodesOf = (pods: readonly PodJson[]): string[] =>
    [...new Set(pods.filter((pod) => ownerOf(pod).name === name).map(({ spec }) => spec.nodeName))]
      .filter((node) => node !== '')
      .sort();
  const [here, there] = [nodesOf(own), nodesOf(other)];
  return here.join('\n') === there.join('\n') ? [] : there;
}

/** No manifest is likely to have such a weight on the name of a node. */
const WEIGHT = 97;
const HOST_NAME = 'kubernetes.io/hostname';

const preferenceOf = (nodes: readonly string[]): Preference => ({
  weight: WEIGHT,
  preference: { matchExpressions: [{ key: HOST_NAME, operator: 'In', values: [...nodes] }] },
});

const isOurs = (preference: Preference): boolean =>
  preference.weight === WEIGHT && JSON.stringify(preference).includes(HOST_NAME);

/**
 * The strategic merge patch that makes a Deployment roll out new pods, as `kubectl rollout restart` does, and lets them
 * prefer these nodes. It is a preference: a Deployment that may be on some nodes only stays there.
 *
 * @param now a time that no earlier patch had.
 */
export const restartPatch = ({ preferences }: RestartedDeployment, nodes: readonly string[], now: string): object => ({
  spec: {
    template: {
      metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': now } },
      ...(nodes.length === 0
        ? {}
        : {
            spec: {
              affinity: {
                nodeAffinity: {
                  preferredDuringSchedulingIgnoredDuringExecution: [...preferences, preferenceOf(nodes)],
                },
              },
            },
          }),
    },
  },
});
