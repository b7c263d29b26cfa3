/** A registry and a place that has the same images. */
export interface RegistryMirror {
  /** As in the names of images: `docker.io`, `ghcr.io`, `registry.local:5000`. */
  readonly registry: string;
  /** Address of the mirror, with http or https. */
  readonly url: string;
}

/** Where containerd looks for a folder for each registry (docs/hosts.md of containerd). */
export const HOSTS_FOLDER = '/etc/containerd/certs.d';

const DOCKER_HUB = 'docker.io';

/**
 * One line of the input: an address, which is a mirror of Docker Hub, or `registry=address`.
 *
 * @returns null for a line that is neither.
 */
export function parseRegistryMirror(line: string): RegistryMirror | null {
  const [, registry = DOCKER_HUB, url = ''] = /^(?:([a-z0-9][a-z0-9.-]*(?::\d{1,5})?)=)?(\S+)$/.exec(line) ?? [];
  if (!URL.canParse(url) || !/^https?:\/\/[^"\\@?#]+$/.test(url)) return null;
  return { registry, url: url.replace(/\/+$/, '') };
}

/**
 * What to write where on every node, so that containerd asks the mirrors, in their order, before the
 * registry itself, and the registry when a mirror fails.
 *
 * A mirror with a path is taken whole, as pull-through caches of several registries want it: containerd
 * would add its /v2 behind it.
 *
 * @returns the text of a hosts.toml for each folder.
 */
export function hostsFiles(mirrors: readonly RegistryMirror[]): { readonly folder: string; readonly text: string }[] {
  const registries = [...new Set(mirrors.map(({ registry }) => registry))];
  return registries.map((registry) => ({
    folder: `${HOSTS_FOLDER}/${registry}`,
    text: [
      ...(registry === DOCKER_HUB ? ['server = "https://registry-1.docker.io"', ''] : []),
      ...mirrors
        .filter((mirror) => mirror.registry === registry)
        .flatMap(({ url }) => [
          `[host."${url}"]`,
          '  capabilities = ["pull", "resolve"]',
          ...(new URL(url).pathname === '/' ? [] : ['  override_path = true']),
          '',
        ]),
    ].join('\n'),
  }));
}

/** Whether containerd looks into the folder, by `containerd config dump`. */
export const readsHostsFolder = (config: string): boolean =>
  new RegExp(`^\\s*config_path\\s*=\\s*["']([^"']*:)?${HOSTS_FOLDER}[:"']`, 'm').test(config);
