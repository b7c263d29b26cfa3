import type { FollowedRedirect } from '../../model/redirects.ts';
import type { Target } from './plan.ts';
import type { ScenarioTarget } from './scenario-target.ts';
import { isConstant } from './template.ts';

interface TargetInputs {
  readonly hosts: readonly Target[] | null;
  readonly manifests: readonly string[];
}

/** The bundled echo services, with their answers: an answer from the wrong one is noticed. */
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
  const inScheme = (target: Target, scheme: Target['scheme']): Target =>
    scheme === undefined ? target : { ...target, scheme };
  return scenario === null
    ? targets.map(({ host, path, scheme }) => inScheme({ host, path, expectedText: expectedText(host) }, scheme))
    : scenario.map((request) => {
        const host = request.host ?? first.host;
        return inScheme({ ...request, host }, request.scheme ?? targets.find((one) => one.host === host)?.scheme);
      });
}

/** The same targets, with the scheme of the host for those without one; null leaves a target as it is. */
export const inSchemes = (targets: readonly Target[], schemeOf: (host: string) => Target['scheme'] | null): Target[] =>
  targets.map((target) => {
    const scheme = target.scheme ?? schemeOf(target.host) ?? undefined;
    return scheme === undefined ? target : { ...target, scheme };
  });

/** The scheme of a target: plain HTTP by default. */
export const schemeOfTarget = ({ scheme }: Pick<Target, 'scheme'>): 'http' | 'https' => scheme ?? 'http';

/** Addresses as the input `hosts` takes them. */
export const hostsText = (targets: readonly Target[]): string =>
  targets
    .map(({ host, path, scheme }) => {
      if (scheme !== undefined) return `${scheme}://${host}${path === '/' ? '' : path}`;
      return path === '/' ? host : `${host}=${path}`;
    })
    .join('\n');

/**
 * The same targets, with the addresses that redirects led to before the load. Where a host is
 * redirected to another scheme, so are its requests that nobody asks before a load.
 */
export const afterRedirects = (targets: readonly Target[], redirects: readonly FollowedRedirect[]): Target[] =>
  targets.map((target) => {
    const { host, path, content, step } = target;
    const ofHost = redirects.filter(
      (redirect) => redirect.host === host && (redirect.fromScheme ?? 'http') === schemeOfTarget(target),
    );
    if (step === true || (content !== undefined && (content.method !== 'GET' || !isConstant(content.path)))) {
      const scheme = ofHost.find(({ toScheme }) => toScheme !== undefined)?.toScheme;
      return scheme === undefined ? target : { ...target, scheme };
    }
    const followed = ofHost.find((redirect) => redirect.from === path);
    if (followed === undefined) return target;
    return {
      ...target,
      path: followed.to,
      ...(followed.toScheme === undefined ? {} : { scheme: followed.toScheme }),
      ...(content === undefined ? {} : { content: { ...content, path: [followed.to] } }),
    };
  });
