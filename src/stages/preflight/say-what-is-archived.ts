import type { Context } from '../../context.ts';

/** The default controller gets no fixes any more, and whoever relies on it should know how little it takes to leave. */
export function sayWhatIsArchived({ inputs, runner }: Context): void {
  if (inputs['ingress-controller'] !== 'nginx') return;
  runner.info(
    'ingress-nginx was archived in March 2026 and gets no fixes. ingress-controller: traefik serves the same Ingress objects, traefik-gateway serves HTTPRoutes.',
  );
}
