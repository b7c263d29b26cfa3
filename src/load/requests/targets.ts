import type { FollowedRedirect } from '../../model/redirects.ts';
import type { Target } from './plan.ts';
import type { ScenarioTarget } from './scenario.ts';
import { isConstant } from './template.ts';

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

/** The same targets, with those paths in the place of others to which redirects led before the load. */
export const afterRedirects = (targets: readonly Target[], redirects: readonly FollowedRedirect[]): Target[] =>
  targets.map((target) => {
    const { host, path, content } = target;
    if (content !== undefined && (content.method !== 'GET' || !isConstant(content.path))) return target;
    const followed = redirects.find((redirect) => redirect.host === host && redirect.from === path);
    if (followed === undefined) return target;
    return {
      ...target,
      path: followed.to,
      ...(content === undefined ? {} : { content: { ...content, path: [followed.to] } }),
    };
  });
