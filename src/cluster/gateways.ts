import { hostsOfRoute } from './gateway-listeners.ts';
import { type KubernetesObject, recordOf, recordsIn } from './manifests.ts';
import { matchesHost } from './sides/version-names.ts';

/** The Gateway of manifests/platform/traefik-gateway. */
export const OWN_GATEWAY = { name: 'traefik', namespace: 'traefik' };
const OWN_CLASS = 'traefik';
const OWN_CONTROLLER = 'traefik.io/gateway-controller';

const MAKER_LABEL = 'app.kubernetes.io/managed-by';
const MAKER = 'k8s-loadtest-ci';

/** Whether a Gateway is the bundled one, or one that `servedByTraefik` made. */
export const isOwnGateway = (object: KubernetesObject): boolean =>
  isOf(object, 'Gateway') &&
  (object.metadata.labels?.[MAKER_LABEL] === MAKER ||
    (object.metadata.name === OWN_GATEWAY.name && object.metadata.namespace === OWN_GATEWAY.namespace));

/** The ports of the bundled Traefik's entry points; a listener on another port is never served. */
const PORTS: Readonly<Record<string, number>> = { HTTP: 80, HTTPS: 443 };

const API_GROUP = 'gateway.networking.k8s.io/';
const ROUTES: ReadonlySet<string> = new Set(['HTTPRoute', 'GRPCRoute']);

const isOf = ({ apiVersion, kind }: KubernetesObject, wanted: string): boolean =>
  apiVersion.startsWith(API_GROUP) && kind === wanted;

const specOf = ({ spec }: KubernetesObject): Readonly<Record<string, unknown>> => recordOf(spec);

const textOr = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

/**
 * The objects of an application as the bundled Traefik serves their routes: with a GatewayClass of its own for each
 * class, listeners at its ports, and the Gateways that routes refer to and nobody brings.
 *
 * @param secureHosts those that are asked over HTTPS because the user says so: such a Gateway gets a listener for each.
 * @returns the objects, and a sentence for each change.
 */
export function servedByTraefik(
  objects: readonly KubernetesObject[],
  secureHosts: readonly string[],
): {
  readonly objects: KubernetesObject[];
  readonly changes: readonly string[];
} {
  const changes: string[] = [];
  const own = new Map<string, ServedGateway>();
  const changed = objects.map((object) => {
    if (isOf(object, 'GatewayClass')) return ownClass(object, changes);
    if (!isOf(object, 'Gateway')) return object;
    const served = ownPorts(object, changes);
    own.set(placeOf(object), served);
    return served.gateway;
  });
  const gateways = missingGateways(changed, secureHosts, changes);
  const classes = missingClasses([...changed, ...gateways], changes);
  return { objects: [...classes, ...gateways, ...changed.map((object) => atServedListeners(object, own))], changes };
}

/**
 * The bundled Gateway with a listener for each host that is asked over HTTPS, which takes its certificate from a Secret
 * of the run.
 */
export const withSecureListeners = (
  objects: readonly KubernetesObject[],
  secureHosts: readonly string[],
): KubernetesObject[] =>
  objects.map((object) => {
    if (!isOf(object, 'Gateway') || object.metadata.name !== OWN_GATEWAY.name || secureHosts.length === 0)
      return object;
    const spec = specOf(object);
    const listeners = [...recordsIn(spec['listeners']), ...secureListeners(OWN_GATEWAY.name, secureHosts)];
    return { ...object, spec: { ...spec, listeners } };
  });

function ownClass(object: KubernetesObject, changes: string[]): KubernetesObject {
  const controller = textOr(specOf(object)['controllerName'], 'none');
  if (controller === OWN_CONTROLLER) return object;
  changes.push(`GatewayClass ${object.metadata.name} names the controller ${controller}; Traefik takes its place.`);
  return { ...object, spec: { controllerName: OWN_CONTROLLER } };
}

/** A Gateway of the application with the listeners that Traefik serves. */
interface ServedGateway {
  readonly gateway: KubernetesObject;
  /** The new name of each listener, by its old name. */
  readonly listeners: ReadonlyMap<string, string>;
  readonly portsMoved: boolean;
}

/** Two listeners that would be one at the same port are one: Traefik serves neither of a pair that clashes. */
function ownPorts(object: KubernetesObject, changes: string[]): ServedGateway {
  const spec = specOf(object);
  const kept = new Map<string, Readonly<Record<string, unknown>>>();
  const listeners = new Map<string, string>();
  let portsMoved = false;
  for (const listener of recordsIn(spec['listeners'])) {
    const port = PORTS[textOr(listener['protocol'], '')];
    const name = textOr(listener['name'], '');
    const moved = port !== undefined && listener['port'] !== port;
    const own = moved ? { ...listener, port } : listener;
    const key = JSON.stringify([own['port'], own['protocol'], textOr(own['hostname'], '')]);
    const same = kept.get(key);
    portsMoved ||= moved;
    if (moved) {
      const place = `Listener ${name} of Gateway ${object.metadata.name}`;
      const end = same === undefined ? '' : `, as listener ${textOr(same['name'], '')}`;
      changes.push(`${place} has port ${String(listener['port'])}; Traefik serves it on ${String(port)}${end}.`);
    }
    // A pair that already conflicted is left for Traefik to reject.
    const merged = same !== undefined && portsMoved;
    listeners.set(name, merged ? textOr(same['name'], '') : name);
    if (!merged) kept.set(same === undefined ? key : `${key} ${name}`, own);
  }
  return { gateway: { ...object, spec: { ...spec, listeners: [...kept.values()] } }, listeners, portsMoved };
}

/** A route as it was, but for the names and ports of listeners that there are no longer. */
function atServedListeners(route: KubernetesObject, gateways: ReadonlyMap<string, ServedGateway>): KubernetesObject {
  const spec = specOf(route);
  if (!isRoute(route) || !Array.isArray(spec['parentRefs'])) return route;
  const parentRefs = recordsIn(spec['parentRefs']).map((parent) => {
    const served = textOr(parent['kind'], 'Gateway') === 'Gateway' ? gateways.get(parentOf(route, parent)) : undefined;
    if (served?.portsMoved !== true) return parent;
    const others = Object.entries(parent).filter(([field]) => field !== 'port');
    const section = served.listeners.get(textOr(parent['sectionName'], ''));
    return { ...Object.fromEntries(others), ...(section === undefined ? {} : { sectionName: section }) };
  });
  return { ...route, spec: { ...spec, parentRefs } };
}

const isRoute = ({ apiVersion, kind }: KubernetesObject): boolean =>
  apiVersion.startsWith(API_GROUP) && ROUTES.has(kind);

const placeOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? 'default'}/${metadata.name}`;

const parentOf = (route: KubernetesObject, parent: Readonly<Record<string, unknown>>): string =>
  `${textOr(parent['namespace'], route.metadata.namespace ?? 'default')}/${textOr(parent['name'], '')}`;

interface MissingGateway {
  readonly name: string;
  readonly namespace: string;
  /** The names of its listeners that routes ask for; null where one takes any. */
  readonly sections: Map<string | null, SectionUse>;
}

interface SectionUse {
  /** Whether it takes HTTPS: by its name, its port, or since a host of it is asked so. */
  isSecure: boolean;
  /** Those of its routes; null for every host. */
  readonly hosts: Set<string | null>;
  /** Those that its routes take and that are asked over HTTPS. */
  readonly secureHosts: Set<string>;
}

function missingGateways(
  objects: readonly KubernetesObject[],
  secureHosts: readonly string[],
  changes: string[],
): KubernetesObject[] {
  const known = new Set([`${OWN_GATEWAY.namespace}/${OWN_GATEWAY.name}`]);
  for (const object of objects.filter((one) => isOf(one, 'Gateway'))) known.add(placeOf(object));
  const missing = new Map<string, MissingGateway>();
  for (const route of objects.filter(isRoute)) {
    for (const parent of recordsIn(specOf(route)['parentRefs'])) {
      const name = textOr(parent['name'], '');
      const namespace = textOr(parent['namespace'], route.metadata.namespace ?? 'default');
      const key = `${namespace}/${name}`;
      if (textOr(parent['kind'], 'Gateway') !== 'Gateway' || known.has(key)) continue;
      if (!missing.has(key))
        changes.push(`${route.kind} ${route.metadata.name} refers to Gateway ${key}, which the run made.`);
      const made: MissingGateway = missing.get(key) ?? { name, namespace, sections: new Map() };
      missing.set(key, made);
      useSection(made.sections, parent, route, secureHosts);
    }
  }
  return [...missing.values()].map(gateway);
}

/** Usual names of HTTPS listeners. */
const SECURE_NAME = /^(?:https|websecure|tls)(?:-|$)|-(?:https|tls)$/;

function useSection(
  sections: MissingGateway['sections'],
  parent: Readonly<Record<string, unknown>>,
  route: KubernetesObject,
  secureHosts: readonly string[],
): void {
  const section = typeof parent['sectionName'] === 'string' ? parent['sectionName'] : null;
  const use = sections.get(section) ?? { isSecure: false, hosts: new Set(), secureHosts: new Set() };
  const own = hostsOfRoute(route, []);
  const asked = secureHosts.filter((host) => own.some((pattern) => pattern === null || matchesHost(pattern, host)));
  for (const host of own) use.hosts.add(host);
  for (const host of asked) use.secureHosts.add(host);
  // A route with a section belongs to that listener alone.
  const says = parent['port'] === PORTS['HTTPS'] || (section !== null && SECURE_NAME.test(section));
  use.isSecure ||= says || (section !== null && asked.length > 0);
  sections.set(section, use);
}

const gateway = ({ name, namespace, sections }: MissingGateway): KubernetesObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name, namespace, labels: { [MAKER_LABEL]: MAKER } },
  spec: { gatewayClassName: OWN_CLASS, listeners: listenersFor(name, sections) },
});

/** Two listeners on one port must differ in their host. */
function listenersFor(gatewayName: string, sections: MissingGateway['sections']): object[] {
  const named = [...sections].flatMap(([section, use]) => (section === null ? [] : [{ section, use }]));
  const alike = (secure: boolean) => named.filter(({ use }) => use.isSecure === secure);
  const hostnameOf = ({ isSecure, hosts }: SectionUse): string | undefined => {
    const [only] = hosts;
    return alike(isSecure).length > 1 && hosts.size === 1 && only !== null ? only : undefined;
  };
  const own = named.map(({ section, use }) =>
    use.isSecure ? secureListener(gatewayName, section, hostnameOf(use)) : plainListener(section, hostnameOf(use)),
  );
  const any = sections.get(null);
  if (any === undefined) return own;
  const forHosts = secureListeners(gatewayName, [...any.secureHosts]);
  return [
    ...own,
    ...(alike(false).length > 0 ? [] : [plainListener('http')]),
    ...(alike(true).length > 0 ? [] : any.isSecure ? [secureListener(gatewayName, 'https')] : forHosts),
  ];
}

const plainListener = (name: string, hostname?: string): object => ({
  name,
  protocol: 'HTTP',
  port: PORTS['HTTP'],
  ...(hostname === undefined ? {} : { hostname }),
  allowedRoutes: { namespaces: { from: 'All' } },
});

/** A listener for HTTPS; the run makes the Secret of its Gateway, as every one that nothing provides. */
const secureListener = (gatewayName: string, name: string, hostname?: string): object => ({
  name,
  protocol: 'HTTPS',
  port: PORTS['HTTPS'],
  ...(hostname === undefined ? {} : { hostname }),
  tls: { mode: 'Terminate', certificateRefs: [{ kind: 'Secret', name: `${gatewayName}-tls` }] },
  allowedRoutes: { namespaces: { from: 'All' } },
});

/** A Gateway may have 64 listeners. */
const MOST_LISTENERS = 60;

/** One for each host, so that the others are asked over plain HTTP as before. */
const secureListeners = (gatewayName: string, hosts: readonly string[]): object[] =>
  hosts.length > MOST_LISTENERS
    ? [secureListener(gatewayName, 'https')]
    : hosts.map((host, index) => secureListener(gatewayName, `https-${String(index + 1)}`, host));

function missingClasses(objects: readonly KubernetesObject[], changes: string[]): KubernetesObject[] {
  const known = new Set([OWN_CLASS]);
  for (const { metadata } of objects.filter((object) => isOf(object, 'GatewayClass'))) known.add(metadata.name);
  return objects
    .filter((object) => isOf(object, 'Gateway'))
    .flatMap((object) => {
      const name = textOr(specOf(object)['gatewayClassName'], OWN_CLASS);
      if (known.has(name)) return [];
      known.add(name);
      changes.push(`Gateway ${object.metadata.name} has the class ${name}, which the run made for Traefik.`);
      const spec = { controllerName: OWN_CONTROLLER };
      return [{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass', metadata: { name }, spec }];
    });
}
