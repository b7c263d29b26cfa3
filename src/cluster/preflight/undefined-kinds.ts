import { describeObject } from '../manifest-entries.ts';
import { type Pointer, pointerOf } from './deployment-pointers.ts';
import { leaveOutLine } from '../leave-out.ts';
import { groupOf, type KubernetesObject, recordOf, recordsIn } from '../manifests.ts';
import { fault, type Finding, shortList } from './finding.ts';

/** The newest Kubernetes that `COMPLETE` was read from (`kubectl api-resources`): of a newer one it may lack kinds. */
const NEWEST_KNOWN_MINOR = 35;

/** All kinds of the versions of API groups that have been complete for years; of others nothing is told. */
const COMPLETE: Readonly<Record<string, readonly string[]>> = {
  v1: [
    ...['Binding', 'ComponentStatus', 'ConfigMap', 'Endpoints', 'Event', 'LimitRange', 'Namespace', 'Node'],
    ...['PersistentVolume', 'PersistentVolumeClaim', 'Pod', 'PodTemplate', 'ReplicationController', 'ResourceQuota'],
    ...['Secret', 'Service', 'ServiceAccount'],
  ],
  'apps/v1': ['ControllerRevision', 'DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
  'autoscaling/v1': ['HorizontalPodAutoscaler'],
  'autoscaling/v2': ['HorizontalPodAutoscaler'],
  'batch/v1': ['CronJob', 'Job'],
  'networking.k8s.io/v1': ['Ingress', 'IngressClass', 'IPAddress', 'NetworkPolicy', 'ServiceCIDR'],
  'policy/v1': ['Eviction', 'PodDisruptionBudget'],
  'rbac.authorization.k8s.io/v1': ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
};

/** The other groups that Kubernetes brings. */
const OTHER_GROUPS: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'node.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
  'storagemigration.k8s.io',
]);

interface Removed {
  readonly apiVersion: string;
  readonly kinds: readonly string[];
  /** The minor version of Kubernetes from which on it is gone. */
  readonly minor: number;
  readonly instead: string | null;
}

const RBAC = ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];

/** What Kubernetes served once; from its "Deprecated API Migration Guide". */
const REMOVED: readonly Removed[] = [
  ...['extensions/v1beta1', 'apps/v1beta1', 'apps/v1beta2'].map((apiVersion) => ({
    apiVersion,
    kinds: ['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
    minor: 16,
    instead: 'apps/v1',
  })),
  { apiVersion: 'extensions/v1beta1', kinds: ['NetworkPolicy'], minor: 16, instead: 'networking.k8s.io/v1' },
  { apiVersion: 'extensions/v1beta1', kinds: ['PodSecurityPolicy'], minor: 16, instead: null },
  { apiVersion: 'extensions/v1beta1', kinds: ['Ingress'], minor: 22, instead: 'networking.k8s.io/v1' },
  {
    apiVersion: 'networking.k8s.io/v1beta1',
    kinds: ['Ingress', 'IngressClass'],
    minor: 22,
    instead: 'networking.k8s.io/v1',
  },
  ...['v1alpha1', 'v1beta1'].map((version) => ({
    apiVersion: `rbac.authorization.k8s.io/${version}`,
    kinds: RBAC,
    minor: 22,
    instead: 'rbac.authorization.k8s.io/v1',
  })),
  {
    apiVersion: 'admissionregistration.k8s.io/v1beta1',
    kinds: ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
    minor: 22,
    instead: 'admissionregistration.k8s.io/v1',
  },
  {
    apiVersion: 'apiextensions.k8s.io/v1beta1',
    kinds: ['CustomResourceDefinition'],
    minor: 22,
    instead: 'apiextensions.k8s.io/v1',
  },
  {
    apiVersion: 'apiregistration.k8s.io/v1beta1',
    kinds: ['APIService'],
    minor: 22,
    instead: 'apiregistration.k8s.io/v1',
  },
  { apiVersion: 'scheduling.k8s.io/v1beta1', kinds: ['PriorityClass'], minor: 22, instead: 'scheduling.k8s.io/v1' },
  {
    apiVersion: 'storage.k8s.io/v1beta1',
    kinds: ['CSIDriver', 'StorageClass'],
    minor: 22,
    instead: 'storage.k8s.io/v1',
  },
  { apiVersion: 'batch/v1beta1', kinds: ['CronJob'], minor: 25, instead: 'batch/v1' },
  { apiVersion: 'policy/v1beta1', kinds: ['PodDisruptionBudget'], minor: 25, instead: 'policy/v1' },
  { apiVersion: 'policy/v1beta1', kinds: ['PodSecurityPolicy'], minor: 25, instead: null },
  { apiVersion: 'autoscaling/v2beta1', kinds: ['HorizontalPodAutoscaler'], minor: 25, instead: 'autoscaling/v2' },
  { apiVersion: 'autoscaling/v2beta2', kinds: ['HorizontalPodAutoscaler'], minor: 26, instead: 'autoscaling/v2' },
];

const GATEWAY_API = 'gateway.networking.k8s.io';
const MOST_LINES = 3;

interface GivenKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly objects: readonly KubernetesObject[];
}

/** What is known of the cluster that the objects go to. */
interface KindsOfCluster {
  /** The minor version of its Kubernetes; null when it is not known. */
  readonly minor: number | null;
  /** Objects around the application, which may define kinds, too. */
  readonly platform: readonly KubernetesObject[];
}

/** The kinds that the API server will not know: `no matches for kind`. */
export function undefinedKinds(objects: readonly KubernetesObject[], cluster: KindsOfCluster): Finding[] {
  const all = [...objects, ...cluster.platform];
  const minor = cluster.minor ?? NEWEST_KNOWN_MINOR;
  const unknown = kindsOf(objects).flatMap((given): { given: GivenKind; why: string | null }[] => {
    const why = isBuiltIn(groupOf(given.apiVersion)) ? whyNotServed(given, minor) : whyNotDefined(given, all);
    return why === undefined ? [] : [{ given, why }];
  });
  const ofGateways = unknown.filter(({ given, why }) => why === null && groupOf(given.apiVersion) === GATEWAY_API);
  const others = unknown.filter((one) => !ofGateways.includes(one));
  return [
    ...(ofGateways.length === 0 ? [] : [gatewayFault(ofGateways.map(({ given }) => given))]),
    ...others.map(({ given, why }) => fault(why === null ? withoutDefinition(given) : why)),
  ];
}

function kindsOf(objects: readonly KubernetesObject[]): GivenKind[] {
  const kinds = new Map<string, KubernetesObject[]>();
  for (const object of objects) {
    const key = `${object.apiVersion} ${object.kind}`;
    kinds.set(key, [...(kinds.get(key) ?? []), object]);
  }
  return [...kinds.values()].flatMap((of) =>
    of.slice(0, 1).map(({ apiVersion, kind }) => ({ apiVersion, kind, objects: of })),
  );
}

const COMPLETE_GROUPS: ReadonlySet<string> = new Set([...Object.keys(COMPLETE).map(groupOf), 'extensions']);

const isBuiltIn = (group: string): boolean => COMPLETE_GROUPS.has(group) || OTHER_GROUPS.has(group);

/** Undefined when Kubernetes serves the kind, or may do so. */
function whyNotServed(given: GivenKind, minor: number): string | undefined {
  const { apiVersion, kind, objects } = given;
  const shown = shortList(objects.map(describeObject));
  const removed = REMOVED.find((one) => one.apiVersion === apiVersion && one.kinds.includes(kind));
  if (removed !== undefined) {
    if (minor < removed.minor) return undefined;
    const instead =
      removed.instead === null
        ? `It has no replacement. ${leaveOutText(given)}`
        : `Write apiVersion: ${removed.instead}; some fields may be named differently.`;
    return `Kubernetes 1.${String(minor)} no longer has ${kind} in ${apiVersion} (removed in 1.${String(removed.minor)}): ${shown}. ${instead}`;
  }
  if (minor > NEWEST_KNOWN_MINOR || !COMPLETE_GROUPS.has(groupOf(apiVersion))) return undefined;
  if (COMPLETE[apiVersion]?.includes(kind) === true) return undefined;
  const elsewhere = Object.keys(COMPLETE).filter((version) => COMPLETE[version]?.includes(kind) === true);
  const way = elsewhere.length === 0 ? 'Check its spelling.' : `Write apiVersion: ${elsewhere.at(-1) ?? ''}.`;
  return `Kubernetes has no ${kind} in ${apiVersion}: ${shown}. ${way}`;
}

/** Undefined when the objects define the kind; null when they don't. */
function whyNotDefined(
  { apiVersion, kind, objects }: GivenKind,
  all: readonly KubernetesObject[],
): string | null | undefined {
  const group = groupOf(apiVersion);
  const isServedBehind = ({ kind: other, spec }: KubernetesObject): boolean =>
    other === 'APIService' && recordOf(spec)['group'] === group;
  if (all.some(isServedBehind)) return undefined;
  const definition = all.find(
    ({ kind: other, spec }) =>
      other === 'CustomResourceDefinition' &&
      recordOf(spec)['group'] === group &&
      recordOf(recordOf(spec)['names'])['kind'] === kind,
  );
  if (definition === undefined) return null;
  const served = recordsIn(recordOf(definition['spec'])['versions'])
    .filter((version) => version['served'] !== false)
    .map(({ name }) => `${group}/${String(name)}`);
  if (served.length === 0 || served.includes(apiVersion)) return undefined;
  return `The definition of ${kind} has no version ${apiVersion}, but ${served.join(', ')}: ${shortList(objects.map(describeObject))}. Write apiVersion: ${served[0] ?? ''}.`;
}

const withoutDefinition = (given: GivenKind): string => {
  const pointers = given.objects.map((object) => pointerOf(object)).filter((pointer) => pointer !== null);
  if (pointers.length > 0) return pointersText(given, pointers);
  return `Nothing defines the kind ${given.kind} in ${given.apiVersion}, which is not part of Kubernetes: ${shortList(given.objects.map(describeObject))}. Add its CustomResourceDefinition to the manifests (for a chart, \`helm template --include-crds\` prints them). ${leaveOutText(given)}`;
};

/** What an object of a tool that deploys others points to is not among the manifests. */
const pointersText = (given: GivenKind, pointers: readonly Pointer[]): string => {
  const lines = [...new Set(pointers.flatMap(({ lines: own }) => own))];
  const way =
    lines.length === 0
      ? 'Give what it deploys as manifests.'
      : `Give what it deploys instead:\nmanifests: |\n${lines.map((line) => `  ${line}`).join('\n')}`;
  return `${given.kind} is for ${pointers[0]?.tool ?? ''}, which this run does not have, so that nothing of what it points to would be there: ${shortList(given.objects.map(describeObject))}. ${way}\n${leaveOutText(given)}`;
};

const gatewayFault = (given: readonly GivenKind[]): Finding => {
  const objects = given.flatMap((one) => one.objects);
  return fault(
    `No controller of this run serves the Gateway API, and nothing defines its kinds: ${shortList(objects.map(describeObject))}. To have them served, set\ningress-controller: traefik-gateway\n${leaveOutText(...given)}`,
  );
};

/** Names each object, or the whole kind when there are many. */
function leaveOutText(...kinds: readonly GivenKind[]): string {
  const lines = kinds.flatMap(({ kind, objects }) =>
    objects.length > MOST_LINES ? [`${kind}/*`] : [...new Set(objects.map(leaveOutLine))],
  );
  return `To run without ${lines.length > 1 || lines[0]?.endsWith('*') === true ? 'them' : 'it'}, set\nleave-out: |\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
