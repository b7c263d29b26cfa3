import { webcrypto } from 'node:crypto';
import { DEFAULT_KEY, type KeyKind } from '../model/key-kind.ts';

/** A certificate of the run and its key, both in PEM. The key goes only to where TLS is terminated. */
export interface IssuedCertificate {
  /** The server's certificate, then that of the CA. */
  readonly certificates: string;
  /** PKCS #8. Never printed, reported or stored. */
  readonly privateKey: string;
}

/** A CA that exists only during the run: its own key is not handed out. */
export interface CertificateAuthority {
  /** In PEM: trusting it means trusting everything that it issued. */
  readonly certificate: string;
  /**
   * Issues a certificate for a server.
   *
   * @param names DNS names; the first is the common name if it is short enough. `*.example.com` is allowed.
   */
  issue(names: readonly [string, ...string[]], key?: KeyKind): Promise<IssuedCertificate>;
}

const HOUR_MS = 3_600_000;
/** Clocks of nodes may be slow, and a kept cluster may be used for some weeks. */
const VALID_BEFORE_MS = HOUR_MS;
const VALID_FOR_MS = 90 * 24 * HOUR_MS;
/** RFC 5280, appendix A.1: ub-common-name. */
const LONGEST_COMMON_NAME = 64;

/** Faults of a certificate, to test what rejects it. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * Creates a CA for certificates of this run.
 *
 * @param name is shown to anyone who looks at one of its certificates.
 * @param validity of everything that it issues; 90 days from now by default.
 */
export async function createAuthority(name: string, validity: Validity = fromNow()): Promise<CertificateAuthority> {
  const {
    AuthorityKeyIdentifierExtension,
    BasicConstraintsExtension,
    ExtendedKeyUsage,
    ExtendedKeyUsageExtension,
    KeyUsageFlags,
    KeyUsagesExtension,
    SubjectAlternativeNameExtension,
    SubjectKeyIdentifierExtension,
    X509CertificateGenerator,
  } = await library();
  const authority = await generateKeys(DEFAULT_KEY);
  const issuer = commonName(name);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: issuer,
      ...fromNow(),
      keys: authority.keys,
      signingAlgorithm: authority.signing,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(authority.keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  const pem = `${certificate.toString('pem')}\n`;
  return {
    certificate: pem,
    async issue(names, key = DEFAULT_KEY) {
      const { keys } = await generateKeys(key);
      const named = names[0].length <= LONGEST_COMMON_NAME;
      const leaf = await X509CertificateGenerator.create(
        {
          subject: named ? commonName(names[0]) : '',
          issuer,
          ...validity,
          publicKey: keys.publicKey,
          signingKey: authority.keys.privateKey,
          signingAlgorithm: authority.signing,
          extensions: [
            new BasicConstraintsExtension(false, undefined, true),
            // TLS 1.2 may encrypt with an RSA key; other keys only sign.
            key.kind === 'rsa'
              ? new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true)
              : new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
            new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
            // Critical where nothing else names the server (RFC 5280, 4.2.1.6).
            new SubjectAlternativeNameExtension(
              names.map((value) => ({ type: 'dns' as const, value })),
              !named,
            ),
            await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
            await AuthorityKeyIdentifierExtension.create(authority.keys.publicKey, false, webcrypto),
          ],
        },
        webcrypto,
      );
      return { certificates: `${leaf.toString('pem')}\n${pem}`, privateKey: await pkcs8(keys.privateKey) };
    },
  };
}

/** Takes a tenth of a second to load, which a run without its own certificates need not wait for. */
async function library(): Promise<typeof import('@peculiar/x509')> {
  // The library needs it to be loaded first.
  await import('reflect-metadata');
  return await import('@peculiar/x509');
}

function fromNow(): Validity {
  const now = Date.now();
  return { notBefore: new Date(now - VALID_BEFORE_MS), notAfter: new Date(now + VALID_FOR_MS) };
}

interface Generated {
  readonly keys: webcrypto.CryptoKeyPair;
  readonly signing: { readonly name: string; readonly hash?: string };
}

async function generateKeys(key: KeyKind): Promise<Generated> {
  const { algorithm, signing } = algorithmsOf(key);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  return { keys: keys as webcrypto.CryptoKeyPair, signing };
}

function algorithmsOf(key: KeyKind): {
  algorithm: webcrypto.RsaHashedKeyGenParams | webcrypto.EcKeyGenParams | { name: 'Ed25519' };
  signing: Generated['signing'];
} {
  switch (key.kind) {
    case 'rsa':
      return {
        algorithm: {
          name: 'RSASSA-PKCS1-v1_5',
          hash: 'SHA-256',
          modulusLength: key.bits,
          publicExponent: new Uint8Array([1, 0, 1]),
        },
        signing: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
      };
    case 'ec':
      return { algorithm: { name: 'ECDSA', namedCurve: key.curve }, signing: { name: 'ECDSA', hash: 'SHA-256' } };
    case 'ed25519':
      return { algorithm: { name: 'Ed25519' }, signing: { name: 'Ed25519' } };
  }
}

/** As a distinguished name; a comma in it would begin another part (RFC 4514, 2.4). */
const commonName = (name: string): string => `CN=${name.replace(/[,+"\\<>;=#]/g, '\\$&')}`;

async function pkcs8(key: webcrypto.CryptoKey): Promise<string> {
  const base64 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
}
