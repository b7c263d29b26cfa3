import { describeObject } from '../manifest-entries.ts';
import { type KubernetesObject, recordOf, recordsIn } from '../manifests.ts';
import { fault, type Finding } from './finding.ts';

/** What kind gives Services their addresses from: 10.96.0.0/16, or fd00:10:96::/112 with IPv6. */
const OF_KIND = /^(?:10\.96\.|fd00:10:96:)/i;

/** Ports that Services can have on every node (service-node-port-range). */
const [FIRST_NODE_PORT, LAST_NODE_PORT] = [30_000, 32_767];

/** Services that ask for an address or a port of the nodes that this cluster does not have: Kubernetes refuses them. */
export const unfitAddresses = (objects: readonly KubernetesObject[]): Finding[] =>
  objects.flatMap((object) => {
    if (object.kind !== 'Service' || object.apiVersion !== 'v1') return [];
    const { clusterIP, ports } = recordOf(object['spec']);
    const nodePorts = recordsIn(ports).map(({ nodePort }) => Number(nodePort ?? 0));
    const unfit = nodePorts.find((port) => port !== 0 && (port < FIRST_NODE_PORT || port > LAST_NODE_PORT));
    return [
      ...(typeof clusterIP === 'string' && clusterIP !== '' && clusterIP !== 'None' && !OF_KIND.test(clusterIP)
        ? [
            fault(
              `${describeObject(object)} asks for the address ${clusterIP} (clusterIP), which Services of this cluster can't have: theirs begin with 10.96. Leave clusterIP and clusterIPs out.`,
            ),
          ]
        : []),
      ...(unfit === undefined
        ? []
        : [
            fault(
              `${describeObject(object)} asks for the nodePort ${String(unfit)}, and those are from ${String(FIRST_NODE_PORT)} to ${String(LAST_NODE_PORT)}. Leave it out, and Kubernetes chooses one.`,
            ),
          ]),
    ];
  });
