import { describeCertificate, type ServedCertificates } from '../../cluster/tls/judge-certificate.ts';
import type { RouteSecret } from '../../cluster/tls/tls-secrets.ts';
import { StageError } from '../../errors.ts';

/** What is wrong with the Secrets of a host. */
export interface SecretFaults {
  readonly sentences: readonly string[];
  /** Those that the manifests hold. */
  readonly given: readonly RouteSecret[];
  /** Whether the routes name any. */
  readonly isNamed: boolean;
}

/** The error of a run whose host shows a certificate that does not hold. */
export function untrusted(
  host: string,
  { served, why }: { readonly served: ServedCertificates; readonly why: string },
  { sentences, given, isNamed, tryThis, cause }: SecretFaults & { readonly tryThis: string; readonly cause: unknown },
): StageError {
  const { subject, issuer, fingerprint, notAfter } = describeCertificate(served.chain[0] ?? '');
  const shown = `It is that of ${subject}, issued by ${issuer}, valid until ${notAfter.slice(0, 10)}, SHA-256 ${fingerprint}.`;
  const lines = given.map(({ name }) => `leave-out: Secret/${name}`).join(', ');
  const without = lines === '' ? '' : ` Without the Secret (${lines}) the run makes a certificate of its own.`;
  return new StageError(
    'tls-untrusted',
    [`The certificate that https://${host} shows does not hold: ${why}.`, shown, ...sentences].join(' '),
    {
      hint: `${isNamed ? 'Correct the certificate in the Secret that the route names' : 'Name a Secret for the host in its route (one that nothing provides is made by the run)'}, or give its authority as input ca.${without} With tls-verify: false any certificate is used, and the report says so; http://${host} in input hosts asks over plain HTTP.`,
      tryThis,
      cause,
    },
  );
}
