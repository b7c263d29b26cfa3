import type { Target } from './plan.ts';
import type { ScenarioTarget } from './scenario.ts';

interface TargetInputs {
  readonly hosts: readonly Target[] | null;
  readonly manifests: readonly string[];
}

/** The bundled echo services, with what each answers: an answer of the wrong one is noticed. */
const ECHO_TARGETS: readonly Target[] = [
  { host: 'foo.localhost', path: '/', expectedText: 'foo' },
  { host: 'bar.localhost', path: '/', expectedText: 'bar' },
];

/**
 * The addresses that the load is spread over: those of the input, otherwise those that the rules of the
 * manifests lead to, otherwise those of the action's own application.
 *
 * With a scenario they are its requests; those that name no host go to the first of the others.
 *
 * @param found in the manifests; null when there are none of the user's own.
 */
export function loadTargets(
  { hosts, manifests }: TargetInputs,
  found: readonly Target[] | null,
  scenario: readonly ScenarioTarget[] | null = null,
): Target[] {
  const expectedText = (host: string): string | undefined =>
    manifests.length > 0 ? undefined : ECHO_TARGETS.find((echo) => echo.host === host)?.expectedText;
  const targets = hosts ?? found ?? ECHO_TARGETS;
  const [first = { host: 'localhost' }] = targets;
  return scenario === null
    ? targets.map(({ host, path }) => ({ host, path, expectedText: expectedText(host) }))
    : scenario.map((request) => ({ ...request, host: request.host ?? first.host }));
}

/** Addresses as the input `hosts` takes them. */
export const hostsText = (targets: readonly Target[]): string =>
  targets.map(({ host, path }) => (path === '/' ? host : `${host}=${path}`)).join('\n');
