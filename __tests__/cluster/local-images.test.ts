import { describe, expect, test } from '@jest/globals';
import {
  fullReference,
  neverPulled,
  savesOnePlatform,
  snapshotterOf,
  unusedImages,
} from '../../src/cluster/local-images.ts';
import type { KubernetesObject } from '../../src/cluster/manifests.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('a reference in full', () => {
  const table = [
    ['shop', 'docker.io/library/shop:latest'],
    ['shop:ci', 'docker.io/library/shop:ci'],
    ['me/shop:ci', 'docker.io/me/shop:ci'],
    ['docker.io/shop:ci', 'docker.io/library/shop:ci'],
    ['index.docker.io/me/shop', 'docker.io/me/shop:latest'],
    ['ghcr.io/me/shop', 'ghcr.io/me/shop:latest'],
    ['localhost/shop:ci', 'localhost/shop:ci'],
    ['localhost:5000/shop', 'localhost:5000/shop:latest'],
    [`shop@${DIGEST}`, `docker.io/library/shop@${DIGEST}`],
  ];
  test.each(table)('of %s', (reference, full) => {
    expect(fullReference(reference)).toBe(full);
  });
});

test('containers of loaded images are never pulled, and no others are touched', () => {
  const pod = {
    initContainers: [{ name: 'i', image: 'docker.io/library/shop:ci' }],
    containers: [
      { name: 'c', image: 'shop:ci', imagePullPolicy: 'Always' },
      { name: 'd', image: 'shop', imagePullPolicy: 'Always' },
    ],
  };
  const objects: KubernetesObject[] = [
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'a' },
      spec: { jobTemplate: { spec: { template: { spec: pod } } } },
    },
  ];
  const before = JSON.stringify(objects);
  expect(neverPulled(objects, ['shop:ci'])).toMatchObject([
    {
      spec: {
        jobTemplate: {
          spec: {
            template: {
              spec: {
                initContainers: [{ imagePullPolicy: 'Never' }],
                containers: [{ imagePullPolicy: 'Never' }, { imagePullPolicy: 'Always' }],
              },
            },
          },
        },
      },
    },
  ]);
  expect(JSON.stringify(objects)).toBe(before);
  expect(neverPulled(objects, [])).toEqual(objects);
});

test('an image that nothing uses is known', () => {
  expect(unusedImages(['shop:ci', 'cart'], ['docker.io/library/shop:ci', 'cart:v1'])).toEqual(['cart']);
});

test('docker save --platform is there from API 1.48 on', () => {
  expect(['1.41', '1.47', '1.48', '1.52', '2.0'].map(savesOnePlatform)).toEqual([false, false, true, true, true]);
});

test('the snapshotter is read from the configuration of containerd', () => {
  expect(snapshotterOf('[plugins."io.containerd.grpc.v1.cri".containerd]\n      snapshotter = "overlayfs"\n')).toBe(
    'overlayfs',
  );
  expect(snapshotterOf("[plugins.'io.containerd.cri.v1.images']\n  snapshotter = 'fuse-overlayfs'\n")).toBe(
    'fuse-overlayfs',
  );
  expect(snapshotterOf('  disable_snapshotter = true\n')).toBeNull();
});
