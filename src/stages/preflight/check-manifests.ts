import { exists, inFolder, isFolder, readText } from '../../adapters/files.ts';
import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';
import { checkEntries } from '../rendering/render-entries.ts';

type ManifestInput = (typeof MANIFEST_INPUTS)[number];
export const MANIFEST_INPUTS = [
  'manifests',
  'ingress-manifests',
  'baseline-manifests',
  'baseline-ingress-manifests',
] as const;

/** The action's own files are complete. */
export function checkOwnManifests({ actionRoot }: Context): void {
  if (!isFolder(inFolder(actionRoot, 'manifests')))
    throw new Error(`The action's own manifests are missing in ${actionRoot}`);
}

/** The user's kind configuration exists. */
export function checkConfig({ inputs }: Context): void {
  const { config } = inputs;
  if (config === null) return;
  if (!exists(config))
    throw new StageError('input-invalid', `Input config is ${JSON.stringify(config)}, but there is no such file.`);
  // Refuse a folder or a pipe before anything is downloaded.
  readText(config);
}

/** The folders and files of one input exist. Whether kustomizations build is checked once kubectl is installed. */
export function checkManifests({ inputs }: Context, input: ManifestInput): void {
  checkEntries({ source: `Input ${input}`, entries: [inputs[input] ?? []].flat() });
}
