import { createHash } from 'node:crypto';
import type { RequestContent, Target } from '../../load/requests/plan.ts';
import type { Side } from '../../model/sides.ts';

const LONGEST_NAMESPACE = 63;

/** The namespace of a version in place of the one in its manifests: `shop` → `head-shop`. */
export function namespaceOf(version: Side, namespace: string): string {
  const name = `${version}-${namespace}`;
  if (name.length <= LONGEST_NAMESPACE) return name;
  const hash = createHash('sha256').update(namespace).digest('hex').slice(0, 8);
  return `${name.slice(0, LONGEST_NAMESPACE - hash.length - 1)}-${hash}`;
}

/**
 * The host of a version in place of the one in its manifests: `shop.localhost` → `shop.head.localhost`.
 * The name goes before the last label, so that a wildcard still stands for the same hosts, and a name
 * under `.localhost` still leads to this machine.
 */
export function hostOf(version: Side, host: string): string {
  const labels = host.split('.');
  return [...labels.slice(0, -1), version, ...labels.slice(-1)].join('.');
}

const FORWARDED_HOST = 'X-Forwarded-Host';

/**
 * The addresses of one version for targets as the manifests have them. Each request names the host of the manifests in
 * X-Forwarded-Host, from which applications make the addresses of their links, unless it has that header already.
 */
export const targetsOfVersion = (version: Side, targets: readonly Target[]): Target[] =>
  targets.map((target) => ({ ...target, host: hostOf(version, target.host), content: withForwardedHost(target) }));

function withForwardedHost({ host, path, content }: Target): RequestContent {
  const given = content ?? { method: 'GET', path: [path], headers: [], body: null };
  const isGiven = given.headers.some(([name]) => name.toLowerCase() === FORWARDED_HOST.toLowerCase());
  return isGiven ? given : { ...given, headers: [...given.headers, [FORWARDED_HOST, [host]]] };
}

/** Whether a host of a rule, which may begin with a wildcard label, stands for a host. */
export function matchesHost(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === host;
  return host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1;
}
