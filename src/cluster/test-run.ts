import { k6Exit, THRESHOLDS_CROSSED } from '../load/k6-exit.ts';
import type { PodJson } from './kubernetes-json.ts';
import type { KubernetesObject } from './manifests.ts';
import { IMAGES_WITHOUT_DIGEST, WORKLOAD_IMAGES } from './pinned-versions.ts';
import { problemOf } from './readiness.ts';

/** The namespace of manifests/platform/k6-operator that the operator looks into. */
export const RUNNER_NAMESPACE = 'k6-runners';
/** Of the TestRun, its ConfigMap, and the Service that leads to the ingress; the operator names its pods after it. */
export const TEST_RUN = 'load';
/** As kubectl names it. */
export const TEST_RUN_RESOURCE = 'TestRun.v1alpha1.k6.io';

/** All pods of the TestRun. */
export const TEST_RUN_SELECTOR = `app=k6,k6_cr=${TEST_RUN}`;

/** What the pods run of k6's own. */
export const RUNNER_IMAGES: readonly string[] = [WORKLOAD_IMAGES.k6, IMAGES_WITHOUT_DIGEST.k6Starter];

/** The tag of that image: `v2.3.0`. */
export const RUNNER_VERSION = `v${/:([^@]+)@/.exec(WORKLOAD_IMAGES.k6)?.[1] ?? ''}`;

export interface TestRunOptions {
  readonly parallelism: number;
  readonly script: string;
  /** Where k6 connects to for a host name. */
  readonly hosts: Readonly<Record<string, string>>;
  /** What the script finds in `__ENV`. */
  readonly variables: Readonly<Record<string, string>>;
  /** Whether k6 writes each of its samples to its log, for a script that writes no lines of its own. */
  readonly samples: boolean;
}

/** The Job that the operator makes for each runner has this name, which its pods bear as a label. */
export const runnerNames = (parallelism: number): string[] => Array.from({ length: parallelism }, (_, index) => `${TEST_RUN}-${String(index + 1)}`);

/** The label by which a pod tells of which Job it is. */
export const JOB_LABEL = 'job-name';
export const INITIALIZER = `${TEST_RUN}-initializer`;

const POD_SECURITY = { runAsNonRoot: true, runAsUser: 12_345, runAsGroup: 12_345, seccompProfile: { type: 'RuntimeDefault' } };
const CONTAINER_SECURITY = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

/**
 * A load for the k6-operator, in the order in which its objects are to be created: the ConfigMap with
 * the script and k6's configuration, and the TestRun. Everything that k6 is told goes by variables of
 * its environment: the operator hands arguments for the runners to `k6 archive` too, which knows others.
 */
export function testRunObjects({ parallelism, script, hosts, variables, samples }: TestRunOptions): KubernetesObject[] {
  const metadata = { name: TEST_RUN, namespace: RUNNER_NAMESPACE };
  const environment = (more: Readonly<Record<string, string>>): object[] =>
    Object.entries({ K6_NO_USAGE_REPORT: 'true', K6_AUTO_EXTENSION_RESOLUTION: 'false', K6_CONFIG: '/test/config.json', ...variables, ...more }).map(([name, value]) => ({ name, value }));
  const pod = {
    imagePullPolicy: 'IfNotPresent',
    automountServiceAccountToken: 'false',
    securityContext: POD_SECURITY,
    containerSecurityContext: CONTAINER_SECURITY,
  };
  const output = samples ? { K6_OUT: 'csv=/dev/stdout', K6_CSV_TIME_FORMAT: 'unix_micro', K6_SUMMARY_EXPORT: '/dev/stdout' } : { K6_LOG_FORMAT: 'raw' };
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'script.js': script, 'config.json': JSON.stringify({ hosts }) } },
    {
      apiVersion: 'k6.io/v1alpha1',
      kind: 'TestRun',
      metadata,
      spec: {
        parallelism,
        script: { configMap: { name: TEST_RUN, file: 'script.js' } },
        initializer: { ...pod, image: WORKLOAD_IMAGES.k6, env: environment({}) },
        starter: { ...pod, image: IMAGES_WITHOUT_DIGEST.k6Starter },
        runner: {
          ...pod,
          image: WORKLOAD_IMAGES.k6,
          env: environment({ K6_NO_COLOR: 'true', ...output }),
          // On as many nodes as there are, and none waits for a place when there are fewer.
          topologySpreadConstraints: [
            { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: { app: 'k6', runner: 'true' } } },
          ],
        },
      },
    },
  ];
}

/** How far a runner has come. */
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
 * were crossed are no reason.
 *
 * @param pod what was last seen of it; null when it was seen once and is gone.
 */
export function runnerProblem(pod: PodJson | null): string | null {
  if (pod === null || pod.metadata.deletionTimestamp !== undefined) return 'Its pod was deleted before it had ended.';
  const terminated = pod.status.containerStatuses[0]?.state.terminated;
  if (terminated !== undefined) {
    const { exitCode, reason } = terminated;
    if (exitCode === 0 || exitCode === THRESHOLDS_CROSSED) return null;
    if (reason === 'OOMKilled') return 'It was killed because its memory ran out.';
    return k6Exit(isSignal(exitCode) ? null : exitCode).message;
  }
  const { phase, reason, message } = pod.status;
  if (phase === 'Failed') return `Its pod was ended: ${reason}: ${message}`;
  if (phase === 'Running') return 'It was still running when the load was given up.';
  return `It never started: ${(problemOf(pod)?.message ?? 'its pod was not given a node yet').replace(/\.+$/, '')}.`;
}
