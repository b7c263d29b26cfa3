import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { imagesOf, parseManifests } from '../../src/cluster/manifests.ts';
import {
  DEFAULT_VERSIONS,
  IMAGES_WITHOUT_DIGEST,
  NODE_IMAGES,
  PLATFORMS,
  WORKLOAD_IMAGES,
  kubernetesMinor,
  pinnedSha256,
  pinnedVersions,
  type ToolName,
  TOOLS,
} from '../../src/cluster/pinned-versions.ts';

const NAMES = Object.keys(TOOLS) as ToolName[];
const entries = NAMES.flatMap((tool) =>
  PLATFORMS.flatMap((platform) => pinnedVersions(tool, platform).map((version) => ({ tool, platform, version }))),
);

test.each(entries)('the checksum of $tool $version for $platform is one of SHA-256', ({ tool, platform, version }) => {
  expect(version).toMatch(/^v\d+\.\d+\.\d+$/);
  expect(pinnedSha256(tool, version, platform)).toMatch(/^[0-9a-f]{64}$/);
});

test('no two downloads have the same checksum', () => {
  const sums = entries.map(({ tool, version, platform }) => pinnedSha256(tool, version, platform));
  expect(new Set(sums).size).toBe(sums.length);
});

describe('the defaults are pinned', () => {
  test.each(['linux/amd64', 'linux/arm64', 'darwin/arm64'] as const)('for %s', (platform) => {
    for (const tool of NAMES) expect(pinnedVersions(tool, platform)).toContain(DEFAULT_VERSIONS[tool]);
  });

  test('the node image is the one that the release notes of kind list', () => {
    const [, tag = '', digest = ''] = /^kindest\/node:(v[\d.]+)@(.+)$/.exec(DEFAULT_VERSIONS.nodeImage) ?? [];
    expect(NODE_IMAGES[DEFAULT_VERSIONS.kind]?.[tag]).toBe(digest);
  });

  test('kubectl has the version of the nodes', () => {
    expect(DEFAULT_VERSIONS.nodeImage).toContain(`:${DEFAULT_VERSIONS.kubectl}@`);
  });
});

test('the older set of kind v0.22.0 and Kubernetes v1.29.2 can be selected by inputs alone', () => {
  for (const platform of PLATFORMS) {
    expect(pinnedSha256('kind', 'v0.22.0', platform)).toBeDefined();
    expect(pinnedSha256('kubectl', 'v1.29.2', platform)).toBeDefined();
  }
  expect(NODE_IMAGES['v0.22.0']?.['v1.29.2']).toBeDefined();
});

test('every node image is pinned by digest, for a release of kind that is pinned too', () => {
  for (const [release, images] of Object.entries(NODE_IMAGES)) {
    expect(pinnedVersions('kind', 'linux/amd64')).toContain(release);
    for (const digest of Object.values(images)) expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  }
});

test('k6 comes in archives, of another form for macOS; the others are binaries', () => {
  expect(TOOLS.k6.url('v2.3.0', 'linux/arm64')).toBe(
    'https://github.com/grafana/k6/releases/download/v2.3.0/k6-v2.3.0-linux-arm64.tar.gz',
  );
  expect(TOOLS.k6.url('v2.3.0', 'darwin/amd64')).toBe(
    'https://github.com/grafana/k6/releases/download/v2.3.0/k6-v2.3.0-macos-amd64.zip',
  );
  expect(TOOLS.k6.archive?.('v2.3.0', 'linux/amd64')).toEqual({ format: 'tar.gz', member: 'k6-v2.3.0-linux-amd64/k6' });
  expect(TOOLS.k6.archive?.('v2.3.0', 'darwin/arm64')).toEqual({ format: 'zip', member: 'k6-v2.3.0-macos-arm64/k6' });
  for (const tool of ['kind', 'kubectl'] as const) expect(TOOLS[tool].archive).toBeUndefined();
});

test('an unknown version has no checksum', () => {
  expect(pinnedSha256('kind', 'v9.9.9', 'linux/amd64')).toBeUndefined();
  expect(pinnedSha256('kind', 'constructor', 'linux/amd64')).toBeUndefined();
});

describe('the address of a download', () => {
  const table = [
    {
      tool: 'kind',
      platform: 'linux/amd64',
      expected: 'https://github.com/kubernetes-sigs/kind/releases/download/v1.2.3/kind-linux-amd64',
    },
    {
      tool: 'kind',
      platform: 'darwin/arm64',
      expected: 'https://github.com/kubernetes-sigs/kind/releases/download/v1.2.3/kind-darwin-arm64',
    },
    { tool: 'kubectl', platform: 'linux/arm64', expected: 'https://dl.k8s.io/release/v1.2.3/bin/linux/arm64/kubectl' },
  ] as const;
  test.each(table)('of $tool for $platform', ({ tool, platform, expected }) => {
    expect(TOOLS[tool].url('v1.2.3', platform)).toBe(expected);
  });
});

describe('the minor version of Kubernetes that an image names', () => {
  const table = [
    { image: DEFAULT_VERSIONS.nodeImage, expected: 35 },
    { image: 'kindest/node:v1.29.2', expected: 29 },
    { image: 'localhost:5000/node:1.34', expected: 34 },
    { image: 'kindest/node:v1.36.0-rc.1', expected: 36 },
    { image: 'kindest/node:latest', expected: null },
    { image: 'kindest/node', expected: null },
    { image: 'kindest/node@sha256:07b2536e', expected: null },
    { image: 'registry:5000/node:v2.1.0', expected: null },
  ];
  test.each(table)('$image: $expected', ({ image, expected }) => {
    expect(kubernetesMinor(image)).toBe(expected);
  });
});

describe('the images of manifests/', () => {
  const pinned: readonly string[] = Object.values(WORKLOAD_IMAGES);
  const byTag: readonly string[] = Object.values(IMAGES_WITHOUT_DIGEST);
  const files = readdirSync('manifests', { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.yaml'),
  );
  const named = files.flatMap((file) => {
    const text = readFileSync(join('manifests', file), 'utf8');
    // A kustomization may replace an image; its text then says by which.
    if (!file.endsWith('kustomization.yaml')) return readObjects(text).map((image) => ({ file, image }));
    const images = [...text.matchAll(/newName:\s*(\S+)[\s\S]*?newTag:\s*(\S+)[\s\S]*?digest:\s*(\S+)/g)];
    return images.map(([, name = '', tag = '', digest = '']) => ({ file, image: `${name}:${tag}@${digest}` }));
  });

  function readObjects(text: string): string[] {
    try {
      return imagesOf(parseManifests(text));
    } catch {
      // A patch or a file of settings, which is no object of its own.
      return [];
    }
  }

  test('are found at all', () => {
    expect(named.length).toBeGreaterThanOrEqual(4);
  });

  test.each(named)('$file: $image is pinned', ({ image }) => {
    expect([...pinned, ...byTag]).toContain(image);
  });

  test('every reference in any file, with a digest or not, is a pinned one', () => {
    for (const file of files) {
      const text = readFileSync(join('manifests', file), 'utf8');
      for (const [, image = ''] of text.matchAll(/^\s*-?\s*image:\s*"?([^\s"#]+)/gm))
        expect([...pinned, ...byTag]).toContain(image);
      for (const [digest] of text.matchAll(/sha256:[0-9a-f]{64}/g))
        expect(pinned.some((image) => image.endsWith(digest))).toBe(true);
    }
  });

  test('those without a digest are the two of the k6-operator, and no more', () => {
    expect(byTag).toEqual([
      'ghcr.io/grafana/k6-operator:controller-v1.6.0',
      'ghcr.io/grafana/k6-operator:starter-v1.6.0',
    ]);
    expect(
      readdirSync('manifests/platform').filter((part) => byTag.some((image) => readParts(part).includes(image))),
    ).toEqual(['k6-operator']);
  });

  const readParts = (part: string): string =>
    readdirSync(join('manifests/platform', part))
      .map((file) => readFileSync(join('manifests/platform', part, file), 'utf8'))
      .join('\n');

  test('each carries a tag for people and a digest for machines', () => {
    for (const image of pinned) expect(image).toMatch(/^[a-z0-9.]+\/[a-z0-9/-]+:v?[\d.]+@sha256:[0-9a-f]{64}$/);
  });
});
