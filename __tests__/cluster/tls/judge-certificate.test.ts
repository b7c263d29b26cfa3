import { beforeAll, describe, expect, test } from '@jest/globals';
import { type CertificateAuthority, createAuthority } from '../../../src/adapters/certificates.ts';
import {
  describeCertificate,
  judgeCertificate,
  type KnownTrust,
  type ServedCertificates,
} from '../../../src/cluster/tls/judge-certificate.ts';
import { pemCertificates } from '../../../src/cluster/tls/tls-secrets.ts';
import type { TrustSource } from '../../../src/model/https.ts';

const SECRET: TrustSource = { kind: 'secret', name: 'shop/tls' };
const INPUT: TrustSource = { kind: 'input', name: 'CN=ours' };

let ours: CertificateAuthority;
let others: CertificateAuthority;
/** Issued by ours. */
let chain: readonly string[];

beforeAll(async () => {
  [ours, others] = await Promise.all([createAuthority('ours'), createAuthority('others')]);
  chain = pemCertificates((await ours.issue(['shop.localhost', '*.shop.localhost'])).certificates);
});

const served = (refused: string | null): ServedCertificates => ({
  chain: chain.slice(0, 1),
  protocol: 'TLSv1.3',
  refused,
});
const known = (more: Partial<KnownTrust> = {}): KnownTrust => ({
  mode: 'auto',
  authorities: [],
  systemRoots: [],
  secrets: [],
  now: new Date(),
  ...more,
});
const by = (pem: string, from: TrustSource): KnownTrust['authorities'][number] => ({ pem, from });

describe('what OpenSSL trusts is trusted, and it is said by whom', () => {
  test('by the certificate of the Secret itself', () => {
    const authorities = [by(chain[0] ?? '', SECRET), by(ours.certificate, INPUT)];
    expect(judgeCertificate('shop.localhost', served(null), known({ authorities }))).toEqual({
      kind: 'verified',
      by: SECRET,
    });
  });

  test('by its issuer, also through certificates that the server sends', () => {
    const authorities = [by(others.certificate, SECRET), by(ours.certificate, INPUT)];
    expect(judgeCertificate('shop.localhost', served(null), known({ authorities }))).toMatchObject({ by: INPUT });
  });

  test('by a root of the system', () => {
    expect(
      judgeCertificate('shop.localhost', served(null), known({ systemRoots: ['no PEM', ours.certificate] })),
    ).toEqual({ kind: 'verified', by: { kind: 'system', name: 'CN=ours' } });
  });

  test('whatever the mode, unless nothing is to be verified', () => {
    expect(judgeCertificate('shop.localhost', served(null), known({ mode: 'true' }))).toMatchObject({
      kind: 'verified',
    });
    expect(judgeCertificate('shop.localhost', served(null), known({ mode: 'false' }))).toEqual({
      kind: 'unverified',
      why: 'tls-verify is false',
    });
  });
});

describe('what OpenSSL does not trust', () => {
  const UNKNOWN = 'UNABLE_TO_VERIFY_LEAF_SIGNATURE';

  test('is used where nobody could know its issuer', () => {
    expect(judgeCertificate('shop.localhost', served(UNKNOWN), known())).toMatchObject({
      kind: 'unverified',
      why: expect.stringContaining('issuer is not trusted'),
    });
  });

  test('is refused in the mode true', () => {
    expect(judgeCertificate('shop.localhost', served(UNKNOWN), known({ mode: 'true' }))).toMatchObject({
      kind: 'refused',
    });
  });

  test.each([
    ['a Secret is named for the host', (): Partial<KnownTrust> => ({ secrets: ['shop/tls'] })],
    ['input ca is given', (): Partial<KnownTrust> => ({ authorities: [by(others.certificate, INPUT)] })],
  ])('is refused where %s', (_name, more) => {
    expect(judgeCertificate('shop.localhost', served(UNKNOWN), known(more()))).toMatchObject({ kind: 'refused' });
  });

  const LATER = new Date('2099-01-01T00:00:00Z');
  const EARLIER = new Date('2001-01-01T00:00:00Z');
  const AT = /^20\d\d-\d\d-\d\d \d\d:\d\d UTC$/;

  test.each([
    { code: 'CERT_HAS_EXPIRED', now: LATER, why: 'it expired at ' },
    { code: 'CERT_NOT_YET_VALID', now: EARLIER, why: 'it is only valid from ' },
  ])('is refused where its authority is known, with when it ended or begins: $code', ({ code, now, why }) => {
    const verdict = judgeCertificate('shop.localhost', served(code), known({ systemRoots: [ours.certificate], now }));
    if (verdict.kind !== 'refused') throw new Error(verdict.kind);
    expect([verdict.why.slice(0, why.length), verdict.why.slice(why.length)]).toEqual([why, expect.stringMatching(AT)]);
  });

  test('is refused with the one that has ended, where that is its issuer', async () => {
    const past = { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') };
    const ended = pemCertificates((await (await createAuthority('old', past)).issue(['old'])).certificates).slice(0, 1);
    const of = { ...served('CERT_HAS_EXPIRED'), chain: [...chain.slice(0, 1), ...ended] };
    expect(judgeCertificate('shop.localhost', of, known({ secrets: ['shop/tls'] }))).toEqual({
      kind: 'refused',
      why: 'the certificate of CN=old above it in the chain expired at 2021-01-01 00:00 UTC',
    });
  });

  test('is refused without a date where none that was sent has ended', () => {
    expect(judgeCertificate('shop.localhost', served('CERT_HAS_EXPIRED'), known({ secrets: ['shop/tls'] }))).toEqual({
      kind: 'refused',
      why: 'it, or a certificate above it in the chain, has expired',
    });
  });

  test('is used where nobody could know its issuer, and it is said that it has ended', () => {
    expect(judgeCertificate('shop.localhost', served(UNKNOWN), known({ now: LATER }))).toMatchObject({
      kind: 'unverified',
      why: expect.stringMatching(/issuer is not trusted, .*; and it expired at /),
    });
  });

  test('is refused for another host, with the names that it is for', () => {
    expect(
      judgeCertificate('web.localhost', served('ERR_TLS_CERT_ALTNAME_INVALID'), known({ secrets: ['shop/tls'] })),
    ).toEqual({ kind: 'refused', why: 'it is for shop.localhost, *.shop.localhost, not for web.localhost' });
  });

  test('with a code that is not known here is shown with it', () => {
    expect(judgeCertificate('shop.localhost', served('X'), known())).toMatchObject({ why: 'it is not trusted (X)' });
  });
});

test('a certificate is described without anything secret', () => {
  expect(describeCertificate(chain[0] ?? '')).toEqual({
    subject: 'CN=shop.localhost',
    issuer: 'CN=ours',
    names: ['shop.localhost', '*.shop.localhost'],
    fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
    notBefore: expect.stringMatching(/Z$/),
    notAfter: expect.stringMatching(/Z$/),
    key: 'EC P-256',
  });
});

test('one without a subject, as cert-manager makes them, is called by its names', async () => {
  const long = `${'a'.repeat(60)}.localhost`;
  const { certificates } = await ours.issue([long, 'b.localhost']);
  expect(describeCertificate(pemCertificates(certificates)[0] ?? '').subject).toBe(`${long}, b.localhost`);
});
