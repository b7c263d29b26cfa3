import { exists, inFolder, isFolder } from '../../adapters/files.ts';
import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';
import { checkEntries } from '../render-entries.ts';

/** The folders and files that inputs name are there. Whether kustomizations build shows once kubectl is installed. */
export function checkManifests({ inputs, actionRoot }: Context): void {
  if (inputs.config !== null && !exists(inputs.config)) {
    throw new StageError('input-invalid', `Input config is ${JSON.stringify(inputs.config)}, but there is no such file.`);
  }
  if (!isFolder(inFolder(actionRoot, 'manifests'))) throw new Error(`The action's own manifests are missing in ${actionRoot}`);
  checkEntries({ source: 'Input manifests', entries: inputs.manifests });
  if (inputs['ingress-manifests'] !== null) checkEntries({ source: 'Input ingress-manifests', entries: [inputs['ingress-manifests']] });
  checkEntries({ source: 'Input baseline-manifests', entries: inputs['baseline-manifests'] });
}
