import { describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderManifests } from '../../../src/stages/render-manifests.ts';
import { renderedHooks, renderedObjects } from '../../../src/stages/rendering/rendered-parts.ts';
import { validate } from '../../../src/stages/validate.ts';
import { createWorld, type World, type WorldOptions } from '../../fakes/context.ts';
import { temporaryFolders } from '../../fakes/folder.ts';

const folder = temporaryFolders();

const ROUTE = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: $2}
spec: {ingressClassName: nginx, rules: [{host: shop.localhost, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: $2, port: {number: 80}}}}]}}]}
`;
const WORKLOAD = `apiVersion: apps/v1
kind: Deployment
metadata: {name: $2}
spec: {template: {spec: {containers: [{name: c, image: "shop:1"}]}}}
`;
const HOOK = `apiVersion: batch/v1
kind: Job
metadata: {name: $2-migrate, annotations: {"helm.sh/hook": pre-install}}
spec: {template: {spec: {containers: [{name: c, image: "migrate:1"}]}}}
`;

/** A chart's folder, and a Helm that prints what it is told to and writes down its arguments. */
function chartWorld(
  options: WorldOptions & { readonly script?: string; readonly chart?: string } = {},
): World & { readonly chart: string; readonly called: () => string[] } {
  const home = folder();
  const chart = join(home, 'chart');
  mkdirSync(chart);
  writeFileSync(join(chart, 'Chart.yaml'), options.chart ?? 'apiVersion: v2\nname: Shop_Web\nversion: 1.0.0\n');
  const helm = join(home, 'helm');
  const printed = options.script ?? `cat <<END\n${[ROUTE, WORKLOAD, HOOK].join('---\n')}END`;
  writeFileSync(helm, `#!/bin/sh\necho "$@" >> '${home}/called'\n[ "$1" = template ] || exit 0\n${printed}\n`, {
    mode: 0o755,
  });
  const world = createWorld(folder(), {
    ...options,
    inputs: { manifests: chart, prometheus: 'false', ...options.inputs },
  });
  const tool = { version: 'v3.22.0', path: helm, sha256: 'a'.repeat(64) };
  world.context.store.update({ tools: { ...world.context.store.state.tools, helm: tool } });
  const called = (): string[] =>
    existsSync(join(home, 'called')) ? readFileSync(join(home, 'called'), 'utf8').trimEnd().split('\n') : [];
  return { ...world, chart, called };
}

test('a chart is rendered with a release of its name, for the Kubernetes of the node image', async () => {
  const { context, chart, called } = chartWorld({ inputs: { namespace: 'web' } });
  await renderManifests(context);
  expect(called()).toEqual([`template shop-web ${chart} --namespace web --kube-version 1.35.8 --include-crds`]);
  const names = renderedObjects(context, 'application').map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(names).toEqual(['Namespace web', 'Ingress shop-web', 'Deployment shop-web']);
  expect(renderedHooks(context, 'pre-install')).toMatchObject([
    { metadata: { name: 'shop-web-migrate', namespace: 'web' } },
  ]);
  expect(context.store.state.foundTargets).toEqual([{ host: 'shop.localhost', path: '/' }]);
  expect(context.store.state.images).toEqual(expect.arrayContaining(['migrate:1', 'shop:1']));
});

test('each version of a comparison has values and settings of its own, and its own hooks', async () => {
  const it = chartWorld();
  const { context, called } = createWith(it, {
    'helm-values': 'head.yaml',
    'helm-set': 'a=1\nb=2',
    'helm-release': 'shop',
    'baseline-helm-values': 'base.yaml',
    'baseline-manifests': it.chart,
  });
  await renderManifests(context);
  expect(called().map((line) => line.replace(/.*--include-crds /, ''))).toEqual([
    '--values head.yaml --set a=1 --set b=2',
    '--values base.yaml',
  ]);
  expect(called().every((line) => line.startsWith('template shop '))).toBe(true);
  const hooks = renderedHooks(context, 'pre-install').map(({ metadata }) => metadata.namespace);
  expect(new Set(hooks).size).toBe(2);

  function createWith({ context: { inputs, ...rest }, called: calls }: typeof it, given: Record<string, string>) {
    const world = createWorld(folder(), {
      inputs: { manifests: inputs.manifests.join('\n'), prometheus: 'false', ...given },
    });
    world.context.store.update({ tools: rest.store.state.tools });
    return { context: { ...world.context, shell: rest.shell }, called: calls };
  }
});

/** Without those of the routes: the charts here have no Services. */
const warningsOf = ({ store }: World['context']): string[] =>
  store.state.warnings.filter((sentence) => !sentence.startsWith('Ingress '));

describe('dependencies', () => {
  const CHART = `apiVersion: v2\nname: shop\ndependencies: [{name: redis, version: 1.x, repository: "https://x.example.com"}]\n`;

  test('that are not in charts/ are got as the lock names them', async () => {
    const { context, chart, called, logged } = chartWorld({ chart: CHART });
    writeFileSync(join(chart, 'Chart.lock'), 'dependencies: [{name: redis, version: 1.2.3}]\n');
    await renderManifests(context);
    expect(called().slice(0, 2)).toEqual(['env HELM_REPOSITORY_CONFIG', `dependency build ${chart}`]);
    expect(warningsOf(context)).toEqual([]);
    expect(logged('info')).toContain(`${chart}: Helm gets redis into its charts folder`);
  });

  test('without a lock are got with a warning', async () => {
    const { context } = chartWorld({ chart: CHART });
    await renderManifests(context);
    expect(warningsOf(context)).toEqual([expect.stringContaining('has no Chart.lock')]);
  });

  test('that are there are not asked for', async () => {
    const { context, chart, called } = chartWorld({ chart: CHART });
    mkdirSync(join(chart, 'charts'));
    writeFileSync(join(chart, 'charts', 'redis-1.2.3.tgz'), '');
    await renderManifests(context);
    expect(called()).toHaveLength(1);
  });
});

test('what Helm refuses is told with its words and a command', async () => {
  const { context, chart } = chartWorld({
    script: 'echo "Error: execution error at (x.yaml:3): give a host" >&2; exit 1',
  });
  await expect(renderManifests(context)).rejects.toMatchObject({
    code: 'manifest-invalid',
    message: `Input manifests: ${JSON.stringify(chart)}: Helm does not render it: execution error at (x.yaml:3): give a host`,
    tryThis: expect.stringContaining(`helm template shop-web ${chart} --namespace default`),
  });
});

test('a chart in a registry without a version is rendered with a warning', async () => {
  const it = chartWorld({ inputs: { manifests: 'oci://ghcr.io/me/shop' } });
  await renderManifests(it.context);
  expect(it.called()[0]).toContain('template shop oci://ghcr.io/me/shop --namespace');
  expect(warningsOf(it.context)).toEqual([expect.stringContaining('oci://ghcr.io/me/shop names no version')]);
});

test('a controller of one’s own is no chart: nobody would run its hooks', async () => {
  const it = chartWorld();
  const world = createWorld(folder(), {
    inputs: {
      'ingress-controller': 'custom',
      'ingress-manifests': it.chart,
      'ingress-namespace': 'x',
      'ingress-selector': 'a=b',
    },
  });
  await expect(renderManifests(world.context)).rejects.toMatchObject({
    message: expect.stringContaining('it is a Helm chart. Render it first'),
  });
});

describe('inputs for charts are refused before anything is created', () => {
  const faultOf = async (world: World): Promise<string> =>
    await validate(world.context).then(
      () => '',
      (error: unknown) => (error as Error).message,
    );

  test('without a chart, without the file, and one release for two charts', async () => {
    const it = chartWorld();
    const plain = folder();
    writeFileSync(join(plain, 'app.yaml'), WORKLOAD);
    const world = (inputs: Record<string, string>): World => createWorld(folder(), { up: false, inputs });
    expect(await faultOf(world({ manifests: plain, 'helm-set': 'a=1' }))).toBe(
      `Input helm-set is for a Helm chart, but ${plain} has no Chart.yaml.`,
    );
    expect(await faultOf(world({ manifests: it.chart, 'helm-values': '/nonexistent.yaml' }))).toBe(
      'Input helm-values names "/nonexistent.yaml", but there is no such file.',
    );
    expect(await faultOf(world({ manifests: `${it.chart}\noci://x/y:1`, 'helm-release': 'shop' }))).toContain(
      'Input helm-release is one name, but manifests holds 2 charts',
    );
    expect(await faultOf(world({ 'helm-values': 'x.yaml' }))).toContain('Input helm-values');
    expect(await faultOf(world({ manifests: it.chart, 'baseline-helm-set': 'a=1' }))).toContain('baseline-helm-set');
  });

  test('values of head alone are a warning', async () => {
    const it = chartWorld();
    const { context } = createWorld(folder(), {
      up: false,
      inputs: { manifests: it.chart, 'baseline-manifests': it.chart, 'helm-set': 'a=1' },
    });
    await validate(context);
    expect(context.store.state.warnings).toContainEqual(expect.stringContaining('Input helm-set is for head only'));
  });
});
