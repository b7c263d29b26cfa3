import { createHash } from 'node:crypto';
import { z } from 'zod';
import { fullReference } from './local-images.ts';

/** Increased when archives of older versions can't be read any more. */
const FORMAT = 1;

/** The digest that a reference is pinned to; null for a reference that may mean another image tomorrow. */
export const digestOf = (reference: string): string | null => /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1] ?? null;

/** Images that can be cached, sorted, each once: those pinned by digest, except local ones. */
export function cacheable(references: readonly string[], local: readonly string[] = []): string[] {
  const given = new Set(local.map(fullReference));
  return [...new Set(references)]
    .filter((reference) => digestOf(reference) !== null && !given.has(fullReference(reference)))
    .sort();
}

/**
 * The key of a cache entry. Entries never change, so everything that decides their content is part of the key.
 *
 * @param platform such as `linux/amd64`.
 */
export function cacheKey(what: 'node' | 'workloads', references: readonly string[], platform: string): string {
  const digests = references.map((reference) => `${nameOnNode(reference)}\n`).sort();
  const hash = createHash('sha256').update(digests.join('')).digest('hex');
  return `k8s-loadtest-ci-${what}-${String(FORMAT)}-${platform.replace('/', '-')}-${hash.slice(0, 32)}`;
}

/** How a kubelet looks up a pinned image: registry, name and digest, without the tag. */
export const nameOnNode = (reference: string): string => fullReference(reference).replace(/:[^/:@]+(?=@)/, '');

/** The name of the loaded node image: an engine may forget digests when it loads, so a tag includes it. */
export const nodeImageTag = (reference: string): string =>
  `k8s-loadtest-ci-node:${(digestOf(reference) ?? '').replace('sha256:', '')}`;

const index = z.object({
  manifests: z.array(
    z.object({ digest: z.string(), platform: z.object({ os: z.string(), architecture: z.string() }).optional() }),
  ),
});
const manifest = z.object({ config: z.object({ digest: z.string() }) });

/**
 * The identities that engines give to the image of a digest: that of its index, of the manifest for the platform, or of
 * its configuration, which the engine computes from what it has loaded. Each step is checked against the digest that
 * leads to it.
 *
 * @param blob the bytes of a blob of the archive.
 * @throws Error when a blob is missing or is not what its digest says.
 */
export async function identitiesOf(
  digest: string,
  platform: string,
  blob: (digest: string) => Promise<string>,
): Promise<string[]> {
  const checked = async (wanted: string): Promise<unknown> => {
    const content = await blob(wanted);
    const found = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    if (found !== wanted) throw new Error(`the archive has ${found} instead of ${wanted}`);
    return JSON.parse(content);
  };
  const top = await checked(digest);
  const list = index.safeParse(top);
  if (!list.success) return [digest, manifest.parse(top).config.digest];
  const entry = list.data.manifests.find(
    (each) => each.platform !== undefined && `${each.platform.os}/${each.platform.architecture}` === platform,
  );
  if (entry === undefined) throw new Error(`${digest} has no image for ${platform}`);
  return [digest, entry.digest, manifest.parse(await checked(entry.digest)).config.digest];
}

/**
 * The digest of each image that a node has.
 *
 * @param table what `ctr images list` prints.
 */
export function imagesOnNode(table: string): Map<string, string> {
  const rows = [...table.matchAll(/^(\S+)\s+\S+\s+(sha256:[0-9a-f]{64})\s/gm)];
  return new Map(rows.map(([, name = '', digest = '']) => [name, digest]));
}
