/**
 * rendering/ turns the manifests of the user and of the action into the objects to apply, for the stage
 * render-manifests. It runs kubectl kustomize and reports faults of inputs; how objects are changed is in src/cluster/.
 * Nothing here uses a cluster.
 */
import { inFolder } from '../../adapters/files.ts';
import { hooksOf, type InstallPhase } from '../../cluster/helm/hooks.ts';
import { type IngressController, ingressControllers } from '../../cluster/ingress-controller.ts';
import { isHook } from '../../cluster/manifest-entries.ts';
import type { KubernetesObject } from '../../cluster/manifests.ts';
import type { Part } from '../../cluster/parts.ts';
import type { Context } from '../../context.ts';
import { clusterAskedFor, type Inputs } from '../../inputs/table.ts';
import type { ManifestEntries } from './render-entries.ts';

function bundledOverlay(inputs: Inputs): string {
  const byGateway = inputs['ingress-controller'] === 'traefik-gateway';
  if (inputs.autoscaling) return byGateway ? 'autoscaling-gateway' : 'autoscaling';
  return byGateway ? 'gateway' : 'production';
}

/** The parts of a run with these inputs, and where their manifests come from. */
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
        ? bundled('overlays', bundledOverlay(inputs))
        : { source: 'Input manifests', entries: inputs.manifests },
  };
}

/** The rendered objects of one part, without Helm hooks; none when it is not part of this run. */
export const renderedObjects = (context: Context, part: Part): readonly KubernetesObject[] =>
  withoutHooks(keptObjects(context, part));

/** The hooks of the application that Helm runs in this phase of an install, in order. */
export const renderedHooks = (context: Context, phase: InstallPhase): readonly KubernetesObject[] =>
  hooksOf(keptObjects(context, 'application'), phase);

function keptObjects({ inputs, actionRoot, rendered }: Context, part: Part): readonly KubernetesObject[] {
  // The folder may have what an earlier run rendered.
  return part in partsOf(inputs, actionRoot) ? rendered.read(part) : [];
}

/** Most parts have none, and this is asked every few seconds, so the list is not copied. */
const withoutHooks = (objects: readonly KubernetesObject[]): readonly KubernetesObject[] =>
  objects.some(isHook) ? objects.filter((object) => !isHook(object)) : objects;
