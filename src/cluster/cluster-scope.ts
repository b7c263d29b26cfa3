import { groupOf, type KubernetesObject } from './manifests.ts';

/**
 * The kinds of Kubernetes 1.35 that belong to no namespace (`kubectl api-resources --namespaced=false`),
 * and GatewayClass, whose definition may come with the ingress controller.
 */
const CLUSTER_KINDS: ReadonlySet<string> = new Set([
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

/**
 * Tells which objects belong to no namespace. Of a custom resource its definition says it; without
 * one among the objects it counts as namespaced, as most are.
 */
export function clusterScopeOf(objects: readonly KubernetesObject[]): (object: KubernetesObject) => boolean {
  const defined = new Map(objects.filter(({ kind }) => kind === 'CustomResourceDefinition').flatMap(definedScope));
  return ({ apiVersion, kind }) => defined.get(`${groupOf(apiVersion)}/${kind}`) ?? CLUSTER_KINDS.has(kind);
}

function definedScope({ spec }: KubernetesObject): [string, boolean][] {
  const { group, scope, names } = (spec ?? {}) as {
    readonly group?: unknown;
    readonly scope?: unknown;
    readonly names?: { readonly kind?: unknown };
  };
  const kind = names?.kind;
  return typeof group === 'string' && typeof kind === 'string' ? [[`${group}/${kind}`, scope === 'Cluster']] : [];
}
