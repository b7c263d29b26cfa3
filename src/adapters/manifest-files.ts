import { basename, dirname, join } from 'node:path';
import { readdirSync } from 'node:fs';
import { type Dependency, missingDependencies, OCI, readChart, registryChart } from '../cluster/helm/charts.ts';
import { exists, isFolder, readTextOfAnyEncoding } from './files.ts';

/** A chart for Helm to render. */
export interface Chart {
  /** What Helm gets: a folder, an archive, or a reference to a registry. */
  readonly reference: string;
  readonly name: string;
  /** For a chart in a registry; null when the reference includes it, or nothing does. */
  readonly version: string | null;
  /** Whether the next run gets the same chart: it is local, or pinned by version or digest. */
  readonly pinned: boolean;
  /** The folder whose `charts/` lacks these; null for a packed chart, which includes its dependencies. */
  readonly missing: {
    readonly folder: string;
    readonly locked: boolean;
    readonly charts: readonly Dependency[];
  } | null;
}

/** Where the objects of one entry come from: a folder for Kustomize, a chart for Helm, or files to read as they are. */
export type ManifestSource =
  | { readonly kind: 'kustomization'; readonly folder: string }
  | { readonly kind: 'chart'; readonly chart: Chart }
  | {
      readonly kind: 'files';
      readonly files: readonly ManifestFile[];
      /** Folders below the given one with manifests, which are not read. */
      readonly unread: readonly string[];
    };

interface ManifestFile {
  readonly path: string;
  readonly text: string;
}

const KUSTOMIZATIONS = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
const MANIFEST = /\.(ya?ml|json)$/;

/** Whether a line of manifests is a Helm chart, as far as its text tells. */
export const isChart = (path: string): boolean =>
  path.startsWith(OCI) || isPackedChart(path) || (exists(join(path, 'Chart.yaml')) && !hasKustomization(path));

/** Whether a line of manifests is built by Kustomize. */
export const isKustomization = (path: string): boolean => hasKustomization(path);

const isPackedChart = (path: string): boolean => path.endsWith('.tgz') && exists(path) && !isFolder(path);
const hasKustomization = (folder: string): boolean => KUSTOMIZATIONS.some((name) => exists(join(folder, name)));

/**
 * Looks at what a path of manifests names: a folder with a kustomization, or that file itself; a Helm chart; a folder
 * of manifests, of which, as by `kubectl apply --filename`, only the files directly in it are read; or a
 * single file.
 *
 * @throws Error that says why it names none of them, as a sentence to follow after the path.
 */
export function findManifests(path: string): ManifestSource {
  if (path.startsWith(OCI)) return { kind: 'chart', chart: chartInRegistry(path) };
  if (!exists(path))
    throw new Error(
      'there is no such folder or file. In a workflow, check the repository out first (actions/checkout)',
    );
  if (isPackedChart(path)) return { kind: 'chart', chart: packedChart(path) };
  if (!isFolder(path)) {
    if (KUSTOMIZATIONS.includes(basename(path))) return { kind: 'kustomization', folder: dirname(path) };
    return { kind: 'files', files: [{ path, text: readTextOfAnyEncoding(path) }], unread: [] };
  }
  const names = readdirSync(path).sort();
  if (names.some((name) => KUSTOMIZATIONS.includes(name))) return { kind: 'kustomization', folder: path };
  if (names.includes('Chart.yaml')) return { kind: 'chart', chart: chartInFolder(path) };
  const files = names
    .filter((name) => MANIFEST.test(name) && !isFolder(join(path, name)))
    .map((name) => join(path, name));
  const unread = manifestFoldersIn(path);
  if (files.length === 0) {
    throw new Error(
      `it has no kustomization.yaml, and no file that ends in .yaml, .yml or .json. Its subfolders are not read. ${
        unread.length === 0
          ? 'Give each on its own line.'
          : `Give those that you need, each on its own line:\nmanifests: |\n${unread.map((folder) => `  ${folder}`).join('\n')}`
      }`,
    );
  }
  return { kind: 'files', files: files.map((file) => ({ path: file, text: readTextOfAnyEncoding(file) })), unread };
}

/** Deeper ones, and more of them, help nobody. */
const [DEEPEST, MOST_FOLDERS] = [3, 12];
const NO_MANIFESTS = /^(?:\.|node_modules$|vendor$)/;

/**
 * The folders below this one that can be given as manifests: kustomizations, charts, and those with a file that holds
 * an object of Kubernetes. Nothing is looked for in a chart.
 */
function manifestFoldersIn(path: string, depth = 1): string[] {
  if (depth > DEEPEST) return [];
  const folders = readdirSync(path)
    .sort()
    .filter((name) => !NO_MANIFESTS.test(name))
    .map((name) => join(path, name))
    .filter((folder) => isFolder(folder));
  return folders
    .flatMap((folder) => {
      if (isChart(folder)) return [folder];
      return [...(hasManifests(folder) ? [folder] : []), ...manifestFoldersIn(folder, depth + 1)];
    })
    .slice(0, MOST_FOLDERS);
}

const hasManifests = (folder: string): boolean =>
  hasKustomization(folder) ||
  readdirSync(folder)
    .filter((name) => MANIFEST.test(name))
    .map((name) => join(folder, name))
    .some((file) => !isFolder(file) && holdsObject(file));

function holdsObject(file: string): boolean {
  try {
    return HOLDS_OBJECT.test(readTextOfAnyEncoding(file));
  } catch {
    // A link that leads nowhere, or a file that is not to be read.
    return false;
  }
}

/** Both fields begin a line in YAML, or are keys of JSON. */
const HOLDS_OBJECT = /^\s*"?apiVersion"?:[^]*^\s*"?kind"?:|^\s*"?kind"?:[^]*^\s*"?apiVersion"?:/m;

function chartInRegistry(entry: string): Chart {
  const chart = registryChart(entry);
  if (chart !== null) return { ...chart, pinned: chart.pinned || chart.version !== null, missing: null };
  throw new Error(
    'it is not a reference to a chart in a registry, such as oci://ghcr.io/stefanprodan/charts/podinfo:6.9.2',
  );
}

const packedChart = (path: string): Chart => ({
  reference: path,
  name: basename(path, '.tgz').replace(/-v?\d+\..*$/, ''),
  version: null,
  pinned: true,
  missing: null,
});

function chartInFolder(folder: string): Chart {
  const textOf = (...names: string[]): string | null => {
    const found = names.map((name) => join(folder, name)).find(exists);
    return found === undefined ? null : readTextOfAnyEncoding(found);
  };
  const lock = textOf('Chart.lock', 'requirements.lock');
  const { name, dependencies } = readChart(textOf('Chart.yaml') ?? '', lock, textOf('requirements.yaml'));
  const missing = missingDependencies(dependencies, vendoredCharts(join(folder, 'charts')));
  return {
    reference: folder,
    name,
    version: null,
    pinned: true,
    missing: missing.length === 0 ? null : { folder, locked: lock !== null, charts: missing },
  };
}

const vendoredCharts = (folder: string): string[] =>
  isFolder(folder)
    ? readdirSync(folder).filter((name) => !isFolder(join(folder, name)) || exists(join(folder, name, 'Chart.yaml')))
    : [];
