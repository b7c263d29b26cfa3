import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { everyTargetOf } from '../../../src/stages/loading/targets.ts';
import { renderManifests } from '../../../src/stages/render-manifests.ts';
import { renderedObjects } from '../../../src/stages/rendering/rendered-parts.ts';
import { createWorld, type World } from '../../fakes/context.ts';
import { temporaryFolders } from '../../fakes/folder.ts';

const folder = temporaryFolders();

const application = (image: string, more = ''): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {spec: {containers: [{name: web, image: "${image}"}]}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {rules: [{host: shop.localhost, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
${more}`;

function world(base: string, head: string, inputs: Readonly<Record<string, string>> = {}): World {
  const home = folder();
  for (const [name, yaml] of Object.entries({ base, head })) {
    mkdirSync(join(home, name));
    writeFileSync(join(home, name, 'app.yaml'), yaml);
  }
  return createWorld(folder(), {
    inputs: { manifests: join(home, 'head'), 'baseline-manifests': join(home, 'base'), prometheus: 'false', ...inputs },
  });
}

test('base and head are rendered side by side, and requests go to the hosts of both', async () => {
  const { context } = world(application('shop:base'), application('shop:head'));
  await renderManifests(context);
  const objects = renderedObjects(context, 'application');
  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)).toEqual([
    'Namespace /base-shop',
    'Deployment base-shop/web',
    'Ingress base-shop/web',
    'Namespace /head-shop',
    'Deployment head-shop/web',
    'Ingress head-shop/web',
  ]);
  expect(context.store.state.comparedVersions).toMatchObject({
    base: { label: 'base', images: ['shop:base'], hosts: ['shop.base.localhost'] },
    head: { label: 'head', images: ['shop:head'], hosts: ['shop.head.localhost'] },
    namespaces: { base: ['base-shop'], head: ['head-shop'] },
  });
  expect(everyTargetOf(context)).toMatchObject([
    { side: 'base', targets: [{ host: 'shop.base.localhost', path: '/' }] },
    { side: 'head', targets: [{ host: 'shop.head.localhost', path: '/' }] },
  ]);
});

test('an ingress class of the inputs is that of both versions', async () => {
  const { context } = world(application('shop:base'), application('shop:head'), { 'ingress-class': 'nginx' });
  await renderManifests(context);
  const ingresses = renderedObjects(context, 'application').filter(({ kind }) => kind === 'Ingress');
  expect(
    ingresses.map(({ metadata, spec }) => [
      metadata.namespace,
      (spec as { ingressClassName?: string }).ingressClassName,
    ]),
  ).toEqual([
    ['base-shop', 'nginx'],
    ['head-shop', 'nginx'],
  ]);
});

describe('is refused before anything is created', () => {
  const CLASS = (value: number): string =>
    `---\napiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: ${String(value)}\n`;

  test('what can not be there twice, with its name', async () => {
    const { context } = world(application('a:1', CLASS(1)), application('a:2', CLASS(2)));
    await expect(renderManifests(context)).rejects.toMatchObject({
      code: 'manifest-invalid',
      message: expect.stringContaining(
        'PriorityClass high belongs to the whole cluster, and the versions define it differently.',
      ) as unknown,
      tryThis: expect.stringMatching(/^diff --recursive --unified \S+base \S+head$/) as unknown,
    });
  });

  test('what differs is shown as Kustomize builds it where both are kustomizations', async () => {
    const { context } = world(application('a:1', CLASS(1)), application('a:2', CLASS(2)));
    const folders = [...context.inputs.manifests, ...context.inputs['baseline-manifests']];
    for (const each of folders) writeFileSync(join(each, 'kustomization.yaml'), 'resources: [app.yaml]\n');
    await expect(renderManifests(context)).rejects.toMatchObject({
      tryThis: expect.stringMatching(/^diff <\(kubectl kustomize \S+base\) <\(kubectl kustomize \S+head\)$/) as unknown,
    });
  });

  test('a comparison without a host that both have', async () => {
    const { context } = world(application('a:1').replace('shop.localhost', 'other.localhost'), application('a:2'));
    await expect(renderManifests(context)).rejects.toMatchObject({
      code: 'manifest-invalid',
      message: 'No host is routed by both versions: shop.localhost.',
    });
  });
});

test('what was left as it is is a warning of the run', async () => {
  const { context } = world(
    application('a:1'),
    `${application('a:2')}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\ndata: {a: "see web.shop there"}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {}\n`,
  );
  await renderManifests(context);
  // Nothing runs behind the routes here.
  const others = context.store.state.warnings.filter((sentence) => !sentence.includes('it answers with 503'));
  expect(others).toEqual([expect.stringMatching(/^ConfigMap shop\/c contains "web\.shop"/)]);
});

describe('versions that git knows', () => {
  const commit = (home: string, branch: string): string => {
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', home, '-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], {
        encoding: 'utf8',
      }).trim();
    git('init', '--quiet', '--initial-branch', branch);
    git('add', '.');
    git('-c', 'commit.gpgsign=false', 'commit', '--quiet', '--message', branch);
    return git('rev-parse', 'HEAD');
  };
  const folderOf = (entry: string | undefined): string => entry ?? '';

  test('are called by branch and commit when each has a checkout of its own', async () => {
    const { context } = world(application('shop:base'), application('shop:head'));
    const base = commit(folderOf(context.inputs['baseline-manifests'][0]), 'main');
    const head = commit(folderOf(context.inputs.manifests[0]), 'topic');
    writeFileSync(join(folderOf(context.inputs.manifests[0]), 'app.yaml'), application('shop:next'));
    await renderManifests(context);
    expect(context.store.state.comparedVersions).toMatchObject({
      base: { label: `main ${base.slice(0, 7)}`, revision: { commit: base, branch: 'main' } },
      head: { label: `topic ${head.slice(0, 7)}`, revision: { commit: head, branch: 'topic', modified: true } },
    });
  });

  test('are base and head in two folders of one checkout', async () => {
    const { context } = world(application('shop:base'), application('shop:head'));
    commit(join(folderOf(context.inputs.manifests[0]), '..'), 'main');
    await renderManifests(context);
    const { base, head } = context.store.state.comparedVersions ?? {};
    expect([base, head]).toMatchObject([{ label: 'base' }, { label: 'head' }]);
    expect([base?.revision, head?.revision]).toEqual([undefined, undefined]);
  });
});
