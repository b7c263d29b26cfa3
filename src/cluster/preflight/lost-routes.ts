import { closest } from '../../text/closest.ts';
import { describeObject } from '../manifest-entries.ts';
import { isOfKubernetes, type KubernetesObject, recordOf, recordsIn } from '../manifests.ts';
import { podTemplateOf, selects } from '../pod-templates.ts';
import { doubt, type Finding } from './finding.ts';
import { isAt, mayMake } from './makers.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Where a route sends requests. */
interface Backend {
  readonly namespace: string;
  readonly service: string;
  /** By number or name; null where none is given. */
  readonly port: number | string | null;
}

/**
 * Routes to Services that are not in the manifests, to ports that those do not have, and to Services without pods: the
 * controller answers with 503. Each is a doubt, since an operator may make what is missing.
 *
 * @param objects of the application, each with its namespace.
 */
export function lostRoutes(objects: readonly KubernetesObject[]): Finding[] {
  const sentences = objects.flatMap((route) =>
    backendsOf(route).flatMap((backend) => {
      const why = whyLost(backend, objects);
      return why === null ? [] : [`${describeObject(route)} ${why}`];
    }),
  );
  return [...new Set(sentences)].map(doubt);
}

function backendsOf(route: KubernetesObject): Backend[] {
  if (!isOfKubernetes(route)) return [];
  const own = route.metadata.namespace ?? 'default';
  const { rules, defaultBackend } = recordOf(route['spec']);
  if (route.kind === 'Ingress') {
    const paths = recordsIn(rules).flatMap(({ http }) => recordsIn(recordOf(http)['paths']));
    return [...paths.map(({ backend }) => backend), defaultBackend].flatMap((backend): Backend[] => {
      const { name, port } = recordOf(recordOf(backend)['service']);
      const { number, name: portName } = recordOf(port);
      return typeof name === 'string' ? [{ namespace: own, service: name, port: portOf(number ?? portName) }] : [];
    });
  }
  if (route.kind !== 'HTTPRoute' && route.kind !== 'GRPCRoute') return [];
  return recordsIn(rules)
    .flatMap(({ backendRefs }) => recordsIn(backendRefs))
    .flatMap(({ group = '', kind = 'Service', name, namespace, port }): Backend[] =>
      kind === 'Service' && group === '' && typeof name === 'string'
        ? [{ namespace: typeof namespace === 'string' ? namespace : own, service: name, port: portOf(port) }]
        : [],
    );
}

const portOf = (port: unknown): number | string | null =>
  typeof port === 'number' || typeof port === 'string' ? port : null;

/** What follows after the name of the route; null when all is well, as far as the manifests say. */
function whyLost({ namespace, service, port }: Backend, objects: readonly KubernetesObject[]): string | null {
  const services = objects.filter(
    (object) => object.kind === 'Service' && object.apiVersion === 'v1' && isAt(object, namespace),
  );
  const found = services.find(({ metadata }) => metadata.name === service);
  if (found === undefined) {
    // ingress-nginx answers for names such as use-annotation by itself.
    if (service === USE_ANNOTATION || objects.some((object) => mayMake(object, namespace, service))) return null;
    const near = closest(
      service,
      services.map(({ metadata }) => metadata.name),
    );
    return `leads to Service ${namespace}/${service}, which is not in the manifests: it answers with 503.${near === null ? '' : ` Is ${near} meant?`}`;
  }
  const spec = recordOf(found['spec']);
  if (spec['type'] === 'ExternalName') return null;
  const ports = recordsIn(spec['ports']);
  const wanted = ports.find((one) => port === null || String(one['port']) === String(port) || one['name'] === port);
  if (wanted === undefined)
    return `leads to port ${String(port)} of Service ${namespace}/${service}, which has ${ports.map(portText).join(', ') || 'none'}: it answers with 503.`;
  return whyNoPods(found, spec, wanted, objects);
}

const USE_ANNOTATION = 'use-annotation';

const portText = ({ name, port }: Fields): string =>
  typeof name === 'string' ? `${String(port)} (${name})` : String(port);

function whyNoPods(
  service: KubernetesObject,
  { selector }: Fields,
  { targetPort }: Fields,
  objects: readonly KubernetesObject[],
): string | null {
  const labels = Object.entries(recordOf(selector));
  const namespace = service.metadata.namespace ?? 'default';
  const around = objects.filter((object) => isAt(object, namespace));
  // Without a selector others say where it leads, and custom resources may become pods of any labels.
  if (labels.length === 0 || around.some((object) => !isOfKubernetes(object))) return null;
  const pods = around.flatMap((object) => podTemplateOf(object) ?? []);
  const own = pods.filter((template) => selects(selector, template));
  const named = `${namespace}/${service.metadata.name}`;
  if (own.length === 0)
    return `leads to Service ${named}, which chooses pods with ${labels.map(([name, value]) => `${name}=${String(value)}`).join(',')}, and nothing in the manifests makes such pods: it answers with 503.`;
  if (typeof targetPort !== 'string') return null;
  const names = own.flatMap(({ spec }) =>
    [...recordsIn(spec['containers']), ...recordsIn(spec['initContainers'])].flatMap((container) =>
      recordsIn(container['ports']).map(({ name }) => name),
    ),
  );
  return names.includes(targetPort)
    ? null
    : `leads to Service ${named}, whose targetPort ${targetPort} is the name of no port of its pods: it answers with 503.`;
}
