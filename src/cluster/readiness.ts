import type { ClusterNode } from '../model/run.ts';
import type { Observation } from '../wait.ts';
import { conditionOf } from './conditions.ts';
import type { NodeJson, PodJson, WorkloadJson } from './kubernetes-json.ts';
import type { WorkloadReference } from './manifests.ts';

const NOT_YET = (why: string): { readonly ready: false; readonly why: string } => ({ ready: false, why });

/** The nodes as the report shows them. */
const describeNodes = (nodes: readonly NodeJson[]): ClusterNode[] =>
  nodes.map(({ metadata, status }) => ({
    name: metadata.name,
    role: 'node-role.kubernetes.io/control-plane' in metadata.labels ? 'control-plane' : 'worker',
    version: status.nodeInfo.kubeletVersion,
    ready: conditionOf(status, 'Ready') !== undefined,
  }));

/**
 * Whether all nodes that were asked for are there and ready.
 *
 * @param expected how many there should be; null when a kind configuration of the user decides.
 */
export function observeNodes(nodes: readonly NodeJson[], expected: number | null): Observation<ClusterNode[]> {
  const described = describeNodes(nodes);
  if (described.length === 0 || (expected !== null && described.length < expected)) {
    return NOT_YET(`${String(described.length)} of ${String(expected ?? 'the')} nodes have joined`);
  }
  const waiting = nodes.find((_, index) => described[index]?.ready !== true);
  if (waiting === undefined) return { ready: true, value: described };
  const condition = waiting.status.conditions.find(({ type }) => type === 'Ready');
  return NOT_YET(`node ${waiting.metadata.name} is not ready: ${condition?.message ?? 'it has not reported yet'}`);
}

/**
 * Whether a workload runs in its newest version with all its pods. The rules are those of
 * `kubectl rollout status` and, for a Job, its Complete condition.
 *
 * @returns the reason why not, or null when it is ready.
 */
export function whyNotReady({ kind, metadata, spec, status }: WorkloadJson): string | null {
  const name = `${kind} ${metadata.namespace}/${metadata.name}`;
  if (kind === 'Job') {
    if (conditionOf(status, 'Complete') !== undefined) return null;
    const failed = conditionOf(status, 'Failed');
    if (failed === undefined && spec.suspend === true) return `${name} is suspended (spec.suspend: true)`;
    return failed === undefined ? `${name} has not finished` : `${name} failed: ${failed.message}`;
  }
  if (kind === 'Pod') return whyPodNotReady(name, status);
  if (status.observedGeneration < metadata.generation) return `${name} has not been picked up by its controller yet`;
  const [wanted, ready] = podsOf({ kind, spec, status });
  const tooMany = status.replicas - Math.max(wanted, status.updatedReplicas);
  if (ready >= wanted) return tooMany <= 0 ? null : `${name} still has ${String(tooMany)} pods of its previous version`;
  // Pods that were never made are told of nowhere else.
  const refused = conditionOf(status, 'ReplicaFailure');
  const paused = spec.paused === true ? ' and is paused (spec.paused: true), so none is created' : '';
  return `${name} has ${String(ready)} of ${String(wanted)} pods ready${paused}${refused === undefined ? '' : `: ${refused.message}`}`;
}

/** How many pods there should be, and how many of the newest version there are. */
function podsOf({ kind, spec, status }: Pick<WorkloadJson, 'kind' | 'spec' | 'status'>): [number, number] {
  switch (kind) {
    case 'DaemonSet':
      return [status.desiredNumberScheduled, Math.min(status.updatedNumberScheduled, status.numberReady)];
    case 'Deployment':
      return [spec.replicas, Math.min(status.updatedReplicas, status.availableReplicas)];
    case 'ReplicaSet':
    case 'ReplicationController':
      return [spec.replicas, status.readyReplicas];
    default:
      return [spec.replicas, Math.min(status.updatedReplicas, status.readyReplicas)];
  }
}

/** A pod that has completed is done, like a pod of a Job. */
function whyPodNotReady(name: string, status: WorkloadJson['status']): string | null {
  const { phase } = status;
  if (conditionOf(status, 'Ready') !== undefined || phase === 'Succeeded') return null;
  return `${name} is not ready (${phase === '' ? 'Pending' : phase})`;
}

/** What a Job that has failed for good says about it; null while there is none among the expected. */
export function failedJob(expected: readonly WorkloadReference[], found: readonly WorkloadJson[]): string | null {
  const failed = found.find(
    (item) =>
      item.kind === 'Job' &&
      conditionOf(item.status, 'Failed') !== undefined &&
      expected.some(
        ({ kind, namespace, name }) =>
          kind === 'Job' && namespace === item.metadata.namespace && name === item.metadata.name,
      ),
  );
  return failed === undefined ? null : whyNotReady(failed);
}

/**
 * Whether every workload is there and ready.
 *
 * @param isDone whether one that is not there has done what it was for: a Job that removed itself.
 */
export function observeWorkloads(
  expected: readonly WorkloadReference[],
  found: readonly WorkloadJson[],
  isDone: (missing: WorkloadReference) => boolean = () => false,
): Observation<readonly WorkloadReference[]> {
  const reasons = expected.flatMap((reference) => {
    const match = found.find(
      ({ kind, metadata }) =>
        kind === reference.kind && metadata.namespace === reference.namespace && metadata.name === reference.name,
    );
    const why =
      match === undefined
        ? isDone(reference)
          ? null
          : `${reference.kind} ${reference.namespace}/${reference.name} does not exist`
        : whyNotReady(match);
    return why === null ? [] : [why];
  });
  return reasons.length === 0 ? { ready: true, value: expected } : NOT_YET(reasons.join('; '));
}

/** Whether a pod accepts requests. */
export const isReady = ({ status }: PodJson): boolean => conditionOf(status, 'Ready') !== undefined;
