import { isRecord, type KubernetesObject } from './manifests.ts';

/** containerd's own client on a node, for the images that the kubelet sees. */
export const CTR = ['ctr', '--namespace=k8s.io'];

/**
 * A reference as containerd keeps it, with registry and tag: `shop` is docker.io/library/shop:latest.
 * A digest stays and needs no tag.
 */
export function fullReference(reference: string): string {
  const [first = ''] = reference.split('/');
  const hasRegistry = reference.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  const named = hasRegistry ? reference.replace(/^index\.docker\.io\//, 'docker.io/') : `docker.io/${reference}`;
  const full = /^docker\.io\/[^/]+$/.test(named) ? named.replace('docker.io/', 'docker.io/library/') : named;
  return /(:[^/:]+|@sha256:[0-9a-f]+)$/.test(full) ? full : `${full}:latest`;
}

const CONTAINER_LISTS = new Set(['containers', 'initContainers']);

/**
 * Makes every container of the given images take what is on its node and nothing else: with the policy
 * Always, which is the default of the tag latest, the kubelet would ask the registry for an image that
 * was loaded, and test another one or none.
 *
 * @param images references as manifests or people write them.
 */
export function neverPulled(objects: readonly KubernetesObject[], images: readonly string[]): KubernetesObject[] {
  const local = new Set(images.map(fullReference));
  const visit = (value: unknown, key = ''): unknown => {
    if (Array.isArray(value))
      return value.map((item: unknown) => (CONTAINER_LISTS.has(key) ? ofLocalImage(visit(item), local) : visit(item)));
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, visit(inner, name)]));
  };
  return local.size === 0 ? [...objects] : objects.map((object) => visit(object) as KubernetesObject);
}

function ofLocalImage(container: unknown, local: ReadonlySet<string>): unknown {
  if (!isRecord(container) || typeof container['image'] !== 'string' || !local.has(fullReference(container['image'])))
    return container;
  return { ...container, imagePullPolicy: 'Never' };
}

/** Given images that are not among the used ones. */
export function unusedImages(images: readonly string[], used: readonly string[]): string[] {
  const known = new Set(used.map(fullReference));
  return images.filter((image) => !known.has(fullReference(image)));
}

/** From this version of its API on, Docker saves one platform of an image (`docker save --platform`). */
const SAVES_ONE_PLATFORM: readonly [number, number] = [1, 48];

/**
 * Whether `docker save --platform` is there.
 *
 * @param apiVersion the version that client and engine speak, such as `1.48`.
 */
export function savesOnePlatform(apiVersion: string): boolean {
  const [major = 0, minor = 0] = apiVersion.split('.').map(Number);
  const [leastMajor, leastMinor] = SAVES_ONE_PLATFORM;
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

/** The snapshotter that the kubelet's containers use, from `containerd config dump`; null when it names none. */
export const snapshotterOf = (config: string): string | null =>
  /^\s*snapshotter\s*=\s*["']([\w-]+)["']/m.exec(config)?.[1] ?? null;
