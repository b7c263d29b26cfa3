import { describe, expect, test } from '@jest/globals';
import {
  addedApiVersions,
  kubernetesVersionOf,
  missingDependencies,
  readChart,
  registryChart,
} from '../../../src/cluster/helm/charts.ts';

const DIGEST = `@sha256:${'a'.repeat(64)}`;

describe('a chart in a registry', () => {
  test.each([
    ['oci://ghcr.io/me/charts/shop:1.2.3', 'oci://ghcr.io/me/charts/shop', '1.2.3', false, 'shop'],
    ['oci://localhost:5000/shop', 'oci://localhost:5000/shop', null, false, 'shop'],
    ['oci://localhost:5000/shop:0.1.0_build.7', 'oci://localhost:5000/shop', '0.1.0+build.7', false, 'shop'],
    [`oci://ghcr.io/me/shop${DIGEST}`, `oci://ghcr.io/me/shop${DIGEST}`, null, true, 'shop'],
    [`oci://ghcr.io/me/shop:1.2.3${DIGEST}`, `oci://ghcr.io/me/shop${DIGEST}`, null, true, 'shop'],
  ])('%s', (entry, reference, version, pinned, name) => {
    expect(registryChart(entry)).toEqual({ reference, version, pinned, name });
  });

  test.each(['oci://', 'oci://ghcr.io', 'oci://ghcr.io/', 'oci://ghcr.io/me/Shop', 'oci://ghcr.io/a b', 'https://x/y'])(
    'is none: %s',
    (entry) => {
      expect(registryChart(entry)).toBeNull();
    },
  );
});

describe('what a chart needs', () => {
  const CHART = `apiVersion: v2
name: shop
dependencies:
  - {name: redis, version: ~20.1, repository: "https://charts.example.com", condition: redis.enabled}
  - {name: common, version: 1.x.x, repository: "file://../common"}
`;
  const LOCK = 'dependencies: [{name: redis, version: 20.1.4}, {name: common, version: 1.0.0}]\n';

  test('stands in its Chart.yaml, and the lock says which version', () => {
    expect(readChart(CHART, LOCK, null)).toEqual({
      name: 'shop',
      dependencies: [
        { name: 'redis', version: '20.1.4', repository: 'https://charts.example.com' },
        { name: 'common', version: '1.0.0', repository: 'file://../common' },
      ],
    });
    expect(readChart(CHART, null, null).dependencies.map(({ version }) => version)).toEqual([null, null]);
  });

  test('of Helm 2 has a file of its own', () => {
    const chart = readChart(
      'apiVersion: v1\nname: old\n',
      null,
      'dependencies: [{name: redis, repository: "@stable"}]\n',
    );
    expect(chart).toEqual({ name: 'old', dependencies: [{ name: 'redis', version: null, repository: '@stable' }] });
  });

  test('without a name it is no chart', () => {
    expect(() => readChart('apiVersion: v2\n', null, null)).toThrow('its Chart.yaml has no name');
  });

  test.each([
    { there: [], missing: ['redis', 'common'] },
    { there: ['redis', 'common'], missing: [] },
    { there: ['redis-20.1.4.tgz', 'common-1.0.0.tgz'], missing: [] },
    { there: ['redis-20.1.3.tgz', 'common'], missing: ['redis'] },
    { there: ['redis-cluster-20.1.4.tgz', 'README.md', 'common'], missing: ['redis'] },
  ])('is missing from charts/ with $there: $missing', ({ there, missing }) => {
    const { dependencies } = readChart(CHART, LOCK, null);
    expect(missingDependencies(dependencies, there).map(({ name }) => name)).toEqual(missing);
  });

  test('without a lock any version is taken that is there', () => {
    const { dependencies } = readChart(CHART, null, null);
    expect(missingDependencies(dependencies, ['redis-9.0.0.tgz', 'common-v1.2.tgz'])).toEqual([]);
    expect(missingDependencies(dependencies, ['redis-cluster-9.0.0.tgz', 'common-v1.2.tgz'])).toHaveLength(1);
  });
});

test('charts are told which kinds there will be beside those of Kubernetes', () => {
  const metadata = { name: 'x' };
  expect(
    addedApiVersions([
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata,
        spec: {
          group: 'monitoring.coreos.com',
          names: { kind: 'ServiceMonitor' },
          versions: [
            { name: 'v1', served: true },
            { name: 'v1alpha1', served: false },
          ],
        },
      },
      {
        apiVersion: 'apiregistration.k8s.io/v1',
        kind: 'APIService',
        metadata,
        spec: { group: 'metrics.k8s.io', version: 'v1beta1' },
      },
      { apiVersion: 'v1', kind: 'Service', metadata, spec: { group: 'none' } },
    ]),
  ).toEqual(['metrics.k8s.io/v1beta1', 'monitoring.coreos.com/v1', 'monitoring.coreos.com/v1/ServiceMonitor']);
});

test.each([
  [`kindest/node:v1.35.8${DIGEST}`, '1.35.8'],
  ['registry:5000/node:1.29.2', '1.29.2'],
  ['node:v1.34.0-rc.1', '1.34.0'],
  ['lab/node:latest', null],
  ['node:v1.34', null],
])('the version of Kubernetes in %s is %s', (image, version) => {
  expect(kubernetesVersionOf(image)).toBe(version);
});
