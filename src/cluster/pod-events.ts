import { oneLine } from '../text/lines.ts';
import type { EventJson, PodJson, ProbeJson } from './kubernetes-json.ts';

/** An object that a pod needs and that does not exist. */
export interface MissingObject {
  /** The resource name for kubectl. */
  readonly resource: 'secret' | 'configmap' | 'persistentvolumeclaim' | 'serviceaccount';
  readonly namespace: string;
  readonly name: string;
}

/** Some failures occur once while a cluster starts, so only repeated ones are reported. */
const OCCURRENCES = 2;

const occurrencesOf = ({ count, series }: EventJson): number => series?.count ?? count ?? 1;

const isOf = ({ involvedObject }: EventJson, { metadata }: PodJson): boolean =>
  metadata.uid === ''
    ? involvedObject.name === metadata.name && involvedObject.namespace === metadata.namespace
    : involvedObject.uid === metadata.uid;

/** The words of the API server and of a kubelet for what is not there: `secret "jwt-key" not found`. */
const NOT_FOUND = /\b(secret|configmap|persistentvolumeclaim|serviceaccount)s? "([^"]+)" not found/i;

/** What a message says is missing; empty when it says nothing of the kind. */
export function missingIn(message: string, namespace: string): { readonly missing?: MissingObject } {
  const [, resource, name] = NOT_FOUND.exec(message) ?? [];
  if (resource === undefined || name === undefined) return {};
  return { missing: { resource: resource.toLowerCase() as MissingObject['resource'], namespace, name } };
}

/** Why a volume of a pod could not be mounted, more than once. */
interface MountFailure {
  readonly message: string;
  readonly missing?: MissingObject;
  /** Whether the object exists but lacks the key that the pod needs. */
  readonly lacksKey: boolean;
}

/** The latest failure to mount a volume of a pod; null while there was none or one. */
export function mountFailure(pod: PodJson, events: readonly EventJson[]): MountFailure | null {
  const failures = events.filter(
    (event) => (event.reason === 'FailedMount' || event.reason === 'FailedAttachVolume') && isOf(event, pod),
  );
  const total = failures.reduce((sum, event) => sum + occurrencesOf(event), 0);
  const latest = lastOf(failures);
  if (latest === undefined || total < OCCURRENCES) return null;
  const message = oneLine(latest.message ?? '');
  return {
    message,
    ...missingIn(message, pod.metadata.namespace),
    lacksKey: /references non-existent (?:secret|config) key/.test(message),
  };
}

const lastOf = (events: readonly EventJson[]): EventJson | undefined =>
  [...events].sort((one, other) => (one.lastTimestamp ?? '').localeCompare(other.lastTimestamp ?? '')).at(-1);

/** How a container answers the probe that keeps it from being ready. */
export interface ProbeFailure {
  readonly kind: 'readiness' | 'startup';
  /** The probe and its result: the status, or the time that it had. */
  readonly text: string;
  /** Whether the container runs and refuses what it is asked (400 to 499), which more time seldom changes. */
  readonly isRefusal: boolean;
}

/** The latest probe failure of a container; null when there was none. */
export function probeFailure(pod: PodJson, container: string, events: readonly EventJson[]): ProbeFailure | null {
  const failures = events.filter(
    (event) =>
      event.reason === 'Unhealthy' &&
      isOf(event, pod) &&
      event.involvedObject.fieldPath === `spec.containers{${container}}` &&
      PROBE.test(event.message ?? ''),
  );
  const [, kind, said] = PROBE.exec(lastOf(failures)?.message ?? '') ?? [];
  if (kind === undefined || said === undefined) return null;
  const isStartup = kind === 'Startup';
  const own = pod.spec.containers.find(({ name }) => name === container);
  const probe = (isStartup ? own?.startupProbe : own?.readinessProbe) ?? null;
  const status = Number(/statuscode: (\d+)/.exec(said)?.[1] ?? 0);
  return {
    kind: isStartup ? 'startup' : 'readiness',
    text: probeText(probe, status, said),
    isRefusal: status >= 400 && status < 500,
  };
}

const PROBE = /^(Readiness|Startup) probe (?:failed|errored[^:]*): ([^]*)/;

function probeText(probe: ProbeJson | null, status: number, said: string): string {
  const asked = askedText(probe);
  if (status > 0) return `${asked} returned status ${String(status)}`;
  if (/deadline exceeded|Client\.Timeout|i\/o timeout|timed out|timeout:/.test(said))
    return `${asked} got no answer within ${String(probe?.timeoutSeconds ?? 1)} s (its timeoutSeconds)`;
  if (/connection refused/.test(said)) return `${asked} was refused: nothing listens there`;
  return `${asked}: ${oneLine(said)}`;
}

function askedText(probe: ProbeJson | null): string {
  if (probe?.httpGet != null) {
    const { scheme, port, path } = probe.httpGet;
    return `GET ${scheme === 'HTTPS' ? 'https://' : ''}:${String(port)}${path.startsWith('/') ? path : `/${path}`}`;
  }
  if (probe?.tcpSocket != null) return `a connection to port ${String(probe.tcpSocket.port)}`;
  if (probe?.grpc != null) return `the gRPC health check at port ${String(probe.grpc.port)}`;
  return 'what it asks';
}

/** A workload whose pods the API server rejects. */
export interface RefusedPods {
  readonly message: string;
  readonly missing?: MissingObject;
}

const POD_MAKERS: ReadonlySet<string> = new Set([
  'ReplicaSet',
  'ReplicationController',
  'StatefulSet',
  'DaemonSet',
  'Job',
]);

/**
 * The first workload whose pods are refused for a reason that time does not change: a service account that is not
 * there, or rules of the namespace for pods.
 */
export function refusedPods(namespaces: ReadonlySet<string>, events: readonly EventJson[]): RefusedPods[] {
  return events.flatMap((event) => {
    const { kind, namespace, name } = event.involvedObject;
    const said = event.message ?? '';
    if (event.reason !== 'FailedCreate' || !POD_MAKERS.has(kind) || !namespaces.has(namespace)) return [];
    const missing = missingIn(said, namespace);
    if (occurrencesOf(event) < OCCURRENCES || (missing.missing === undefined && !/violates PodSecurity/.test(said)))
      return [];
    return [{ message: `${kind} ${namespace}/${name} creates no pods: ${oneLine(said)}`, ...missing }];
  });
}

/** What the events say of a Job that has failed, which may be all that is left of it; null when they say nothing. */
export function failedJobEvent(events: readonly EventJson[], namespace: string, name: string): string | null {
  const found = events.find(
    ({ reason, involvedObject }) =>
      involvedObject.kind === 'Job' &&
      involvedObject.namespace === namespace &&
      involvedObject.name === name &&
      /^(?:BackoffLimitExceeded|DeadlineExceeded|PodFailurePolicy|MaxFailedIndexesExceeded|FailedIndexes)$/.test(
        reason ?? '',
      ),
  );
  return found === undefined
    ? null
    : `Job ${namespace}/${name} failed, and removed itself: ${oneLine(found.message ?? '')}`;
}
