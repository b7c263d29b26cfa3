import { describeObject } from './manifest-entries.ts';
import { isRecord, type KubernetesObject, recordsIn } from './manifests.ts';

/**
 * Whether the object has an entry twice, as an environment variable or a port of a container, that server-side apply
 * allows once: there the entries of these lists are told apart by their name or number. Kubernetes takes such an object
 * from others (of variables the last one counts). Lists whose double entries nobody may apply are not looked at.
 */
export const hasRepeatedEntries = (object: KubernetesObject): boolean => repeatedIn(object).length > 0;

/** @returns one sentence for each object that has some. */
export const describeRepeatedEntries = (objects: readonly KubernetesObject[]): string[] =>
  objects.flatMap((object) => {
    const found = repeatedIn(object);
    if (found.length === 0) return [];
    return [
      `${describeObject(object)} gives twice: ${found.join(', ')}. Kubernetes accepts that and uses the last value of a variable. Remove one of the two.`,
    ];
  });

const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'];

/** Each as one reads it in a message: `the environment variable MODE (container web)`. */
function repeatedIn(object: KubernetesObject): string[] {
  const { finalizers } = object.metadata as { readonly finalizers?: unknown };
  return [
    ...repeatedInContainers(object),
    ...recordsWith(object, 'containers').flatMap((pod) => [
      ...repeated(namesIn(pod['imagePullSecrets'], 'name')).map((name) => `the pull secret ${name}`),
      ...repeated(namesIn(pod['hostAliases'], 'ip')).map((ip) => `the host alias ${ip}`),
    ]),
    ...(object.kind === 'ServiceAccount'
      ? repeated(namesIn(object['secrets'], 'name')).map((name) => `the secret ${name}`)
      : []),
    ...repeated(Array.isArray(finalizers) ? finalizers : []).map((name) => `the finalizer ${name}`),
  ];
}

const namesIn = (list: unknown, key: string): unknown[] => recordsIn(list).map((entry) => entry[key]);

function repeatedInContainers(object: KubernetesObject): string[] {
  return containersIn(object).flatMap((container) => {
    const name = typeof container['name'] === 'string' ? container['name'] : '?';
    const variables = repeated(namesIn(container['env'], 'name')).map(
      (variable) => `the environment variable ${variable}`,
    );
    const ports = repeated(recordsIn(container['ports']).map(portText)).map((port) => `the port ${port}`);
    return [...variables, ...ports].map((what) => `${what} (container ${name})`);
  });
}

/** Every record in the object that has a field of this name: what has containers is a pod, or will be one. */
function recordsWith(value: unknown, field: string): Readonly<Record<string, unknown>>[] {
  if (Array.isArray(value)) return value.flatMap((item) => recordsWith(item, field));
  if (!isRecord(value)) return [];
  return [...(field in value ? [value] : []), ...Object.values(value).flatMap((inner) => recordsWith(inner, field))];
}

function portText({ containerPort, protocol }: Record<string, unknown>): string | null {
  if (typeof containerPort !== 'number') return null;
  return `${String(containerPort)}/${typeof protocol === 'string' ? protocol : 'TCP'}`;
}

/** The containers of every pod template, wherever it stands in the object. */
function containersIn(value: unknown): Readonly<Record<string, unknown>>[] {
  if (Array.isArray(value)) return value.flatMap(containersIn);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([field, inner]) =>
    CONTAINER_LISTS.includes(field) ? recordsIn(inner) : containersIn(inner),
  );
}

function repeated(keys: readonly unknown[]): string[] {
  const texts = keys.filter((key) => typeof key === 'string');
  return [...new Set(texts.filter((key, index) => texts.indexOf(key) < index))];
}
