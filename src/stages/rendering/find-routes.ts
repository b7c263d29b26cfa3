import { withServedRoutes } from '../../cluster/ingress-controller.ts';
import type { KubernetesObject } from '../../cluster/manifests.ts';
import { type RouteScheme, schemesOfRoutes } from '../../cluster/route-schemes.ts';
import { targetsIn, unaskedPaths } from '../../cluster/routes.ts';
import { type Context, warn } from '../../context.ts';
import { StageError } from '../../errors.ts';
import type { Target } from '../../load/requests/plan.ts';

/**
 * The addresses that the rules of the application lead to. A warning names the paths of rules that nothing is asked for.
 *
 * @param objects those of the application.
 * @param around the other objects of the run, among which its Gateway may be.
 * @throws StageError `input-invalid` when a host has only such paths.
 */
export function findRoutes(
  context: Context,
  objects: readonly KubernetesObject[],
  around: readonly KubernetesObject[],
): Target[] {
  const application = withServedRoutes(context.inputs['ingress-controller'], objects);
  const targets = targetsIn(application, around);
  const unasked = unaskedPaths(application, around);
  if (unasked.length === 0) return targets;
  const shown = unasked.map(({ host, path }) => `${path} of ${host}`).join(', ');
  const isAsked = (host: string): boolean => targets.some((target) => target.host === host);
  const lines = [...new Set(unasked.map(({ host }) => host))].map((host) => `  ${host}=/…`);
  const others = targets.map(({ host, path }) => `  ${host}${path === '/' ? '' : `=${path}`}`);
  if (unasked.every(({ host }) => isAsked(host))) {
    warn(
      context,
      `No text was found that these paths match, which are patterns: ${shown}. No load is sent to them. Input hosts can name one for each.`,
    );
    return targets;
  }
  throw new StageError(
    'input-invalid',
    `Input hosts is empty, and no text was found that these paths match, which are patterns: ${shown}.`,
    {
      hint: `Nothing was created. Give hosts, each with a path that its rule takes in place of the dots:\nhosts: |\n${[...others, ...lines].join('\n')}`,
    },
  );
}

/** By what each host of the routes is to be asked. Of two controllers that are compared each may have routes of its own kind. */
export const routeSchemes = (
  { inputs }: Context,
  objects: readonly KubernetesObject[],
  around: readonly KubernetesObject[],
): RouteScheme[] =>
  schemesOfRoutes(
    inputs['baseline-ingress-controller'] === null ? withServedRoutes(inputs['ingress-controller'], objects) : objects,
    around,
  );
