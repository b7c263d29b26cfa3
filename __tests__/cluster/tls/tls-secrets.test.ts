import { expect, test } from '@jest/globals';
import { parseManifests } from '../../../src/cluster/manifests.ts';
import { certificatesIn, isLeftEmpty, pemCertificates, routeSecrets } from '../../../src/cluster/tls/tls-secrets.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n';
const KEY = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n';

test('the Secrets that routes name, once each with all of their hosts', () => {
  const objects = parseManifests(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: a, namespace: shop}
spec: {tls: [{hosts: [a.localhost], secretName: x}, {hosts: [none.localhost]}], rules: [{host: a.localhost}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: b, namespace: shop}
spec: {tls: [{secretName: x}], rules: [{host: b.localhost}, {host: "*.b.localhost"}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: g}
spec:
  listeners:
    - {name: a, protocol: HTTPS, port: 443, hostname: g.localhost, tls: {certificateRefs: [{name: g}, {name: x, namespace: shop}]}}
    - {name: b, protocol: HTTPS, port: 443, tls: {certificateRefs: [{name: all}, {name: other, kind: Thing}]}}
    - {name: c, protocol: TLS, port: 8443, tls: {certificateRefs: [{name: passed}]}}
---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: r}
spec: {routes: [{match: "Host(\`r.localhost\`)"}], tls: {secretName: r}}
`);
  expect(routeSecrets(objects)).toEqual([
    { namespace: 'shop', name: 'x', hosts: ['a.localhost', 'b.localhost', '*.b.localhost', 'g.localhost'] },
    { namespace: 'default', name: 'g', hosts: ['g.localhost'] },
    { namespace: 'default', name: 'all', hosts: ['*'] },
    { namespace: 'default', name: 'r', hosts: ['r.localhost'] },
  ]);
});

test('of a Secret only the certificates are read', () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    data: { 'tls.crt': Buffer.from(`${PEM}${PEM}`).toString('base64'), 'tls.key': Buffer.from(KEY).toString('base64') },
    stringData: { 'ca.crt': `comment\n${PEM}${KEY}` },
  };
  expect(certificatesIn(secret)).toEqual([PEM, PEM, PEM]);
  expect(certificatesIn({ ...secret, data: { 'tls.crt': 7 }, stringData: {} })).toEqual([]);
  expect(pemCertificates(KEY)).toEqual([]);
});

test.each([
  { fields: { data: { 'tls.crt': '', 'tls.key': '' } }, expected: true },
  { fields: {}, expected: true },
  { fields: { data: { 'tls.crt': 'eA==' } }, expected: false },
  { fields: { data: { 'tls.crt': '' }, stringData: { 'ca.crt': PEM } }, expected: false },
])('a Secret that is there to be filled is told from one that holds something: $fields', ({ fields, expected }) => {
  expect(isLeftEmpty({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, ...fields })).toBe(expected);
});
