import { describe, expect, test } from '@jest/globals';
import { describeObject } from '../../src/cluster/manifest-entries.ts';
import { parseManifests } from '../../src/cluster/manifests.ts';
import { hasAuthority, heldForWebhooks } from '../../src/cluster/webhooks.ts';

const RULE = 'apiGroups: [example.com], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [widgets]';

/** An operator in namespace op with a webhook of these fields. */
const operator = (webhook: string): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec: {group: example.com, scope: Namespaced, names: {kind: Widget, plural: widgets}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {inject: 'yes'}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: op, namespace: op}
---
apiVersion: v1
kind: Service
metadata: {name: op, namespace: op}
spec: {selector: {app: op}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: op, namespace: op}
spec: {template: {metadata: {labels: {app: op}}, spec: {containers: [{name: c}]}}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: op}
webhooks: [{name: hook.op.example.com, clientConfig: {service: {name: op, namespace: op}}, ${webhook}}]
`;
const APPLICATION = `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c}]}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: shop}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: web, namespace: shop, labels: {tier: gold}}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: own, namespace: op}
`;

const held = (webhook: string, more = APPLICATION): string[] => {
  const objects = parseManifests(`${operator(webhook)}${more}`);
  const parted = heldForWebhooks(objects, objects);
  expect(parted.free.length + parted.held.length).toBe(objects.length);
  return parted.held.map(({ object }) => describeObject(object));
};

describe('a webhook of the manifests holds', () => {
  const table: { name: string; webhook: string; expected: string[] }[] = [
    {
      name: 'the objects of its rules, also those beside its server',
      webhook: `rules: [{${RULE}}]`,
      expected: ['Widget shop/web', 'Widget op/own'],
    },
    {
      name: 'no objects of other versions or operations',
      webhook: `rules: [{${RULE.replace('[v1]', '[v1beta1]')}}, {${RULE.replace('CREATE, UPDATE', 'DELETE')}}]`,
      expected: [],
    },
    {
      name: 'everything but what its server may need, with a rule for everything',
      webhook: `rules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*']}]`,
      expected: ['Deployment shop/web', 'ConfigMap shop/web', 'Widget shop/web', 'Widget op/own'],
    },
    {
      name: 'workloads by the pods that they make',
      webhook: `rules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]`,
      expected: ['Deployment shop/web'],
    },
    {
      name: 'only objects of the namespaces that it selects',
      webhook: `rules: [{${RULE}}], namespaceSelector: {matchLabels: {inject: 'yes'}}`,
      expected: ['Widget shop/web'],
    },
    {
      name: 'none of a namespace that it excludes by its name',
      webhook: `rules: [{${RULE}}], namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [op]}, {key: gone, operator: DoesNotExist}]}`,
      expected: ['Widget shop/web'],
    },
    {
      name: 'only objects with the labels that it selects',
      webhook: `rules: [{${RULE}}], objectSelector: {matchExpressions: [{key: tier, operator: In, values: [gold]}, {key: tier, operator: Exists}]}`,
      expected: ['Widget shop/web'],
    },
    {
      name: 'the custom resources of its domain, while it has no rules',
      webhook: 'failurePolicy: Fail',
      expected: ['Widget shop/web', 'Widget op/own'],
    },
  ];
  test.each(table)('$name', ({ webhook, expected }) => {
    expect(held(webhook)).toEqual(expected);
  });

  test('nothing when its server is somewhere else', () => {
    const objects = parseManifests(
      `${operator(`rules: [{${RULE}}]`).replace('kind: Service\n', 'kind: Thing\n')}${APPLICATION}`,
    );
    expect(heldForWebhooks(objects, objects).held).toEqual([]);
  });
});

test('a webhook has an authority when somebody has filled one in for each of its Service', () => {
  const made = (...bundles: (string | undefined)[]): object => ({
    webhooks: [
      ...bundles.map((caBundle) => ({ clientConfig: { caBundle, service: { namespace: 'op', name: 'op' } } })),
      { clientConfig: { url: 'https://elsewhere' } },
    ],
  });
  const service = { namespace: 'op', name: 'op' };
  expect(hasAuthority(made('TUlJ'), service)).toBe(true);
  expect(hasAuthority(made('TUlJ', undefined), service)).toBe(false);
  expect(hasAuthority(made('Cg=='), service)).toBe(false);
  expect(hasAuthority({ webhooks: null }, service)).toBe(true);
  expect(() => hasAuthority([], service)).toThrow(/webhook configuration/);
});
