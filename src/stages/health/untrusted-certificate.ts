import { describeCertificate, type ServedCertificates } from '../../cluster/tls/judge-certificate.ts';
import type { RouteSecret } from '../../cluster/tls/tls-secrets.ts';
import { StageError } from '../../errors.ts';

/** What is wrong with the Secrets of a host. */
export interface SecretFaults {
  readonly sentences: readonly string[];
  /** Certificates from the manifests. */
  readonly given: readonly RouteSecret[];
  /** Whether the routes name any Secret. */
  readonly isNamed: boolean;
}

/** The error of a run whose host shows a certificate that does not hold. */
export function untrusted(
  host: string,
  { served, why }: { readonly served: ServedCertificates; readonly why: string },
  { sentences, given, isNamed, tryThis, cause }: SecretFaults & { readonly tryThis: string; readonly cause: unknown },
): StageError {
  const { subject, issuer, fingerprint, notAfter } = describeCertificate(served.chain[0] ?? '');
  const shown = `It is for ${subject}, issued by ${issuer}, valid until ${notAfter.slice(0, 10)}, SHA-256 ${fingerprint}.`;
  const lines = given.map(({ name }) => `leave-out: Secret/${name}`).join(', ');
  const without = lines === '' ? '' : ` Without the Secret (${lines}) the run makes its own certificate.`;
  return new StageError(
    'tls-untrusted',
    [`The certificate of https://${host} can't be trusted: ${why}.`, shown, ...sentences].join(' '),
    {
      hint: `${isNamed ? 'Correct the certificate in the Secret that the route names' : 'Name a Secret for the host in its route (the run creates it if nothing else does)'}, or give its CA as input ca.${without} With tls-verify: false any certificate is accepted, and the report says so. http://${host} in input hosts loads it over plain HTTP.`,
      tryThis,
      cause,
    },
  );
}
