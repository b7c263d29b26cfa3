import { isRouted } from '../../cluster/sides/version-routes.ts';
import { StageError } from '../../errors.ts';
import type { ProbeTarget } from '../../load/requests/probes.ts';
import type { Lead } from '../../load/requests/redirects.ts';
import { hostsText } from '../../load/requests/targets.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { FollowedRedirect } from '../../model/redirects.ts';
import type { Side } from '../../model/sides.ts';
import { curlCommand } from './curl-command.ts';

/** A redirect that is not followed, so that its host can't be loaded as it was asked for. */
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
  /** The host as the manifests name it. */
  readonly named: string;
  readonly probe: ProbeTarget;
  readonly endpoint: Endpoint;
  readonly status: number;
  readonly lead: Lead;
  /** The paths on the way, the one that was asked for first. */
  readonly way: readonly string[];
}

/** @param routed the hosts of all routes of the manifests. */
export function refusedRedirect(refused: Refused, routed: readonly string[]): RedirectRefused {
  const { named, probe, endpoint, status } = refused;
  const { what, hint } = reasonOf(refused, routed);
  return new RedirectRefused(
    `${probe.scheme}://${named}${probe.path} is not answered but redirected ${what} (status ${String(status)})`,
    hint,
    curlCommand(probe, endpoint),
  );
}

interface Reason {
  /** As it fits after "is redirected". */
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
        hint: `Load a path of ${named} that answers without a redirect: give input hosts the line \`${named}=/PATH\`.`,
      };
    case 'https':
      return notOverHttps(named, lead.url);
    case 'other-port':
      return {
        what: `to ${lead.url}, a port that does not lead to the ingress`,
        hint: `The application may build the address from its own port. To load that path through the ingress, give input hosts the line ${lineOf(named, lead.path, probe.scheme)}.`,
      };
    case 'other-host':
      return isRouted(routed, lead.host)
        ? {
            what: `to another host, ${lead.url}`,
            hint: `To load that one give input hosts the line ${lineOf(lead.host, lead.path, lead.scheme)} instead of ${lineOf(named, probe.path, probe.scheme)}.`,
          }
        : {
            what: `to another host, ${lead.url}`,
            hint: `No route of the manifests names ${lead.host}, so that it can't be loaded. Load a path of ${named} that answers without a redirect (input hosts, a line such as \`${named}=/PATH\`), or leave out of the manifests what redirects, such as an annotation of the Ingress. If the ingress does lead to that host, the line is ${lineOf(lead.host, lead.path, lead.scheme)}.`,
          };
    case 'same-host':
      return probe.replaceable ? inACircle(named, way) : ofTemplate(lead.path);
  }
}

/** Where no port for HTTPS is known. */
const notOverHttps = (named: string, url: string): Reason => ({
  what: `to HTTPS, ${url}, and no port of the ingress for HTTPS is known`,
  hint: `In a kind configuration of your own (config) map containerPort 443 of the node of the ingress; of a cluster that exists already give https-port. To load ${named} over plain HTTP keep the ingress from redirecting: for ingress-nginx leave spec.tls out of its Ingress, or annotate it with \`nginx.ingress.kubernetes.io/ssl-redirect: "false"\`, and leave out force-ssl-redirect.`,
});

const inACircle = (named: string, way: readonly string[]): Reason => ({
  what: way.length > new Set(way).size ? `in a circle: ${way.join(' → ')}` : `again and again: ${way.join(' → ')}`,
  hint: `The application may wait for a cookie that it has just set; the load sends none unless a scenario has it in its headers. Otherwise load a path that answers without a redirect: give input hosts the line \`${named}=/PATH\`.`,
});

const ofTemplate = (path: string): Reason => ({
  what: `to ${path}, and the path of the scenario has placeholders`,
  hint: 'Write the path that the application answers in the scenario, or expect the redirect: `expect: {status: 302}` with its status.',
});

/** Both versions must be sent the same requests. */
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
    `${probe.scheme}://${named}${probe.path} is answered in two ways: ${each.join(', ')}. Both must get the same requests.`,
    { hint: `Name a path that both answer without a redirect: give input hosts the line \`${named}=/PATH\`.` },
  );
}
