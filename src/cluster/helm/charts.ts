import { readDocuments } from '../../text/yaml/documents.ts';
import { groupOf, isRecord, type KubernetesObject } from '../manifests.ts';

/** The beginning of every reference to a chart in a registry. */
export const OCI = 'oci://';

/** A chart in a registry, as Helm expects it. */
interface RegistryChart {
  readonly reference: string;
  /** Null when neither a tag nor a digest is given: Helm takes the newest. */
  readonly version: string | null;
  /** Whether a digest decides what is taken, whatever happens to the tag. */
  readonly pinned: boolean;
  readonly name: string;
}

/**
 * Reads `oci://registry/path/chart`, with a tag (`:1.2.3`) or a digest (`@sha256:…`) or without.
 *
 * @returns null when that is none.
 */
export function registryChart(entry: string): RegistryChart | null {
  const [, path = '', tag = null, digest = null] =
    /^oci:\/\/([^\s@]+?)(?::([\w][\w.-]{0,127}))?(@sha256:[0-9a-f]{64})?$/.exec(entry) ?? [];
  const name = /^[^/]+\/(?:.+\/)?([a-z0-9][a-z0-9._-]*)$/.exec(path)?.[1];
  if (name === undefined) return null;
  // A tag can't hold the plus sign of a semantic version: registries have an underscore there.
  const version = tag?.replaceAll('_', '+') ?? null;
  return digest === null
    ? { reference: `${OCI}${path}`, version, pinned: false, name }
    : { reference: `${OCI}${path}${digest}`, version: null, pinned: true, name };
}

/** A chart that another one needs. */
export interface Dependency {
  readonly name: string;
  /** The version in the lock file, or null without a lock file. */
  readonly version: string | null;
  /**
   * Where it comes from: `https://…`, `oci://…`, `file://…`, an alias (`@name`), or nothing when it is in `charts/`.
   */
  readonly repository: string;
}

/**
 * What a chart says of itself.
 *
 * @param chart the text of its Chart.yaml.
 * @param lock the text of its Chart.lock or requirements.lock; null without one.
 * @param requirements the text of the requirements.yaml of a chart for Helm 2; null without one.
 * @throws Error when the Chart.yaml has no name, or one of the texts is not YAML.
 */
export function readChart(
  chart: string,
  lock: string | null,
  requirements: string | null,
): { readonly name: string; readonly dependencies: readonly Dependency[] } {
  const read = (text: string | null): Record<string, unknown> => {
    const value = text === null ? undefined : readDocuments(text)[0]?.value;
    return isRecord(value) ? value : {};
  };
  const { name, dependencies } = read(chart);
  if (typeof name !== 'string' || name === '') throw new Error('its Chart.yaml has no name');
  const locked = new Map(
    entriesOf(read(lock)['dependencies']).map((entry) => [entry['name'], textOf(entry['version'])]),
  );
  const listed = entriesOf(dependencies ?? read(requirements)['dependencies']);
  return {
    name,
    dependencies: listed.flatMap((entry) => {
      const needed = entry['name'];
      if (typeof needed !== 'string') return [];
      return [{ name: needed, version: locked.get(needed) ?? null, repository: textOf(entry['repository']) ?? '' }];
    }),
  };
}

const entriesOf = (list: unknown): Record<string, unknown>[] => (Array.isArray(list) ? list.filter(isRecord) : []);
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/**
 * The dependencies that are not in `charts/`, as a folder or as an archive.
 *
 * @param names what is in `charts/`, without folders that hold no chart.
 */
export const missingDependencies = (dependencies: readonly Dependency[], names: readonly string[]): Dependency[] =>
  dependencies.filter(
    ({ name, version }) =>
      !names.some(
        (there) => there === name || (version === null ? isArchiveOf(there, name) : there === `${name}-${version}.tgz`),
      ),
  );

const isArchiveOf = (file: string, name: string): boolean =>
  file.startsWith(`${name}-`) && /^v?\d.*\.tgz$/.test(file.slice(name.length + 1));

/**
 * The kinds that objects add to those of Kubernetes, as charts ask for them (`.Capabilities.APIVersions.Has`): by their
 * definitions, and by the API servers of others.
 */
export function addedApiVersions(objects: readonly KubernetesObject[]): string[] {
  const added = objects.flatMap(({ apiVersion, kind, spec }) => {
    if (!isRecord(spec) || typeof spec['group'] !== 'string') return [];
    const { group } = spec;
    if (kind === 'APIService' && groupOf(apiVersion) === 'apiregistration.k8s.io')
      return typeof spec['version'] === 'string' ? [`${group}/${spec['version']}`] : [];
    if (kind !== 'CustomResourceDefinition') return [];
    const defined = isRecord(spec['names']) ? textOf(spec['names']['kind']) : null;
    return entriesOf(spec['versions']).flatMap(({ name, served }) =>
      typeof name !== 'string' || served === false
        ? []
        : [`${group}/${name}`, ...(defined === null ? [] : [`${group}/${name}/${defined}`])],
    );
  });
  return [...new Set(added)].sort();
}

/** The Kubernetes version in the tag of a node image; null when the tag has none. */
export const kubernetesVersionOf = (nodeImage: string): string | null =>
  /:v?(1\.\d+\.\d+)(?:[-+@]|$)/.exec(nodeImage)?.[1] ?? null;
