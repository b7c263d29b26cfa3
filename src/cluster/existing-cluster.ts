import { WORKLOAD_KINDS, groupOf, type KubernetesObject } from './manifests.ts';

/** Marks what a run created in an existing cluster; the value is the name of its namespace. */
export const RUN_LABEL = 'k8s-loadtest-ci/run';
const MANAGED_BY = { 'app.kubernetes.io/managed-by': 'k8s-loadtest-ci' };

/** The labels of everything that the run of a namespace creates. */
export const labelsOf = (namespace: string): Readonly<Record<string, string>> => ({
  ...MANAGED_BY,
  [RUN_LABEL]: namespace,
});

/** Kinds by API group and kind (`apps/Deployment`, `/Service`), and whether their objects are in a namespace. */
export type Scopes = ReadonlyMap<string, boolean>;

/**
 * Reads what `kubectl api-resources --no-headers` prints: NAME, perhaps SHORTNAMES, APIVERSION,
 * NAMESPACED and KIND.
 */
export function parseScopes(text: string): Scopes {
  const rows = text.split('\n').map((line) => line.trim().split(/\s+/).slice(-3));
  return new Map(
    rows.flatMap(([apiVersion, namespaced, kind]) =>
      kind === undefined ? [] : [[keyOf(apiVersion ?? '', kind), namespaced === 'true'] as const],
    ),
  );
}

const keyOf = (apiVersion: string, kind: string): string => `${groupOf(apiVersion)}/${kind}`;

/** Objects as they go into a namespace of the run, and those that can't. */
export interface Placement {
  /** For the namespace of the run. */
  readonly inside: readonly KubernetesObject[];
  /** Cluster-wide, in another namespace, or of a kind that the cluster does not know. */
  readonly outside: readonly KubernetesObject[];
  /** Labels of the manifests' own Namespace, such as those of the Pod Security standards. */
  readonly namespaceLabels: Readonly<Record<string, string>>;
}

/**
 * Parts the objects of an application. Its namespace is that of its first workload, or else of its first
 * object; an object without one belongs to it too. The run's own namespace takes the place of it.
 */
export function placed(objects: readonly KubernetesObject[], scopes: Scopes): Placement {
  const namespaced = objects.filter(({ apiVersion, kind }) => scopes.get(keyOf(apiVersion, kind)) === true);
  const workload = namespaced.find(({ kind }) => WORKLOAD_KINDS.some((known) => known === kind));
  const home = (workload ?? namespaced[0])?.metadata.namespace;
  const isHome = (object: KubernetesObject): boolean =>
    object.apiVersion === 'v1' && object.kind === 'Namespace' && object.metadata.name === home;
  const isInside = (object: KubernetesObject): boolean =>
    namespaced.includes(object) && (object.metadata.namespace ?? home) === home;
  return {
    inside: objects.filter(isInside),
    outside: objects.filter((object) => !isInside(object) && !isHome(object)),
    namespaceLabels: objects.find(isHome)?.metadata.labels ?? {},
  };
}

/** The namespace of a run, with the settings that the manifests want for theirs (a Pod Security standard). */
export const namespaceObject = (name: string, labels: Readonly<Record<string, string>>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { ...labels, ...labelsOf(name) } },
});

/** How kubectl finds an object again. */
export interface ObjectReference {
  /** `Kind.version.group`, or the kind alone in the core group. */
  readonly resource: string;
  readonly namespace: string | null;
  readonly name: string;
}

/** An object in another namespace that names none is in `default`. */
export function referenceOf({ apiVersion, kind, metadata }: KubernetesObject, scopes: Scopes): ObjectReference {
  const [group = '', version] = apiVersion.split('/');
  const resource = version === undefined ? kind : `${kind}.${version}.${group}`;
  const namespaced = scopes.get(keyOf(apiVersion, kind)) === true;
  return { resource, namespace: namespaced ? (metadata.namespace ?? 'default') : null, name: metadata.name };
}

/** The object with the labels of the run, so only what the run created is removed. */
export const labelled = (object: KubernetesObject, namespace: string): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labelsOf(namespace) } },
});
