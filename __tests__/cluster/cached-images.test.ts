import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  cacheable,
  cacheKey,
  identitiesOf,
  imagesOnNode,
  nameOnNode,
  nodeImageTag,
} from '../../src/cluster/cached-images.ts';

const hex = (seed: string): string => createHash('sha256').update(seed).digest('hex');
const sha = (content: string): string => `sha256:${hex(content)}`;
const A = `app:1@${sha('a')}`;
const B = `ghcr.io/shop/cart@${sha('b')}`;

test('only images that are pinned, and of no build of this machine, are cached', () => {
  expect(cacheable([B, A, 'app:latest', `${A}0`, A, 'shop:ci'])).toEqual([A, B]);
  expect(cacheable([A, B], [A])).toEqual([B]);
});

describe('the key', () => {
  const KEY = cacheKey('workloads', [A, B], 'linux/amd64');

  test('is that of a set of images, whatever their order and tags', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([A, B], { minLength: 2 }), (images) => {
        expect(cacheKey('workloads', images, 'linux/amd64')).toBe(KEY);
      }),
    );
    expect(cacheKey('workloads', [A.replace(':1@', ':other@'), B], 'linux/amd64')).toBe(KEY);
    expect(KEY).toMatch(/^k8s-loadtest-ci-workloads-1-linux-amd64-[0-9a-f]{32}$/);
  });

  test.each([
    { name: 'other image', other: cacheKey('workloads', [A], 'linux/amd64') },
    { name: 'other digest', other: cacheKey('workloads', [A, B.replace(sha('b'), sha('c'))], 'linux/amd64') },
    { name: 'other platform', other: cacheKey('workloads', [A, B], 'linux/arm64') },
    { name: 'other entry', other: cacheKey('node', [A, B], 'linux/amd64') },
  ])('is another one for any $name', ({ other }) => {
    expect(other).not.toBe(KEY);
  });
});

test.each([
  [`kindest/node:v1.35.8@${sha('n')}`, `docker.io/kindest/node@${sha('n')}`],
  [`registry:5000/app:1@${sha('n')}`, `registry:5000/app@${sha('n')}`],
  [`app@${sha('n')}`, `docker.io/library/app@${sha('n')}`],
])('a kubelet looks for %s as %s', (reference, name) => {
  expect(nameOnNode(reference)).toBe(name);
});

test('the loaded node image is named after its digest', () => {
  expect(nodeImageTag(`kindest/node:v1@${sha('n')}`)).toBe(`k8s-loadtest-ci-node:${hex('n')}`);
});

describe('what an engine may call a pinned image', () => {
  const CONFIG = '{"architecture":"amd64"}';
  const MANIFEST = JSON.stringify({ config: { digest: sha(CONFIG) }, layers: [] });
  const INDEX = JSON.stringify({
    manifests: [
      { digest: sha('arm'), platform: { os: 'linux', architecture: 'arm64' } },
      { digest: sha(MANIFEST), platform: { os: 'linux', architecture: 'amd64' } },
    ],
  });
  const blobs = new Map([MANIFEST, INDEX].map((content) => [sha(content), content]));
  const blob = (digest: string): Promise<string> =>
    blobs.has(digest) ? Promise.resolve(blobs.get(digest) ?? '') : Promise.reject(new Error(`no ${digest}`));

  test('is its index, its manifest, or its configuration', async () => {
    expect(await identitiesOf(sha(INDEX), 'linux/amd64', blob)).toEqual([sha(INDEX), sha(MANIFEST), sha(CONFIG)]);
    expect(await identitiesOf(sha(MANIFEST), 'linux/amd64', blob)).toEqual([sha(MANIFEST), sha(CONFIG)]);
  });

  test('is nothing when a blob is another one, missing, or of another platform', async () => {
    await expect(
      identitiesOf(sha(INDEX), 'linux/amd64', (digest) =>
        Promise.resolve(digest === sha(INDEX) ? INDEX : MANIFEST.replace('[]', '[ ]')),
      ),
    ).rejects.toThrow('instead of');
    await expect(identitiesOf(sha('gone'), 'linux/amd64', blob)).rejects.toThrow('no sha256');
    await expect(identitiesOf(sha(INDEX), 'linux/s390x', blob)).rejects.toThrow('no image for linux/s390x');
  });
});

test('the images of a node are read from the table of ctr', () => {
  const table = `REF TYPE DIGEST SIZE PLATFORMS LABELS\ndocker.io/library/app@${sha('a')}  application/vnd.oci.image.index.v1+json ${sha('a')} 1.1 MiB linux/amd64 -\nbad line\n`;
  expect([...imagesOnNode(table)]).toEqual([[`docker.io/library/app@${sha('a')}`, sha('a')]]);
});
