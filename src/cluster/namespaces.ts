import { clusterScopeOf } from './cluster-scope.ts';
import type { KubernetesObject } from './manifests.ts';

/** Those that are there in every cluster. */
const EVERYWHERE = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease']);

/** Puts every object that names no namespace, and belongs into one, into the given one. */
export function inNamespace(objects: readonly KubernetesObject[], namespace: string): KubernetesObject[] {
  const isClusterWide = clusterScopeOf(objects);
  return objects.map((object) =>
    object.metadata.namespace !== undefined || isClusterWide(object)
      ? object
      : { ...object, metadata: { ...object.metadata, namespace } },
  );
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
