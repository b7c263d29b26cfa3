import { basename, dirname, join } from 'node:path';
import { readdirSync } from 'node:fs';
import { exists, isFolder, readTextOfAnyEncoding } from './files.ts';

/** Where the objects of one entry come from: a folder for Kustomize, or files to be read as they are. */
export type ManifestSource =
  | { readonly kind: 'kustomization'; readonly folder: string }
  | { readonly kind: 'files'; readonly files: readonly ManifestFile[] };

interface ManifestFile {
  readonly path: string;
  readonly text: string;
}

const KUSTOMIZATIONS = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
const MANIFEST = /\.(ya?ml|json)$/;

/**
 * Looks at what a path of manifests names: a folder with a kustomization, or that file itself; a folder
 * of manifests, of which, as by `kubectl apply --filename`, only the files directly in it are read; or a
 * single file.
 *
 * @throws Error that says why it names none of them, as a sentence to follow after the path.
 */
export function findManifests(path: string): ManifestSource {
  if (!exists(path)) throw new Error('there is no such folder or file. Is there a checkout step before this one?');
  if (!isFolder(path)) {
    if (KUSTOMIZATIONS.includes(basename(path))) return { kind: 'kustomization', folder: dirname(path) };
    return { kind: 'files', files: [{ path, text: readTextOfAnyEncoding(path) }] };
  }
  const names = readdirSync(path).sort();
  if (names.some((name) => KUSTOMIZATIONS.includes(name))) return { kind: 'kustomization', folder: path };
  if (names.includes('Chart.yaml')) {
    throw new Error(
      `it is a Helm chart. Render it in a step before this one (helm template ${path} > rendered.yaml) and give the rendered file.`,
    );
  }
  const files = names
    .filter((name) => MANIFEST.test(name) && !isFolder(join(path, name)))
    .map((name) => join(path, name));
  if (files.length === 0) {
    throw new Error(
      'it holds no kustomization.yaml, and no file that ends in .yaml, .yml or .json. Folders in it are not read: give each on a line of its own.',
    );
  }
  return { kind: 'files', files: files.map((file) => ({ path: file, text: readTextOfAnyEncoding(file) })) };
}
