import type { Docker } from '../adapters/commands/docker.ts';
import { makeFolder, parentOf, remove } from '../adapters/files.ts';
import { cacheProblem, openCache } from '../adapters/github/cache.ts';
import { cacheKey, nameOnNode, nodeImageTag } from '../cluster/cached-images.ts';
import { CTR, fullReference } from '../cluster/local-images.ts';
import { HOSTS_FOLDER } from '../cluster/registry-mirrors.ts';
import { ownClusterOf, type Context, dockerOf } from '../context.ts';
import { lastLines, messageOf } from '../errors.ts';
import { cachedImagesOf, type CacheEntry } from './nodes/restore-images.ts';

const QUICK_MS = 30_000;
const FETCH_DEADLINE_MS = 300_000;
/** The cluster is removed only after this, and the job has its own time limit. */
const FETCH_ALL_MS = 600_000;
const COPY_DEADLINE_MS = 300_000;

/**
 * Saves what was missing from the runner's cache, for the next run. It is part of the post step, long after the load,
 * and failures are warnings.
 */
export async function saveImages(context: Context): Promise<void> {
  const { store, runner } = context;
  const { cacheMisses = [], system, stages, failure } = store.state;
  // Only images that are known to work are worth keeping.
  const healthy = stages.some(({ name, outcome }) => name === 'check-health' && outcome === 'ok');
  if (system?.kind !== 'own' || system.deletedAt !== null || !healthy || failure?.code === 'cancelled') return;
  for (const entry of cacheMisses) {
    await saveEntry(context, entry).catch((error: unknown) => {
      runner.warning(`The images of the ${entry} are not cached: ${cacheProblem(error)}`);
    });
  }
}

async function saveEntry(context: Context, entry: CacheEntry): Promise<void> {
  const docker = dockerOf(context);
  const [node] = ownClusterOf(context).nodes;
  if (node === undefined) throw new Error('the cluster has no node');
  const { platform } = await docker.version();
  const images = cachedImagesOf(context, entry);
  const key = cacheKey(entry, images, platform);
  const cache = openCache(context);
  if (await cache.has(entry, key)) return;
  const names = await fetched(context, docker, node.name, images, platform);
  if (names.length === 0) throw new Error('none of them could be fetched');
  const file = cache.fileOf(entry);
  const onNode = `/var/lib/containerd/k8s-loadtest-ci-${entry}.tar`;
  try {
    const exported = entry === 'node' ? [await tagged(docker, node.name, images[0] ?? '')] : names;
    await docker.exec(node.name, [...CTR, 'images', 'export', '--platform', platform, onNode, ...exported], {
      deadlineMs: COPY_DEADLINE_MS,
    });
    makeFolder(parentOf(file));
    await docker.copyFrom(node.name, onNode, file, COPY_DEADLINE_MS);
    await docker.exec(node.name, ['rm', '-f', onNode], { deadlineMs: QUICK_MS });
    if (await cache.save(entry, key)) context.runner.info(`Cached for the next run as ${key}: ${names.join(', ')}`);
  } finally {
    remove(file);
  }
}

/**
 * kind's nodes discard image layers once they have unpacked them, and never had those of the node image, so they are
 * downloaded again.
 */
async function fetched(
  context: Context,
  docker: Docker,
  node: string,
  images: readonly string[],
  platform: string,
): Promise<string[]> {
  const names: string[] = [];
  const { clock } = context;
  const endMs = clock.now() + FETCH_ALL_MS;
  for (const image of images) {
    if (clock.now() >= endMs) {
      context.runner.warning(
        `These images are not cached, because they could not be fetched in ${String(FETCH_ALL_MS / 60_000)} minutes: ${images.slice(images.indexOf(image)).join(', ')}`,
      );
      break;
    }
    const name = nameOnNode(image);
    try {
      await docker.exec(node, [...CTR, 'content', 'fetch', '--hosts-dir', HOSTS_FOLDER, '--platform', platform, name], {
        deadlineMs: FETCH_DEADLINE_MS,
      });
      names.push(name);
    } catch (error) {
      context.runner.warning(`${image} is left out of the cache: ${lastLines(messageOf(error), 1).join('').trim()}`);
    }
  }
  return names;
}

async function tagged(docker: Docker, node: string, image: string): Promise<string> {
  const tag = fullReference(nodeImageTag(image));
  await docker.exec(node, [...CTR, 'images', 'tag', '--force', nameOnNode(image), tag], { deadlineMs: QUICK_MS });
  return tag;
}
