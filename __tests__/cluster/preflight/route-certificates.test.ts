import { beforeAll, describe, expect, test } from '@jest/globals';
import { createAuthority } from '../../../src/adapters/certificates.ts';
import { type KubernetesObject, parseManifests } from '../../../src/cluster/manifests.ts';
import { routeCertificates } from '../../../src/cluster/preflight/route-certificates.ts';

const INGRESS = parseManifests(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec: {tls: [{hosts: [shop.localhost, "*.shop.localhost"], secretName: shop-tls}], rules: [{host: shop.localhost}]}
`);
const NOW = new Date('2026-12-02T12:00:00Z');
const USE = { now: NOW, isVerified: true, isReplaced: false };

let good = '';
let ended = '';
let early = '';
let forOthers = '';

beforeAll(async () => {
  const valid = { notBefore: new Date('2026-01-01'), notAfter: new Date('2027-01-01') };
  const issue = async (names: [string, ...string[]], validity = valid): Promise<string> =>
    (await (await createAuthority('x', validity)).issue(names)).certificates;
  [good, ended, early, forOthers] = await Promise.all([
    issue(['*.shop.localhost']),
    issue(['shop.localhost'], { ...valid, notAfter: new Date('2026-12-02T03:59:24Z') }),
    issue(['shop.localhost'], { ...valid, notBefore: new Date('2026-12-03') }),
    issue(['web.localhost', 'api.localhost']),
  ]);
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const secret = (fields: object, namespace = 'shop'): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'shop-tls', namespace },
  ...fields,
});
const holding = (certificate: string): KubernetesObject =>
  secret({ data: { 'tls.crt': base64(certificate), 'tls.key': base64('key') } });
const texts = (objects: readonly KubernetesObject[], use: Partial<typeof USE> = {}): string[] =>
  routeCertificates([...INGRESS, ...objects], { ...USE, ...use }).map(({ text, fatal }) => `${String(fatal)} ${text}`);

describe('the Secret of a route is told when no certificate that holds can come of it', () => {
  const table: readonly (readonly [name: string, object: () => KubernetesObject, said: RegExp])[] = [
    ['ended', () => holding(ended), /has a certificate that expired at 2026-12-02 03:59 UTC\./],
    ['not begun', () => holding(early), /only valid from 2026-12-03 00:00 UTC/],
    [
      'for other hosts',
      () => holding(forOthers),
      /a certificate for web\.localhost, api\.localhost, which covers none of the routes' hosts: shop\.localhost, \*\.shop\.localhost\./,
    ],
    ['in no PEM', () => holding('MIIB'), /no PEM certificate under tls\.crt, so no/],
    ['encoded twice', () => holding(base64(good)), /no PEM certificate under tls\.crt: it is base64-encoded twice/],
    [
      'cut off',
      () => holding('-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n'),
      /that can't be read; check whether it is truncated/,
    ],
    ['without a key', () => secret({ stringData: { 'tls.crt': good } }), /has no key \(tls\.key\)/],
    ['without a certificate', () => secret({ stringData: { 'tls.key': 'key' } }), /has no certificate \(tls\.crt\)/],
  ];
  test.each(table)('%s', (_name, object, said) => {
    expect(texts([object()])).toEqual([expect.stringMatching(said)]);
    expect(texts([object()])[0]).toMatch(/^false Secret shop\/shop-tls .*\(leave-out: Secret\/shop-tls\)/);
    // Two versions get certificates of the run.
    expect(texts([object()], { isReplaced: true })).toEqual([]);
  });

  test('dates and names are nothing to who verifies none', () => {
    for (const certificate of [ended, early, forOthers])
      expect(texts([holding(certificate)], { isVerified: false })).toEqual([]);
  });
});

test('one that holds, that is left empty for an operator, or that nothing brings is not told', () => {
  for (const objects of [[holding(good)], [secret({ data: { 'tls.crt': '', 'tls.key': '' } })], []])
    expect(texts(objects)).toEqual([]);
});

test('one in another namespace is told, unless somebody makes that of the route', () => {
  const other = secret({ data: { 'tls.crt': base64(good), 'tls.key': base64('key') } }, 'certificates');
  expect(texts([other])).toEqual([
    expect.stringMatching(/^false Secret certificates\/shop-tls is in namespace certificates, .* in shop, where/),
  ]);
  const sealed = parseManifests(
    'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: shop-tls, namespace: shop}\n',
  );
  expect(texts([other, ...sealed])).toEqual([]);
});

test('one that a Gateway names in another namespace needs a grant there', () => {
  const gateway = parseManifests(`
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: edge}
spec: {listeners: [{name: a, protocol: HTTPS, port: 443, tls: {certificateRefs: [{name: shop-tls, namespace: shop}]}}]}
`);
  const grant = (name: string): KubernetesObject[] =>
    parseManifests(`
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: {name: g, namespace: shop}
spec: {from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: edge}], to: [{group: "", kind: Secret${name}}]}
`);
  const told = (...more: KubernetesObject[]): number =>
    texts([...gateway, holding(good), ...more]).filter((text) => text.includes('no ReferenceGrant there allows it'))
      .length;
  expect(told()).toBe(1);
  expect(told(...grant(''))).toBe(0);
  expect([told(...grant(', name: shop-tls')), told(...grant(', name: other'))]).toEqual([0, 1]);
});
