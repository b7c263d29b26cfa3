import type { OutcomeCode } from '../errors.ts';
import type { ClusterNode } from '../model/run.ts';
import type { Observation } from '../wait.ts';
import { printedCause } from './failure-texts.ts';
import type { EventJson, NodeJson, PodJson, WorkloadJson } from './kubernetes-json.ts';
import type { WorkloadReference } from './manifests.ts';
import { missingIn, type MissingObject, mountFailure, probeFailure, type ProbeFailure } from './pod-events.ts';

const NOT_YET = (why: string): { readonly ready: false; readonly why: string } => ({ ready: false, why });

/** The nodes as the report shows them. */
const describeNodes = (nodes: readonly NodeJson[]): ClusterNode[] =>
  nodes.map(({ metadata, status }) => ({
    name: metadata.name,
    role: 'node-role.kubernetes.io/control-plane' in metadata.labels ? 'control-plane' : 'worker',
    version: status.nodeInfo.kubeletVersion,
    ready: status.conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True'),
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
    if (status.conditions.some(({ type, status: value }) => type === 'Complete' && value === 'True')) return null;
    const failed = status.conditions.find(({ type, status: value }) => type === 'Failed' && value === 'True');
    if (failed === undefined && spec.suspend === true) return `${name} is suspended (spec.suspend: true)`;
    return failed === undefined ? `${name} has not finished` : `${name} failed: ${failed.message}`;
  }
  if (kind === 'Pod') return whyPodNotReady(name, status);
  if (status.observedGeneration < metadata.generation) return `${name} has not been seen by its controller yet`;
  const [wanted, ready] = podsOf({ kind, spec, status });
  const tooMany = status.replicas - Math.max(wanted, status.updatedReplicas);
  if (ready >= wanted) return tooMany <= 0 ? null : `${name} still has ${String(tooMany)} pods of its previous version`;
  // Pods that were never made are told of nowhere else.
  const refused = status.conditions.find(({ type, status: value }) => type === 'ReplicaFailure' && value === 'True');
  const paused = spec.paused === true ? ' and is paused (spec.paused: true), so that none is made' : '';
  return `${name} has ${String(ready)} of ${String(wanted)} pods ready${paused}${refused === undefined ? '' : `: ${refused.message}`}`;
}

/** How many pods there are to be, and how many of the newest version there are. */
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

/** One that has ended well is done, as a pod of a Job is. */
function whyPodNotReady(name: string, { phase, conditions }: WorkloadJson['status']): string | null {
  const isReadyNow = conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  return isReadyNow || phase === 'Succeeded' ? null : `${name} is not ready (${phase === '' ? 'Pending' : phase})`;
}

/** What a Job that has failed for good says about it; null while there is none among the expected. */
export function failedJob(expected: readonly WorkloadReference[], found: readonly WorkloadJson[]): string | null {
  const failed = found.find(
    (item) =>
      item.kind === 'Job' &&
      isFailed(item) &&
      expected.some(
        ({ kind, namespace, name }) =>
          kind === 'Job' && namespace === item.metadata.namespace && name === item.metadata.name,
      ),
  );
  return failed === undefined ? null : whyNotReady(failed);
}

const isFailed = ({ status }: WorkloadJson): boolean =>
  status.conditions.some(({ type, status: value }) => type === 'Failed' && value === 'True');

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

/** Whether a pod takes requests. */
export const isReady = ({ status }: PodJson): boolean =>
  status.conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True');

export interface PodProblem {
  readonly code: OutcomeCode;
  readonly namespace: string;
  readonly pod: string;
  /** The container whose last lines may say more, when it has run at all. */
  readonly container: string | null;
  /** One sentence: which pod, and what Kubernetes says about it. */
  readonly message: string;
  /** Whether it is no more than a pod that needs its time, as far as anybody can tell. */
  readonly slow: boolean;
  /** What the pod needs and is not there. */
  readonly missing?: MissingObject;
  /** What the container answers to its probe. */
  readonly probe?: ProbeFailure;
}

/**
 * What keeps a pod from being ready, or null when nothing does. A pod that is being deleted is not a
 * problem, and neither is how a finished container ended: http-echo ends with 2 when it is stopped.
 *
 * @param events warnings of the cluster: some causes stand nowhere else.
 */
export function problemOf(pod: PodJson, events: readonly EventJson[] = []): PodProblem | null {
  const { metadata, status } = pod;
  if (metadata.deletionTimestamp !== undefined || status.phase === 'Succeeded') return null;
  const problem = (
    code: OutcomeCode,
    container: string | null,
    what: string,
    slow = false,
    more: Pick<PodProblem, 'missing' | 'probe'> = {},
  ): PodProblem => ({
    ...more,
    code,
    namespace: metadata.namespace,
    pod: metadata.name,
    container,
    message: `Pod ${metadata.namespace}/${metadata.name}: ${what}`,
    slow,
  });
  if (status.reason === 'Evicted') return problem(nodeCause(status.message), null, `it was evicted: ${status.message}`);
  for (const container of [...status.initContainerStatuses, ...status.containerStatuses]) {
    const { waiting } = container.state;
    const ended = container.state.terminated ?? container.lastState.terminated;
    if (waiting !== undefined && /Image|RegistryUnavailable/.test(waiting.reason)) {
      return problem(
        pullCause(waiting.message),
        null,
        `container ${container.name}: ${waiting.reason}: ${waiting.message}`,
      );
    }
    if (
      waiting?.reason === 'CrashLoopBackOff' ||
      (container.restartCount > 0 && !container.ready && ended !== undefined)
    ) {
      const exit = ended === undefined ? '' : `, last with exit code ${String(ended.exitCode)} (${ended.reason})`;
      return problem(
        'crash-loop',
        container.name,
        `container ${container.name} ended ${String(container.restartCount)} times${exit}`,
      );
    }
    if (waiting !== undefined && /Error|Invalid/.test(waiting.reason)) {
      return problem(
        nodeCause(waiting.message),
        null,
        `container ${container.name}: ${waiting.reason}: ${waiting.message}`,
        false,
        missingIn(waiting.message, metadata.namespace),
      );
    }
  }
  const unscheduled = status.conditions.find(({ type, status: value }) => type === 'PodScheduled' && value === 'False');
  if (unscheduled !== undefined)
    return problem(
      nodeCause(unscheduled.message),
      null,
      `it fits on no node: ${unscheduled.message}`,
      false,
      missingIn(unscheduled.message, metadata.namespace),
    );
  const unready = status.containerStatuses.find(({ ready }) => !ready);
  if (unready === undefined) return null;
  const { waiting, terminated } = unready.state;
  if (terminated !== undefined) {
    return problem(
      'workload-not-ready',
      unready.name,
      `container ${unready.name} ended with exit code ${String(terminated.exitCode)} (${terminated.reason})`,
      true,
    );
  }
  if (waiting !== undefined) {
    const mount = mountFailure(pod, events);
    const why = mount === null ? waiting.reason : `${waiting.reason}: ${mount.message}`;
    const lacks = mount?.missing !== undefined || mount?.lacksKey === true;
    return problem(
      'workload-not-ready',
      null,
      `container ${unready.name} has not started: ${why}`,
      !lacks,
      mount?.missing === undefined ? {} : { missing: mount.missing },
    );
  }
  const probe = probeFailure(pod, unready.name, events);
  const fails = `container ${unready.name} runs but its ${probe?.kind ?? 'readiness'} probe fails`;
  if (probe === null) return problem('workload-not-ready', unready.name, fails, true);
  return problem('workload-not-ready', unready.name, `${fails}: ${probe.text}`, !probe.isRefusal, { probe });
}

/** A kubelet names what stopped a pull inside the error of the pull. */
function pullCause(said: string): OutcomeCode {
  const cause = printedCause(said);
  return cause === 'disk-full' || cause === 'registry-rate-limit' ? cause : 'image-pull';
}

const nodeCause = (said: string): OutcomeCode =>
  printedCause(said) === 'disk-full' ? 'disk-full' : 'workload-not-ready';

/** The problem to name first: one with a clear cause before one that may only be slow. */
export function firstProblem(pods: readonly PodJson[], events: readonly EventJson[] = []): PodProblem | null {
  const problems = pods.map((pod) => problemOf(pod, events)).filter((problem) => problem !== null);
  return (
    problems.find(({ code }) => code !== 'workload-not-ready') ??
    problems.find(({ slow }) => !slow) ??
    problems[0] ??
    null
  );
}
