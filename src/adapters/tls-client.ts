import { isIP } from 'node:net';
import { checkServerIdentity, type ConnectionOptions, createSecureContext, type SecureContext } from 'node:tls';
import type { TlsEntry } from '../model/endpoint.ts';
import { trustedRoots } from './trusted-roots.ts';

/** Older ones are refused by everything that is kept up (RFC 8996). */
const OLDEST_TLS = 'TLSv1.2';

/** What a connection to one host is opened with, whoever opens it. */
type TlsClient = Required<Pick<ConnectionOptions, 'secureContext' | 'rejectUnauthorized' | 'checkServerIdentity'>> & {
  readonly servername?: string;
};

/**
 * How one host is asked at a TLS entry: by its name, and with those whom the entry trusts beside the system's roots.
 */
export function tlsClient(
  { authorities, unverified }: Pick<TlsEntry, 'authorities' | 'unverified'>,
  host: string,
): TlsClient {
  const name = host.toLowerCase();
  return {
    secureContext: contextOf(authorities),
    rejectUnauthorized: !unverified.includes(name),
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
    // A literal address is never sent as a name (RFC 6066, 3).
    ...(isIP(name) === 0 ? { servername: name } : {}),
  };
}

let last: { readonly authorities: string; readonly context: SecureContext } | null = null;

/**
 * That of the last one: to read some hundred certificates takes 20 ms, and a comparison opens a sender for each of its
 * loads.
 */
function contextOf(authorities: readonly string[]): SecureContext {
  const key = authorities.join('');
  if (last?.authorities !== key) {
    const context = createSecureContext({
      ca: [...trustedRoots(), ...authorities],
      minVersion: OLDEST_TLS,
      // A Secret may hold the certificate of the server alone, without that of its issuer.
      allowPartialTrustChain: true,
    });
    last = { authorities: key, context };
  }
  return last.context;
}
