import { expect, test } from '@jest/globals';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createAuthority } from '../../src/adapters/certificates.ts';
import type { KeyKind } from '../../src/model/key-kind.ts';

const KINDS: [string, KeyKind, object][] = [
  ['RSA of 2048 bits', { kind: 'rsa', bits: 2048 }, { modulusLength: 2048 }],
  ['P-256', { kind: 'ec', curve: 'P-256' }, { namedCurve: 'prime256v1' }],
  ['P-384', { kind: 'ec', curve: 'P-384' }, { namedCurve: 'secp384r1' }],
  ['P-521', { kind: 'ec', curve: 'P-521' }, { namedCurve: 'secp521r1' }],
  ['Ed25519', { kind: 'ed25519' }, {}],
];

test.each(KINDS)('a certificate for a key of the kind %s is vouched for by its authority', async (_, kind, details) => {
  const authority = await createAuthority('tests, "one"');
  const issued = await authority.issue(['shop.localhost', '*.cart.localhost'], kind);
  const [leaf, root] = [new X509Certificate(issued.certificates), new X509Certificate(authority.certificate)];
  expect(leaf.checkIssued(root) && leaf.verify(root.publicKey)).toBe(true);
  expect(leaf.checkPrivateKey(createPrivateKey(issued.privateKey))).toBe(true);
  expect(leaf.publicKey.asymmetricKeyDetails).toMatchObject(details);
  expect([leaf.checkHost('shop.localhost'), leaf.checkHost('a.cart.localhost')]).not.toContain(undefined);
  expect(leaf.checkHost('other.localhost')).toBeUndefined();
  expect([leaf.ca, root.ca]).toEqual([false, true]);
  expect(issued.certificates.endsWith(authority.certificate)).toBe(true);
  expect(issued.certificates).not.toContain('PRIVATE KEY');
});

test('a name that is too long for a common name stands among the names all the same', async () => {
  const long = `${'a'.repeat(63)}.${'b'.repeat(63)}.localhost`;
  const { certificates } = await (await createAuthority('tests')).issue([long]);
  const leaf = new X509Certificate(certificates);
  expect(leaf.checkHost(long)).toBe(long);
  expect(leaf.subject).toBeFalsy();
});

test('a certificate is valid from the past on and for weeks, or as long as it was asked for', async () => {
  const now = Date.now();
  const usual = new X509Certificate((await (await createAuthority('tests')).issue(['a.localhost'])).certificates);
  expect(Date.parse(usual.validFrom)).toBeLessThan(now);
  expect(Date.parse(usual.validTo)).toBeGreaterThan(now + 30 * 24 * 3_600_000);
  const past = { notBefore: new Date(now - 7_200_000), notAfter: new Date(now - 3_600_000) };
  const ended = new X509Certificate((await (await createAuthority('tests', past)).issue(['a.localhost'])).certificates);
  expect(Date.parse(ended.validTo)).toBeLessThan(now);
});
