import { k6Exit, THRESHOLDS_CROSSED } from '../../load/k6/k6-exit.ts';
import type { PodJson } from '../kubernetes-json.ts';
import { problemOf } from '../pod-problem.ts';

/** The label that names the Job of a pod. */
const JOB_LABEL = 'job-name';

/** The Job of a pod; undefined for a pod without one. */
export const jobOf = ({ metadata }: PodJson): string | undefined => metadata.labels[JOB_LABEL];

/** The last known state of the pods of several runners. */
export class RunnerPods {
  readonly names: readonly string[];
  /** Null for a pod that was seen and is gone; no entry before it was seen. */
  readonly #pods = new Map<string, PodJson | null>();

  /** @param names of the Jobs of the runners. */
  constructor(names: readonly string[]) {
    this.names = names;
  }

  /** Takes all pods that are there now. */
  see(pods: readonly PodJson[]): void {
    for (const name of this.names) {
      const pod = pods.find((each) => jobOf(each) === name);
      const before = this.#pods.get(name);
      // How one has ended is no longer told once it is gone.
      if (pod === undefined && (before === undefined || this.phaseOf(name) === 'ended')) continue;
      this.#pods.set(name, pod ?? null);
    }
  }

  /** Null when it is gone, undefined when it was never seen. */
  podOf(name: string): PodJson | null | undefined {
    return this.#pods.get(name);
  }

  phaseOf(name: string): RunnerPhase {
    const pod = this.#pods.get(name);
    return pod === undefined ? 'waiting' : runnerPhase(pod);
  }

  /** The names of the runners in a phase. */
  in(phase: RunnerPhase): string[] {
    return this.names.filter((name) => this.phaseOf(name) === phase);
  }

  /** Whether any runner ever existed. */
  get anySeen(): boolean {
    return this.#pods.size > 0;
  }
}

/** The progress of a runner. */
export type RunnerPhase = 'waiting' | 'running' | 'ended';

/** @param pod null when there is none, or none any more. */
export function runnerPhase(pod: PodJson | null): RunnerPhase {
  if (pod === null || pod.metadata.deletionTimestamp !== undefined) return 'ended';
  const { phase } = pod.status;
  if (phase === 'Running') return 'running';
  return phase === 'Succeeded' || phase === 'Failed' ? 'ended' : 'waiting';
}

/** By which signal a process was killed; shells and Kubernetes add 128 to its number. */
const isSignal = (exitCode: number): boolean => exitCode > 128;

/**
 * Why a runner did not come to its end, in one sentence; null when it did. Thresholds of a script that
 * were crossed are not a reason.
 *
 * @param pod what was last seen of it; null when it was seen once and is gone.
 */
export function runnerProblem(pod: PodJson | null): string | null {
  if (pod === null || pod.metadata.deletionTimestamp !== undefined) return 'Its pod was deleted before it finished.';
  const terminated = pod.status.containerStatuses[0]?.state.terminated;
  if (terminated !== undefined) {
    const { exitCode, reason } = terminated;
    if (exitCode === 0 || exitCode === THRESHOLDS_CROSSED) return null;
    if (reason === 'OOMKilled') return 'It was killed because it ran out of memory.';
    return k6Exit(isSignal(exitCode) ? null : exitCode).message;
  }
  const { phase, reason, message } = pod.status;
  if (phase === 'Failed') return `Its pod was ended: ${reason}: ${message}`;
  if (phase === 'Running') return 'It was still running when the run stopped waiting for the load.';
  return `It never started: ${(problemOf(pod)?.message ?? 'its pod has no node yet').replace(/\.+$/, '')}.`;
}
