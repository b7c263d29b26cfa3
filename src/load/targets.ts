import type { Inputs } from '../inputs.ts';
import type { Target } from './plan.ts';

/** The bundled echo services, with what each answers: an answer of the wrong one is noticed. */
const ECHO_TARGETS: readonly Target[] = [
  { host: 'foo.localhost', path: '/', expectedText: 'foo' },
  { host: 'bar.localhost', path: '/', expectedText: 'bar' },
];

/**
 * The addresses that the load is spread over: those of the input, otherwise those that the rules of the
 * manifests lead to, otherwise those of the action's own application.
 *
 * @param found in the manifests; null when there are none of the user's own.
 */
export function loadTargets({ hosts, manifests }: Pick<Inputs, 'hosts' | 'manifests'>, found: readonly Target[] | null): Target[] {
  const expectedText = (host: string): string | undefined => (manifests.length > 0 ? undefined : ECHO_TARGETS.find((echo) => echo.host === host)?.expectedText);
  return (hosts ?? found ?? ECHO_TARGETS).map(({ host, path }) => ({ host, path, expectedText: expectedText(host) }));
}

/** Addresses as the input `hosts` takes them. */
export const hostsText = (targets: readonly Target[]): string =>
  targets.map(({ host, path }) => (path === '/' ? host : `${host}=${path}`)).join('\n');
