import { isDeepStrictEqual } from 'node:util';
import { groupOf, type KubernetesObject } from './manifests.ts';

/** A file of manifests, or a kustomization, and its objects. */
export interface RenderedEntry {
  readonly entry: string;
  readonly objects: readonly KubernetesObject[];
}

export const HOOK = 'helm.sh/hook';

/** Whether Helm applies an object in a phase of its own. */
export const isHook = ({ metadata }: KubernetesObject): boolean => metadata.annotations?.[HOOK] !== undefined;

/** An object as messages name it: `ClusterRole shop`, `Role other/shop`. */
export const describeObject = ({ kind, metadata }: KubernetesObject): string =>
  `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;

/** What identifies an object to the API server. */
export const identityOf = ({ apiVersion, kind, metadata }: KubernetesObject): string =>
  JSON.stringify([groupOf(apiVersion), kind, metadata.namespace ?? '', metadata.name]);

/**
 * Takes out objects that stand in the entries a second time in the same words, which changes nothing. Hooks are left
 * alone: Helm makes each anew at its moment.
 *
 * @returns the objects, and a sentence for each that is there twice: `differing`, of which only the last would be seen
 *   in the cluster, and `alike`, of which the second is taken out.
 */
export function withoutDuplicates(entries: readonly RenderedEntry[]): {
  readonly objects: KubernetesObject[];
  readonly differing: readonly string[];
  readonly alike: readonly string[];
} {
  const seen = new Map<string, { readonly entry: string; readonly object: KubernetesObject }>();
  const [differing, alike]: [string[], string[]] = [[], []];
  const objects = entries.flatMap(({ entry, objects: own }) =>
    own.filter((object) => {
      if (isHook(object)) return true;
      const key = identityOf(object);
      const before = seen.get(key);
      const where = before?.entry === entry ? `${entry} itself` : `${before?.entry ?? ''} and in ${entry}`;
      if (before !== undefined && isDeepStrictEqual(before.object, object)) {
        alike.push(`${describeObject(object)} is defined twice, identically: in ${where}. It is applied once.`);
        return false;
      }
      seen.set(key, { entry, object });
      if (before !== undefined) {
        differing.push(
          `${describeObject(object)} is there twice, with different contents: in ${where}. Remove one of the two, or give the files that you need instead of their folder.`,
        );
      }
      return true;
    }),
  );
  return { objects, differing, alike };
}
