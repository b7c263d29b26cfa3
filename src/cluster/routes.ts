import { isRequestPath, type Target } from '../load/requests/plan.ts';
import { isRecord, type KubernetesObject, recordsIn } from './manifests.ts';
import { isPattern, textMatching } from './path-pattern.ts';

/** Asked for a rule that takes every host: some name must be sent. */
const ANY_HOST = 'localhost';
/** The one label that a wildcard such as `*.shop.localhost` is asked by. */
const ANY_LABEL = 'www';

/** What one rule takes: a host, the paths that can be requested of it, and those for which no request was found. */
interface Rule {
  readonly host: string;
  readonly paths: readonly RulePath[];
}

interface RulePath {
  /** As the rule has it. */
  readonly given: string;
  /** What is asked; null where no text was found that the pattern matches. */
  readonly asked: string | null;
}

const ROOT: RulePath = { given: '/', asked: '/' };

/**
 * The addresses that the Ingress and HTTPRoute objects lead to the application: one for each host. Its
 * path is `/` when a rule takes it; otherwise every prefix that a rule takes is an address.
 *
 * - `*.shop.localhost` is asked as www.shop.localhost, a rule without a host as localhost. An HTTPRoute takes the hosts
 *   of the listeners that it belongs to.
 * - Of a path that is a pattern, as ingress-nginx takes them (`/api(/|$)(.*)`), a text that it matches is asked. Rules
 *   of an HTTPRoute that want a header, a query or another method than GET are left out.
 *
 * @param around other objects, among which the Gateways of the routes may be.
 * @returns the addresses in the order of the objects, without repetition; none when no rule was found.
 */
export function targetsIn(objects: readonly KubernetesObject[], around: readonly KubernetesObject[] = []): Target[] {
  return [...askedByHost(objects, around)].flatMap(([host, paths]) =>
    paths.has('/') ? [{ host, path: '/' }] : [...paths].map((path) => ({ host, path })),
  );
}

/** A path of a rule that nothing is known to ask for. */
export interface UnaskedPath {
  readonly host: string;
  readonly path: string;
}

/** The patterns among the paths of the rules for which no text was found that they match, on hosts that are not asked for `/`. */
export function unaskedPaths(
  objects: readonly KubernetesObject[],
  around: readonly KubernetesObject[] = [],
): UnaskedPath[] {
  const asked = askedByHost(objects, around);
  return rulesIn(objects, around)
    .filter(({ host }) => asked.get(host)?.has('/') !== true)
    .flatMap(({ host, paths }) =>
      paths.filter((path) => path.asked === null).map(({ given }) => ({ host, path: given })),
    );
}

function askedByHost(
  objects: readonly KubernetesObject[],
  around: readonly KubernetesObject[],
): Map<string, Set<string>> {
  const pathsByHost = new Map<string, Set<string>>();
  for (const { host, paths } of rulesIn(objects, around)) {
    const known = pathsByHost.get(host) ?? new Set();
    for (const { asked } of paths) if (asked !== null) known.add(asked);
    pathsByHost.set(host, known);
  }
  return pathsByHost;
}

function rulesIn(objects: readonly KubernetesObject[], around: readonly KubernetesObject[]): Rule[] {
  const listeners = [...objects, ...around].flatMap(listenersOf);
  return objects.flatMap((object) => {
    const spec = isRecord(object['spec']) ? object['spec'] : {};
    if (object.kind === 'Ingress') return ingressRules(spec);
    if (object.kind === 'HTTPRoute') return routeRules(object, spec, listeners);
    return [];
  });
}

function ingressRules(spec: Readonly<Record<string, unknown>>): Rule[] {
  const rules = recordsIn(spec['rules']).map(({ host, http }): Rule => {
    const paths = recordsIn(isRecord(http) ? http['paths'] : undefined);
    return { host: hostName(host), paths: paths.length === 0 ? [ROOT] : paths.flatMap(ingressPath) };
  });
  return rules.length === 0 && isRecord(spec['defaultBackend']) ? [{ host: ANY_HOST, paths: [ROOT] }] : rules;
}

/** Whether a path is a pattern stands in annotations of a controller; one that looks like a pattern is one. */
function ingressPath({ path, pathType }: Readonly<Record<string, unknown>>): RulePath[] {
  if (typeof path !== 'string' || path === '') return [ROOT];
  // In a text, as Prefix and Exact have it, these two are ordinary characters.
  const isText = (pathType === 'Prefix' || pathType === 'Exact') && !isPattern(path.replaceAll(/[+$]/g, ''));
  return isText || !isPattern(path) ? literalPath(path) : [patternPath(path)];
}

function patternPath(given: string): RulePath {
  const text = textMatching(given);
  return { given, asked: text !== null && isRequestPath(text) ? text : null };
}

function routeRules(
  { metadata }: KubernetesObject,
  spec: Readonly<Record<string, unknown>>,
  listeners: readonly Listener[],
): Rule[] {
  const { hostnames } = spec;
  const own = Array.isArray(hostnames) ? hostnames.filter((name) => typeof name === 'string') : [];
  const hosts = hostsOf(
    own,
    listeners.filter((listener) =>
      recordsIn(spec['parentRefs']).some((parent) => isParent(parent, listener, metadata.namespace)),
    ),
  );
  const rules = recordsIn(spec['rules']);
  const paths =
    rules.length === 0
      ? [ROOT]
      : rules.flatMap(({ matches }) =>
          recordsIn(matches).length === 0 ? [ROOT] : recordsIn(matches).flatMap(matchPath),
        );
  return hosts.map((host) => ({ host: hostName(host), paths }));
}

function matchPath({ path, method, headers, queryParams }: Readonly<Record<string, unknown>>): RulePath[] {
  if ((method !== undefined && method !== 'GET') || headers !== undefined || queryParams !== undefined) return [];
  if (!isRecord(path)) return [ROOT];
  const { type = 'PathPrefix', value = '/' } = path;
  if (typeof value !== 'string') return [];
  if (type === 'RegularExpression') return [patternPath(value)];
  return type === 'PathPrefix' || type === 'Exact' ? literalPath(value) : [];
}

/** Where a Gateway takes requests. */
interface Listener {
  readonly gateway: string;
  readonly namespace: string | undefined;
  readonly name: unknown;
  readonly port: unknown;
  /** Null for every host. */
  readonly hostname: string | null;
}

function listenersOf(object: KubernetesObject): Listener[] {
  if (object.kind !== 'Gateway' || !isRecord(object['spec'])) return [];
  const { name: gateway, namespace } = object.metadata;
  return recordsIn(object['spec']['listeners'])
    .filter(({ protocol }) => protocol === 'HTTP' || protocol === 'HTTPS')
    .map(({ name, port, hostname }) => ({
      gateway,
      namespace,
      name,
      port,
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

/** The hosts that a route has in common with its listeners; its own where its listeners are not known. */
function hostsOf(own: readonly string[], listeners: readonly Listener[]): (string | null)[] {
  const routed: (string | null)[] = own.length === 0 ? [null] : [...own];
  const common = listeners.flatMap(({ hostname }) => routed.flatMap((host) => commonHost(host, hostname) ?? []));
  if (common.length > 0) return [...new Set(common)].map((host) => (host === EVERY_HOST ? null : host));
  return routed;
}

const EVERY_HOST = '*';

/** The narrower one of two hosts, each of which may be a wildcard or null for every host; null when they have nothing in common. */
function commonHost(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other ?? EVERY_HOST;
  if (one === other || isWithin(one, other)) return one;
  return isWithin(other, one) ? other : null;
}

const isWithin = (host: string, wildcard: string): boolean =>
  wildcard.startsWith('*.') && host.endsWith(wildcard.slice(1));

function hostName(host: unknown): string {
  if (typeof host !== 'string' || host === '') return ANY_HOST;
  return host.startsWith('*.') ? `${ANY_LABEL}${host.slice(1)}` : host;
}

const literalPath = (path: string): RulePath[] => (isRequestPath(path) ? [{ given: path, asked: path }] : []);
