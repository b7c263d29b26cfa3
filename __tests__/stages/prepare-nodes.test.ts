import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { dockerOf, updateOwnCluster } from '../../src/context.ts';
import { checkImages } from '../../src/stages/preflight/check-images.ts';
import { prepareNodes } from '../../src/stages/prepare-nodes.ts';
import { createWorld, type World, type WorldOptions } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';

const folder = temporaryFolders();
const NODES = ['lt-1-control-plane', 'lt-1-worker'].map((name) => ({
  name,
  role: 'worker',
  version: 'v1.35.8',
  ready: true,
}));

function world(options: WorldOptions): World {
  const made = createWorld(folder(), options);
  if (made.context.store.state.system !== null) updateOwnCluster(made.context, { nodes: NODES });
  return made;
}

test('without images and mirrors nothing is touched', async () => {
  const one = world({});
  const engine = dockerOf(one.context).info();
  await checkImages(one.context, engine);
  await engine;
  const before = one.tools.lines();
  await prepareNodes(one.context);
  expect(before).toEqual(['info --format {{json .}}']);
  expect(one.tools.lines()).toEqual(before);
});

describe('images that are to be loaded', () => {
  test('are on this machine, and for its platform', async () => {
    const one = world({
      inputs: {
        manifests: 'app',
        images: 'shop:ci\ncart:ci\npay:ci',
        'baseline-manifests': 'base',
        'baseline-images': 'shop:base',
      },
    });
    one.tools.add('images', 'shop:ci');
    one.tools.add('images', 'cart:ci', { platform: 'linux/arm64' });
    await expect(checkImages(one.context, dockerOf(one.context).info())).rejects.toMatchObject({
      code: 'image-missing',
      message: [
        'Input images names cart:ci, which is for linux/arm64; the nodes are linux/amd64.',
        'Input images names pay:ci, but this machine has no such image.',
        'Input baseline-images names shop:base, but this machine has no such image.',
      ].join('\n'),
    });
  });

  test('pass when they are', async () => {
    const one = world({ inputs: { images: 'shop:ci' } });
    one.tools.add('images', 'shop:ci');
    await expect(checkImages(one.context, dockerOf(one.context).info())).resolves.toBeUndefined();
  });

  const engines = [
    { dockerApi: '1.48', save: /^save --platform linux\/amd64 --output \S+images\.tar shop:ci cart:ci$/ },
    { dockerApi: '1.47', save: /^save --output \S+images\.tar shop:ci cart:ci$/ },
  ];
  test.each(engines)(
    'are saved once and imported into every node, with API $dockerApi',
    async ({ dockerApi, save }) => {
      const one = world({ inputs: { images: 'shop:ci\ncart:ci' }, scenario: { dockerApi } });
      await prepareNodes(one.context);
      expect(one.tools.lines('docker').filter((line) => line.startsWith('save'))).toEqual([
        expect.stringMatching(save),
      ]);
      expect(one.tools.names('nodes')).toEqual(
        NODES.map(({ name }) => `${name} ctr --namespace=k8s.io images import --snapshotter=overlayfs -`),
      );
      expect(existsSync(join(one.outputDir, 'images.tar'))).toBe(false);
    },
  );

  test('that a node refuses are an error with its reason, and the archive is removed', async () => {
    const one = world({
      inputs: { images: 'shop:ci' },
      scenario: { rules: [{ tool: 'docker', match: 'worker ctr', exit: 1, stderr: 'ctr: no space left on device' }] },
    });
    await expect(prepareNodes(one.context)).rejects.toMatchObject({
      code: 'image-load',
      message: 'shop:ci could not be loaded into node lt-1-worker: ctr: no space left on device',
    });
    expect(existsSync(join(one.outputDir, 'images.tar'))).toBe(false);
  });
});

describe('mirrors of registries', () => {
  const inputs = { 'registry-mirror': 'https://mirror.gcr.io\nghcr.io=http://10.0.0.5:5000' };

  test('are written to every node', async () => {
    const one = world({ inputs });
    await prepareNodes(one.context);
    expect(one.tools.names('nodes')).toEqual(
      NODES.flatMap(({ name }) =>
        ['docker.io', 'ghcr.io'].map(
          (registry) => `${name} cp /dev/stdin /etc/containerd/certs.d/${registry}/hosts.toml`,
        ),
      ),
    );
  });

  test('are an error when containerd would not look at them', async () => {
    const one = world({ inputs, scenario: { containerdConfig: 'config_path = ""\n' } });
    await expect(prepareNodes(one.context)).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringContaining('Input registry-mirror has no effect'),
    });
  });
});
