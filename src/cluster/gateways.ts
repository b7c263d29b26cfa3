import { type KubernetesObject, recordOf, recordsIn } from './manifests.ts';

/** The Gateway of manifests/platform/traefik-gateway. */
export const OWN_GATEWAY = { name: 'traefik', namespace: 'traefik' };
const OWN_CLASS = 'traefik';
const OWN_CONTROLLER = 'traefik.io/gateway-controller';

/** The ports of the bundled Traefik's entry points; a listener with another one is never served. */
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
 * @returns the objects, and a sentence for each change.
 */
export function servedByTraefik(objects: readonly KubernetesObject[]): {
  readonly objects: KubernetesObject[];
  readonly changes: readonly string[];
} {
  const changes: string[] = [];
  const changed = objects.map((object) => {
    if (isOf(object, 'GatewayClass')) return ownClass(object, changes);
    return isOf(object, 'Gateway') ? ownPorts(object, changes) : object;
  });
  const gateways = missingGateways(changed, changes);
  const classes = missingClasses([...changed, ...gateways], changes);
  return { objects: [...classes, ...gateways, ...changed], changes };
}

function ownClass(object: KubernetesObject, changes: string[]): KubernetesObject {
  const controller = textOr(specOf(object)['controllerName'], 'none');
  if (controller === OWN_CONTROLLER) return object;
  changes.push(`GatewayClass ${object.metadata.name} names the controller ${controller}, and Traefik takes its place.`);
  return { ...object, spec: { controllerName: OWN_CONTROLLER } };
}

function ownPorts(object: KubernetesObject, changes: string[]): KubernetesObject {
  const spec = specOf(object);
  const listeners = recordsIn(spec['listeners']).map((listener) => {
    const port = PORTS[textOr(listener['protocol'], '')];
    if (port === undefined || listener['port'] === port) return listener;
    const place = `Listener ${textOr(listener['name'], '')} of Gateway ${object.metadata.name}`;
    changes.push(`${place} has the port ${String(listener['port'])}, and Traefik serves it at ${String(port)}.`);
    return { ...listener, port };
  });
  return { ...object, spec: { ...spec, listeners } };
}

function missingGateways(objects: readonly KubernetesObject[], changes: string[]): KubernetesObject[] {
  const known = new Set([`${OWN_GATEWAY.namespace}/${OWN_GATEWAY.name}`]);
  for (const { metadata } of objects.filter((object) => isOf(object, 'Gateway'))) {
    known.add(`${metadata.namespace ?? 'default'}/${metadata.name}`);
  }
  return objects
    .filter((object) => object.apiVersion.startsWith(API_GROUP) && ROUTES.has(object.kind))
    .flatMap((route) =>
      recordsIn(specOf(route)['parentRefs']).flatMap((parent) => {
        const name = textOr(parent['name'], '');
        const namespace = textOr(parent['namespace'], route.metadata.namespace ?? 'default');
        if (textOr(parent['kind'], 'Gateway') !== 'Gateway' || known.has(`${namespace}/${name}`)) return [];
        known.add(`${namespace}/${name}`);
        changes.push(
          `${route.kind} ${route.metadata.name} refers to Gateway ${namespace}/${name}, which the run made.`,
        );
        return [gateway(name, namespace, textOr(parent['sectionName'], 'http'))];
      }),
    );
}

const gateway = (name: string, namespace: string, listener: string): KubernetesObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name, namespace },
  spec: {
    gatewayClassName: OWN_CLASS,
    listeners: [
      { name: listener, protocol: 'HTTP', port: PORTS['HTTP'], allowedRoutes: { namespaces: { from: 'All' } } },
    ],
  },
});

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
