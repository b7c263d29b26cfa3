import type { Target } from '../load/requests/plan.ts';
import { type KubernetesObject, recordOf, recordsIn } from './manifests.ts';

/** A Service to reach through the ingress: a line of the input `expose`. */
export interface Exposure {
  readonly host: string;
  /** Null when the name of the Service is enough. */
  readonly namespace: string | null;
  readonly service: string;
  /** By number or name; null for the one that speaks HTTP. */
  readonly port: string | null;
  /** The path that the load requests. */
  readonly path: string;
}

/**
 * `shop/cart` without a port is Service cart of namespace shop, or path /cart of Service shop: the manifests decide.
 */
function readingsOf(exposure: Exposure): Exposure[] {
  const { namespace, service, port, path } = exposure;
  if (namespace === null || port !== null) return [exposure];
  return [
    exposure,
    { ...exposure, namespace: null, service: namespace, path: `/${service}${path === '/' ? '' : path}` },
  ];
}

interface ServicePort {
  readonly name: string | null;
  readonly port: number;
  readonly targetPort: string | number | null;
  readonly appProtocol: string | null;
}

interface Service {
  readonly name: string;
  readonly namespace: string;
  readonly type: string;
  readonly ports: readonly ServicePort[];
}

/** A host that leads to a port of a Service. */
export interface ExposedService {
  readonly host: string;
  readonly path: string;
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
}

/** Usual ports of HTTP servers in containers. */
const USUAL_PORTS: ReadonlySet<string | number> = new Set([80, 3000, 5000, 8000, 8008, 8080, 8081, 8088, 8888]);

/** What `appProtocol` calls HTTP without TLS; its other values are other protocols (KEP 1422, KEP 3726). */
const HTTP_PROTOCOLS: ReadonlySet<string> = new Set(['http', 'kubernetes.io/ws']);

/** Names that mean HTTP, alone or before a suffix as in `http-metrics`. */
const HTTP_NAME = /^(?:http|web|www|ui)(?:-|$)/;

/** Names that mean another protocol, whatever the number. */
const OTHER_NAME =
  /^(?:https|tls|grpc|grpcs|tcp|udp|redis|mysql|postgres|mongo|amqp|kafka|metrics|admin|health)(?:-|$)/;

/** Types for Services that are reached from outside the cluster. */
const PUBLIC_TYPES: ReadonlySet<string> = new Set(['LoadBalancer', 'NodePort']);

function servicesIn(objects: readonly KubernetesObject[]): Service[] {
  return objects
    .filter(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'Service')
    .map(({ metadata, spec }) => {
      const { type, ports } = recordOf(spec);
      return {
        name: metadata.name,
        namespace: metadata.namespace ?? 'default',
        type: typeof type === 'string' ? type : 'ClusterIP',
        ports: recordsIn(ports).flatMap(servicePort),
      };
    })
    .filter(({ type }) => type !== 'ExternalName');
}

function servicePort(given: Readonly<Record<string, unknown>>): ServicePort[] {
  const { name, port, targetPort, appProtocol, protocol } = given;
  if (typeof port !== 'number' || (protocol !== undefined && protocol !== 'TCP')) return [];
  return [
    {
      name: typeof name === 'string' ? name : null,
      port,
      targetPort: typeof targetPort === 'string' || typeof targetPort === 'number' ? targetPort : null,
      appProtocol: typeof appProtocol === 'string' ? appProtocol : null,
    },
  ];
}

/** The HTTP port: by its appProtocol, otherwise its name, otherwise its usual number; undefined without one. */
function httpPort({ ports }: Service): ServicePort | undefined {
  return (
    ports.find(({ appProtocol }) => appProtocol !== null && HTTP_PROTOCOLS.has(appProtocol)) ??
    ports.find(({ appProtocol, name }) => appProtocol === null && name === 'http') ??
    ports.find(({ appProtocol, name }) => appProtocol === null && name !== null && HTTP_NAME.test(name)) ??
    ports.find(
      ({ appProtocol, name, port, targetPort }) =>
        appProtocol === null &&
        !OTHER_NAME.test(name ?? '') &&
        (USUAL_PORTS.has(port) || (targetPort !== null && USUAL_PORTS.has(targetPort))),
    )
  );
}

/**
 * The Services that are meant to be reached from outside (LoadBalancer, NodePort) and have an HTTP port, each at
 * `NAME.localhost`, or at `NAME.NAMESPACE.localhost` if several have the same name.
 */
export function publicServices(objects: readonly KubernetesObject[]): ExposedService[] {
  const found = servicesIn(objects).filter(({ type }) => PUBLIC_TYPES.has(type));
  return found.flatMap((service) => {
    const port = httpPort(service);
    if (port === undefined) return [];
    const alone = found.filter(({ name }) => name === service.name).length === 1;
    const host = `${service.name}${alone ? '' : `.${service.namespace}`}.localhost`;
    return [{ host, path: '/', namespace: service.namespace, service: service.name, port: port.port }];
  });
}

/** Lines of the input `expose` for the Services with a port, those that are known to speak HTTP first. */
export const exposeLines = (objects: readonly KubernetesObject[]): string[] => {
  const services = servicesIn(objects);
  const speaksHttp = (service: Service): boolean => httpPort(service) !== undefined;
  const likely = [...services.filter(speaksHttp), ...services.filter((service) => !speaksHttp(service))];
  return likely.flatMap((service) => {
    const { port } = httpPort(service) ?? service.ports[0] ?? {};
    return port === undefined ? [] : [`${service.name}.localhost=${service.namespace}/${service.name}:${String(port)}`];
  });
};

/**
 * Finds the Services that a user wants to expose.
 *
 * @returns the Services, or a sentence for each line that matches none or several.
 */
export function findExposed(
  exposures: readonly Exposure[],
  objects: readonly KubernetesObject[],
): { readonly exposed: readonly ExposedService[]; readonly faults: readonly string[] } {
  const services = servicesIn(objects);
  const exposed: ExposedService[] = [];
  const faults: string[] = [];
  for (const exposure of exposures) {
    const readings = readingsOf(exposure);
    const isThere = (reading: Exposure) => services.some((service) => isNamed(service, reading));
    const found = findService(readings.find(isThere) ?? exposure, services);
    if (typeof found === 'string') faults.push(`${exposure.host}: ${found}`);
    else exposed.push(found);
  }
  return { exposed, faults };
}

const isNamed = (one: Service, { namespace, service }: Exposure): boolean =>
  one.name === service && (namespace === null || one.namespace === namespace);

function findService(exposure: Exposure, services: readonly Service[]): ExposedService | string {
  const { host, path, namespace, service, port } = exposure;
  const named = services.filter((one) => isNamed(one, exposure));
  const [only] = named;
  if (only === undefined) {
    const known = services.map((one) => `${one.namespace}/${one.name}`).join(', ');
    return `the manifests have no Service ${namespace === null ? '' : `${namespace}/`}${service}; they have ${known === '' ? 'none' : known}`;
  }
  if (named.length > 1) {
    return `several Services have the name ${service}; give one of ${named.map((one) => `${one.namespace}/${one.name}`).join(', ')}`;
  }
  const wanted =
    port === null
      ? (httpPort(only) ?? (only.ports.length === 1 ? only.ports[0] : undefined))
      : only.ports.find((one) => one.name === port || String(one.port) === port);
  if (wanted === undefined) {
    const known = only.ports.map((one) => (one.name === null ? String(one.port) : `${one.name} (${String(one.port)})`));
    return port === null
      ? `no port of Service ${only.namespace}/${only.name} is known to speak HTTP; name one of ${known.join(', ') || 'none'}`
      : `Service ${only.namespace}/${only.name} has no TCP port ${port}; it has ${known.join(', ') || 'none'}`;
  }
  return { host, path, namespace: only.namespace, service: only.name, port: wanted.port };
}

/**
 * An Ingress that leads every path of the host to the Service.
 *
 * @param ingressClass null leaves the choice to the default class of the cluster.
 */
export const ingressTo = (
  { host, namespace, service, port }: ExposedService,
  ingressClass: string | null,
): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: `k8s-loadtest-ci-${host.replaceAll('.', '-')}`, namespace },
  spec: {
    ...(ingressClass === null ? {} : { ingressClassName: ingressClass }),
    rules: [
      {
        host,
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: service, port: { number: port } } } }],
        },
      },
    ],
  },
});

/** Like `ingressFor`, as a route of the Gateway API. */
export const httpRouteTo = (
  { host, namespace, service, port }: ExposedService,
  gateway: { readonly name: string; readonly namespace: string },
): KubernetesObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: `k8s-loadtest-ci-${host.replaceAll('.', '-')}`, namespace },
  spec: { parentRefs: [gateway], hostnames: [host], rules: [{ backendRefs: [{ name: service, port }] }] },
});

/** The addresses with the path of their exposure, where a host has one. */
export const withExposedPaths = (targets: readonly Target[], exposed: readonly ExposedService[]): Target[] =>
  targets.map((target) => {
    const path = exposed.find(({ host }) => host === target.host)?.path;
    return path === undefined ? target : { ...target, path };
  });
