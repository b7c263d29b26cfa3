import { isRouted } from '../../cluster/sides/version-routes.ts';
import { StageError } from '../../errors.ts';
import type { ProbeTarget } from '../../load/requests/probes.ts';
import type { Lead } from '../../load/requests/redirects.ts';
import { hostsText } from '../../load/requests/targets.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { FollowedRedirect } from '../../model/redirects.ts';
import type { Side } from '../../model/sides.ts';
import { curlCommand } from './curl-command.ts';

/** A redirect that is not followed, so its host can't be loaded as requested. */
export class RedirectRefused extends StageError {
  constructor(message: string, hint: string, tryThis: string | undefined) {
    super('route-not-ready', message, { hint, tryThis });
  }

  /** One error for several hosts. */
  static together(refused: readonly RedirectRefused[]): RedirectRefused {
    const all = (texts: readonly string[]): string[] => [...new Set(texts)];
    return new RedirectRefused(
      all(refused.map(({ message }) => message)).join('\n'),
      all(refused.map(({ hint }) => hint ?? '')).join(' '),
      refused[0]?.tryThis,
    );
  }
}

interface Refused {
  /** The host name in the manifests. */
  readonly named: string;
  readonly probe: ProbeTarget;
  readonly endpoint: Endpoint;
  readonly status: number;
  readonly lead: Lead;
  /** The paths on the way, starting with the requested one. */
  readonly way: readonly string[];
}

/** @param routed the hosts of all routes in the manifests. */
export function refusedRedirect(refused: Refused, routed: readonly string[]): RedirectRefused {
  const { named, probe, endpoint, status } = refused;
  const { what, hint } = reasonOf(refused, routed);
  return new RedirectRefused(
    `${probe.scheme}://${named}${probe.path} is redirected ${what} (status ${String(status)})`,
    hint,
    curlCommand(probe, endpoint),
  );
}

interface Reason {
  /** Follows "is redirected". */
  readonly what: string;
  readonly hint: string;
}

const lineOf = (host: string, path: string, scheme?: 'http' | 'https'): string =>
  `\`${hostsText([{ host, path, scheme: scheme === 'https' ? scheme : undefined }])}\``;

function reasonOf({ named, probe, lead, way }: Refused, routed: readonly string[]): Reason {
  switch (lead.kind) {
    case 'nowhere':
      return {
        what: 'without a Location that HTTP can follow',
        hint: `Load a path of ${named} that answers without a redirect: add the line \`${named}=/PATH\` to input hosts.`,
      };
    case 'https':
      return notOverHttps(named, lead.url);
    case 'other-port':
      return {
        what: `to ${lead.url}, a port that does not lead to the ingress`,
        hint: `The application may build the address from its own port. To load that path through the ingress, add the line ${lineOf(named, lead.path, probe.scheme)} to input hosts.`,
      };
    case 'other-host':
      return isRouted(routed, lead.host)
        ? {
            what: `to another host, ${lead.url}`,
            hint: `To load that one, give input hosts the line ${lineOf(lead.host, lead.path, lead.scheme)} instead of ${lineOf(named, probe.path, probe.scheme)}.`,
          }
        : {
            what: `to another host, ${lead.url}`,
            hint: `No route in the manifests names ${lead.host}, so it can't be loaded. Load a path of ${named} that answers without a redirect (a line such as \`${named}=/PATH\` in input hosts), or remove what redirects from the manifests, such as an annotation of the Ingress. If the ingress does serve that host, the line is ${lineOf(lead.host, lead.path, lead.scheme)}.`,
          };
    case 'same-host':
      return probe.replaceable ? inACircle(named, way) : ofTemplate(lead.path);
  }
}

/** When no HTTPS port is known. */
const notOverHttps = (named: string, url: string): Reason => ({
  what: `to HTTPS, ${url}, and no HTTPS port of the ingress is known`,
  hint: `With your own kind configuration (config), map containerPort 443 of the ingress node; with an existing cluster, set https-port. To load ${named} over plain HTTP, keep the ingress from redirecting: with ingress-nginx, leave spec.tls out of its Ingress, or annotate it with \`nginx.ingress.kubernetes.io/ssl-redirect: "false"\`, and leave out force-ssl-redirect.`,
});

const inACircle = (named: string, way: readonly string[]): Reason => ({
  what: way.length > new Set(way).size ? `in a circle: ${way.join(' → ')}` : `again and again: ${way.join(' → ')}`,
  hint: `The application may expect a cookie that it has just set; the load sends none unless a scenario has it in its headers. Otherwise load a path that answers without a redirect: add the line \`${named}=/PATH\` to input hosts.`,
});

const ofTemplate = (path: string): Reason => ({
  what: `to ${path}, and the path of the scenario has placeholders`,
  hint: 'Use the path that the application answers in the scenario, or expect the redirect with its status, such as `expect: {status: 302}`.',
});

/** Both versions must get the same requests. */
export function unlikeRedirects(
  { named, probe }: { readonly named: string; readonly probe: ProbeTarget },
  followed: readonly { readonly route: { readonly side: Side }; readonly redirect: FollowedRedirect | null }[],
): StageError {
  const each = followed.map(
    ({ route, redirect }) =>
      `${route.side} ${redirect === null ? 'answers by itself' : `leads to ${redirect.toScheme === undefined ? '' : `${redirect.toScheme}://${named}`}${redirect.to}`}`,
  );
  return new StageError(
    'route-not-ready',
    `${probe.scheme}://${named}${probe.path} gets two different answers: ${each.join(', ')}. Both versions must get the same requests.`,
    { hint: `Name a path that both answer without a redirect: add the line \`${named}=/PATH\` to input hosts.` },
  );
}
