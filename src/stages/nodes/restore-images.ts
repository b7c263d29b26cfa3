import { readArchived } from '../../adapters/commands/archive.ts';
import { remove } from '../../adapters/files.ts';
import { cacheProblem, openCache, whyNoCache } from '../../adapters/github/cache.ts';
import { cacheable, cacheKey, digestOf, identitiesOf, nodeImageTag } from '../../cluster/cached-images.ts';
import { type Context, dockerOf, warn } from '../../context.ts';

export type CacheEntry = 'node' | 'workloads';

const LOAD_DEADLINE_MS = 300_000;

/** The images of the run that can be cached: those of its nodes, or of its pods. */
export function cachedImagesOf({ inputs, store }: Context, entry: CacheEntry): string[] {
  return entry === 'node'
    ? cacheable([inputs['node-image']])
    : cacheable(store.state.images, [...inputs.images, ...inputs['baseline-images']]);
}

/**
 * Gets an entry of the runner's cache, if input `cache-images` is set, and remembers a missing one, so the post step
 * creates it.
 *
 * @returns the archive; null without one, and images are pulled as usual.
 */
async function restore(
  context: Context,
  entry: CacheEntry,
): Promise<{ readonly archive: string; readonly platform: string } | null> {
  const { inputs, store, runner } = context;
  if (!inputs['cache-images']) return null;
  const images = cachedImagesOf(context, entry);
  const why =
    whyNoCache() ?? (images.length === 0 ? `No image of the ${entry} is pinned by digest, so none is cached.` : null);
  if (why !== null) {
    runner.info(why);
    return null;
  }
  const { platform } = await dockerOf(context).version();
  const cache = openCache(context);
  if (await cache.restore(entry, cacheKey(entry, images, platform))) return { archive: cache.fileOf(entry), platform };
  store.update({ cacheMisses: [...(store.state.cacheMisses ?? []).filter((other) => other !== entry), entry] });
  runner.info(`Not in the cache yet: ${images.join(', ')}`);
  return null;
}

/** An unusable cache entry only costs time. */
async function orPulled<T>(context: Context, work: () => Promise<T | null>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    context.signal.throwIfAborted();
    warn(context, `Cached images are not used; they are pulled: ${cacheProblem(error)}`);
    return null;
  }
}

/** Loads the node image from the cache into the engine, under its own name, and checks that it is the pinned one. */
export async function restoreNodeImage(context: Context): Promise<boolean> {
  const image = context.inputs['node-image'];
  const loaded = await orPulled(context, async () => {
    const restored = await restore(context, 'node');
    const digest = digestOf(image);
    if (restored === null || digest === null) return null;
    const { archive, platform } = restored;
    try {
      const identities = await identitiesOf(digest, platform, (blob) =>
        readArchived(context.shell, archive, `blobs/${blob.replace(':', '/')}`),
      );
      const docker = dockerOf(context);
      await docker.load(archive, LOAD_DEADLINE_MS);
      const tag = nodeImageTag(image);
      const identity = await docker.imageId(tag);
      if (identity === null || !identities.includes(identity))
        throw new Error(`what was loaded as ${image} is ${String(identity)}`);
      return tag;
    } finally {
      remove(archive);
    }
  });
  if (loaded === null) return false;
  context.store.update({ loadedNodeImage: loaded });
  context.runner.info(`Node image ${image}: from the cache`);
  return true;
}

/** @returns the archive of the pods' images, from the cache; null without one. */
export const restoreWorkloads = async (context: Context): Promise<string | null> =>
  (await orPulled(context, () => restore(context, 'workloads')))?.archive ?? null;
