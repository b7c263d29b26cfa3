import { groupOf, type KubernetesObject } from './manifests.ts';

/** One line of an input that lists manifests, and what it was rendered to. */
export interface RenderedEntry {
  readonly entry: string;
  readonly objects: readonly KubernetesObject[];
}

const HOOK = 'helm.sh/hook';

/**
 * Takes out the hooks of a rendered Helm chart. `helm template` prints them among the other objects,
 * but Helm applies none of them with those: tests run when they are asked for, others before or after
 * an install, an upgrade or a removal.
 */
export function withoutHooks(objects: readonly KubernetesObject[]): {
  kept: KubernetesObject[];
  hooks: KubernetesObject[];
} {
  const isHook = ({ metadata }: KubernetesObject): boolean => metadata.annotations?.[HOOK] !== undefined;
  return { kept: objects.filter((object) => !isHook(object)), hooks: objects.filter(isHook) };
}

/** The hooks among the given ones that an install with Helm would have run, which the application may miss. */
export const installHooks = (hooks: readonly KubernetesObject[]): KubernetesObject[] =>
  hooks.filter(({ metadata }) => /\b(pre|post)-install\b/.test(metadata.annotations?.[HOOK] ?? ''));

/** An object as one reads it in a message: `ClusterRole shop`, `Role other/shop`. */
export const describeObject = ({ kind, metadata }: KubernetesObject): string =>
  `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;

/** What the API server tells objects apart by. */
export const identityOf = ({ apiVersion, kind, metadata }: KubernetesObject): string =>
  JSON.stringify([groupOf(apiVersion), kind, metadata.namespace ?? '', metadata.name]);

/**
 * Objects that stand in the entries more than once, of which only the last would be seen in the cluster.
 *
 * @returns one sentence for each.
 */
export function duplicatesIn(entries: readonly RenderedEntry[]): string[] {
  const seen = new Map<string, string>();
  return entries.flatMap(({ entry, objects }) =>
    objects.flatMap((object) => {
      const key = identityOf(object);
      const before = seen.get(key);
      seen.set(key, entry);
      if (before === undefined) return [];
      return [
        `${describeObject(object)} is there twice: in ${before === entry ? `${entry} itself` : `${before} and in ${entry}`}.`,
      ];
    }),
  );
}
