import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createAuthority } from '../../src/adapters/certificates.ts';
import { servedByTraefik } from '../../src/cluster/gateways.ts';
import { parseManifests, toYaml } from '../../src/cluster/manifests.ts';
import { deploy } from '../../src/stages/deploy.ts';
import type { ComparedVersions } from '../../src/state.ts';
import { APPLICATION, createWorld, render, type World } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';

const folder = temporaryFolders();

const INGRESS = `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: echo}
spec: {tls: [{hosts: [shop.localhost], secretName: shop-tls}], rules: [{host: shop.localhost}]}
`;
const secret = (certificates: string): string => `---
apiVersion: v1
kind: Secret
metadata: {name: shop-tls, namespace: echo}
type: kubernetes.io/tls
data: {tls.crt: ${Buffer.from(certificates).toString('base64')}, tls.key: a2V5, other: b3RoZXI=}
`;
const side = (label: string) => ({ label, manifests: [], images: [], hosts: [] });
const comparedVersions: ComparedVersions = {
  base: side('base'),
  head: side('head'),
  namespaces: { base: ['base-shop'], head: ['echo'] },
  targets: [{ host: 'shop.localhost', path: '/' }],
};

interface Applied {
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
}

/** The Secret as it went to the cluster. */
const applied = ({ tools }: World): Applied =>
  (
    JSON.parse(readFileSync(join(tools.world, 'applied', encodeURIComponent('Secret/echo/shop-tls')), 'utf8')) as {
      readonly object: Applied;
    }
  ).object;

const textOf = ({ data }: Applied, field: string): string => Buffer.from(data[field] ?? '', 'base64').toString();

/** Every text that a run leaves behind. */
function textsIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [readFileSync(path, 'latin1')];
  return readdirSync(path).flatMap((name) => textsIn(join(path, name)));
}

test('a Secret that a route names and nothing provides is made, and its key is in no file and no line of the log', async () => {
  const one = createWorld(folder());
  render(one, 'application', `${APPLICATION}${INGRESS}`);
  await deploy(one.context);
  const secretMade = applied(one);
  const leaf = new X509Certificate(textOf(secretMade, 'tls.crt'));
  expect(leaf.checkPrivateKey(createPrivateKey(textOf(secretMade, 'tls.key')))).toBe(true);
  expect([secretMade.type, leaf.checkHost('shop.localhost')]).toEqual(['kubernetes.io/tls', 'shop.localhost']);
  const { ownCertificates, warnings } = one.context.store.state;
  expect(ownCertificates?.secrets).toEqual(['echo/shop-tls']);
  expect(new X509Certificate(ownCertificates?.authority ?? '').ca).toBe(true);
  expect(warnings).toEqual([
    expect.stringMatching(/^The routes name Secret echo\/shop-tls for TLS, but nothing in the manifests/),
  ]);
  expect(one.logged('info')).toContain(
    'Secret echo/shop-tls gets a certificate of the run for shop.localhost (EC P-256)',
  );
  for (const text of [...textsIn(one.outputDir), ...one.runner.log]) expect(text).not.toContain('PRIVATE KEY');
});

test('the Secret of a Gateway that the run made is made without a warning', async () => {
  const one = createWorld(folder());
  const route = parseManifests(
    'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: shop, namespace: echo}\nspec: {parentRefs: [{name: public, port: 443}], hostnames: [shop.localhost]}\n',
  );
  const { objects } = servedByTraefik(route, []);
  render(one, 'application', `${APPLICATION}---\n${toYaml(objects)}`);
  await deploy(one.context);
  expect(one.context.store.state.ownCertificates?.secrets).toEqual(['echo/public-tls']);
  expect(one.context.store.state.warnings).toEqual([]);
});

test('what the manifests hold is left alone', async () => {
  const one = createWorld(folder());
  const { certificates } = await (await createAuthority('x')).issue(['shop.localhost']);
  render(one, 'application', `${APPLICATION}${INGRESS}${secret(certificates)}`);
  await deploy(one.context);
  expect(one.context.store.state.ownCertificates).toBeUndefined();
  expect(textOf(applied(one), 'tls.crt')).toBe(certificates);
});

test('in a comparison it is replaced, with a key of the same kind', async () => {
  const one = createWorld(folder(), { state: { comparedVersions } });
  const { certificates } = await (await createAuthority('x')).issue(['shop.localhost'], { kind: 'rsa', bits: 2048 });
  render(one, 'application', `${APPLICATION}${INGRESS}${secret(certificates)}`);
  await deploy(one.context);
  expect(one.context.store.state.ownCertificates?.secrets).toEqual(['echo/shop-tls']);
  expect(one.logged('info')).toContain(
    'Secret echo/shop-tls gets a certificate of the run for shop.localhost (RSA 2048)',
  );
  const leaf = new X509Certificate(textOf(applied(one), 'tls.crt'));
  expect([leaf.issuer, leaf.publicKey.asymmetricKeyDetails?.modulusLength]).toEqual([
    'CN=k8s-loadtest-ci authority of one run',
    2048,
  ]);
  // What else it holds stays.
  expect(textOf(applied(one), 'other')).toBe('other');
  expect(one.logged('warning')).toEqual([expect.stringContaining('Each version has its own host names')]);
});
