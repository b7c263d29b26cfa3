import { describe, expect, test } from '@jest/globals';
import { describeHooks, hooksOf, isDeleted, isInstallHook } from '../../../src/cluster/helm/hooks.ts';
import { isHook } from '../../../src/cluster/manifest-entries.ts';
import type { KubernetesObject } from '../../../src/cluster/manifests.ts';

const hook = (name: string, when: string, weight?: string, policy?: string, kind = 'Job'): KubernetesObject => ({
  apiVersion: 'batch/v1',
  kind,
  metadata: {
    name,
    annotations: {
      'helm.sh/hook': when,
      ...(weight === undefined ? {} : { 'helm.sh/hook-weight': weight }),
      ...(policy === undefined ? {} : { 'helm.sh/hook-delete-policy': policy }),
    },
  },
});
const plain: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'shop', annotations: { 'helm.sh/resource-policy': 'keep' } },
};
const names = (objects: readonly KubernetesObject[]): string[] => objects.map(({ metadata }) => metadata.name);

test('hooks of an install run by weight, and of one weight by name', () => {
  const objects = [
    hook('late', 'pre-install', '10'),
    hook('z', 'pre-install,pre-upgrade'),
    hook('a', 'Pre-Install'),
    hook('no-number', 'pre-install', 'heavy'),
    hook('early', 'pre-upgrade , pre-install', '-5'),
    hook('after', 'post-install', '-9'),
    plain,
  ];
  expect(names(hooksOf(objects, 'pre-install'))).toEqual(['early', 'a', 'no-number', 'z', 'late']);
  expect(names(hooksOf(objects, 'post-install'))).toEqual(['after']);
});

describe('what an install does not run', () => {
  test.each(['test', 'test-success', 'pre-upgrade', 'post-upgrade', 'pre-rollback', 'post-delete', '', 'crd-install'])(
    '%p',
    (when) => {
      expect(isHook(hook('x', when))).toBe(true);
      expect(isInstallHook(hook('x', when))).toBe(false);
    },
  );
});

describe('a hook is removed', () => {
  const table = [
    { policy: undefined, at: 'before-hook-creation', removed: true },
    { policy: undefined, at: 'hook-succeeded', removed: false },
    { policy: undefined, at: 'hook-failed', removed: false },
    { policy: 'hook-succeeded', at: 'before-hook-creation', removed: false },
    { policy: 'hook-succeeded, hook-failed', at: 'hook-failed', removed: true },
    { policy: 'before-hook-creation,hook-succeeded', at: 'hook-succeeded', removed: true },
  ] as const;
  test.each(table)('with the policy $policy, $at: $removed', ({ policy, at, removed }) => {
    expect(isDeleted(hook('x', 'pre-install', '0', policy), at)).toBe(removed);
  });

  test('but not a definition, whose objects would go with it', () => {
    const definition = hook('x', 'pre-install', '0', 'hook-succeeded', 'CustomResourceDefinition');
    expect(isDeleted(definition, 'hook-succeeded')).toBe(false);
  });
});

test('the log says which run, and which do not', () => {
  expect(describeHooks([plain])).toBeNull();
  expect(describeHooks([plain, hook('migrate', 'pre-install'), hook('probe', 'test', '0', undefined, 'Pod')])).toBe(
    'run before the rest: Job migrate; not run, because they are not install hooks: Pod probe (test)',
  );
  expect(describeHooks([hook('seed', 'post-install'), hook('x', '')])).toBe(
    'run once the workloads are ready: Job seed; not run, because they are not install hooks: Job x (no phase)',
  );
});
