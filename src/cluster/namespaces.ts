import { isRecord, type KubernetesObject } from './manifests.ts';

/**
 * The kinds of Kubernetes 1.35 that belong to no namespace (`kubectl api-resources --namespaced=false`),
 * and GatewayClass, whose definition may come with the ingress controller.
 */
const OF_THE_CLUSTER = new Set([
  'APIService',
  'CertificateSigningRequest',
  'ClusterRole',
  'ClusterRoleBinding',
  'ClusterTrustBundle',
  'CSIDriver',
  'CSINode',
  'CustomResourceDefinition',
  'DeviceClass',
  'DeviceTaintRule',
  'FlowSchema',
  'GatewayClass',
  'IngressClass',
  'IPAddress',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
  'Namespace',
  'Node',
  'PersistentVolume',
  'PriorityClass',
  'PriorityLevelConfiguration',
  'ResourceSlice',
  'RuntimeClass',
  'ServiceCIDR',
  'StorageClass',
  'StorageVersionMigration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
  'VolumeAttachment',
  'VolumeAttributesClass',
]);

/** Those that are there in every cluster. */
const EVERYWHERE = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease']);

/** Puts every object that names no namespace, and belongs into one, into the given one. */
export function inNamespace(objects: readonly KubernetesObject[], namespace: string): KubernetesObject[] {
  const custom = new Set(objects.flatMap(kindOfTheCluster));
  return objects.map((object) =>
    object.metadata.namespace !== undefined || OF_THE_CLUSTER.has(object.kind) || custom.has(object.kind)
      ? object
      : { ...object, metadata: { ...object.metadata, namespace } },
  );
}

/** The kind that a definition adds to the cluster, when its objects belong to no namespace. */
function kindOfTheCluster({ kind, spec }: KubernetesObject): string[] {
  if (kind !== 'CustomResourceDefinition' || !isRecord(spec) || spec['scope'] !== 'Cluster') return [];
  const { names } = spec;
  return isRecord(names) && typeof names['kind'] === 'string' ? [names['kind']] : [];
}

/** The namespaces of the objects, sorted, without repetition. */
export const namespacesOf = (objects: readonly KubernetesObject[]): string[] =>
  [...new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []))].sort();

/** Adds the namespaces that the objects are in and that are not among them, in front. */
export function withNamespaces(objects: readonly KubernetesObject[]): KubernetesObject[] {
  const given = new Set(objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name));
  const missing = namespacesOf(objects).filter((name) => !given.has(name) && !EVERYWHERE.has(name));
  return [...missing.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })), ...objects];
}
