import { readJson, writeJson } from '../../text/yaml/json.ts';
import type { Side } from '../../model/sides.ts';
import { isOfKubernetes, isRecord, type KubernetesObject, recordOf, recordsIn } from '../manifests.ts';
import { hasIssuer, isCertificate, secretNameOf } from '../tls/cert-manager.ts';
import { hostOf, matchesHost } from './version-names.ts';

/** Kinds of other projects whose hosts are not known here. */
const FOREIGN_ROUTES = new Set(['VirtualService', 'HTTPProxy', 'ApisixRoute', 'Mapping', 'Route', 'VirtualServer']);
const GATEWAY_ROUTES = new Set(['HTTPRoute', 'GRPCRoute', 'TLSRoute']);

const isIngress = (object: KubernetesObject): boolean => object.kind === 'Ingress' && isOfKubernetes(object);
const isGatewayRoute = (object: KubernetesObject): boolean => GATEWAY_ROUTES.has(object.kind) && isOfKubernetes(object);
export const isGateway = (object: KubernetesObject): boolean => object.kind === 'Gateway' && isOfKubernetes(object);

/** Whether an object of another project has hosts, or may answer for any, that are not known here. */
export const isForeignRoute = (object: KubernetesObject): boolean =>
  FOREIGN_ROUTES.has(object.kind) ||
  (LOOK_ALIKES.has(object.kind) && !isOfKubernetes(object)) ||
  (object.kind === 'IngressRoute' && (matchersIn(object).length === 0 || HOST_PATTERN.test(textOf(object))));

/** Kinds that other projects have under the same name: those of Istio, Linkerd, Knative and OpenShift. */
const LOOK_ALIKES = new Set(['Gateway', 'HTTPRoute', 'GRPCRoute', 'Ingress']);

type Fields = Readonly<Record<string, unknown>>;

/** A rule of an Ingress; without a host it answers for every one. */
interface IngressRule extends Fields {
  readonly host?: string;
}

/** What a field may be left out of, null or empty is all the same to Kubernetes. */
const rulesOf = ({ rules }: Fields): IngressRule[] =>
  recordsIn(rules).map(({ host, ...rest }) => (isName(host) ? { ...rest, host } : rest));

const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';

const textsIn = (value: unknown): string[] => (Array.isArray(value) ? value.filter(isName) : []);

/** A rule without a host answers for every host. */
const ANY = '*';

/** The hosts of all routes, with wildcards; `*` where one answers for every host. */
export function routedHosts(objects: readonly KubernetesObject[]): string[] {
  return [...new Set(objects.flatMap(hostsIn))];
}

function hostsIn(object: KubernetesObject): string[] {
  if (isIngress(object)) {
    const spec = recordOf(object['spec']);
    const own = [...rulesOf(spec).map(({ host }) => host ?? ANY), ...(isRecord(spec['defaultBackend']) ? [ANY] : [])];
    return [...own, ...aliasesOf(object).filter((alias) => !isAliasPattern(alias))];
  }
  if (isGatewayRoute(object)) {
    const hostnames = textsIn(recordOf(object['spec'])['hostnames']);
    return hostnames.length === 0 ? [ANY] : hostnames;
  }
  return object.kind === 'IngressRoute' ? matchersIn(object) : [];
}

/** Further hosts that ingress-nginx has an Ingress answer for. */
const SERVER_ALIAS = 'nginx.ingress.kubernetes.io/server-alias';

function aliasesOf({ metadata }: KubernetesObject): string[] {
  const aliases: unknown = metadata.annotations?.[SERVER_ALIAS];
  if (!isName(aliases)) return [];
  return aliases
    .split(',')
    .map((alias) => alias.trim())
    .filter((alias) => alias !== '');
}

/** nginx takes regular expressions, too. */
const isAliasPattern = (alias: string): boolean => alias.startsWith('~');

/** Those aliases of an Ingress that are patterns, and so can't be told apart by version. */
export const aliasPatterns = (object: KubernetesObject): string[] =>
  isIngress(object) ? aliasesOf(object).filter(isAliasPattern) : [];

function ownAliases(object: KubernetesObject, version: Side): Record<string, string> {
  const aliases = aliasesOf(object);
  if (aliases.length === 0) return {};
  return {
    [SERVER_ALIAS]: aliases.map((alias) => (isAliasPattern(alias) ? alias : hostOf(version, alias))).join(', '),
  };
}

export const isRouted = (patterns: readonly string[], host: string): boolean =>
  patterns.some((pattern) => pattern === ANY || matchesHost(pattern, host));

/** The hosts of Traefik's matchers: Host(`shop.localhost`) && PathPrefix(`/`) */
const HOST_MATCHER = /Host\((\s*`[^`]*`(?:[\s,]+`[^`]*`)*[\s,]*)\)/g;

/** Its matcher by a pattern, which is left as it is. */
const HOST_PATTERN = /Host(?:Regexp|SNIRegexp)\(/;

const textOf = (object: KubernetesObject): string => writeJson(object['spec'] ?? {});

const matchersIn = (object: KubernetesObject): string[] =>
  [...textOf(object).matchAll(HOST_MATCHER)].flatMap(([, hosts = '']) =>
    [...hosts.matchAll(/`([^`]*)`/g)].map(([, host = '']) => host),
  );

export interface RouteHosts {
  readonly version: Side;
  /**
   * The hosts that requests go to, as the manifests have them. Those that no rule names go to the rules without a host.
   */
  readonly targets: readonly string[];
  /** The hosts that rules of the version name. */
  readonly named: readonly string[];
  /** Names of its Ingress objects and Secrets, see `takenNames`; those that are made here are added. */
  readonly taken?: Set<string>;
}

type Numbered = 'Ingress' | 'Secret';

const nameKey = (kind: Numbered, namespace: string | undefined, name: string): string =>
  `${kind}/${namespace ?? ''}/${name}`;

/** The names that no Ingress that is made for a host, and no Secret of one, may get. */
export const takenNames = (objects: readonly KubernetesObject[]): Set<string> =>
  new Set(
    objects.flatMap((object) => namesIn(object).map(([kind, name]) => nameKey(kind, object.metadata.namespace, name))),
  );

/** cert-manager gives the Certificate of a route the name of its Secret. */
function namesIn(object: KubernetesObject): (readonly [Numbered, string])[] {
  const { kind, metadata, spec } = object;
  if (kind === 'Secret') return [['Secret', metadata.name]];
  if (isCertificate(object))
    return [
      ['Secret', metadata.name],
      ['Secret', secretNameOf(object)],
    ];
  if (!isIngress(object)) return [];
  const secrets = recordsIn(recordOf(spec)['tls']).map(({ secretName }) => secretName);
  return [
    ['Ingress', metadata.name],
    ...secrets.filter((name) => typeof name === 'string').map((name) => ['Secret', name] as const),
  ];
}

/**
 * Gives a route the hosts of its version. A rule without a host would answer for both versions, so it
 * gets the hosts that requests go to and no other rule names. An Ingress is taken apart by host, so that
 * ingress-nginx can give the application the host that it knows: a framework may refuse any other.
 *
 * @returns the objects in place of a route; of other kinds the object as it is.
 */
export function routesOf(object: KubernetesObject, hosts: RouteHosts): KubernetesObject[] {
  if (isIngress(object)) return ingressesOf(object, hosts);
  if (isGatewayRoute(object)) {
    const { hostnames: given, ...rest } = recordOf(object['spec']);
    const hostnames = textsIn(given);
    return [
      {
        ...object,
        spec: {
          ...rest,
          hostnames: (hostnames.length === 0 ? unnamed(hosts) : hostnames).map((host) => hostOf(hosts.version, host)),
        },
      },
    ];
  }
  if (isGateway(object)) return [gatewayOf(object, hosts.version)];
  if (isCertificate(object)) return [certificateOf(object, hosts)];
  if (object.kind !== 'IngressRoute') return [object];
  const replaced = textOf(object).replaceAll(HOST_MATCHER, (matcher) =>
    matcher.replaceAll(/`([^`]*)`/g, (_, host: string) => `\`${hostOf(hosts.version, host)}\``),
  );
  return [{ ...object, spec: readJson(replaced) }];
}

function unnamed({ targets, named }: RouteHosts): string[] {
  const rest = targets.filter((host) => !named.some((pattern) => pattern !== ANY && matchesHost(pattern, host)));
  return rest.length > 0 ? rest : ['localhost'];
}

function gatewayOf(object: KubernetesObject, version: Side): KubernetesObject {
  const spec = recordOf(object['spec']);
  return {
    ...object,
    spec: {
      ...spec,
      listeners: recordsIn(spec['listeners']).map(({ hostname, ...rest }) =>
        isName(hostname) ? { ...rest, hostname: hostOf(version, hostname) } : rest,
      ),
    },
  };
}

/** cert-manager is asked for the hosts that the version has; its names inside the cluster have been followed before. */
function certificateOf(object: KubernetesObject, { version, named, targets }: RouteHosts): KubernetesObject {
  const own = object.metadata.namespace ?? 'default';
  const nameOf = (name: string): string =>
    named.includes(name) || targets.includes(name) || !isOfService(name, own) ? hostOf(version, name) : name;
  const { dnsNames, commonName, ...rest } = recordOf(object['spec']);
  return {
    ...object,
    spec: {
      ...rest,
      ...(isName(commonName) ? { commonName: nameOf(commonName) } : {}),
      ...(Array.isArray(dnsNames) ? { dnsNames: textsIn(dnsNames).map(nameOf) } : {}),
    },
  };
}

/**
 * Whether a name of a certificate is that of a Service: `web`, `web.shop`, `web.shop.svc`,
 * `web.shop.svc.cluster.local`.
 */
const isOfService = (name: string, namespace: string): boolean =>
  /\.svc(?:\.|$)/.test(name) || name.endsWith(`.${namespace}`) || (!name.includes('.') && name !== 'localhost');

function ingressesOf(object: KubernetesObject, hosts: RouteHosts): KubernetesObject[] {
  const { tls, defaultBackend, ...spec } = recordOf(object['spec']);
  const rules = rulesOf(spec);
  const others = unnamed(hosts);
  // It answers what no path of a host takes, and hosts that no rule names.
  const isFor = (rule: IngressRule, host: string): boolean =>
    rule.host === undefined ? others.includes(host) : rule.host === host;
  const unanswered = [...others, ...rules.flatMap(({ host }) => host ?? [])].filter(
    (host) => !rules.some((rule) => isFor(rule, host) && answersEverything(rule)),
  );
  const fallback = !isRecord(defaultBackend)
    ? []
    : [...new Set(unanswered)].map((host) => ({
        host,
        http: { paths: [{ path: '/', pathType: 'Prefix', backend: defaultBackend }] },
      }));
  const all = [
    ...rules.flatMap((rule) =>
      rule.host === undefined ? others.map((host) => ({ ...rule, host })) : [{ ...rule, host: rule.host }],
    ),
    ...fallback,
  ];
  const distinct = [...new Set(all.map(({ host }) => host))];
  return distinct.map((host, index) => {
    const { metadata } = object;
    const own = hostOf(hosts.version, host);
    const entries = tlsOf(tls, host, own);
    // cert-manager makes a Secret for one Ingress, and refuses a second one that names it.
    const secured =
      index > 0 && hasIssuer(object)
        ? entries.map((entry) => withOwnSecret(entry, metadata.namespace, index + 1, hosts.taken))
        : entries;
    const name = index === 0 ? metadata.name : freeName('Ingress', metadata, index + 1, hosts.taken);
    return {
      ...object,
      metadata: {
        ...metadata,
        name,
        annotations: { ...knownHost(host), ...metadata.annotations, ...ownAliases(object, hosts.version) },
      },
      spec: {
        ...spec,
        ...(secured.length === 0 ? {} : { tls: secured }),
        rules: all.filter((rule) => rule.host === host).map((rule) => ({ ...rule, host: own })),
      },
    };
  });
}

/** `shop-2`, or the next number that nothing else of its kind in the namespace has. */
function freeName(
  kind: Numbered,
  { namespace, name }: Pick<KubernetesObject['metadata'], 'namespace' | 'name'>,
  first: number,
  taken: Set<string> | undefined,
): string {
  let number = first;
  while (taken?.has(nameKey(kind, namespace, `${name}-${String(number)}`)) === true) number++;
  taken?.add(nameKey(kind, namespace, `${name}-${String(number)}`));
  return `${name}-${String(number)}`;
}

const withOwnSecret = (
  entry: Fields,
  namespace: string | undefined,
  number: number,
  taken: Set<string> | undefined,
): Fields => {
  const { secretName } = entry;
  if (!isName(secretName)) return entry;
  return {
    ...entry,
    secretName: freeName(
      'Secret',
      { name: secretName, ...(namespace === undefined ? {} : { namespace }) },
      number,
      taken,
    ),
  };
};

/** Whether a rule leaves no request to its host for a default backend. */
function answersEverything({ http }: IngressRule): boolean {
  const paths = recordsIn(recordOf(http)['paths']);
  return paths.some(({ path, pathType }) => !isName(path) || (path === '/' && pathType !== 'Exact'));
}

/** The Host header that the application is sent by ingress-nginx; others ignore it. */
const knownHost = (host: string): Record<string, string> =>
  host.startsWith('*') ? {} : { 'nginx.ingress.kubernetes.io/upstream-vhost': host };

const tlsOf = (tls: unknown, host: string, own: string): Fields[] =>
  recordsIn(tls).flatMap((entry) =>
    textsIn(entry['hosts']).length === 0
      ? [entry]
      : textsIn(entry['hosts']).some((pattern) => pattern === host || matchesHost(pattern, host))
        ? [{ ...entry, hosts: [own] }]
        : [],
  );
