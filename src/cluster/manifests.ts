import { readDocuments } from '../text/yaml/documents.ts';
import { writeJson } from '../text/yaml/json.ts';
import { writeYaml } from '../text/yaml/write.ts';

/** One Kubernetes object from a manifest. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/**
 * Reads the objects of a file, as `kubectl apply` reads them: what has `items` is a list and is taken apart, and a
 * namespace that is empty is none. Integers that a `number` can't hold exactly are `bigint`.
 *
 * @throws Error that names the document that is not a Kubernetes object, or the place of the syntax error.
 */
export function parseManifests(text: string): KubernetesObject[] {
  return readDocuments(text).flatMap(({ value, line }, index) => {
    try {
      return objectsIn(value);
    } catch (error) {
      const what = `document ${String(index + 1)} is not a Kubernetes object with apiVersion, kind and metadata.name`;
      if (!isRecord(value)) throw new Error(what, { cause: error });
      throw new Error(`${what}: ${(error as Error).message} (it begins on line ${String(line)})`, { cause: error });
    }
  });
}

function objectsIn(value: unknown): KubernetesObject[] {
  if (!isRecord(value)) throw new Error('it is not a mapping');
  const { apiVersion, kind, items } = value;
  if (typeof apiVersion !== 'string' || apiVersion === '') throw new Error('its apiVersion is missing');
  if (typeof kind !== 'string' || kind === '') throw new Error('its kind is missing');
  if ('items' in value)
    return listed(items ?? []).flatMap((item) =>
      objectsIn(isRecord(item) ? { ...typeOfItems(apiVersion, kind, item), ...item } : item),
    );
  const { metadata } = value;
  if (!isRecord(metadata)) throw new Error(`${kind} has no metadata`);
  const { name, namespace, generateName } = metadata;
  if (typeof name !== 'string' || name === '') throw new Error(`${kind} ${whyNoName(name, generateName)}`);
  if (namespace !== undefined && namespace !== null && typeof namespace !== 'string')
    throw new Error(
      `${kind} ${name} is in the namespace ${JSON.stringify(namespace)}, which is not a string: put it in quotes`,
    );
  if (namespace !== null && namespace !== '') return [value as unknown as KubernetesObject];
  const rest = Object.fromEntries(Object.entries(metadata).filter(([field]) => field !== 'namespace'));
  return [{ ...value, metadata: rest } as unknown as KubernetesObject];
}

function listed(items: unknown): unknown[] {
  if (Array.isArray(items)) return items;
  throw new Error('its items are not a list');
}

/** Items of a typed list, such as a ConfigMapList, need not say what they are. */
const typeOfItems = (apiVersion: string, listKind: string, item: Record<string, unknown>): object =>
  item['apiVersion'] === undefined && item['kind'] === undefined
    ? { apiVersion, kind: listKind.replace(/List$/, '') }
    : {};

function whyNoName(name: unknown, generateName: unknown): string {
  if (name !== undefined && name !== null && name !== '')
    return `has the name ${JSON.stringify(name)}, which is not a string: put it in quotes`;
  if (typeof generateName !== 'string') return 'has no metadata.name';
  return `has only metadata.generateName (${generateName}), which kubectl apply does not take either: give it a metadata.name`;
}

/** The API group of an `apiVersion`; empty for the core group. */
export const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';

/** Whether a kind is one of Kubernetes' own: Istio has a Gateway, too, Volcano a Job, and Linkerd an HTTPRoute. */
export function isOfKubernetes({ apiVersion }: Pick<KubernetesObject, 'apiVersion'>): boolean {
  const group = groupOf(apiVersion);
  return !group.includes('.') || group.endsWith('.k8s.io');
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The records of a list, without other items; none when it is not a list. */
export const recordsIn = (value: unknown): Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];

/** The record in a field; an empty one when there is none. */
export const recordOf = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {});

/** What other objects need first: namespaces and custom resource definitions. */
const FOUNDATIONS = new Set(['Namespace', 'CustomResourceDefinition']);

/** By these the API server hands requests on: it asks the Service behind one at once. */
const EXTENSIONS = new Set(['APIService']);

/**
 * What others are checked against, or changed by, at the moment when they are made: a pod whose service account or
 * priority class comes after it in the manifests is refused, and one that comes before the limits of its namespace has
 * none. Secrets and ConfigMaps only make pods wait.
 */
const BEFORE_OTHERS: ReadonlySet<string> = new Set([
  'PriorityClass',
  'RuntimeClass',
  'StorageClass',
  'IngressClass',
  'ResourceQuota',
  'LimitRange',
  'ServiceAccount',
  'Secret',
  'ConfigMap',
]);

/**
 * Splits objects into those that must be applied first, those that must be applied last, and the rest, which begins
 * with what the others of it need to be there.
 */
export function inApplyOrder(objects: readonly KubernetesObject[]): {
  foundations: KubernetesObject[];
  rest: KubernetesObject[];
  extensions: KubernetesObject[];
} {
  const rest = objects.filter(({ kind }) => !FOUNDATIONS.has(kind) && !EXTENSIONS.has(kind));
  const isBefore = (object: KubernetesObject): boolean => BEFORE_OTHERS.has(object.kind) && isOfKubernetes(object);
  return {
    foundations: objects.filter(({ kind }) => FOUNDATIONS.has(kind)),
    rest: [...rest.filter(isBefore), ...rest.filter((object) => !isBefore(object))],
    extensions: objects.filter(({ kind }) => EXTENSIONS.has(kind)),
  };
}

/** YAML for people, which `parseManifests` reads back unchanged. */
export const toYaml = (objects: readonly KubernetesObject[]): string => writeYaml(objects);

/** For `kubectl`: JSON is unambiguous. One object a line. */
export const toJson = (objects: readonly KubernetesObject[]): string =>
  objects.map((object) => `${writeJson(object)}\n`).join('');

/** Every container image in the objects, sorted, without duplicates. */
export function imagesOf(objects: readonly KubernetesObject[]): string[] {
  const images = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (!isRecord(value)) return;
    for (const [key, inner] of Object.entries(value)) {
      if (CONTAINER_LISTS.has(key) && Array.isArray(inner)) {
        for (const container of inner) {
          if (isRecord(container) && typeof container['image'] === 'string') images.add(container['image']);
        }
      }
      visit(inner);
    }
  };
  visit(objects);
  return [...images].sort();
}

const CONTAINER_LISTS = new Set(['containers', 'initContainers', 'ephemeralContainers']);

/** The kinds whose readiness can be told from their status; the last three are rarely applied by themselves. */
export const WORKLOAD_KINDS = [
  ...(['Deployment', 'StatefulSet', 'DaemonSet', 'Job'] as const),
  ...(['ReplicaSet', 'ReplicationController', 'Pod'] as const),
];
const MADE_BY_OTHERS: ReadonlySet<string> = new Set(['ReplicaSet', 'ReplicationController', 'Pod']);
type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/**
 * The kinds to ask the API server for: pods and what makes them for others only where the objects bring some
 * themselves.
 */
export const kindsToAskFor = (expected: readonly WorkloadReference[]): readonly string[] =>
  WORKLOAD_KINDS.filter((kind) => !MADE_BY_OTHERS.has(kind) || expected.some((one) => one.kind === kind));

export interface WorkloadReference {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
}

/** The workloads among the objects that are to become ready; an object without a namespace lands in `default`. */
export const workloadsOf = (objects: readonly KubernetesObject[]): WorkloadReference[] =>
  objects.filter(isOfKubernetes).flatMap(({ kind, metadata, spec }) => {
    const known = WORKLOAD_KINDS.find((candidate) => candidate === kind);
    const suspended = known === 'Job' && recordOf(spec)['suspend'] === true;
    return known === undefined || suspended
      ? []
      : [{ kind: known, namespace: metadata.namespace ?? 'default', name: metadata.name }];
  });
