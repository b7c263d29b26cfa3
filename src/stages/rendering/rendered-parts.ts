import { exists, inFolder, readText, writeFileAtomically } from '../../adapters/files.ts';
import { type IngressController, ingressControllers } from '../../cluster/ingress-controller.ts';
import { type KubernetesObject, parseManifests, toYaml } from '../../cluster/manifests.ts';
import { type Context, outputPath } from '../../context.ts';
import { clusterAskedFor, type Inputs } from '../../inputs/table.ts';
import type { ManifestEntries } from './render-entries.ts';

/** The groups of objects that make up the system under test and what is around it. */
export const PARTS = [
  'ingress-controller',
  'baseline-ingress-controller',
  'prometheus',
  'metrics-server',
  'k6-operator',
  'application',
] as const;
export type Part = (typeof PARTS)[number];

export function partsOf(inputs: Inputs, actionRoot: string): Partial<Record<Part, ManifestEntries>> {
  const bundled = (...names: string[]): ManifestEntries => ({
    source: "The action's own manifests",
    entries: [inFolder(actionRoot, 'manifests', ...names)],
  });
  const { head, base } = ingressControllers(inputs);
  const controllerEntries = ({ manifests }: IngressController, input: string): ManifestEntries =>
    'folder' in manifests ? { source: input, entries: [manifests.folder] } : bundled('platform', manifests.bundled);
  return {
    ...(head === undefined ? {} : { 'ingress-controller': controllerEntries(head, 'Input ingress-manifests') }),
    ...(base === undefined
      ? {}
      : { 'baseline-ingress-controller': controllerEntries(base, 'Input baseline-ingress-manifests') }),
    ...(inputs.prometheus && clusterAskedFor(inputs) === 'own'
      ? { prometheus: bundled('platform', inputs.dashboard ? 'prometheus-grafana' : 'prometheus') }
      : {}),
    ...(inputs.autoscaling ? { 'metrics-server': bundled('platform', 'metrics-server') } : {}),
    ...(inputs.engine === 'k6-operator' ? { 'k6-operator': bundled('platform', 'k6-operator') } : {}),
    application:
      inputs.manifests.length === 0
        ? bundled('overlays', inputs.autoscaling ? 'autoscaling' : 'production')
        : { source: 'Input manifests', entries: inputs.manifests },
  };
}

export const renderedFile = (context: Context, part: Part): string => outputPath(context, 'manifests', `${part}.yaml`);

/** The objects of one part as they were rendered; none when it is not part of this run. */
export function renderedObjects(context: Context, part: Part): KubernetesObject[] {
  if (!(part in partsOf(context.inputs, context.actionRoot))) return [];
  const file = renderedFile(context, part);
  return exists(file) ? parseManifests(readText(file)) : [];
}

/** Puts other objects in the place of those that were rendered. */
export function replaceRendered(context: Context, part: Part, objects: readonly KubernetesObject[]): void {
  writeFileAtomically(renderedFile(context, part), toYaml(objects));
}
