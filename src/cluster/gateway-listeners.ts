import { isOfKubernetes, isRecord, type KubernetesObject, recordsIn } from './manifests.ts';

/** Where a Gateway accepts requests. */
export interface Listener {
  readonly gateway: string;
  readonly namespace: string | undefined;
  readonly name: unknown;
  readonly port: unknown;
  /** Whether it accepts HTTPS; HTTP otherwise. */
  readonly secure: boolean;
  /** Null for every host. */
  readonly hostname: string | null;
}

/** The listeners of a Gateway for HTTP and HTTPS; none of other objects. */
export function listenersOf(object: KubernetesObject): Listener[] {
  if (object.kind !== 'Gateway' || !isOfKubernetes(object) || !isRecord(object['spec'])) return [];
  const { name: gateway, namespace } = object.metadata;
  return recordsIn(object['spec']['listeners'])
    .filter(({ protocol }) => protocol === 'HTTP' || protocol === 'HTTPS')
    .map(({ name, port, hostname, protocol }) => ({
      gateway,
      namespace,
      name,
      port,
      secure: protocol === 'HTTPS',
      hostname: typeof hostname === 'string' && hostname !== '' ? hostname : null,
    }));
}

function isParent(
  parent: Readonly<Record<string, unknown>>,
  listener: Listener,
  namespace: string | undefined,
): boolean {
  const { kind = 'Gateway', name, namespace: other = namespace, sectionName, port } = parent;
  return (
    kind === 'Gateway' &&
    name === listener.gateway &&
    (other ?? 'default') === (listener.namespace ?? 'default') &&
    (sectionName === undefined || sectionName === listener.name) &&
    (port === undefined || port === listener.port)
  );
}

/** The listeners that an HTTPRoute belongs to. */
export const parentsOf = ({ metadata, spec }: KubernetesObject, listeners: readonly Listener[]): Listener[] =>
  listeners.filter((listener) =>
    recordsIn(isRecord(spec) ? spec['parentRefs'] : undefined).some((parent) =>
      isParent(parent, listener, metadata.namespace),
    ),
  );

/**
 * The hosts that an HTTPRoute has in common with listeners, null for every host; its own where it has none in common.
 */
export function hostsOfRoute(route: KubernetesObject, listeners: readonly Listener[]): (string | null)[] {
  const common = hostsInCommon(route, listeners);
  return common.length > 0 ? common : ownHosts(route);
}

/** The hosts that an HTTPRoute has in common with listeners, null for every host. */
export function hostsInCommon(route: KubernetesObject, listeners: readonly Listener[]): (string | null)[] {
  const routed = ownHosts(route);
  const common = listeners.flatMap(({ hostname }) => routed.flatMap((host) => commonHost(host, hostname) ?? []));
  return [...new Set(common)].map((host) => (host === EVERY_HOST ? null : host));
}

function ownHosts({ spec }: KubernetesObject): (string | null)[] {
  const hostnames = isRecord(spec) ? spec['hostnames'] : undefined;
  const own = Array.isArray(hostnames) ? hostnames.filter((name) => typeof name === 'string') : [];
  return own.length === 0 ? [null] : own;
}

const EVERY_HOST = '*';

/** The narrower of two hosts, each of which may be a wildcard or null for every host; null when they don't overlap. */
function commonHost(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other ?? EVERY_HOST;
  if (one === other || isWithin(one, other)) return one;
  return isWithin(other, one) ? other : null;
}

const isWithin = (host: string, wildcard: string): boolean =>
  wildcard.startsWith('*.') && host.endsWith(wildcard.slice(1));

/** An HTTPS listener with the Secrets of its certificates. */
interface ListenerCertificates {
  /** Null for every host. */
  readonly hostname: string | null;
  readonly secrets: readonly { readonly namespace: string; readonly name: string }[];
}

/** The HTTPS listeners of a Gateway that terminate TLS themselves. */
export function listenersWithCertificates({ metadata, spec }: KubernetesObject): ListenerCertificates[] {
  return recordsIn(isRecord(spec) ? spec['listeners'] : undefined)
    .filter(({ protocol }) => protocol === 'HTTPS')
    .map(({ hostname, tls }) => ({
      hostname: typeof hostname === 'string' && hostname !== '' ? hostname : null,
      secrets: recordsIn(isRecord(tls) ? tls['certificateRefs'] : undefined).flatMap(
        ({ kind = 'Secret', name, namespace = metadata.namespace ?? 'default' }) =>
          kind === 'Secret' && typeof name === 'string' && typeof namespace === 'string' ? [{ namespace, name }] : [],
      ),
    }));
}
