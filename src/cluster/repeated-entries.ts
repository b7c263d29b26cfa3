import { describeObject } from './manifest-entries.ts';
import { isRecord, type KubernetesObject, recordsIn } from './manifests.ts';

/** Something that a container has more than once, where server-side apply allows it once. */
interface Repeated {
  readonly container: string;
  /** As one reads it in a message: `the environment variable MODE`. */
  readonly what: string;
}

/**
 * Whether a container of the object has an environment variable or a port twice. Kubernetes takes such an object (of
 * variables the last one counts), but only from those who don't apply it server-side: there the entries of these lists
 * are told apart by that name or number.
 */
export const hasRepeatedEntries = (object: KubernetesObject): boolean => repeatedIn(object).length > 0;

/** @returns one sentence for each object that has some. */
export const describeRepeatedEntries = (objects: readonly KubernetesObject[]): string[] =>
  objects.flatMap((object) => {
    const found = repeatedIn(object).map(({ container, what }) => `${what} (container ${container})`);
    if (found.length === 0) return [];
    return [
      `${describeObject(object)} gives twice: ${found.join(', ')}. Kubernetes accepts that and uses the last value of a variable. Remove one of the two.`,
    ];
  });

const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'];

function repeatedIn(object: KubernetesObject): Repeated[] {
  return containersIn(object).flatMap((container) => {
    const name = typeof container['name'] === 'string' ? container['name'] : '?';
    const variables = repeated(recordsIn(container['env']).map(({ name: variable }) => variable)).map(
      (variable) => `the environment variable ${variable}`,
    );
    const ports = repeated(recordsIn(container['ports']).map(portText)).map((port) => `the port ${port}`);
    return [...variables, ...ports].map((what) => ({ container: name, what }));
  });
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
