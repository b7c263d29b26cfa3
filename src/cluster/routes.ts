import { isRequestPath, type Target } from '../load/requests/plan.ts';
import { hostsOfRoute, type Listener, listenersOf, parentsOf } from './gateway-listeners.ts';
import { isOfKubernetes, isRecord, type KubernetesObject, recordOf, recordsIn } from './manifests.ts';
import { isPattern, textMatching } from './path-pattern.ts';

/** The name for a rule that accepts every host: some name must be sent. */
const ANY_HOST = 'localhost';
/** The label that replaces a wildcard such as `*.shop.localhost`. */
const ANY_LABEL = 'www';

/** What one rule accepts: a host, the paths that can be requested, and those for which no request was found. */
interface Rule {
  readonly host: string;
  readonly paths: readonly RulePath[];
}

interface RulePath {
  /** As written in the rule. */
  readonly given: string;
  /** The path to request; null when no text that matches the pattern was found. */
  readonly asked: string | null;
}

const ROOT: RulePath = { given: '/', asked: '/' };

/**
 * The addresses that the Ingress, HTTPRoute and TLSRoute objects lead to the application: one for each host. Its
 * path is `/` when a rule takes it; otherwise every prefix that a rule takes is an address.
 *
 * - `*.shop.localhost` is asked as www.shop.localhost, a rule without a host as localhost. An HTTPRoute takes the hosts
 *   of the listeners that it belongs to.
 * - What the controller answers with a redirect of its own is left out, and the root of an Ingress with an `app-root`
 *   is asked there.
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

/** A path of a rule for which no request is known. */
export interface UnaskedPath {
  readonly host: string;
  readonly path: string;
}

/**
 * The patterns among the paths of the rules for which no text was found that they match, on hosts that are not asked
 * for `/`.
 */
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
  return objects.filter(isOfKubernetes).flatMap((object) => {
    const spec = isRecord(object['spec']) ? object['spec'] : {};
    if (object.kind === 'Ingress') return isRedirect(object) ? [] : ingressRules(spec, appRootOf(object));
    if (object.kind === 'HTTPRoute') return routeRules(object, spec, listeners);
    // What is asked inside of TLS is the application's business alone.
    if (object.kind === 'TLSRoute')
      return hostsOfRoute(object, []).map((host) => ({ host: hostName(host), paths: [ROOT] }));
    return [];
  });
}

const REDIRECTS = ['permanent-redirect', 'temporal-redirect'].map((name) => `nginx.ingress.kubernetes.io/${name}`);
const APP_ROOT = 'nginx.ingress.kubernetes.io/app-root';

type Fields = Readonly<Record<string, unknown>>;

/** Whether the controller itself answers whatever an Ingress, or a rule of an HTTPRoute, takes, by a redirect. */
function isRedirect({ metadata }: KubernetesObject): boolean {
  return REDIRECTS.some((name) => (metadata.annotations?.[name] ?? '') !== '');
}
const isRedirectRule = ({ filters }: Fields): boolean =>
  recordsIn(filters).some(({ type }) => type === 'RequestRedirect');

/** Where ingress-nginx redirects the root of its hosts to. */
function appRootOf({ metadata }: KubernetesObject): string {
  const root: unknown = metadata.annotations?.[APP_ROOT];
  return typeof root === 'string' && isRequestPath(root) ? root : '/';
}

/** The routes whose every request is answered by a redirect of the controller, so that no load is sent to them. */
export const redirectingRoutes = (objects: readonly KubernetesObject[]): KubernetesObject[] =>
  objects.filter(isOfKubernetes).filter((object) => {
    if (object.kind === 'Ingress') return isRedirect(object);
    const rules = recordsIn(recordOf(object['spec'])['rules']);
    return object.kind === 'HTTPRoute' && rules.length > 0 && rules.every(isRedirectRule);
  });

/** @param appRoot what is asked in place of the root. */
function ingressRules(spec: Fields, appRoot: string): Rule[] {
  const root = { given: '/', asked: appRoot };
  const pathsOf = (http: unknown): RulePath[] => {
    const paths = recordsIn(isRecord(http) ? http['paths'] : undefined);
    return (paths.length === 0 ? [ROOT] : paths.flatMap(ingressPath)).map((path) => (path.asked === '/' ? root : path));
  };
  const rules = recordsIn(spec['rules']).map(({ host, http }): Rule => ({
    host: hostName(host),
    paths: pathsOf(http),
  }));
  return rules.length === 0 && isRecord(spec['defaultBackend']) ? [{ host: ANY_HOST, paths: [root] }] : rules;
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
  route: KubernetesObject,
  spec: Readonly<Record<string, unknown>>,
  listeners: readonly Listener[],
): Rule[] {
  const hosts = hostsOfRoute(route, parentsOf(route, listeners));
  const rules = recordsIn(spec['rules']);
  const answered = rules.filter((rule) => !isRedirectRule(rule));
  if (rules.length > 0 && answered.length === 0) return [];
  const paths =
    rules.length === 0
      ? [ROOT]
      : answered.flatMap(({ matches }) =>
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

function hostName(host: unknown): string {
  if (typeof host !== 'string' || host === '') return ANY_HOST;
  return host.startsWith('*.') ? `${ANY_LABEL}${host.slice(1)}` : host;
}

const literalPath = (path: string): RulePath[] => (isRequestPath(path) ? [{ given: path, asked: path }] : []);
