import { readJson, writeJson } from '../../text/yaml/json.ts';
import type { Side } from '../../model/sides.ts';
import { type KubernetesObject, recordOf, recordsIn } from '../manifests.ts';
import { hasIssuer, isCertificate, secretNameOf } from '../tls/cert-manager.ts';
import { hostOf, matchesHost } from './version-names.ts';

/** Kinds of other projects whose hosts are not known here. */
const FOREIGN_ROUTES = new Set(['VirtualService', 'HTTPProxy', 'ApisixRoute', 'Mapping', 'Route', 'VirtualServer']);
const GATEWAY_ROUTES = new Set(['HTTPRoute', 'GRPCRoute', 'TLSRoute']);

export const isForeignRoute = ({ kind }: KubernetesObject): boolean => FOREIGN_ROUTES.has(kind);

interface IngressRule {
  readonly host?: string;
  readonly [field: string]: unknown;
}

interface RouteSpec {
  readonly hostnames?: readonly string[];
  readonly [field: string]: unknown;
}

interface GatewaySpec {
  readonly listeners?: readonly { readonly hostname?: string }[];
  readonly [field: string]: unknown;
}

interface TlsEntry {
  readonly hosts?: readonly string[];
  readonly secretName?: string;
}

interface IngressSpec {
  readonly rules?: readonly IngressRule[];
  readonly tls?: readonly TlsEntry[];
  readonly defaultBackend?: unknown;
  readonly [field: string]: unknown;
}

interface CertificateSpec {
  readonly dnsNames?: readonly string[];
  readonly commonName?: string;
  readonly [field: string]: unknown;
}

/** A rule without a host answers for every host. */
const ANY = '*';

/** The hosts of all routes, with wildcards; `*` where one answers for every host. */
export function routedHosts(objects: readonly KubernetesObject[]): string[] {
  return [...new Set(objects.flatMap(hostsIn))];
}

function hostsIn(object: KubernetesObject): string[] {
  if (object.kind === 'Ingress') {
    const { rules = [], defaultBackend } = (object['spec'] ?? {}) as IngressSpec;
    const own = [...rules.map(({ host }) => host ?? ANY), ...(defaultBackend === undefined ? [] : [ANY])];
    return [...own, ...aliasesOf(object).filter((alias) => !isAliasPattern(alias))];
  }
  if (GATEWAY_ROUTES.has(object.kind)) {
    const { hostnames = [] } = (object['spec'] ?? {}) as RouteSpec;
    return hostnames.length === 0 ? [ANY] : [...hostnames];
  }
  return object.kind === 'IngressRoute' ? matchersIn(object) : [];
}

/** Further hosts that ingress-nginx has an Ingress answer for. */
const SERVER_ALIAS = 'nginx.ingress.kubernetes.io/server-alias';

const aliasesOf = ({ metadata }: KubernetesObject): string[] =>
  (metadata.annotations?.[SERVER_ALIAS] ?? '')
    .split(',')
    .map((alias) => alias.trim())
    .filter((alias) => alias !== '');

/** nginx takes regular expressions, too. */
const isAliasPattern = (alias: string): boolean => alias.startsWith('~');

/** Those aliases of an Ingress that are patterns, and so can't be told apart by version. */
export const aliasPatterns = (object: KubernetesObject): string[] =>
  object.kind === 'Ingress' ? aliasesOf(object).filter(isAliasPattern) : [];

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
const HOST_MATCHER = /Host\(((?:\s*`[^`]*`\s*,?)+)\)/g;

const matchersIn = (object: KubernetesObject): string[] =>
  [...writeJson(object['spec'] ?? {}).matchAll(HOST_MATCHER)].flatMap(([, hosts = '']) =>
    [...hosts.matchAll(/`([^`]*)`/g)].map(([, host = '']) => host),
  );

export interface RouteHosts {
  readonly version: Side;
  /** The hosts that requests go to, as the manifests have them. Those that no rule names go to the rules without a host. */
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
  if (kind !== 'Ingress') return [];
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
  if (object.kind === 'Ingress') return ingressesOf(object, hosts);
  if (GATEWAY_ROUTES.has(object.kind)) {
    const { hostnames = [], ...rest } = (object['spec'] ?? {}) as RouteSpec;
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
  if (object.kind === 'Gateway') return [gatewayOf(object, hosts.version)];
  if (isCertificate(object)) return [certificateOf(object, hosts.version)];
  if (object.kind !== 'IngressRoute') return [object];
  const replaced = writeJson(object['spec'] ?? {}).replaceAll(HOST_MATCHER, (matcher) =>
    matcher.replaceAll(/`([^`]*)`/g, (_, host: string) => `\`${hostOf(hosts.version, host)}\``),
  );
  return [{ ...object, spec: readJson(replaced) }];
}

function unnamed({ targets, named }: RouteHosts): string[] {
  const rest = targets.filter((host) => !named.some((pattern) => pattern !== ANY && matchesHost(pattern, host)));
  return rest.length > 0 ? rest : ['localhost'];
}

function gatewayOf(object: KubernetesObject, version: Side): KubernetesObject {
  const { listeners = [], ...rest } = (object['spec'] ?? {}) as GatewaySpec;
  return {
    ...object,
    spec: {
      ...rest,
      listeners: listeners.map((listener) =>
        listener.hostname === undefined ? listener : { ...listener, hostname: hostOf(version, listener.hostname) },
      ),
    },
  };
}

/** cert-manager is asked for the hosts that the version has. */
function certificateOf(object: KubernetesObject, version: Side): KubernetesObject {
  const { dnsNames, commonName, ...rest } = (object['spec'] ?? {}) as CertificateSpec;
  return {
    ...object,
    spec: {
      ...rest,
      ...(commonName === undefined ? {} : { commonName: hostOf(version, commonName) }),
      ...(dnsNames === undefined ? {} : { dnsNames: dnsNames.map((name) => hostOf(version, name)) }),
    },
  };
}

function ingressesOf(object: KubernetesObject, hosts: RouteHosts): KubernetesObject[] {
  const { rules = [], tls = [], defaultBackend, ...rest } = (object['spec'] ?? {}) as IngressSpec;
  const others = unnamed(hosts);
  const fallback =
    defaultBackend === undefined || rules.some(answersEverything)
      ? []
      : others.map((host) => ({ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend: defaultBackend }] } }));
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
        ...rest,
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
  entry: TlsEntry,
  namespace: string | undefined,
  number: number,
  taken: Set<string> | undefined,
): TlsEntry => {
  const { secretName } = entry;
  if (secretName === undefined || secretName === '') return entry;
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

/** No request would be left for a default backend. */
const answersEverything = ({ host, http }: IngressRule): boolean =>
  host === undefined &&
  ((http as { readonly paths?: readonly { readonly path?: string }[] } | undefined)?.paths ?? []).some(
    ({ path }) => path === undefined || path === '/',
  );

/** The Host header that the application is sent by ingress-nginx; others ignore it. */
const knownHost = (host: string): Record<string, string> =>
  host.startsWith('*') ? {} : { 'nginx.ingress.kubernetes.io/upstream-vhost': host };

const tlsOf = (tls: readonly TlsEntry[], host: string, own: string): TlsEntry[] =>
  tls.flatMap((entry) =>
    entry.hosts === undefined
      ? [entry]
      : entry.hosts.some((pattern) => pattern === host || matchesHost(pattern, host))
        ? [{ ...entry, hosts: [own] }]
        : [],
  );
