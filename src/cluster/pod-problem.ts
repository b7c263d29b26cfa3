import type { OutcomeCode } from '../errors.ts';
import { conditionOf } from './conditions.ts';
import { printedCause } from './failure-texts.ts';
import type { EventJson, PodJson } from './kubernetes-json.ts';
import { missingIn, type MissingObject, mountFailure, probeFailure, type ProbeFailure } from './pod-events.ts';

export interface PodProblem {
  readonly code: OutcomeCode;
  readonly namespace: string;
  readonly pod: string;
  /** The container whose last lines may say more, if it ever ran. */
  readonly container: string | null;
  /** One sentence: which pod, and what Kubernetes says about it. */
  readonly message: string;
  /** Whether the pod seems only to need more time. */
  readonly slow: boolean;
  /** What the pod needs and does not exist. */
  readonly missing?: MissingObject;
  /** The container's answer to its probe. */
  readonly probe?: ProbeFailure;
}

/** A problem before it is said whose it is. */
interface Finding
  extends Pick<PodProblem, 'code' | 'missing' | 'probe'>, Partial<Pick<PodProblem, 'container' | 'slow'>> {
  /** What is wrong with the pod, without its name. */
  readonly what: string;
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
  const found = evicted(pod) ?? containerProblem(pod) ?? unscheduled(pod) ?? unready(pod, events);
  if (found === null) return null;
  const { what, container = null, slow = false, ...cause } = found;
  const { namespace, name } = metadata;
  return { ...cause, namespace, pod: name, container, slow, message: `Pod ${namespace}/${name}: ${what}` };
}

const evicted = ({ status: { reason, message } }: PodJson): Finding | null =>
  reason === 'Evicted' ? { code: nodeCause(message), what: `it was evicted: ${message}` } : null;

/** What keeps one of its containers from starting, or ends it again and again. */
function containerProblem({ metadata, status }: PodJson): Finding | null {
  for (const container of [...status.initContainerStatuses, ...status.containerStatuses]) {
    const { name, restartCount, ready } = container;
    const { waiting } = container.state;
    const ended = container.state.terminated ?? container.lastState.terminated;
    if (waiting !== undefined && /Image|RegistryUnavailable/.test(waiting.reason)) {
      return { code: pullCause(waiting.message), what: `container ${name}: ${waiting.reason}: ${waiting.message}` };
    }
    if (waiting?.reason === 'CrashLoopBackOff' || (restartCount > 0 && !ready && ended !== undefined)) {
      const exit = ended === undefined ? '' : `, last with exit code ${String(ended.exitCode)} (${ended.reason})`;
      return {
        code: 'crash-loop',
        container: name,
        what: `container ${name} ended ${String(restartCount)} times${exit}`,
      };
    }
    if (waiting !== undefined && /Error|Invalid/.test(waiting.reason)) {
      return {
        code: nodeCause(waiting.message),
        what: `container ${name}: ${waiting.reason}: ${waiting.message}`,
        ...missingIn(waiting.message, metadata.namespace),
      };
    }
  }
  return null;
}

function unscheduled({ metadata, status }: PodJson): Finding | null {
  const condition = conditionOf(status, 'PodScheduled', 'False');
  if (condition === undefined) return null;
  const { message } = condition;
  return {
    code: nodeCause(message),
    what: `it can't be scheduled: ${message}`,
    ...missingIn(message, metadata.namespace),
  };
}

/** The first of its containers that is not ready. */
function unready(pod: PodJson, events: readonly EventJson[]): Finding | null {
  const container = pod.status.containerStatuses.find(({ ready }) => !ready);
  if (container === undefined) return null;
  const { name } = container;
  const { waiting, terminated } = container.state;
  const code = 'workload-not-ready';
  if (terminated !== undefined) {
    const exit = `exit code ${String(terminated.exitCode)} (${terminated.reason})`;
    return { code, container: name, what: `container ${name} ended with ${exit}`, slow: true };
  }
  if (waiting !== undefined) {
    const mount = mountFailure(pod, events);
    const why = mount === null ? waiting.reason : `${waiting.reason}: ${mount.message}`;
    const lacks = mount?.missing !== undefined || mount?.lacksKey === true;
    return {
      code,
      what: `container ${name} has not started: ${why}`,
      slow: !lacks,
      ...(mount?.missing === undefined ? {} : { missing: mount.missing }),
    };
  }
  const probe = probeFailure(pod, name, events);
  const fails = `container ${name} runs but its ${probe?.kind ?? 'readiness'} probe fails`;
  return probe === null
    ? { code, container: name, what: fails, slow: true }
    : { code, container: name, what: `${fails}: ${probe.text}`, slow: !probe.isRefusal, probe };
}

/** A kubelet names what stopped a pull inside the error of the pull. */
function pullCause(said: string): OutcomeCode {
  const cause = printedCause(said);
  return cause === 'disk-full' || cause === 'registry-rate-limit' ? cause : 'image-pull';
}

const nodeCause = (said: string): OutcomeCode =>
  printedCause(said) === 'disk-full' ? 'disk-full' : 'workload-not-ready';

/** The problem to report first: one with a clear cause before one that may only be slow. */
export function firstProblem(pods: readonly PodJson[], events: readonly EventJson[] = []): PodProblem | null {
  const problems = pods.map((pod) => problemOf(pod, events)).filter((problem) => problem !== null);
  return (
    problems.find(({ code }) => code !== 'workload-not-ready') ??
    problems.find(({ slow }) => !slow) ??
    problems[0] ??
    null
  );
}
