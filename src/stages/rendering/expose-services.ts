import {
  type ExposedService,
  exposeLines,
  findExposed,
  httpRouteTo,
  ingressTo,
  publicServices,
} from '../../cluster/expose.ts';
import { OWN_GATEWAY } from '../../cluster/gateways.ts';
import type { KubernetesObject } from '../../cluster/manifests.ts';
import { withServedRoutes } from '../../cluster/ingress-controller.ts';
import { targetsIn, unaskedPaths } from '../../cluster/routes.ts';
import { type Context, warn } from '../../context.ts';
import { StageError } from '../../errors.ts';
import { clusterAskedFor } from '../../inputs/table.ts';
import type { Side } from '../../model/sides.ts';

/**
 * Adds a route for each Service in input `expose`. Without it, and without any route in the manifests, each Service
 * that is meant to be reached from outside gets one, and the report says so.
 *
 * @param platform what surrounds the application; the Ingress gets the class of its ingress controller.
 * @throws StageError `input-invalid` with every line of `expose` that matches no Service.
 */
export function exposeServices(
  context: Context,
  version: Side,
  objects: readonly KubernetesObject[],
  platform: readonly KubernetesObject[],
): KubernetesObject[] {
  const { inputs } = context;
  const ingressClass =
    inputs['ingress-class'] ?? platform.find(({ kind }) => kind === 'IngressClass')?.metadata.name ?? null;
  const exposed =
    inputs.expose === null ? exposedWithoutRoutes(context, version, objects) : namedServices(context, objects);
  const route = (service: ExposedService): KubernetesObject =>
    inputs['ingress-controller'] === 'traefik-gateway'
      ? httpRouteTo(service, OWN_GATEWAY)
      : ingressTo(service, ingressClass);
  return [...objects, ...exposed.map(route)];
}

function namedServices({ inputs }: Context, objects: readonly KubernetesObject[]): readonly ExposedService[] {
  const { exposed, faults } = findExposed(inputs.expose ?? [], objects);
  if (faults.length === 0) return exposed;
  throw new StageError('input-invalid', faults.map((fault) => `Input expose, ${fault}.`).join('\n'), {
    hint: `Nothing was created. ${linesToPaste(objects)}`,
  });
}

/** Services without a route are exposed only if the run has its own controller, which serves nothing else. */
function exposedWithoutRoutes(context: Context, version: Side, objects: readonly KubernetesObject[]): ExposedService[] {
  const { inputs } = context;
  const entries = version === 'head' ? inputs.manifests : inputs['baseline-manifests'];
  const ownController = clusterAskedFor(inputs) === 'own' && inputs['ingress-controller'] !== 'none';
  if (!ownController || entries.length === 0) return [];
  const routes = withServedRoutes(inputs['ingress-controller'], objects);
  if (targetsIn(routes).length + unaskedPaths(routes).length > 0) return [];
  const exposed = publicServices(objects);
  if (exposed.length > 0) {
    const shown = exposed.map(
      ({ host, namespace, service, port }) => `${host} (Service ${namespace}/${service}:${String(port)})`,
    );
    const sentence = `No Ingress or HTTPRoute in ${entries.join(', ')} leads to the application. The run added an Ingress for each Service that is exposed: ${shown.join(', ')}. To choose others, use input expose.`;
    // Both versions may come from one folder.
    if (!context.store.state.warnings.includes(sentence)) warn(context, sentence);
  }
  return exposed;
}

/** What an error tells users whose manifests have no route. */
export function linesToPaste(objects: readonly KubernetesObject[]): string {
  const lines = exposeLines(objects);
  return lines.length === 0
    ? 'The manifests have no Service with a TCP port: add one, or an Ingress.'
    : `Set expose to the Service that answers the requests:\nexpose: |\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
