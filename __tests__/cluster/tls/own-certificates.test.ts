import { beforeAll, describe, expect, test } from '@jest/globals';
import { createAuthority } from '../../../src/adapters/certificates.ts';
import { type KubernetesObject, parseManifests } from '../../../src/cluster/manifests.ts';
import { bringsCertManager } from '../../../src/cluster/tls/cert-manager.ts';
import { missingCertificates, renewedCertificates } from '../../../src/cluster/tls/own-certificates.ts';
import type { KeyKind } from '../../../src/model/key-kind.ts';

const ingress = (annotations = '{}'): string => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop, annotations: ${annotations}}
spec: {tls: [{hosts: [shop.localhost, "*.shop.localhost"], secretName: shop-tls}], rules: [{host: shop.localhost}]}
`;
const secret = (data: Readonly<Record<string, string>> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'shop-tls', namespace: 'shop' },
  type: 'kubernetes.io/tls',
  data,
});
const WITHOUT = { certManager: false, asked: [] };
const HOSTS = ['shop.localhost', '*.shop.localhost'];
const made = (key: KeyKind) => ({ namespace: 'shop', secret: 'shop-tls', hosts: HOSTS, key });

test('a Secret that nothing provides is made', () => {
  expect(missingCertificates(parseManifests(ingress()), WITHOUT)).toEqual([made({ kind: 'ec', curve: 'P-256' })]);
});

test('one of the manifests is not', () => {
  expect(missingCertificates([...parseManifests(ingress()), secret()], WITHOUT)).toEqual([]);
});

describe('a certificate is for the hosts that are asked', () => {
  const gateway = (hostname = ''): KubernetesObject[] =>
    parseManifests(`
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: g}
spec: {listeners: [{name: a, protocol: HTTPS, port: 443, ${hostname}tls: {certificateRefs: [{name: g}]}}]}
`);
  const asked = ['shop.localhost', 'a.shop.localhost', 'a.b.shop.localhost'];
  test.each([
    { name: 'of a route for every host', objects: gateway(), hosts: asked },
    {
      name: 'of a wildcard, which stands for several labels at a Gateway and for one in a certificate',
      objects: gateway('hostname: "*.shop.localhost", '),
      hosts: ['*.shop.localhost', 'a.b.shop.localhost'],
    },
  ])('$name', ({ objects, hosts }) => {
    expect(missingCertificates(objects, { ...WITHOUT, asked })).toMatchObject([{ secret: 'g', hosts }]);
    const held = { ...secret(), metadata: { name: 'g', namespace: 'default' } };
    expect(renewedCertificates([...objects, held], asked)).toMatchObject([{ secret: 'g', hosts }]);
  });

  test('and for localhost when none is known', () => {
    expect(missingCertificates(gateway(), WITHOUT)).toMatchObject([{ hosts: ['localhost'] }]);
  });
});

const makers: readonly (readonly [string, string])[] = [
  [
    'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: shop-tls, namespace: shop}\n',
    'a SealedSecret',
  ],
  [
    'apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: x, namespace: shop}\nspec: {target: {name: shop-tls}}\n',
    'an ExternalSecret',
  ],
];

test.each(makers)('what an operator makes is left to it: %#', (yaml) => {
  expect(missingCertificates(parseManifests(`${ingress()}---\n${yaml}`), WITHOUT)).toEqual([]);
});

const ISSUER = '{cert-manager.io/cluster-issuer: letsencrypt}';
const certificate = (more: string): string => `
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: x, namespace: shop}
spec: {secretName: shop-tls${more}}
`;

test('cert-manager makes what it is asked for, where it is', () => {
  for (const yaml of [ingress(ISSUER), `${ingress()}---${certificate('')}`])
    expect(missingCertificates(parseManifests(yaml), { ...WITHOUT, certManager: true })).toEqual([]);
  const brought = parseManifests(
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: certificates.cert-manager.io}\n',
  );
  expect([bringsCertManager(brought), bringsCertManager(parseManifests(ingress()))]).toEqual([true, false]);
});

const wanted: readonly (readonly [string, KeyKind])[] = [
  [ingress(ISSUER), { kind: 'rsa', bits: 2048 }],
  [
    ingress(
      '{cert-manager.io/issuer: x, cert-manager.io/private-key-algorithm: ECDSA, cert-manager.io/private-key-size: "384"}',
    ),
    { kind: 'ec', curve: 'P-384' },
  ],
  [`${ingress()}---${certificate('')}`, { kind: 'rsa', bits: 2048 }],
  [`${ingress()}---${certificate(', privateKey: {algorithm: RSA, size: 4096}')}`, { kind: 'rsa', bits: 4096 }],
  [`${ingress()}---${certificate(', privateKey: {algorithm: Ed25519}')}`, { kind: 'ed25519' }],
];

test.each(wanted)('and where it is not, the run makes it with the kind of key that was asked for: %#', (yaml, key) => {
  expect(missingCertificates(parseManifests(yaml), WITHOUT)).toEqual([made(key)]);
});

const KINDS: readonly KeyKind[] = [{ kind: 'rsa', bits: 3072 }, { kind: 'ec', curve: 'P-521' }, { kind: 'ed25519' }];
let issued: readonly string[] = [];

beforeAll(async () => {
  const authority = await createAuthority('x');
  issued = await Promise.all(KINDS.map(async (key) => (await authority.issue(['shop.localhost'], key)).certificates));
});

test('a certificate of the manifests is renewed for the hosts of its routes, with a key of its kind and size', () => {
  for (const [index, key] of KINDS.entries()) {
    const given = secret({ 'tls.crt': Buffer.from(issued[index] ?? '').toString('base64') });
    expect(renewedCertificates([...parseManifests(ingress()), given], [])).toEqual([made(key)]);
  }
  expect(renewedCertificates([...parseManifests(ingress()), secret({ 'tls.crt': 'eA==' })], [])).toMatchObject([
    { key: { kind: 'ec', curve: 'P-256' } },
  ]);
  expect(renewedCertificates(parseManifests(ingress()), [])).toEqual([]);
});
