/** A GET that was answered with a redirect. */
export interface Redirected {
  /** As it was sent in the Host header. */
  readonly host: string;
  readonly scheme: 'http' | 'https';
  readonly path: string;
  /** Other names of the same host, such as the manifests' name of a version that is requested under its own name. */
  readonly otherNames: readonly string[];
  /** Ports that lead to the same ingress, by scheme. A client of port 80, or of 443 over HTTPS, names none. */
  readonly ports: Readonly<Record<'http' | 'https', readonly number[]>>;
  /** The header as received; null without one. */
  readonly location: string | null;
}

/** Where a redirect leads, relative to the request. */
export type Lead =
  | { readonly kind: 'same-host'; readonly scheme: 'http' | 'https'; readonly path: string }
  /** To HTTPS, and no port for it is known. */
  | { readonly kind: 'https'; readonly url: string }
  | { readonly kind: 'other-port'; readonly url: string; readonly path: string }
  | {
      readonly kind: 'other-host';
      readonly url: string;
      readonly host: string;
      readonly scheme: 'http' | 'https';
      readonly path: string;
    }
  /** There is no Location, or none that HTTP can follow. */
  | { readonly kind: 'nowhere' };

const OWN_PORTS = { http: 80, https: 443 } as const;

/**
 * Where a redirect leads to. A Location may be relative, begin with `//`, or name a port; hosts are the same in any
 * case and with a dot at the end (RFC 9110, 10.2.2; RFC 3986, 5.2).
 */
export function leadOf({ host, scheme, path, otherNames, ports, location }: Redirected): Lead {
  const url = urlOf(location, `${scheme}://${host}${path}`);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return { kind: 'nowhere' };
  url.hash = '';
  const to = hostName(url.hostname);
  const toPath = `${url.pathname}${url.search}`;
  const toScheme = url.protocol === 'https:' ? 'https' : 'http';
  if (![host, ...otherNames].map(hostName).includes(to))
    return { kind: 'other-host', url: url.href, host: to, scheme: toScheme, path: toPath };
  if (toScheme === 'https' && ports.https.length === 0) return { kind: 'https', url: url.href };
  const port = url.port === '' ? OWN_PORTS[toScheme] : Number(url.port);
  return port === OWN_PORTS[toScheme] || ports[toScheme].includes(port)
    ? { kind: 'same-host', scheme: toScheme, path: toPath }
    : { kind: 'other-port', url: url.href, path: toPath };
}

const urlOf = (location: string | null, base: string): URL | null =>
  location !== null && URL.canParse(location, base) ? new URL(location, base) : null;

const hostName = (host: string): string => host.toLowerCase().replace(/\.$/, '');

/** Whether two paths are equal except for a trailing slash, which servers add to the name of a folder. */
export const differsBySlash = (from: string, to: string): boolean =>
  from !== to && withoutSlash(from) === withoutSlash(to);

const withoutSlash = (path: string): string => path.replace(/\/(?=\?|$)/, '');

/** Words in the path of a login page. */
const SIGN_IN =
  /(^|[^a-z])(log-?_?in|log-?_?on|sign-?_?in|sign-?_?on|sso|oauth2?|openid|oidc|saml2?|authn?|authenticate|authorize|session|sessions)([^a-z]|$)/i;

/** Whether a path looks like a login page by name; its query is ignored. */
export const looksLikeLogin = (path: string): boolean => SIGN_IN.test(path.split('?')[0] ?? '');
