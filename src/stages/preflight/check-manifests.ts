import { exists, inFolder, isFolder } from '../../adapters/files.ts';
import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';
import { hasKustomization } from '../render-manifests.ts';

/** The folders and files that inputs name are there. Whether they build shows once kubectl is installed. */
export function checkManifests({ inputs, actionRoot }: Context): void {
  const folder = inputs.manifests;
  if (folder !== null && !isFolder(folder)) {
    throw new StageError('manifest-invalid', `Input manifests is ${JSON.stringify(folder)}, but there is no such folder.`, {
      hint: 'Give the path of a folder with a kustomization.yaml, relative to the workspace. Is there a checkout step before this one?',
      tryThis: 'ls -R .',
    });
  }
  if (folder !== null && !hasKustomization(folder)) {
    throw new StageError('manifest-invalid', `Input manifests is ${JSON.stringify(folder)}, but it holds no kustomization.yaml.`, {
      hint: 'List your manifests in one.',
      tryThis: `cd ${folder} && kustomize create --autodetect`,
    });
  }
  if (inputs.config !== null && !exists(inputs.config)) {
    throw new StageError('input-invalid', `Input config is ${JSON.stringify(inputs.config)}, but there is no such file.`);
  }
  if (!isFolder(inFolder(actionRoot, 'manifests'))) throw new Error(`The action's own manifests are missing in ${actionRoot}`);
}
