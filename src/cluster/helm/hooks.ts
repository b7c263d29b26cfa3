/**
 * helm/ has what Helm does apart from rendering: which charts lack dependencies, what a chart may ask about the
 * cluster, and when hooks run. src/adapters/commands/helm.ts runs Helm.
 */
import { describeObject, HOOK, isHook } from '../manifest-entries.ts';
import type { KubernetesObject } from '../manifests.ts';

const WEIGHT = 'helm.sh/hook-weight';
const DELETE_POLICY = 'helm.sh/hook-delete-policy';

/** When Helm runs the hooks of an install. */
export type InstallPhase = 'pre-install' | 'post-install';

/** When Helm removes what a hook created. */
export type HookDeletePolicy = 'before-hook-creation' | 'hook-succeeded' | 'hook-failed';

const wordsOf = ({ metadata }: KubernetesObject, annotation: string): string[] =>
  (metadata.annotations?.[annotation] ?? '')
    .split(',')
    .map((word) => word.trim().toLowerCase())
    .filter((word) => word !== '');

const runsAt = (object: KubernetesObject, phase: InstallPhase): boolean => wordsOf(object, HOOK).includes(phase);

/** Whether Helm runs the hook on install, unlike hooks of tests, upgrades, rollbacks and removals. */
export const isInstallHook = (object: KubernetesObject): boolean =>
  runsAt(object, 'pre-install') || runsAt(object, 'post-install');

/**
 * The hooks of one phase in the order in which Helm runs them: by weight, and of one weight by name (`hookByWeight` in
 * its pkg/action/hooks.go).
 */
export const hooksOf = (objects: readonly KubernetesObject[], phase: InstallPhase): KubernetesObject[] =>
  objects
    .filter((object) => runsAt(object, phase))
    .sort((one, other) => weightOf(one) - weightOf(other) || compareNames(one, other));

/** Helm treats a weight that is not a whole number as 0. */
const weightOf = ({ metadata }: KubernetesObject): number => {
  const text = metadata.annotations?.[WEIGHT] ?? '';
  return /^[-+]?\d{1,9}$/.test(text) ? Number(text) : 0;
};

const compareNames = (one: KubernetesObject, other: KubernetesObject): number =>
  one.metadata.name < other.metadata.name ? -1 : one.metadata.name > other.metadata.name ? 1 : 0;

/**
 * Whether Helm removes what a hook made at this moment. Without a policy it does before it makes it again; a definition
 * stays in any case.
 */
export function isDeleted(hook: KubernetesObject, policy: HookDeletePolicy): boolean {
  if (hook.kind === 'CustomResourceDefinition') return false;
  const given = wordsOf(hook, DELETE_POLICY);
  return given.length === 0 ? policy === 'before-hook-creation' : given.includes(policy);
}

/** What the log says about the hooks of one entry of manifests; null when it has none. */
export function describeHooks(objects: readonly KubernetesObject[]): string | null {
  const hooks = objects.filter(isHook);
  const named = (some: readonly KubernetesObject[]): string => some.map(describeObject).join(', ');
  const [before, after] = [hooksOf(hooks, 'pre-install'), hooksOf(hooks, 'post-install')];
  const others = hooks
    .filter((hook) => !isInstallHook(hook))
    .map((hook) => `${describeObject(hook)} (${wordsOf(hook, HOOK).join(', ') || 'no phase'})`);
  const parts = [
    ...(before.length > 0 ? [`run before the rest: ${named(before)}`] : []),
    ...(after.length > 0 ? [`run once the workloads are ready: ${named(after)}`] : []),
    ...(others.length > 0 ? [`not run, because they are not install hooks: ${others.join(', ')}`] : []),
  ];
  return parts.length === 0 ? null : parts.join('; ');
}
