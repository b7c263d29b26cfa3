import type { ReplicaRecord } from '../state.ts';
import {
  cpuRequestOf,
  seenUtilization,
  targetUtilization,
  type AutoscalerJson,
  type ScaleTargetJson,
} from './autoscalers.ts';

/** The kinds whose pods are followed, with the path of the API server that has all of them. */
export const SCALE_TARGETS: Readonly<Record<string, string>> = {
  Deployment: '/apis/apps/v1/deployments',
  StatefulSet: '/apis/apps/v1/statefulsets',
  ReplicaSet: '/apis/apps/v1/replicasets',
};

const keyOf = (kind: string, namespace: string, name: string): string => `${kind}/${namespace}/${name}`;

/**
 * Collects how many pods each autoscaler asks for and how many are ready, from what the API server tells of each
 * change.
 */
export class ReplicaHistory {
  readonly #records = new Map<string, ReplicaRecord>();

  /**
   * What an autoscaler looks like from a moment on.
   *
   * @param time a Unix time in seconds.
   */
  seeAutoscaler(autoscaler: AutoscalerJson, time: number): void {
    const { metadata, spec } = autoscaler;
    const { kind, name } = spec.scaleTargetRef;
    const key = keyOf(kind, metadata.namespace, name);
    const known = this.#records.get(key);
    const share = seenUtilization(autoscaler);
    const seen = known?.seenUtilization ?? [];
    this.#records.set(key, {
      namespace: metadata.namespace,
      kind,
      name,
      autoscaler: metadata.name,
      minReplicas: spec.minReplicas ?? 1,
      maxReplicas: spec.maxReplicas,
      targetUtilization: targetUtilization(autoscaler),
      cpuRequest: known?.cpuRequest ?? null,
      replicas: known?.replicas ?? [],
      seenUtilization: share === null || share === seen.at(-1)?.share ? seen : [...seen, { time, share }],
    });
  }

  /** The same of what an autoscaler changes; what no known one changes is passed over. */
  seeTarget(target: ScaleTargetJson, time: number): void {
    const { kind, metadata, spec, status } = target;
    const key = keyOf(kind, metadata.namespace, metadata.name);
    const record = this.#records.get(key);
    if (record === undefined) return;
    const [desired, ready] = [spec.replicas, status.readyReplicas];
    const last = record.replicas.at(-1);
    const same = last?.desired === desired && last.ready === ready;
    this.#records.set(key, {
      ...record,
      cpuRequest: cpuRequestOf(target),
      replicas: same ? record.replicas : [...record.replicas, { time, desired, ready }],
    });
  }

  /** The kinds of all that the known autoscalers change. */
  kinds(): string[] {
    return [...new Set([...this.#records.values()].map(({ kind }) => kind))];
  }

  records(): ReplicaRecord[] {
    return [...this.#records.values()];
  }
}
