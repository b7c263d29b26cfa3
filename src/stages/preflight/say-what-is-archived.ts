import type { Context } from '../../context.ts';

/** The default controller gets no more fixes, so its users should know how easy it is to switch. */
export function sayWhatIsArchived({ inputs, runner }: Context): void {
  if (inputs['ingress-controller'] !== 'nginx') return;
  runner.info(
    'ingress-nginx was archived in March 2026 and gets no fixes. ingress-controller: traefik serves the same Ingress objects, traefik-gateway serves HTTPRoutes.',
  );
}
