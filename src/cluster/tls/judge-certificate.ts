import { X509Certificate } from 'node:crypto';
import type { Certificate, TrustSource } from '../../model/https.ts';

/** What a server presented in a handshake. */
export interface ServedCertificates {
  /** The server's certificate, then the others that it sent, each in PEM. */
  readonly chain: readonly string[];
  /** Such as `TLSv1.3`. */
  readonly protocol: string;
  /** Why OpenSSL does not trust it, as a code such as `CERT_HAS_EXPIRED`; null when it does. */
  readonly refused: string | null;
}

/** A trusted PEM certificate, and where it comes from. */
export interface Authority {
  readonly pem: string;
  readonly from: TrustSource;
}

/** What is known before a host is checked. */
export interface KnownTrust {
  readonly mode: 'auto' | 'true' | 'false';
  /** In addition to the system's roots. */
  readonly authorities: readonly Authority[];
  readonly systemRoots: readonly string[];
  /** The Secrets that the routes name for this host, as `namespace/name`. */
  readonly secrets: readonly string[];
  /** When it is judged. */
  readonly now: Date;
}

export type Verdict =
  | { readonly kind: 'verified'; readonly by: TrustSource }
  | { readonly kind: 'unverified'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Whether a host may be asked with the certificate that it shows. What OpenSSL trusts is trusted. What it does not is
 * used in the mode `auto` where nobody could know its issuer, and refused where somebody should: where a Secret is
 * named for the host, input `ca` is given, or the chain leads to an authority that is trusted and fails in another way.
 */
export function judgeCertificate(host: string, served: ServedCertificates, known: KnownTrust): Verdict {
  if (known.mode === 'false') return { kind: 'unverified', why: 'tls-verify is false' };
  const anchor = anchorOf(served.chain, known);
  if (served.refused === null) return { kind: 'verified', by: anchor ?? { kind: 'system', name: 'the system' } };
  const why = reasonText(host, served, known.now);
  if (known.mode === 'true') return { kind: 'refused', why };
  const expected = known.secrets.length > 0 || known.authorities.some(({ from }) => from.kind === 'input');
  if (anchor !== null || expected) return { kind: 'refused', why };
  // Of a chain that nobody knows OpenSSL says that first, and its dates are looked at by nobody.
  const ended = isAboutDates(served) ? null : datesText(served.chain.flatMap(parsed), known.now);
  return { kind: 'unverified', why: ended === null ? why : `${why}; and ${ended}` };
}

/** No chain in use is longer. */
const LONGEST_CHAIN = 10;

/** Who a chain leads to among those that are trusted; null when it leads to none of them. */
function anchorOf(chain: readonly string[], { authorities, systemRoots }: KnownTrust): TrustSource | null {
  const [leaf, ...others] = chain.flatMap(parsed);
  const trusted = [
    ...authorities.flatMap(({ pem, from }) => parsed(pem).map((certificate) => ({ certificate, from }))),
    ...systemRoots.flatMap((pem) =>
      parsed(pem).map((certificate) => ({
        certificate,
        from: { kind: 'system' as const, name: oneLine(certificate.subject) },
      })),
    ),
  ];
  let current = leaf;
  for (let length = 0; current !== undefined && length < LONGEST_CHAIN; length++) {
    const at = current;
    const same = trusted.find(({ certificate }) => certificate.fingerprint256 === at.fingerprint256);
    const found = same ?? trusted.find(({ certificate }) => isIssuedBy(at, certificate));
    if (found !== undefined) return found.from;
    current = others.find((other) => other.fingerprint256 !== at.fingerprint256 && isIssuedBy(at, other));
  }
  return null;
}

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.issuer === issuer.subject && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

/** The roots of a system are some hundreds, and asked for each time that a host is looked at. */
const readBefore = new Map<string, X509Certificate[]>();

/** Nothing from what can't be read. */
function parsed(pem: string): X509Certificate[] {
  const known = readBefore.get(pem);
  if (known !== undefined) return known;
  const read = readCertificate(pem);
  readBefore.set(pem, read);
  return read;
}

function readCertificate(pem: string): X509Certificate[] {
  try {
    return [new X509Certificate(pem)];
  } catch {
    return [];
  }
}

/** The meaning of OpenSSL's codes (X509_verify_cert_error_string). */
const REASONS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed and not among the trusted certificates',
  SELF_SIGNED_CERT_IN_CHAIN: 'its CA is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'its issuer is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its issuer is not trusted, or the server does not send the intermediate certificates',
  CERT_HAS_EXPIRED: 'it, or a certificate above it in the chain, has expired',
  CERT_NOT_YET_VALID: 'it, or a certificate above it in the chain, is not valid yet',
  CERT_REVOKED: 'it was revoked',
  CERT_SIGNATURE_FAILURE: 'its signature does not match its issuer',
  INVALID_PURPOSE: 'it is not meant for servers',
  INVALID_CA: 'a certificate above it in the chain may not issue others',
};

const isAboutDates = ({ refused }: ServedCertificates): boolean =>
  refused === 'CERT_HAS_EXPIRED' || refused === 'CERT_NOT_YET_VALID';

/** Which certificate of a chain has ended or has not begun; null when all are valid, as far as they were sent. */
function datesText(chain: readonly X509Certificate[], now: Date): string | null {
  for (const [index, certificate] of chain.entries()) {
    const [begin, end] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
    const which = index === 0 ? 'it' : `the certificate of ${oneLine(certificate.subject)} above it in the chain`;
    if (end <= now) return `${which} expired at ${minuteText(end)}`;
    if (begin > now) return `${which} is only valid from ${minuteText(begin)}`;
  }
  return null;
}

/** In UTC: `2026-12-02 03:59 UTC`. */
export const minuteText = (date: Date): string => `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

function reasonText(host: string, served: ServedCertificates, now: Date): string {
  const { refused } = served;
  const chain = served.chain.flatMap(parsed);
  const [leaf] = chain;
  if (isAboutDates(served)) {
    const dates = datesText(chain, now);
    if (dates !== null) return dates;
  }
  if (refused === 'ERR_TLS_CERT_ALTNAME_INVALID' || refused === 'HOSTNAME_MISMATCH') {
    const names = leaf === undefined ? [] : describeCertificate(leaf).names;
    return `it is for ${names.join(', ') || 'no host at all'}, not for ${host}`;
  }
  return REASONS[refused ?? ''] ?? `it is not trusted (${refused ?? ''})`;
}

/** A certificate as the report shows it. */
export function describeCertificate(given: string | X509Certificate): Certificate {
  const certificate = typeof given === 'string' ? new X509Certificate(given) : given;
  const names = namesOf(certificate);
  return {
    // cert-manager leaves it empty, and the names say whose it is.
    subject: certificate.subject ? oneLine(certificate.subject) : names.join(', ') || NO_NAME,
    issuer: oneLine(certificate.issuer),
    names,
    fingerprint: certificate.fingerprint256,
    notBefore: new Date(certificate.validFrom).toISOString(),
    notAfter: new Date(certificate.validTo).toISOString(),
    key: keyText(certificate),
  };
}

const NO_NAME = 'no name';

/** Node.js has one part of a name a line, and nothing for an empty name. */
const oneLine = (name: string | undefined): string => (name ?? '').split('\n').join(', ') || NO_NAME;

function namesOf({ subjectAltName }: X509Certificate): string[] {
  return [...(subjectAltName ?? '').matchAll(/(?:DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]+)/g)].map(
    ([, name = '']) => name,
  );
}

function keyText({ publicKey }: X509Certificate): string {
  const { asymmetricKeyType = 'unknown', asymmetricKeyDetails = {} } = publicKey;
  const { modulusLength, namedCurve } = asymmetricKeyDetails;
  if (modulusLength !== undefined) return `RSA ${String(modulusLength)}`;
  return namedCurve === undefined ? asymmetricKeyType : `EC ${CURVES[namedCurve] ?? namedCurve}`;
}

/** OpenSSL's names of the curves that certificates have. */
const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };
