import { isOfKubernetes, type KubernetesObject, recordOf, recordsIn } from '../manifests.ts';
import { matchesHost } from '../sides/version-names.ts';

/** A Service that a route leads to. */
export interface Backend {
  readonly namespace: string;
  readonly service: string;
  /** The least share of the requests that it gets; 0 when a route may go by without it. */
  readonly share: number;
}

/** What a Service is called over all namespaces: `namespace/name`. */
export const serviceKey = ({ namespace, service }: Pick<Backend, 'namespace' | 'service'>): string =>
  `${namespace}/${service}`;

type Fields = Readonly<Record<string, unknown>>;

const NGINX = 'nginx.ingress.kubernetes.io';

/** One path of a rule, and what stands behind it. */
interface Rule {
  /** May begin with `*.`; null stands for every host. */
  readonly host: string | null;
  readonly path: string;
  readonly exact: boolean;
  readonly backends: readonly Backend[];
  /** A canary's share of what the others of its place would get; null for those others. */
  readonly canary: number | null;
}

/**
 * The Services that requests for a path of a host go to, as the Ingress and HTTPRoute objects say it: those of the
 * most specific host, and there of the longest path. Where several rules claim the same place each is taken to get an
 * equal share, since nothing says which one the controller prefers.
 *
 * @returns none when no rule takes the request, or only one of a kind that is not read here.
 */
export function backendsOf(objects: readonly KubernetesObject[], host: string, path: string): Backend[] {
  const asked = path.split('?')[0] ?? '/';
  const rules = objects.flatMap(rulesOf).filter((rule) => takesHost(rule, host) && takesPath(rule, asked));
  const [best] = [...rules].sort((a, b) => compareRank(rankOf(b), rankOf(a)));
  if (best === undefined) return [];
  const place = rules.filter((rule) => compareRank(rankOf(rule), rankOf(best)) === 0);
  return together(withCanaries(place));
}

/** Whether the controller hands the TLS of a host on, so that it sees connections and no requests. */
export const isPassedThrough = (objects: readonly KubernetesObject[], host: string): boolean =>
  objects
    .filter(({ kind, metadata }) => kind === 'Ingress' && metadata.annotations?.[`${NGINX}/ssl-passthrough`] === 'true')
    .flatMap(rulesOf)
    .some((rule) => takesHost(rule, host));

/** How rules name a host: in full, by a wildcard alone, or not at all. */
export function namingOf(objects: readonly KubernetesObject[], host: string): 'full' | 'wildcard' | null {
  const named = objects.flatMap(rulesOf).filter((rule) => rule.host !== null && takesHost(rule, host));
  if (named.length === 0) return null;
  return named.some((rule) => rule.host === host) ? 'full' : 'wildcard';
}

const takesHost = (rule: Rule, host: string): boolean => rule.host === null || matchesHost(rule.host, host);

function takesPath({ path, exact }: Rule, asked: string): boolean {
  if (exact) return asked === path;
  const prefix = path.replace(/\/$/, '');
  return asked === prefix || asked.startsWith(`${prefix}/`) || asked === path;
}

/** A named host before a wildcard before any; an exact path before a prefix; a longer one before a shorter one. */
const rankOf = ({ host, path, exact }: Rule): readonly number[] => [
  host === null ? 0 : host.startsWith('*') ? 1 : 2,
  exact ? 1 : 0,
  path.length,
];

function compareRank(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((value, at) => value !== other[at]);
  return index === -1 ? 0 : (one[index] ?? 0) - (other[index] ?? 0);
}

function withCanaries(rules: readonly Rule[]): Backend[] {
  const mains = rules.filter(({ canary }) => canary === null);
  const canaries = rules.filter(({ canary }) => canary !== null);
  const away = canaries.reduce((sum, { canary }) => sum + (canary ?? 0), 0);
  const share = (rule: Rule): number => rule.canary ?? Math.max(0, 1 - away) / Math.max(1, distinct(mains));
  return rules.flatMap((rule) => rule.backends.map((backend) => ({ ...backend, share: backend.share * share(rule) })));
}

/** Rules with the same Services count once: two controllers that are compared have a copy of each route. */
const distinct = (rules: readonly Rule[]): number =>
  new Set(rules.map(({ backends }) => JSON.stringify(backends))).size;

/** One for each Service, with the largest of its shares. */
function together(backends: readonly Backend[]): Backend[] {
  const byService = new Map<string, Backend>();
  for (const backend of backends) {
    const key = serviceKey(backend);
    const known = byService.get(key);
    if (known === undefined || known.share < backend.share) byService.set(key, backend);
  }
  return [...byService.values()];
}

function rulesOf(object: KubernetesObject): Rule[] {
  if (!isOfKubernetes(object)) return [];
  const spec = recordOf(object['spec']);
  const namespace = object.metadata.namespace ?? 'default';
  if (object.kind === 'Ingress') return ingressRules(spec, namespace, object.metadata.annotations ?? {});
  if (object.kind === 'HTTPRoute') return routeRules(spec, namespace);
  return [];
}

function ingressRules(spec: Fields, namespace: string, annotations: Readonly<Record<string, string>>): Rule[] {
  const canary = canaryShare(annotations);
  const aliases = (annotations[`${NGINX}/server-alias`] ?? '').split(/[\s,]+/).filter((alias) => alias !== '');
  const rules = recordsIn(spec['rules']).flatMap(({ host, http }) =>
    recordsIn(recordOf(http)['paths']).flatMap(({ path, pathType, backend }) =>
      [nameOf(host), ...aliases].map((name): Rule => {
        const pattern = typeof path === 'string' && path !== '' ? path : '/';
        const literal = pattern.slice(0, pattern.search(/[()[\]{}*+?|^$\\]|$/));
        return {
          host: name,
          path: pathType === 'Exact' ? pattern : literal === '' ? '/' : literal,
          exact: pathType === 'Exact',
          backends: serviceOf(recordOf(recordOf(backend)['service'])['name'], namespace, 1),
          canary,
        };
      }),
    ),
  );
  const fallback = serviceOf(recordOf(recordOf(spec['defaultBackend'])['service'])['name'], namespace, 1);
  return fallback.length === 0
    ? rules
    : [...rules, { host: null, path: '/', exact: false, backends: fallback, canary: null }];
}

/** One by header or cookie may get nothing, as long as it has no weight. */
function canaryShare(annotations: Readonly<Record<string, string>>): number | null {
  if (annotations[`${NGINX}/canary`] !== 'true') return null;
  const [weight, total] = [
    Number(annotations[`${NGINX}/canary-weight`] ?? 0),
    Number(annotations[`${NGINX}/canary-weight-total`] ?? 100),
  ];
  return total > 0 && weight >= 0 ? Math.min(1, weight / total) : 0;
}

function routeRules(spec: Fields, namespace: string): Rule[] {
  const { hostnames } = spec;
  const hosts = Array.isArray(hostnames) && hostnames.length > 0 ? hostnames.map(nameOf) : [null];
  return recordsIn(spec['rules']).flatMap((rule) => {
    const backends = weighted(recordsIn(rule['backendRefs']), namespace);
    const matches = recordsIn(rule['matches']);
    const paths = matches.length === 0 ? [{}] : matches.filter(takesEveryGet).map(({ path }) => recordOf(path));
    return paths.flatMap(({ type = 'PathPrefix', value = '/' }: Fields) =>
      typeof value === 'string' && (type === 'PathPrefix' || type === 'Exact')
        ? hosts.map((host): Rule => ({ host, path: value, exact: type === 'Exact', backends, canary: null }))
        : [],
    );
  });
}

const takesEveryGet = ({ method, headers, queryParams }: Fields): boolean =>
  (method === undefined || method === 'GET') && headers === undefined && queryParams === undefined;

function weighted(refs: readonly Fields[], namespace: string): Backend[] {
  const weightOf = ({ weight }: Fields): number => (typeof weight === 'number' ? weight : 1);
  const total = refs.reduce((sum, ref) => sum + weightOf(ref), 0);
  return refs
    .filter((ref) => (ref['kind'] ?? 'Service') === 'Service' && weightOf(ref) > 0)
    .flatMap((ref) => serviceOf(ref['name'], nameOf(ref['namespace']) ?? namespace, weightOf(ref) / total));
}

const serviceOf = (name: unknown, namespace: string, share: number): Backend[] =>
  typeof name === 'string' ? [{ namespace, service: name, share }] : [];

const nameOf = (name: unknown): string | null => (typeof name === 'string' && name !== '' ? name : null);

/** A workload whose pods a Service leads to. */
export interface BackendWorkload {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  /** Its part of what the Service gets: an equal one, or 0 when clients stay with one pod and may never meet it. */
  readonly share: number;
}

const POD_MAKERS: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Pod',
]);

/** The workloads among the objects whose pods a Service selects; none when it has no selector, or is not among them. */
export function workloadsBehind(
  objects: readonly KubernetesObject[],
  { namespace, service }: Pick<Backend, 'namespace' | 'service'>,
): BackendWorkload[] {
  const isIn = (object: KubernetesObject): boolean => (object.metadata.namespace ?? 'default') === namespace;
  const found = objects.find((object) => object.kind === 'Service' && isIn(object) && object.metadata.name === service);
  const spec = recordOf(found?.['spec']);
  const selector = Object.entries(recordOf(spec['selector']));
  if (selector.length === 0) return [];
  const selected = objects.filter((object) => {
    if (!POD_MAKERS.has(object.kind) || !isIn(object) || recordOf(object['spec'])['replicas'] === 0) return false;
    const labels = labelsOf(object);
    return selector.every(([label, value]) => labels[label] === value);
  });
  const sticks = spec['sessionAffinity'] === 'ClientIP' && selected.length > 1;
  return selected.map(({ kind, metadata }) => ({
    namespace,
    kind,
    name: metadata.name,
    share: sticks ? 0 : 1 / selected.length,
  }));
}

const labelsOf = (object: KubernetesObject): Fields =>
  object.kind === 'Pod'
    ? recordOf(object.metadata.labels)
    : recordOf(recordOf(recordOf(recordOf(object['spec'])['template'])['metadata'])['labels']);
