import { leaveOutLine } from '../leave-out.ts';
import { describeObject } from '../manifest-entries.ts';
import { groupOf, isOfKubernetes, type KubernetesObject, recordOf } from '../manifests.ts';
import { doubt, type Finding, shortList } from './finding.ts';

const ROUTES: ReadonlySet<string> = new Set(['HTTPRoute', 'GRPCRoute', 'TLSRoute']);

/**
 * Routes that the controller of the run never looks at, although the API server takes them. That no host is left to ask
 * is told where hosts are looked for.
 */
export function unservedRoutes(objects: readonly KubernetesObject[], servesGatewayApi: boolean): Finding[] {
  const unserved = objects.filter((object) =>
    servesGatewayApi
      ? object.kind === 'Ingress'
      : ROUTES.has(object.kind) && groupOf(object.apiVersion) === 'gateway.networking.k8s.io',
  );
  if (unserved.length === 0) return [];
  const way = servesGatewayApi ? 'nginx or traefik serves them' : 'traefik-gateway serves them';
  return [
    doubt(
      `The ingress-controller of the run does not serve ${shortList(unserved.map(describeObject))}, so nothing answers on them. ${way}; leave-out: ${leaveOutLine(unserved[0] as KubernetesObject)} leaves one out.`,
    ),
  ];
}

/** Jobs that don't run as they are applied: nothing waits for them. */
export const suspendedJobs = (objects: readonly KubernetesObject[]): Finding[] => {
  const suspended = objects.filter(
    (object) => object.kind === 'Job' && isOfKubernetes(object) && recordOf(object['spec'])['suspend'] === true,
  );
  const [first] = suspended;
  if (first === undefined) return [];
  return [
    doubt(
      `${shortList(suspended.map(describeObject))} is suspended (spec.suspend: true), so it does not run, and the run does not wait for it. To run it before the load, set suspend: false; to leave it out, set leave-out: ${leaveOutLine(first)}`,
    ),
  ];
};
