import { exists, inFolder, readText, writeFileAtomically } from '../adapters/files.ts';
import { buildKustomization } from '../adapters/kubectl.ts';
import { imagesOf, parseManifests, type KubernetesObject } from '../cluster/manifests.ts';
import { kubernetesMinor } from '../cluster/pinned-versions.ts';
import { outputPath, toolOf, type Context } from '../context.ts';
import { CommandError, StageError, lastLines } from '../errors.ts';
import type { Inputs } from '../inputs.ts';

/** The three groups of objects that make up the system under test and what is around it. */
export type Part = 'ingress-controller' | 'prometheus' | 'application';

const KUSTOMIZATION_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

export const hasKustomization = (folder: string): boolean =>
  KUSTOMIZATION_NAMES.some((name) => exists(inFolder(folder, name)));

/**
 * Builds every kustomization, so that one that is broken is found before anything is created. The
 * results are files in the output folder: what will be applied can be read there.
 */
export async function renderManifests(context: Context): Promise<void> {
  const { inputs, actionRoot, store, runner } = context;
  const objects: KubernetesObject[] = [];
  for (const [part, folder] of Object.entries(foldersOf(inputs, actionRoot))) {
    const built = await build(context, part as Part, folder);
    objects.push(...built);
    runner.info(`${part}: ${String(built.length)} objects from ${folder}`);
  }
  store.update({ images: imagesOf(objects) });
}

function foldersOf(inputs: Inputs, actionRoot: string): Partial<Record<Part, string>> {
  const bundled = (...names: string[]): string => inFolder(actionRoot, 'manifests', ...names);
  return {
    ...(inputs['ingress-controller'] === 'nginx' ? { 'ingress-controller': bundled('platform', ingressFolder(inputs)) } : {}),
    ...(inputs.prometheus ? { prometheus: bundled('platform', 'prometheus') } : {}),
    application: inputs.manifests ?? bundled('overlays', 'production'),
  };
}

/** The current ingress-nginx supports Kubernetes 1.31 and later; the seed's 1.29 needs an older one. */
function ingressFolder(inputs: Inputs): string {
  const minor = kubernetesMinor(inputs['node-image']);
  return minor !== null && minor < 31 ? 'ingress-nginx-v1.13' : 'ingress-nginx';
}

async function build(context: Context, part: Part, folder: string): Promise<KubernetesObject[]> {
  try {
    const yaml = await buildKustomization(context.shell, toolOf(context, 'kubectl').path, folder);
    const objects = parseManifests(yaml);
    if (objects.length === 0) throw new Error('it holds no objects');
    writeFileAtomically(renderedFile(context, part), yaml);
    return objects;
  } catch (error) {
    if (error instanceof CommandError && error.reason !== 'exit') throw error;
    const why = error instanceof CommandError ? lastLines(error.result.stderr, 5).join('\n') : String(error);
    throw new StageError('manifest-invalid', `The kustomization in ${folder} does not build: ${why}`, {
      hint: 'Nothing was created. The message above is from kubectl kustomize; it names the file.',
      tryThis: `kubectl kustomize ${folder}`,
      cause: error,
    });
  }
}

const renderedFile = (context: Context, part: Part): string => outputPath(context, 'manifests', `${part}.yaml`);

/** The objects of one part as they were rendered; none when it is not part of this run. */
export function renderedObjects(context: Context, part: Part): KubernetesObject[] {
  if (!(part in foldersOf(context.inputs, context.actionRoot))) return [];
  const file = renderedFile(context, part);
  return exists(file) ? parseManifests(readText(file)) : [];
}
