import { describe, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesObject } from '../../../src/cluster/manifests.ts';
import type { Part } from '../../../src/cluster/parts.ts';
import { everyTargetOf } from '../../../src/stages/loading/targets.ts';
import { renderManifests } from '../../../src/stages/render-manifests.ts';
import { renderedObjects } from '../../../src/stages/rendering/rendered-parts.ts';
import { createWorld, type World } from '../../fakes/context.ts';
import { temporaryFolders } from '../../fakes/folder.ts';

const folder = temporaryFolders();

const HAPROXY = `apiVersion: v1
kind: Namespace
metadata: {name: haproxy}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: haproxy}
spec: {controller: haproxy.org/ingress}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: haproxy, namespace: haproxy}
spec: {template: {spec: {nodeSelector: {ingress-ready: "true"}, containers: [{name: haproxy, image: "haproxy:3", ports: [{containerPort: 8080, hostPort: 80}]}]}}}
`;
const SHOP = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {ingressClassName: nginx, rules: [{host: shop.localhost, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
`;

function world(haproxy: string, inputs: Readonly<Record<string, string>> = {}): World {
  const home = folder();
  for (const [name, yaml] of Object.entries({ haproxy, shop: SHOP })) {
    mkdirSync(join(home, name));
    writeFileSync(join(home, name, 'all.yaml'), yaml);
  }
  const baseline = {
    'baseline-ingress-controller': 'custom',
    'baseline-ingress-manifests': join(home, 'haproxy'),
    'baseline-ingress-namespace': 'haproxy',
    'baseline-ingress-selector': 'app=haproxy',
  };
  return createWorld(folder(), {
    inputs: { manifests: join(home, 'shop'), ...baseline, 'baseline-ingress-class': 'haproxy', ...inputs },
  });
}

const objectsOf = ({ context }: World, part: Part, kind: string): KubernetesObject[] =>
  renderedObjects(context, part).filter((object) => object.kind === kind);

test('two controllers are rendered for their nodes, and the application once, with routes for both', async () => {
  const it = world(HAPROXY);
  await renderManifests(it.context);
  const selector = (part: Part): unknown =>
    (objectsOf(it, part, 'Deployment')[0]?.['spec'] as { template: { spec: { nodeSelector: unknown } } }).template.spec
      .nodeSelector;
  expect(selector('ingress-controller')).toMatchObject({
    'ingress-ready': 'true',
    'k8s-loadtest-ci/ingress-of': 'head',
  });
  expect(selector('baseline-ingress-controller')).toEqual({
    'ingress-ready': 'true',
    'k8s-loadtest-ci/ingress-of': 'base',
  });
  const classOf = ({ metadata, spec }: KubernetesObject): unknown[] => [
    metadata.namespace,
    metadata.name,
    (spec as { ingressClassName?: string }).ingressClassName,
  ];
  expect(objectsOf(it, 'application', 'Ingress').map(classOf)).toEqual([
    ['shop', 'web', 'nginx'],
    ['shop', 'web-base', 'haproxy'],
  ]);
  expect(objectsOf(it, 'prometheus', 'Role').map(({ metadata }) => metadata.namespace)).toContain('haproxy');
});

test('they are what the report names, and both are asked for the hosts of the manifests', async () => {
  const { context } = world(HAPROXY);
  await renderManifests(context);
  const hosts = ['shop.localhost'];
  expect(context.store.state.comparedVersions).toMatchObject({
    subject: 'ingress-controllers',
    base: { label: 'haproxy', images: ['haproxy:3'], hosts },
    head: { label: 'ingress-nginx', manifests: [], hosts },
    namespaces: { base: ['haproxy'], head: ['ingress-nginx'] },
  });
  const targets = [{ host: 'shop.localhost', path: '/' }];
  expect(everyTargetOf(context)).toMatchObject([
    { side: 'base', targets },
    { side: 'head', targets },
  ]);
});

describe('is refused before anything is created', () => {
  test('what both controllers define, each in its own way', async () => {
    const { context } = world(
      `${HAPROXY}---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\nspec: {controller: other}\n`,
    );
    await expect(renderManifests(context)).rejects.toMatchObject({
      code: 'manifest-invalid',
      message: expect.stringContaining('both define IngressClass nginx'),
    });
  });

  test.each([
    {
      name: 'base',
      inputs: { 'baseline-ingress-class': '' },
      message: 'class haproxy of baseline-ingress-controller',
      hint: 'Set baseline-ingress-class: haproxy.',
    },
    {
      name: 'head',
      inputs: { 'ingress-class': 'haproxy', 'baseline-ingress-class': '' },
      message: 'class nginx of ingress-controller',
      hint: 'Set ingress-class: nginx.',
    },
  ])('a controller that no Ingress is for: $name', async ({ inputs, message, hint }) => {
    const { context } = world(HAPROXY, inputs);
    await expect(renderManifests(context)).rejects.toMatchObject({
      code: 'manifest-invalid',
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
  });
});
