import { isRequestPath, type Target } from '../load/requests/plan.ts';
import { isRecord, type KubernetesObject } from './manifests.ts';

/** Asked for a rule that takes every host: some name must be sent. */
const ANY_HOST = 'localhost';
/** The one label that a wildcard such as `*.shop.localhost` is asked by. */
const ANY_LABEL = 'www';

/** What one rule takes: a host and the paths that can be requested of it. */
interface Rule {
  readonly host: string;
  readonly paths: readonly string[];
}

/**
 * The addresses that the Ingress and HTTPRoute objects lead to the application: one for each host. Its
 * path is `/` when a rule takes it; otherwise every prefix that a rule takes is an address.
 *
 * - `*.shop.localhost` is asked as www.shop.localhost, a rule without a host as localhost.
 * - Of a path that is a pattern, as ingress-nginx takes them (`/api(/|$)(.*)`), the text before the
 *   pattern is asked. Rules of an HTTPRoute that want a header, a query or another method than GET are
 *   left out.
 *
 * @returns the addresses in the order of the objects, without repetition; none when no rule was found.
 */
export function targetsIn(objects: readonly KubernetesObject[]): Target[] {
  const pathsByHost = new Map<string, Set<string>>();
  for (const { host, paths } of objects.flatMap(rulesOf)) {
    const known = pathsByHost.get(host) ?? new Set();
    paths.forEach((path) => known.add(path));
    pathsByHost.set(host, known);
  }
  return [...pathsByHost].flatMap(([host, paths]) =>
    paths.has('/') ? [{ host, path: '/' }] : [...paths].map((path) => ({ host, path })),
  );
}

function rulesOf(object: KubernetesObject): Rule[] {
  const spec = isRecord(object['spec']) ? object['spec'] : {};
  if (object.kind === 'Ingress') return ingressRules(spec);
  if (object.kind === 'HTTPRoute') return routeRules(spec);
  return [];
}

function ingressRules(spec: Readonly<Record<string, unknown>>): Rule[] {
  const rules = recordsIn(spec['rules']).map(({ host, http }): Rule => {
    const paths = recordsIn(isRecord(http) ? http['paths'] : undefined);
    return { host: hostName(host), paths: paths.length === 0 ? ['/'] : paths.flatMap(ingressPath) };
  });
  return rules.length === 0 && isRecord(spec['defaultBackend']) ? [{ host: ANY_HOST, paths: ['/'] }] : rules;
}

/** Only with pathType ImplementationSpecific, or under ingress-nginx's annotations, is a path a pattern; `Prefix` and `Exact` hold none of these characters in practice. */
function ingressPath({ path }: Readonly<Record<string, unknown>>): string[] {
  if (typeof path !== 'string' || path === '') return ['/'];
  const literal = path.slice(0, path.search(/[()[\]{}*+?|^$\\]|$/));
  return requestable(literal === '' ? '/' : literal);
}

function routeRules(spec: Readonly<Record<string, unknown>>): Rule[] {
  const { hostnames } = spec;
  const hosts = Array.isArray(hostnames) && hostnames.length > 0 ? hostnames.map(hostName) : [ANY_HOST];
  const rules = recordsIn(spec['rules']);
  const paths =
    rules.length === 0
      ? ['/']
      : rules.flatMap(({ matches }) =>
          recordsIn(matches).length === 0 ? ['/'] : recordsIn(matches).flatMap(matchPath),
        );
  return hosts.map((host) => ({ host, paths }));
}

function matchPath({ path, method, headers, queryParams }: Readonly<Record<string, unknown>>): string[] {
  if ((method !== undefined && method !== 'GET') || headers !== undefined || queryParams !== undefined) return [];
  if (!isRecord(path)) return ['/'];
  const { type = 'PathPrefix', value = '/' } = path;
  if (typeof value !== 'string' || (type !== 'PathPrefix' && type !== 'Exact')) return [];
  return requestable(value);
}

function hostName(host: unknown): string {
  if (typeof host !== 'string' || host === '') return ANY_HOST;
  return host.startsWith('*.') ? `${ANY_LABEL}${host.slice(1)}` : host;
}

const requestable = (path: string): string[] => (isRequestPath(path) ? [path] : []);

const recordsIn = (value: unknown): Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];
