import { withServedRoutes } from '../../cluster/ingress-controller.ts';
import { describeObject } from '../../cluster/manifest-entries.ts';
import type { KubernetesObject } from '../../cluster/manifests.ts';
import { type RouteScheme, schemesOfRoutes } from '../../cluster/route-schemes.ts';
import { redirectingRoutes, targetsIn, unaskedPaths } from '../../cluster/routes.ts';
import { type Context, warn } from '../../context.ts';
import { StageError } from '../../errors.ts';
import type { Target } from '../../load/requests/plan.ts';

/**
 * The addresses in the rules of the application. A warning names the paths of rules that get no load.
 *
 * @param objects those of the application.
 * @param around the other objects of the run, which may include its Gateway.
 * @throws StageError `input-invalid` when a host has only such paths.
 */
export function findRoutes(
  context: Context,
  objects: readonly KubernetesObject[],
  around: readonly KubernetesObject[],
): Target[] {
  const application = withServedRoutes(context.inputs['ingress-controller'], objects);
  const targets = targetsIn(application, around);
  const redirecting = redirectingRoutes(application);
  if (redirecting.length > 0)
    context.runner.info(
      `The controller answers with redirects for ${redirecting.map(describeObject).join(', ')}: no load is sent there.`,
    );
  const unasked = unaskedPaths(application, around);
  if (unasked.length === 0) return targets;
  const shown = unasked.map(({ host, path }) => `${path} of ${host}`).join(', ');
  const isAsked = (host: string): boolean => targets.some((target) => target.host === host);
  const lines = [...new Set(unasked.map(({ host }) => host))].map((host) => `  ${host}=/…`);
  const others = targets.map(({ host, path }) => `  ${host}${path === '/' ? '' : `=${path}`}`);
  if (unasked.every(({ host }) => isAsked(host))) {
    warn(
      context,
      `These paths are patterns, and no path was found that matches them: ${shown}. They get no load. You can name a path for each in input hosts.`,
    );
    return targets;
  }
  throw new StageError(
    'input-invalid',
    `Input hosts is empty, and these paths are patterns for which no matching path was found: ${shown}.`,
    {
      hint: `Nothing was created. Set hosts, each with a path that its rule matches in place of the dots:\nhosts: |\n${[...others, ...lines].join('\n')}`,
    },
  );
}

/** The scheme for each host of the routes. When two controllers are compared, each may have its own kind of routes. */
export const routeSchemes = (
  { inputs }: Context,
  objects: readonly KubernetesObject[],
  around: readonly KubernetesObject[],
): RouteScheme[] =>
  schemesOfRoutes(
    inputs['baseline-ingress-controller'] === null ? withServedRoutes(inputs['ingress-controller'], objects) : objects,
    around,
  );
