import { leaveOutLine } from '../leave-out.ts';
import { describeObject } from '../manifest-entries.ts';
import { type KubernetesObject, recordOf, recordsIn } from '../manifests.ts';
import { podTemplateOf } from '../pod-templates.ts';
import { doubt, type Finding, shortList } from './finding.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Kubernetes brings these itself. */
const GIVEN_PRIORITIES: ReadonlySet<string> = new Set(['system-cluster-critical', 'system-node-critical']);

/** Labels that every node of kind has, or those that the run's own configuration gives. */
const KNOWN_LABEL =
  /^(?:(?:beta\.)?kubernetes\.io\/(?:os|arch|hostname)|node-role\.kubernetes\.io\/control-plane|ingress-ready|k8s-loadtest-ci\/.*)$/;

const OS_LABEL = /^(?:beta\.)?kubernetes\.io\/os$/;

/** Resources that only a plug-in of the node offers: those of a domain, and large pages. */
const EXTENDED = /^(?!(?:.*\.)?kubernetes\.io\/)[^/]+\/|^hugepages-/;

/** Volumes of clouds and of servers that no cluster of kind has beside it. */
const REMOTE_VOLUMES = [
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'fc',
  'gcePersistentDisk',
  'glusterfs',
  'iscsi',
  'nfs',
  'rbd',
  'vsphereVolume',
];

/**
 * Pods that ask for something of the nodes, or of the cluster, that one of kind does not have: they are refused, fit on
 * no node, or wait for a volume. Each is a doubt, since what runs in the application may bring it.
 *
 * @param knowsLabels whether the labels of the nodes are those of the run's own configuration.
 */
export function unfitPods(objects: readonly KubernetesObject[], knowsLabels: boolean): Finding[] {
  const named = (kind: string): ReadonlySet<string> =>
    new Set(objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name));
  const [priorities, runtimes, drivers] = [named('PriorityClass'), named('RuntimeClass'), named('CSIDriver')];
  return objects.flatMap((object) => {
    const spec = podTemplateOf(object)?.spec;
    if (spec === undefined) return [];
    const who = describeObject(object);
    const without = `or set leave-out: ${leaveOutLine(object)}`;
    const { priorityClassName: priority, runtimeClassName: runtime } = spec;
    const labels = knowsLabels ? unknownLabels(spec) : [];
    const resources = extendedResources(spec);
    const volumes = unknownVolumes(spec, drivers);
    const found: string[] = [];
    if (typeof priority === 'string' && priority !== '' && !GIVEN_PRIORITIES.has(priority) && !priorities.has(priority))
      found.push(
        `${who} asks for the priority class ${priority}, which is not in the manifests: its pods are refused. This prints one to add: kubectl create priorityclass ${priority} --value=1000 --dry-run=client --output=yaml`,
      );
    if (typeof runtime === 'string' && runtime !== '' && !runtimes.has(runtime))
      found.push(
        `${who} asks for the runtime class ${runtime}, which is not in the manifests: its pods are refused. Leave runtimeClassName out, ${without}`,
      );
    if (labels.length > 0)
      found.push(
        `${who} asks for nodes with ${shortList(labels)}, and no node of this run has that label, so its pods can't be scheduled. Leave the selector out, give config with nodes that have the label, ${without}`,
      );
    if (resources.length > 0)
      found.push(
        `${who} asks for ${shortList(resources)}, which no kind node offers, so its pods can't be scheduled. Leave the resource out, ${without}`,
      );
    if (volumes.length > 0)
      found.push(
        `${who} has ${shortList(volumes)}, which this cluster does not have: its pods wait for it. Use an emptyDir instead, ${without}`,
      );
    return found.map(doubt);
  });
}

function unknownLabels(spec: Fields): string[] {
  const selected = Object.entries(recordOf(spec['nodeSelector']))
    .filter(([label, value]) => !KNOWN_LABEL.test(label) || (OS_LABEL.test(label) && value !== 'linux'))
    .map(([label, value]) => `${label}=${String(value)}`);
  return [...selected, ...unknownAffinity(spec)];
}

/** A node fits when it fits one of the terms, so that each of them must ask for what there is not. */
function unknownAffinity(spec: Fields): string[] {
  const required = recordOf(
    recordOf(recordOf(spec['affinity'])['nodeAffinity'])['requiredDuringSchedulingIgnoredDuringExecution'],
  );
  const terms = recordsIn(required['nodeSelectorTerms']).map(({ matchExpressions }) =>
    recordsIn(matchExpressions)
      .filter(({ key, operator }) => (operator === 'In' || operator === 'Exists') && !KNOWN_LABEL.test(String(key)))
      .map(({ key }) => String(key)),
  );
  return terms.length > 0 && terms.every((labels) => labels.length > 0) ? [...new Set(terms.flat())] : [];
}

function extendedResources(spec: Fields): string[] {
  const containers = [...recordsIn(spec['initContainers']), ...recordsIn(spec['containers'])];
  const names = containers.flatMap(({ resources }) =>
    [recordOf(resources)['limits'], recordOf(resources)['requests']].flatMap((amounts) =>
      Object.entries(recordOf(amounts))
        .filter(([, amount]) => String(amount) !== '0')
        .map(([name]) => name),
    ),
  );
  return [...new Set(names.filter((name) => EXTENDED.test(name)))];
}

function unknownVolumes(spec: Fields, drivers: ReadonlySet<string>): string[] {
  return recordsIn(spec['volumes']).flatMap((volume) => {
    const name = String(volume['name']);
    const driver = recordOf(volume['csi'])['driver'];
    if (typeof driver === 'string' && !drivers.has(driver)) return [`the volume ${name} of the driver ${driver}`];
    const kind = REMOTE_VOLUMES.find((one) => volume[one] !== undefined && volume[one] !== null);
    return kind === undefined ? [] : [`the volume ${name} (${kind})`];
  });
}
