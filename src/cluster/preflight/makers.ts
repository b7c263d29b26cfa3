import { writeJson } from '../../text/yaml/json.ts';
import { groupOf, isOfKubernetes, type KubernetesObject, recordOf, recordsIn } from '../manifests.ts';

/** Groups whose operators read Secrets and ConfigMaps, and make none. */
const ONLY_READERS: ReadonlySet<string> = new Set([
  'argoproj.io',
  'keda.sh',
  'monitoring.coreos.com',
  'networking.istio.io',
  'security.istio.io',
  'traefik.containo.us',
  'traefik.io',
]);

const mayHaveMaker = (object: KubernetesObject): boolean =>
  !isOfKubernetes(object) && !ONLY_READERS.has(groupOf(object.apiVersion));

const ISSUER_ANNOTATION = /^cert-manager\.io\/(?:cluster-)?issuer$/;

export const isAt = ({ metadata }: KubernetesObject, namespace: string): boolean =>
  (metadata.namespace ?? 'default') === namespace;

/**
 * Whether an operator makes something of that name from the object: custom resources that hold the name as a text, or
 * are the beginning of it (ExternalSecret, SealedSecret, Certificate, databases), and an Ingress that cert-manager
 * gets a certificate for.
 */
export function mayMake(object: KubernetesObject, namespace: string, name: string): boolean {
  if (object.kind === 'Ingress') {
    const annotations = Object.keys(object.metadata.annotations ?? {});
    return (
      isAt(object, namespace) &&
      annotations.some((key) => ISSUER_ANNOTATION.test(key)) &&
      recordsIn(recordOf(object['spec'])['tls']).some(({ secretName }) => secretName === name)
    );
  }
  if (!mayHaveMaker(object)) return false;
  return (
    (isAt(object, namespace) && (name === object.metadata.name || name.startsWith(`${object.metadata.name}-`))) ||
    writeJson(object['spec'] ?? {}).includes(JSON.stringify(name))
  );
}

/** Roles of Kubernetes whose holders may make nearly everything. */
const MIGHTY_ROLES: ReadonlySet<unknown> = new Set(['cluster-admin', 'admin', 'edit']);

/** Whether something in the manifests has the right to make objects of this resource, such as `secrets`. */
export const mayCreate = (objects: readonly KubernetesObject[], resource: string): boolean =>
  objects.some((object) => {
    if (object.kind === 'RoleBinding' || object.kind === 'ClusterRoleBinding')
      return MIGHTY_ROLES.has(recordOf(object['roleRef'])['name']);
    if (object.kind !== 'Role' && object.kind !== 'ClusterRole') return false;
    return recordsIn(object['rules']).some(
      ({ verbs, resources }) => hasOneOf(verbs, 'create', '*') && hasOneOf(resources, resource, '*'),
    );
  });

const hasOneOf = (list: unknown, ...wanted: readonly string[]): boolean =>
  Array.isArray(list) && list.some((item) => wanted.includes(String(item)));
