import { expect, test } from '@jest/globals';
import { followedValue, namesOther } from '../../../src/cluster/sides/namespace-names.ts';

const own = (namespace: string): string => (['shop', 'default'].includes(namespace) ? `head-${namespace}` : namespace);

test.each([
  ['NAMESPACE', 'shop', 'head-shop'],
  ['POD_NAMESPACE', 'shop', 'head-shop'],
  ['pod.namespace', 'shop', 'head-shop'],
  ['podNamespace', 'shop', 'head-shop'],
  ['--leader-election-namespace', 'default', 'head-default'],
  ['WATCH_NAMESPACES', 'shop, other,default', 'head-shop, other,head-default'],
  ['JOB_NS', 'shop', 'head-shop'],
  ['-n', 'shop', 'head-shop'],
  ['DNS', 'shop', 'shop'],
  ['namespaced', 'shop', 'shop'],
  ['TEMPORAL_NAMESPACE', 'shop', 'shop'],
  ['metrics-namespace', 'shop', 'shop'],
  ['OTEL_SERVICE_NAMESPACE', 'shop', 'shop'],
  ['WORKFLOW_NAMESPACE', 'default', 'default'],
  ['NAMESPACE', 'shops', 'shops'],
])('%s: %s is %s for a version', (name, value, followed) => {
  expect(followedValue(name, value, own)).toBe(followed);
});

test.each([
  ['POSTGRES_DB', true],
  ['--app', true],
  ['MYSQL_DATABASE', true],
  ['PROJECT', false],
  ['', false],
])('%s says of its value that it is no namespace: %s', (name, expected) => {
  expect(namesOther(name)).toBe(expected);
});
