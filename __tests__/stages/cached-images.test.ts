import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock } from '../../src/adapters/clock.ts';
import { openCache } from '../../src/adapters/github/cache.ts';
import { cacheKey, nodeImageTag } from '../../src/cluster/cached-images.ts';
import { updateOwnCluster } from '../../src/context.ts';
import { createCluster } from '../../src/stages/create-cluster.ts';
import { installTools } from '../../src/stages/install-tools.ts';
import { prepareNodes } from '../../src/stages/prepare-nodes.ts';
import { saveImages } from '../../src/stages/save-images.ts';
import type { PipelineState } from '../../src/state.ts';
import { createWorld, type World, type WorldOptions } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { type FakeCacheService, jobVariables, startCacheService } from '../fakes/github/cache-service.ts';

const sha = (content: string): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const CONFIG = sha('config');
const MANIFEST = JSON.stringify({ config: { digest: CONFIG } });
const NODE_IMAGE = `kindest/node:v1.35.8@${sha(MANIFEST)}`;
const APP = `docker.io/library/app@${sha('app')}`;
const NODES = ['lt-1-control-plane', 'lt-1-worker'].map((name) => ({
  name,
  role: 'worker',
  version: 'v1.35.8',
  ready: true,
}));
const KEYS = {
  node: cacheKey('node', [NODE_IMAGE], 'linux/amd64'),
  workloads: cacheKey('workloads', [APP], 'linux/amd64'),
};

const folder = temporaryFolders();
const before = { ...process.env };
let service: FakeCacheService;

beforeEach(async () => {
  service = await startCacheService();
  process.env = { ...before, ...jobVariables(service, folder()) };
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});

afterEach(async () => {
  jest.restoreAllMocks();
  process.env = { ...before };
  await service.close();
});

function world(options: WorldOptions = {}): World {
  const made = createWorld(folder(), {
    clock: systemClock,
    ...options,
    inputs: { 'cache-images': 'true', 'node-image': NODE_IMAGE, ...options.inputs },
    state: { images: [APP, 'app:latest'], ...options.state },
  });
  const cache = join(made.outputDir, '..', 'tool-cache');
  made.tools.fillToolCache(cache);
  process.env['RUNNER_TOOL_CACHE'] = cache;
  if (made.context.store.state.system !== null) updateOwnCluster(made.context, { nodes: NODES });
  return made;
}

/** Puts an archive into the cache, as an earlier run has. */
async function cached(entry: 'node' | 'workloads', write: (file: string) => void): Promise<void> {
  const cache = openCache({ clock: systemClock, signal: new AbortController().signal });
  const file = cache.fileOf(entry);
  mkdirSync(dirname(file), { recursive: true });
  write(file);
  await cache.save(entry, KEYS[entry]);
}

/** An archive of one image, in which the blob of a digest has a content. */
const archiveOf =
  (digest: string, content: string) =>
  (file: string): void => {
    const place = folder();
    mkdirSync(join(place, 'blobs', 'sha256'), { recursive: true });
    writeFileSync(join(place, 'blobs', 'sha256', digest.slice('sha256:'.length)), content);
    execFileSync('tar', ['--create', '--file', file, '--directory', place, 'blobs']);
  };

const installed = (tools: World['tools']): Partial<Record<string, string>> => ({
  'kind-sha256': tools.sha256('kind'),
  'kubectl-sha256': tools.sha256('kubectl'),
});
const loaded = (id: string): WorldOptions => ({
  up: false,
  scenario: { loaded: { name: nodeImageTag(NODE_IMAGE), id }, httpPort: 8080 },
});
const pulls = ({ tools }: World): string[] => tools.lines('docker').filter((line) => line.startsWith('pull'));

async function install(one: World): Promise<void> {
  await installTools({
    ...one.context,
    inputs: {
      ...one.context.inputs,
      'kind-sha256': installed(one.tools)['kind-sha256'] ?? null,
      'kubectl-sha256': installed(one.tools)['kubectl-sha256'] ?? null,
    },
  });
}

describe('the node image', () => {
  test('is pulled when it is not in the cache, which is remembered', async () => {
    const one = world(loaded(CONFIG));
    await install(one);
    expect(pulls(one)).toEqual([expect.stringContaining(NODE_IMAGE)]);
    expect(one.context.store.state.cacheMisses).toEqual(['node']);
  });

  test('is loaded when it is, and the nodes are made of what was loaded', async () => {
    await cached('node', archiveOf(sha(MANIFEST), MANIFEST));
    const one = world(loaded(CONFIG));
    await install(one);
    expect([pulls(one), one.context.store.state.cacheMisses]).toEqual([[], undefined]);
    await createCluster(one.context);
    expect(one.tools.lines('kind').find((line) => line.startsWith('create'))).toContain(
      `--image ${nodeImageTag(NODE_IMAGE)} `,
    );
    expect(one.context.store.state.system).toMatchObject({ nodeImage: NODE_IMAGE });
  });

  test.each([
    {
      name: 'the archive is of another image',
      digest: sha(MANIFEST),
      content: MANIFEST.replace('}', ' }'),
      id: CONFIG,
    },
    { name: 'the engine has loaded another one', digest: sha(MANIFEST), content: MANIFEST, id: sha('other') },
    { name: 'the archive has no such image', digest: sha('x'), content: 'x', id: CONFIG },
  ])('is pulled when $name', async ({ digest, content, id }) => {
    await cached('node', archiveOf(digest, content));
    const one = world(loaded(id));
    await install(one);
    expect(pulls(one)).toHaveLength(1);
    expect(one.context.store.state.loadedNodeImage).toBeUndefined();
    expect(one.logged('warning')).toEqual([expect.stringMatching(/^Cached images are not used; they are pulled: /)]);
  });

  test('is not looked for outside of GitHub, which is said', async () => {
    Reflect.deleteProperty(process.env, 'ACTIONS_RUNTIME_TOKEN');
    const one = world(loaded(CONFIG));
    await install(one);
    expect([pulls(one).length, service.requests]).toEqual([1, []]);
    expect(one.logged('info')).toContainEqual(expect.stringContaining('Input cache-images is ignored'));
  });
});

describe('the images of the pods', () => {
  const table = (digest: string): string =>
    `REF TYPE DIGEST SIZE PLATFORMS LABELS\n${APP} application/vnd.oci.image.manifest.v1+json ${digest} 1.1 MiB linux/amd64 -\n`;
  const ofNodes = ({ tools }: World): string[] =>
    tools.names('nodes').map((line) => line.replace(/^\S+ ctr --namespace=k8s.io images /, ''));

  test('go into every node', async () => {
    await cached('workloads', (file) => {
      writeFileSync(file, 'archive');
    });
    const one = world({ scenario: { imagesAfterImport: table(sha('app')) } });
    await prepareNodes(one.context);
    expect(ofNodes(one)).toEqual(['import --snapshotter=overlayfs -', 'import --snapshotter=overlayfs -']);
    expect(one.logged('info')).toContain('lt-1-worker: 1 of 1 images from the cache');
    expect(existsSync(openCache(one.context).fileOf('workloads'))).toBe(false);
  });

  test('are removed again when a name stands for another digest than its own', async () => {
    await cached('workloads', (file) => {
      writeFileSync(file, 'archive');
    });
    const one = world({ scenario: { imagesAfterImport: table(sha('other')) } });
    await prepareNodes(one.context);
    expect(ofNodes(one).filter((line) => line.startsWith('rm'))).toEqual([`rm --sync ${APP}`, `rm --sync ${APP}`]);
    expect(one.logged('warning')).toHaveLength(2);
  });

  test('are left as they are when the node image itself has them', async () => {
    await cached('workloads', (file) => {
      writeFileSync(file, 'archive');
    });
    const one = world({ scenario: { imagesOfNode: table(sha('other')) } });
    await prepareNodes(one.context);
    expect(ofNodes(one).filter((line) => line.startsWith('rm'))).toEqual([]);
    expect(one.logged('info')).toContain('lt-1-worker: 0 of 1 images from the cache');
  });

  test('are pulled when a node does not take them', async () => {
    await cached('workloads', (file) => {
      writeFileSync(file, 'archive');
    });
    const one = world({
      scenario: {
        rules: [{ tool: 'docker', match: 'images import', exit: 1, stderr: 'ctr: unrecognized image format' }],
      },
    });
    await prepareNodes(one.context);
    expect(one.logged('warning').sort()).toEqual(
      NODES.map(({ name }) => expect.stringContaining(`Cached images are not used on node ${name}`)),
    );
  });
});

describe('after the run', () => {
  const ran = (changes: Partial<PipelineState> = {}): Partial<PipelineState> => ({
    cacheMisses: ['node', 'workloads'],
    stages: [
      {
        name: 'check-health',
        startedAt: '2026-01-01T00:00:00.000Z',
        endedAt: '2026-01-01T00:00:01.000Z',
        durationMs: 1000,
        outcome: 'ok',
      },
    ],
    ...changes,
  });

  test('what was missing is fetched on a node, and saved', async () => {
    const one = world({ state: ran() });
    await saveImages(one.context);
    expect([...service.entries.keys()].sort()).toEqual([KEYS.node, KEYS.workloads].sort());
    const done = one.tools.lines('docker').join('\n');
    expect(done).toContain(`content fetch --hosts-dir /etc/containerd/certs.d --platform linux/amd64 ${APP}`);
    expect(done).toContain(
      `images export --platform linux/amd64 /var/lib/containerd/k8s-loadtest-ci-workloads.tar ${APP}`,
    );
    expect(done).toContain(
      `images export --platform linux/amd64 /var/lib/containerd/k8s-loadtest-ci-node.tar docker.io/library/${nodeImageTag(NODE_IMAGE)}`,
    );
    expect(one.logged('warning')).toEqual([]);
  });

  test('what another job has saved meanwhile is not made again', async () => {
    await cached('workloads', (file) => {
      writeFileSync(file, 'archive');
    });
    const one = world({ state: ran({ cacheMisses: ['workloads'] }) });
    await saveImages(one.context);
    expect(one.tools.lines('docker').filter((line) => line.startsWith('exec'))).toEqual([]);
  });

  test('an image that can’t be fetched is left out, and an entry without any is not made', async () => {
    const one = world({
      state: ran({ cacheMisses: ['workloads'] }),
      scenario: { rules: [{ tool: 'docker', match: 'content fetch', exit: 1, stderr: 'ctr: unauthorized' }] },
    });
    await saveImages(one.context);
    expect(service.entries.size).toBe(0);
    expect(one.logged('warning')).toEqual([
      expect.stringContaining(`${APP} is left out of the cache`),
      'The images of the workloads are not cached: none of them could be fetched',
    ]);
  });

  test.each([
    { name: 'was never healthy', changes: { stages: [] } },
    {
      name: 'was cancelled',
      changes: { failure: { code: 'cancelled', stage: 'run-load', message: 'stop', hint: null, tryThis: null } },
    },
    { name: 'had all it looked for', changes: { cacheMisses: [] } },
  ] as const)('nothing is saved of a run that $name', async ({ changes }) => {
    const one = world({ state: ran(changes as unknown as Partial<PipelineState>) });
    await saveImages(one.context);
    expect([one.tools.lines('docker'), service.requests]).toEqual([[], []]);
  });

  test('no archive stays', async () => {
    const one = world({ state: ran() });
    await saveImages(one.context);
    expect(['node', 'workloads'].map((entry) => existsSync(openCache(one.context).fileOf(entry)))).toEqual([
      false,
      false,
    ]);
  });
});
