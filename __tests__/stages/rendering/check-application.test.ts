import { describe, expect, test } from '@jest/globals';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeObject } from '../../../src/cluster/manifest-entries.ts';
import { buildReport } from '../../../src/report/build-report.ts';
import { renderManifests } from '../../../src/stages/render-manifests.ts';
import { renderedObjects } from '../../../src/stages/rendering/rendered-parts.ts';
import { createWorld, type World } from '../../fakes/context.ts';
import { temporaryFolders } from '../../fakes/folder.ts';

const folder = temporaryFolders();

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`;
const ROUTE = `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {rules: [{host: web.localhost, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
`;
const BOT = `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: bot, labels: {app: bot}}
spec: {template: {metadata: {labels: {app: bot}}, spec: {containers: [{name: bot, image: bot}]}}}
`;
const MONITOR = '---\napiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: web}\n';

/** A world with manifests of these versions, each a file or several by name. */
function world(
  versions: { head: string | Record<string, string>; base?: string },
  inputs: Record<string, string> = {},
): World & { home: string } {
  const home = folder();
  for (const [version, given] of Object.entries(versions)) {
    mkdirSync(join(home, version));
    const files = typeof given === 'string' ? { 'app.yaml': given } : given;
    for (const [name, yaml] of Object.entries(files)) writeFileSync(join(home, version, name), yaml);
  }
  const made = createWorld(folder(), {
    inputs: {
      manifests: join(home, 'head'),
      ...(versions.base === undefined ? {} : { 'baseline-manifests': join(home, 'base') }),
      prometheus: 'false',
      'ingress-controller': 'traefik',
      ...inputs,
    },
  });
  return { ...made, home };
}

const applied = ({ context }: World): string[] => renderedObjects(context, 'application').map(describeObject);

describe('input leave-out', () => {
  test('takes objects away, and log and report say which', async () => {
    const one = world({ head: WEB + ROUTE + BOT + MONITOR }, { 'leave-out': 'Deployment/bot\nServiceMonitor/*' });
    await renderManifests(one.context);
    expect(applied(one)).toEqual(['Deployment default/web', 'Service default/web', 'Ingress default/web']);
    expect(one.logged('info')).toContain(
      'Left out by input leave-out: Deployment default/bot, ServiceMonitor default/web',
    );
    expect(one.context.store.state.warnings).toEqual([]);
    const report = buildReport(one.context.store.state, '2026-11-23T10:00:00.000Z');
    expect(report).toMatchObject({
      schemaVersion: '1.4',
      leftOut: ['Deployment default/bot', 'ServiceMonitor default/web'],
    });
  });

  test('holds for both versions, and a line that only one of them needs is well', async () => {
    const one = world({ base: WEB + ROUTE + BOT, head: WEB + ROUTE }, { 'leave-out': 'app=bot\napp=nobody' });
    await renderManifests(one.context);
    expect(applied(one)).not.toContain('Deployment base-default/bot');
    expect(one.context.store.state.warnings).toEqual([
      'Input leave-out, app=nobody: nothing in the manifests has that label, so it left nothing out.',
    ]);
  });

  test('that leaves nothing is refused', async () => {
    const { context } = world({ head: WEB }, { 'leave-out': 'app=web' });
    await expect(renderManifests(context)).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringMatching(
        /^Input leave-out removes every object of .*: Deployment default\/web, Service default\/web\.$/,
      ) as unknown,
    });
  });
});

describe('what can not work is refused before anything is made', () => {
  test('all of it at once, with the lines to paste', async () => {
    const { context } = world({
      head: `${WEB}${ROUTE}${MONITOR}---\napiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n`,
    });
    await expect(renderManifests(context)).rejects.toMatchObject({
      code: 'manifest-invalid',
      message: expect.stringMatching(
        /ServiceMonitor default\/web[^]*leave-out: \|\n {2}ServiceMonitor\/web\nKubernetes 1\.\d+ no longer has PodDisruptionBudget/,
      ) as unknown,
      hint: 'Nothing was created.',
    });
  });

  test('a base without any route', async () => {
    const { context } = world({ base: WEB, head: WEB + ROUTE });
    await expect(renderManifests(context)).rejects.toMatchObject({
      code: 'manifest-invalid',
      message: expect.stringMatching(
        /^In baseline-manifests: No Ingress in .*base leads to the application, so base would never answer\. [^]*\nexpose: \|\n {2}web\.localhost=default\/web:80$/,
      ) as unknown,
    });
  });

  test('two objects of one name, with the files that hold them, the namespace given or not', async () => {
    const { context, home } = world({
      head: {
        'a.yaml': WEB + ROUTE,
        'b.yaml':
          'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: default}\nspec: {ports: [{port: 81}]}\n',
      },
    });
    await expect(renderManifests(context)).rejects.toMatchObject({
      code: 'manifest-invalid',
      message: `Input manifests: Service default/web is there twice, with different contents: in ${home}/head/a.yaml and in ${home}/head/b.yaml. Remove one of the two, or give the files that you need instead of their folder.`,
    });
  });
});

test('what may not work as its author thinks is a warning, once for both versions', async () => {
  const needs = `${WEB.replace('image: web', 'image: web, envFrom: [{secretRef: {name: db}}]')}${ROUTE}`;
  const one = world({ base: needs, head: needs });
  await renderManifests(one.context);
  expect(one.context.store.state.warnings).toEqual([
    expect.stringMatching(/^Secret default\/db is not in the manifests/),
  ]);
});

test('of a cluster that exists nothing is known that could be missing', async () => {
  const home = folder();
  writeFileSync(join(home, 'kubeconfig'), 'apiVersion: v1\n');
  const one = world(
    { head: WEB.replace('image: web', 'image: web, envFrom: [{secretRef: {name: db}}]') + ROUTE + MONITOR },
    {
      kubeconfig: join(home, 'kubeconfig'),
      context: 'staging',
      hosts: 'web.localhost',
      'allow-hosts': 'web.localhost',
      'ingress-controller': 'nginx',
      prometheus: 'true',
    },
  );
  await renderManifests(one.context);
  expect(one.context.store.state.warnings).toEqual([]);
});

describe('files that hold no manifests, and folders that are not read', () => {
  test.each([
    ['compose.yaml', 'services:\n  web: {image: web}\n', /Docker Compose.*kompose convert/],
    ['values.yaml', 'image: web\n', /file of a Helm chart/],
    ['skaffold.yaml', 'apiVersion: skaffold/v4beta11\nkind: Config\n', /Skaffold/],
    ['web.yaml', 'image: {{ .Values.image }}\n', /template of a Helm chart/],
  ])('%s is told apart', async (name, text, expected) => {
    const { context } = world({ head: { [name]: text } });
    await expect(renderManifests(context)).rejects.toMatchObject({
      code: 'manifest-invalid',
      message: expect.stringMatching(expected),
    });
  });

  test('the folders below one without manifests are offered', async () => {
    const one = world({ head: {} });
    for (const [place, text] of [
      ['base/kustomization.yaml', 'resources: []\n'],
      ['overlays/ci/kustomization.yaml', 'resources: []\n'],
      ['chart/Chart.yaml', 'name: web\n'],
      ['chart/templates/web.yaml', WEB],
      ['docs/notes.yaml', 'kind: none\n'],
      ['.hidden/web.yaml', WEB],
    ] as const) {
      mkdirSync(join(one.home, 'head', place, '..'), { recursive: true });
      writeFileSync(join(one.home, 'head', place), text);
    }
    const head = join(one.home, 'head');
    await expect(renderManifests(one.context)).rejects.toMatchObject({
      message: expect.stringContaining(
        `manifests: |\n  ${join(head, 'base')}\n  ${join(head, 'chart')}\n  ${join(head, 'overlays', 'ci')}`,
      ),
    });
  });

  test('manifests below a folder are not told that have a line of their own, and a link that leads nowhere is none', async () => {
    const home = folder();
    const [outer, inner] = [join(home, 'app'), join(home, 'app', 'crds')];
    mkdirSync(join(outer, 'other'), { recursive: true });
    mkdirSync(inner);
    writeFileSync(join(outer, 'web.yaml'), WEB + ROUTE);
    writeFileSync(join(inner, 'web.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n');
    symlinkSync('/nowhere', join(outer, 'other', 'gone.yaml'));
    const { context } = createWorld(folder(), { inputs: { manifests: `${inner}\n${outer}`, prometheus: 'false' } });
    await renderManifests(context);
    expect(context.store.state.warnings.filter((sentence) => sentence.includes('not read'))).toEqual([]);
  });

  test('manifests below a folder that has some are told', async () => {
    const one = world({ head: WEB + ROUTE });
    mkdirSync(join(one.home, 'head', 'db'));
    writeFileSync(join(one.home, 'head', 'db', 'db.json'), '{\n  "kind": "Pod",\n  "apiVersion": "v1"\n}');
    await renderManifests(one.context);
    expect(one.context.store.state.warnings).toEqual(
      expect.arrayContaining([expect.stringMatching(/manifests in folders below it are not read: \S+head\/db\. Give/)]),
    );
  });
});

test('what was copied from a cluster is applied as new, and that is said', async () => {
  const one = world({
    head: `${WEB}${ROUTE}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, uid: 1-2, resourceVersion: "7"}\n`,
  });
  await renderManifests(one.context);
  const copied = renderedObjects(one.context, 'application').find(({ kind }) => kind === 'ConfigMap');
  expect(copied?.metadata).toEqual({ name: 'a', namespace: 'default' });
  expect(one.context.store.state.warnings).toEqual(
    expect.arrayContaining([expect.stringMatching(/^Copied from a cluster: ConfigMap default\/a\./)]),
  );
});
