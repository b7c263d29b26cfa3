import type { HttpsHost, TrustSource } from '../../model/https.ts';
import type { KeyKind } from '../../model/key-kind.ts';

/** What verified a certificate, to follow "verified by". */
export function trustText({ kind, name }: TrustSource): string {
  switch (kind) {
    case 'system':
      return name;
    case 'run':
      return 'the CA of this run';
    case 'secret':
      return `Secret ${name}`;
    case 'input':
      return `${name} (input ca)`;
  }
}

/** A kind of key in the usual notation: `RSA 2048`, `EC P-256`. */
export function describeKey(key: KeyKind): string {
  switch (key.kind) {
    case 'rsa':
      return `RSA ${String(key.bits)}`;
    case 'ec':
      return `EC ${key.curve}`;
    case 'ed25519':
      return 'Ed25519';
  }
}

/** The day on which a certificate expires, in UTC. */
export const endText = ({ certificate }: HttpsHost): string => certificate.notAfter.slice(0, 10);

/** A host's log line. */
export function certificateText(seen: HttpsHost): string {
  const { host, protocol, certificate, verifiedBy } = seen;
  const verified = verifiedBy === null ? 'not verified' : `verified by ${trustText(verifiedBy)}`;
  return `https://${host} over ${protocol}: certificate of ${certificate.subject}, issued by ${certificate.issuer}, until ${endText(seen)}, ${verified}`;
}

/** A warning for each certificate that nothing verified. */
export const unverifiedText = (hosts: readonly HttpsHost[]): string[] =>
  hosts.flatMap((seen) =>
    seen.unverified === null
      ? []
      : [
          `The certificate of https://${seen.host} was not verified: ${seen.unverified}. It is for ${seen.certificate.subject}, issued by ${seen.certificate.issuer}, valid until ${endText(seen)}, SHA-256 ${seen.certificate.fingerprint}. Give the certificate of its CA as input ca.`,
        ],
  );
