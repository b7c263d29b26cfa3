import { toolPlatform } from '../../adapters/machine.ts';
import { type Context, warn } from '../../context.ts';
import type { Endpoint } from '../../model/endpoint.ts';

/**
 * An endpoint that k6 can trust. k6 is written in Go, which rejects certificates that name their host only as common
 * name, whoever signed them. Certificates that the run itself has verified are then used without verification.
 *
 * @param inCluster whether k6 runs in pods, which are Linux.
 */
export function asK6Trusts(context: Context, endpoint: Endpoint, inCluster: boolean): Endpoint {
  const { tls } = endpoint;
  if (tls === undefined) return endpoint;
  const verified = (context.store.state.httpsHosts ?? []).filter(({ verifiedBy }) => verifiedBy !== null);
  const unnamed = verified.filter(({ certificate }) => certificate.names.length === 0).map(({ host }) => host);
  if (unnamed.length > 0) {
    warn(
      context,
      `The certificate of ${unnamed.join(', ')} names its host only as common name (no subjectAltName), which k6 does not accept. The run verified it before the load, and k6 verifies none.`,
    );
  }
  const ofOurs = verified.filter(({ verifiedBy }) => verifiedBy?.kind !== 'system').map(({ host }) => host);
  const fromKeychain = !inCluster && toolPlatform()?.startsWith('darwin/') === true;
  if (fromKeychain && ofOurs.length > 0) {
    warn(
      context,
      `On macOS, k6 takes authorities from the keychain and not from a file. The run verified the certificate of ${ofOurs.join(', ')} before the load, and k6 verifies none.`,
    );
  }
  const unverified = [...tls.unverified, ...unnamed, ...(fromKeychain ? ofOurs : [])];
  return { ...endpoint, tls: { ...tls, unverified: [...new Set(unverified)] } };
}
