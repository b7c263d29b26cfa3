import { hostsInCommon, hostsOfRoute, type Listener, listenersOf, parentsOf } from './gateway-listeners.ts';
import { isOfKubernetes, isRecord, type KubernetesObject, recordsIn } from './manifests.ts';
import { routedHosts } from './sides/version-routes.ts';

/** By what a route serves a host, which may begin with a wildcard label, or be `*` for every host. */
export interface RouteScheme {
  readonly host: string;
  readonly scheme: 'http' | 'https';
}

const EVERY_HOST = '*';

/** Traefik serves a router with it over TLS. */
const TRAEFIK_TLS = /^traefik\.ingress\.kubernetes\.io\/router\.tls(\.|$)/;
const TRAEFIK_ENTRY_POINTS = 'traefik.ingress.kubernetes.io/router.entrypoints';
/** What the charts of Traefik call the entry point for HTTPS. */
const SECURE_ENTRY_POINT = 'websecure';

/**
 * The hosts of all routes, each with the scheme by which it is meant to be asked: HTTPS where an Ingress has it under
 * `spec.tls` or Traefik's annotations say so, where an HTTPRoute belongs to a listener for HTTPS, where a
 * TLSRoute hands TLS on, and where an IngressRoute has TLS. HTTPS wins where a host has both.
 *
 * @param around other objects, among which the Gateways of the routes may be.
 */
export function schemesOfRoutes(
  objects: readonly KubernetesObject[],
  around: readonly KubernetesObject[] = [],
): RouteScheme[] {
  const listeners = [...objects, ...around].flatMap(listenersOf);
  const secure = new Set(objects.flatMap((object) => secureHostsOf(object, listeners)));
  const named = objects.flatMap((object) =>
    object.kind === 'HTTPRoute' && isOfKubernetes(object)
      ? hostsOfRoute(object, parentsOf(object, listeners)).map((host) => host ?? EVERY_HOST)
      : routedHosts([object]),
  );
  return [...new Set([...secure, ...named])].map((host) => ({ host, scheme: secure.has(host) ? 'https' : 'http' }));
}

/** The schemes of the routes of two versions, which are asked alike: over HTTPS where one of them is. */
export function schemesOfBoth(
  head: readonly RouteScheme[],
  base: readonly RouteScheme[],
): { readonly schemes: RouteScheme[]; readonly different: string[] } {
  const [ofHead, ofBase] = [head, base].map((routes) => new Map(routes.map(({ host, scheme }) => [host, scheme])));
  const hosts = [...new Set([...head, ...base].map(({ host }) => host))];
  return {
    schemes: hosts.map((host) => ({
      host,
      scheme: ofHead?.get(host) === 'https' || ofBase?.get(host) === 'https' ? 'https' : 'http',
    })),
    different: hosts.filter(
      (host) => ofHead?.has(host) === true && ofBase?.has(host) === true && ofHead.get(host) !== ofBase.get(host),
    ),
  };
}

/**
 * The scheme of the route that takes a host: the one that names it, else the one with the longest wildcard, else one
 * for every host.
 */
export function schemeOf(routes: readonly RouteScheme[], host: string): RouteScheme['scheme'] | null {
  const exact = routes.find((route) => route.host === host);
  if (exact !== undefined) return exact.scheme;
  const [nearest] = routes
    .filter((route) => route.host.startsWith('*.') && host.endsWith(route.host.slice(1)))
    .sort((one, other) => other.host.length - one.host.length);
  return (nearest ?? routes.find((route) => route.host === EVERY_HOST))?.scheme ?? null;
}

function secureHostsOf(object: KubernetesObject, listeners: readonly Listener[]): string[] {
  const spec = isRecord(object['spec']) ? object['spec'] : {};
  if (!isOfKubernetes(object) && object.kind !== 'IngressRoute') return [];
  switch (object.kind) {
    case 'Ingress':
      return isSecureRouter(object) ? routedHosts([object]) : hostsUnderTls(object, spec);
    case 'HTTPRoute': {
      const secure = parentsOf(object, listeners).filter((listener) => listener.secure);
      return hostsInCommon(object, secure).map((host) => host ?? EVERY_HOST);
    }
    case 'TLSRoute':
      return routedHosts([object]);
    case 'IngressRoute':
      return isRecord(spec['tls']) || isSecureOnly(spec['entryPoints']) ? routedHosts([object]) : [];
    default:
      return [];
  }
}

/** An entry without hosts is for those of the rules, and one with a wildcard for those that its certificate is for. */
const hostsUnderTls = (ingress: KubernetesObject, spec: Readonly<Record<string, unknown>>): string[] => {
  const routed = routedHosts([ingress]);
  return recordsIn(spec['tls']).flatMap(({ hosts }) => {
    const named = Array.isArray(hosts)
      ? hosts.filter((host): host is string => typeof host === 'string' && host !== '')
      : [];
    if (named.length === 0) return routed;
    return [...named, ...routed.filter((host) => named.some((name) => isOneLabelUnder(host, name)))];
  });
};

/** Whether a host is one label more than a wildcard has, which is what a certificate with that wildcard is for. */
const isOneLabelUnder = (host: string, wildcard: string): boolean =>
  wildcard.startsWith('*.') && host.slice(host.indexOf('.')) === wildcard.slice(1);

function isSecureRouter({ metadata }: KubernetesObject): boolean {
  const annotations = metadata.annotations ?? {};
  const tls = Object.entries(annotations).some(([name, value]) => TRAEFIK_TLS.test(name) && value !== 'false');
  return tls || isSecureOnly((annotations[TRAEFIK_ENTRY_POINTS] ?? '').split(',').map((name) => name.trim()));
}

/** A router at both entry points is asked as its TLS says. */
const isSecureOnly = (entryPoints: unknown): boolean =>
  Array.isArray(entryPoints) && entryPoints.length > 0 && entryPoints.every((name) => name === SECURE_ENTRY_POINT);
