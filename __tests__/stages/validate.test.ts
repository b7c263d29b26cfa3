import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { openRendered } from '../../src/adapters/rendered-manifests.ts';
import { PARTS } from '../../src/cluster/parts.ts';
import { buildReport } from '../../src/report/build-report.ts';
import { targetsOf } from '../../src/stages/loading/targets.ts';
import { sha256For } from '../../src/stages/preflight/check-checksums.ts';
import { renderManifests } from '../../src/stages/render-manifests.ts';
import { renderedHooks, renderedObjects } from '../../src/stages/rendering/rendered-parts.ts';
import { validate } from '../../src/stages/validate.ts';
import { APPLICATION, createWorld, type World, type WorldOptions, writeApplication } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { ON_A_LAPTOP, ON_GITHUB } from '../fakes/state.ts';

const folder = temporaryFolders();
const world = (options: WorldOptions = {}): World => createWorld(folder(), { up: false, ...options });

const NOTHING_CREATED = /^(info|context inspect|container inspect|image inspect|network ls|ps)\b/;

async function faultOf({ context, tools }: World): Promise<{ code: string; message: string; hint?: string }> {
  const error: unknown = await validate(context).then(
    () => new Error('it passed'),
    (thrown: unknown) => thrown,
  );
  for (const line of tools.lines()) expect(line).toMatch(NOTHING_CREATED);
  return error as { code: string; message: string };
}

test('a machine with Docker passes, and is described for the report', async () => {
  const { context, logged } = world();
  await validate(context);
  expect(context.store.state.environment).toMatchObject({
    dockerVersion: '28.0.4',
    cgroupVersion: '2',
    nodeVersion: process.version,
  });
  expect(logged('info')).toContain('Docker 28.0.4, cgroup v2');
});

describe('what is wrong is found before anything is created', () => {
  const table: { name: string; options: WorldOptions; code: string; message: RegExp }[] = [
    {
      name: 'bad inputs, all of them, before anything else is looked at',
      options: { inputs: { requests: '-5', hosts: 'a b' } },
      code: 'input-invalid',
      message: /^Input hosts is "a b".*\nInput requests is "-5"/,
    },
    {
      name: 'an engine on another machine',
      options: { scenario: { rules: [{ tool: 'docker', match: 'context inspect', stdout: 'tcp://docker:2375\n' }] } },
      code: 'docker-elsewhere',
      message: /^The Docker engine is at tcp:\/\/docker:2375, .* 127\.0\.0\.1 of that machine/,
    },
    {
      name: 'Docker that is down',
      options: {
        scenario: {
          rules: [{ tool: 'docker', match: 'info', exit: 1, stderr: 'Cannot connect to the Docker daemon' }],
        },
      },
      code: 'docker-unreachable',
      message: /Cannot connect/,
    },
    {
      name: 'Docker that is down, beside images that it can’t be asked for and a folder that is missing',
      options: {
        inputs: { images: 'shop:ci', manifests: '/nonexistent/app' },
        scenario: { rules: [{ tool: 'docker', match: '', exit: 1, stderr: 'Cannot connect to the Docker daemon' }] },
      },
      code: 'docker-unreachable',
      message: /Cannot connect.*\nInput manifests/s,
    },
    {
      name: 'everything that is missing at once',
      options: {
        inputs: {
          config: '/nonexistent/kind.yaml',
          manifests: '/nonexistent/head',
          'baseline-manifests': '/nonexistent/base',
        },
      },
      code: 'input-invalid',
      message:
        /^Input config.*\nInput manifests: "\/nonexistent\/head".*\nInput baseline-manifests: "\/nonexistent\/base"/s,
    },
    {
      name: 'a folder of the second controller that is missing',
      options: {
        inputs: {
          'baseline-ingress-controller': 'custom',
          'baseline-ingress-manifests': '/nonexistent/traefik',
          'baseline-ingress-namespace': 'traefik',
          'baseline-ingress-selector': 'app=traefik',
        },
      },
      code: 'manifest-invalid',
      message: /^Input baseline-ingress-manifests: "\/nonexistent\/traefik"/,
    },
    {
      name: 'rootless Docker without the controllers that kind needs',
      options: {
        scenario: {
          dockerInfo: {
            ServerVersion: '28',
            CgroupVersion: '2',
            SecurityOptions: ['name=rootless'],
            CPUShares: false,
            MemoryLimit: true,
            PidsLimit: true,
          },
        },
      },
      code: 'docker-rootless',
      message: /without limits for cpu/,
    },
    {
      name: 'rootless Docker with the first cgroups',
      options: {
        inputs: { 'node-image': 'kindest/node:v1.29.2' },
        scenario: { dockerInfo: { ServerVersion: '28', CgroupVersion: '1', SecurityOptions: ['name=rootless'] } },
      },
      code: 'docker-rootless',
      message: /cgroup v1/,
    },
    {
      name: 'a folder of manifests that is missing',
      options: { inputs: { manifests: '/nonexistent/app' } },
      code: 'manifest-invalid',
      message: /^Input manifests: "\/nonexistent\/app": there is no such folder/,
    },
    {
      name: 'a configuration of kind that is missing',
      options: { inputs: { config: '/nonexistent/kind.yaml' } },
      code: 'input-invalid',
      message: /there is no such file/,
    },
    {
      name: 'a version without a known checksum',
      options: { inputs: { 'kind-version': 'v9.9.9' } },
      code: 'version-unknown',
      message: /Input kind-version is v9\.9\.9/,
    },
    {
      name: 'a pull_request_target',
      options: { state: { run: { ...ON_GITHUB, event: 'pull_request_target' } } },
      code: 'unsafe-trigger',
      message: /pull_request_target/,
    },
  ];
  test.each(table)('$name', async ({ options, code, message }) => {
    expect(await faultOf(world(options))).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('every entry of manifests that is none, each by its name', async () => {
    const [chart, template, empty, nested, list] = [folder(), folder(), folder(), folder(), folder()];
    writeFileSync(join(chart, 'Chart.yaml'), 'version: 1.0.0\n');
    writeFileSync(join(template, 'app.yaml'), 'metadata: {name: {{ .Values.name }}}\n');
    writeFileSync(join(empty, 'app.yaml'), '---\n# nothing\n');
    mkdirSync(join(nested, 'app'));
    writeFileSync(join(list, 'text.yml'), 'hello\n');
    const good = writeApplication(folder());
    const fault = await faultOf(
      world({ inputs: { manifests: ['/nonexistent', good, chart, template, empty, nested, list].join('\n') } }),
    );
    expect(fault.code).toBe('manifest-invalid');
    expect(fault.message.split('\n').filter((line) => line.startsWith('Input manifests: '))).toEqual([
      'Input manifests: "/nonexistent": there is no such folder or file. In a workflow, check the repository out first (actions/checkout)',
      `Input manifests: ${JSON.stringify(chart)}: its Chart.yaml has no name`,
      expect.stringContaining(`${JSON.stringify(template)}: ${template}/app.yaml is not a manifest`),
      `Input manifests: ${JSON.stringify(empty)}: it has no objects`,
      expect.stringContaining(`${JSON.stringify(nested)}: it has no kustomization.yaml`),
      `Input manifests: ${JSON.stringify(list)}: ${list}/text.yml is not a manifest: document 1 is not a Kubernetes object with apiVersion, kind and metadata.name`,
    ]);
    expect(fault.message).toContain('give the folder of the chart, which has the Chart.yaml');
  });

  test('a port that is taken, when it was asked for', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    expect(await faultOf(world({ inputs: { 'http-port': port } }))).toMatchObject({
      code: 'port-in-use',
      message: expect.stringContaining(port),
    });
    server.close();
  });

  test('several at once are told at once, with what to do about each', async () => {
    const fault = await faultOf(
      world({
        inputs: { manifests: '/nonexistent', 'kind-version': 'v9.9.9' },
        scenario: { rules: [{ tool: 'docker', match: 'info', exit: 1, stderr: 'permission denied' }] },
      }),
    );
    expect(fault.code).toBe('docker-permission-denied');
    expect(fault.message.split('\n')).toHaveLength(3);
    expect(fault.message).toMatch(/permission denied[\s\S]*no such folder[\s\S]*kind-version/);
    expect(fault.hint?.split('\n').length).toBeGreaterThanOrEqual(3);
  });

  test('a defect of ours is not hidden behind what the user did', async () => {
    const one = world({ inputs: { manifests: '/nonexistent' } });
    const fault = await faultOf({ ...one, context: { ...one.context, actionRoot: '/nonexistent' } });
    expect(fault.message).toContain("The action's own manifests are missing");
  });

  test('a cancellation wins over all of it', async () => {
    const one = world({ inputs: { manifests: '/nonexistent' } });
    one.cancel(new Error('stop'));
    await expect(validate(one.context)).rejects.toThrow('stop');
  });
});

describe('cgroup v1 with a Kubernetes that refuses it by default', () => {
  const dockerInfo = { ServerVersion: '28', CgroupVersion: '1' };

  test('is accepted for the generated configuration, with a warning', async () => {
    const { context } = world({ scenario: { dockerInfo } });
    await validate(context);
    expect(context.store.state.warnings.join('\n')).toContain(
      'cgroup v1, which the kubelet of Kubernetes 1.35 refuses',
    );
  });

  const own: { text: string; accepted: boolean }[] = [
    { text: 'kind: Cluster\n', accepted: false },
    { text: 'kind: KubeletConfiguration\n# failCgroupV1\n', accepted: false },
    { text: 'kind: KubeletConfiguration\nfailCgroupV1: true\n', accepted: false },
    { text: 'kind: KubeletConfiguration\nfailCgroupV1: false\n', accepted: true },
    { text: '{"kind": "KubeletConfiguration", "failCgroupV1": false}\n', accepted: true },
  ];
  test.each(own)('is for the configuration of the user to accept: $text', async ({ text, accepted }) => {
    const config = join(folder(), 'kind.yaml');
    writeFileSync(config, text);
    const { context } = world({ scenario: { dockerInfo }, inputs: { config } });
    const refusal = { code: 'cgroup-version', message: expect.stringContaining('1.35') as unknown };
    if (accepted) await expect(validate(context)).resolves.toBeUndefined();
    else await expect(validate(context)).rejects.toMatchObject(refusal);
  });
});

describe('what passes', () => {
  const table: { name: string; options: WorldOptions }[] = [
    {
      name: 'the first cgroups with an older Kubernetes',
      options: {
        inputs: { 'node-image': 'kindest/node:v1.29.2' },
        scenario: { dockerInfo: { ServerVersion: '28', CgroupVersion: '1' } },
      },
    },
    {
      name: 'rootless Docker with all controllers',
      options: {
        scenario: {
          dockerInfo: {
            ServerVersion: '28',
            CgroupVersion: '2',
            SecurityOptions: ['name=rootless'],
            CPUShares: true,
            MemoryLimit: true,
            PidsLimit: true,
          },
        },
      },
    },
    {
      name: 'an unknown version with a checksum of its own',
      options: { inputs: { 'kind-version': 'v9.9.9', 'kind-sha256': 'a'.repeat(64) } },
    },
    {
      name: 'the older set of versions, by inputs alone',
      options: {
        inputs: {
          'kind-version': 'v0.22.0',
          'kubectl-version': 'v1.29.2',
          'node-image': 'kindest/node:v1.29.2@sha256:51a1434a5397193442f0be2a297b488b6c919ce8a3931be0ce822606ea5ca245',
        },
      },
    },
  ];
  test.each(table)('$name', async ({ options }) => {
    await expect(validate(world(options).context)).resolves.toBeUndefined();
  });

  test('a node image whose tag may move is a warning', async () => {
    const { context } = world({ inputs: { 'node-image': 'kindest/node:v1.35.8' } });
    await validate(context);
    expect(context.store.state.warnings).toContainEqual(expect.stringContaining('without a digest'));
  });

  test.each([
    { name: 'in a job', run: { ...ON_A_LAPTOP, onGitHub: true }, inputs: {}, warned: true },
    {
      name: 'in a job that leaves the cluster',
      run: { ...ON_A_LAPTOP, onGitHub: true },
      inputs: { 'keep-cluster': 'true' },
      warned: false,
    },
    { name: 'on a laptop', run: ON_A_LAPTOP, inputs: {}, warned: false },
  ])('dashboards $name', async ({ run, inputs, warned }) => {
    const { context } = world({ inputs: { dashboard: 'true', ...inputs }, state: { run } });
    await validate(context);
    expect(
      context.store.state.warnings.some((warning) => warning.includes('nobody can see a dashboard in a job')),
    ).toBe(warned);
  });
});

test('a kind configuration that is a folder is refused before anything is downloaded', async () => {
  const { context } = world({ inputs: { config: folder() } });
  await expect(validate(context)).rejects.toMatchObject({
    code: 'system-refused',
    message: expect.stringContaining('it is a folder, not a file'),
  });
});

test('a given checksum counts before a pinned one', () => {
  expect(sha256For('kind', 'v0.33.0', 'b'.repeat(64))).toBe('b'.repeat(64));
  expect(sha256For('kind', 'v0.33.0', null)).toMatch(/^[0-9a-f]{64}$/);
});

describe('the manifests', () => {
  const rendering = (options: WorldOptions): World => createWorld(folder(), options);

  const SERVICE = 'apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {ports: [{port: 80}]}\n';
  test('are built all, and can be read in the output folder', async () => {
    const { context } = rendering({
      inputs: {
        manifests: writeApplication(folder(), `${APPLICATION}---\n${SERVICE}`),
        hosts: 'a.localhost',
        expose: 'a.localhost=shop',
      },
    });
    await renderManifests(context);
    expect(renderedObjects(context, 'application').map(({ kind }) => kind)).toEqual([
      'Namespace',
      'Deployment',
      'Service',
      'Ingress',
    ]);
    expect(renderedObjects(context, 'prometheus').length).toBeGreaterThan(2);
    expect(renderedObjects(context, 'ingress-controller').length).toBeGreaterThan(2);
    expect(context.store.state.images).toContain('app:1');
    const later = {
      ...context,
      rendered: openRendered(context.store.outputDir, (value) => {
        context.runner.secret(value);
      }),
    };
    for (const part of PARTS) expect(renderedObjects(later, part)).toEqual(renderedObjects(context, part));
  });

  test('are only those that are wanted', async () => {
    const { context } = rendering({
      inputs: {
        manifests: writeApplication(folder()),
        hosts: 'a.localhost',
        prometheus: 'false',
        'ingress-controller': 'none',
      },
    });
    await renderManifests(context);
    expect(context.store.state.images).toEqual(['app:1']);
    expect(renderedObjects(context, 'prometheus')).toEqual([]);
  });

  test('hold an older ingress controller for an older Kubernetes', async () => {
    const { context, tools } = rendering({ inputs: { 'node-image': 'kindest/node:v1.29.2' } });
    await renderManifests(context);
    expect(tools.lines('kubectl')[0]).toMatch(/^kustomize .*\/ingress-nginx-v1\.13$/);
  });

  test.each([
    ['false', 'prometheus'],
    ['true', 'prometheus-grafana'],
  ])('with dashboard %s are those of platform/%s', async (dashboard, name) => {
    const { context, tools } = rendering({ inputs: { dashboard } });
    await renderManifests(context);
    expect(tools.lines('kubectl').map((line) => line.split('/').at(-1))).toContain(name);
  });

  const INGRESS =
    'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop}\nspec: {rules: [{host: shop.localhost, http: {paths: [{path: /}]}}, {host: pay.localhost, http: {paths: [{path: /pay}]}}]}\n';
  const CHART = `# Source: shop/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec: {template: {spec: {containers: [{name: c, image: "shop:1", env: [{name: A, value: "yes"}]}]}}}
---
# Source: shop/templates/tests/test-connection.yaml
apiVersion: v1
kind: Pod
metadata: {name: shop-test, annotations: {"helm.sh/hook": test}}
spec: {containers: [{name: c, image: "busybox:1"}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {"helm.sh/hook": pre-install}}
spec: {template: {spec: {containers: [{name: c, image: "migrate:1"}]}}}
---
`;

  test('may be a folder of files and a rendered chart, whose hooks are kept for their moment', async () => {
    const [plain, home] = [folder(), folder()];
    writeFileSync(join(plain, 'ingress.yaml'), INGRESS);
    writeFileSync(join(plain, 'README.md'), '# not a manifest');
    mkdirSync(join(plain, 'other'));
    writeFileSync(join(plain, 'other', 'service.yaml'), 'not: read');
    writeFileSync(join(home, 'chart.yaml'), CHART);
    const { context, logged } = rendering({
      inputs: {
        manifests: `${plain}\n${join(home, 'chart.yaml')}`,
        namespace: 'shop',
        prometheus: 'false',
        'ingress-controller': 'none',
      },
    });
    await renderManifests(context);
    const objects = renderedObjects(context, 'application');
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)).toEqual([
      'Namespace /shop',
      'Ingress shop/shop',
      'Deployment shop/shop',
    ]);
    expect(renderedHooks(context, 'pre-install').map(({ metadata }) => metadata)).toMatchObject([
      { name: 'migrate', namespace: 'shop' },
    ]);
    expect(context.store.state.images).toEqual(['migrate:1', 'shop:1']);
    expect(context.store.state.warnings).toEqual([]);
    expect(logged('info').join('\n')).toContain(
      'Helm hooks: run before the rest: Job migrate; not run, because they are not install hooks: Pod shop-test (test)',
    );
  });

  test('tell the hosts, when none are given', async () => {
    const home = folder();
    writeFileSync(join(home, 'ingress.yaml'), INGRESS);
    const { context } = rendering({ inputs: { manifests: home } });
    await renderManifests(context);
    expect(targetsOf(context)).toEqual([
      { host: 'shop.localhost', path: '/' },
      { host: 'pay.localhost', path: '/pay' },
    ]);
    expect(buildReport(context.store.state, '2026-01-01T00:00:00.000Z').settings['hosts']).toBe(
      'shop.localhost\npay.localhost=/pay',
    );
  });

  test('tell no hosts, when some are given', async () => {
    const home = folder();
    writeFileSync(join(home, 'ingress.yaml'), INGRESS);
    const { context } = rendering({ inputs: { manifests: home, hosts: 'shop.localhost=/x' } });
    await renderManifests(context);
    expect(targetsOf(context)).toEqual([{ host: 'shop.localhost', path: '/x' }]);
    expect(buildReport(context.store.state, '2026-01-01T00:00:00.000Z').settings['hosts']).toBe('shop.localhost=/x');
  });

  const MANY = `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop}\nspec: {rules: [${Array.from({ length: 101 }, (_, index) => `{host: h${String(index)}.localhost}`).join(', ')}]}\n`;
  const hostless = [
    {
      name: 'have no rule',
      yaml: 'apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 6000}]}\n',
      message: /^Input hosts is empty, and .* has no host to load: no Ingress or HTTPRoute/,
      hint: 'expose: |\n  s.localhost=default/s:6000',
    },
    {
      name: 'have a host with nothing but a pattern that no text is known for',
      yaml: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop}\nspec: {rules: [{host: a.localhost}, {host: b.localhost, http: {paths: [{path: '/(x|y)\\1', pathType: ImplementationSpecific}]}}]}\n",
      message: /these paths are patterns for which no matching path was found: \/\(x\|y\)\\1 of b\.localhost\./,
      hint: 'hosts: |\n  a.localhost\n  b.localhost=/…',
    },
    {
      name: 'have rules for too many',
      yaml: MANY,
      message: /have too many addresses to load all of them: 101\./,
      hint: 'Set hosts',
    },
  ];
  test.each(hostless)('that $name need hosts', async ({ yaml, message, hint }) => {
    const home = folder();
    writeFileSync(join(home, 'app.yaml'), yaml);
    await expect(renderManifests(rendering({ inputs: { manifests: home } }).context)).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringMatching(message),
      hint: expect.stringContaining(hint),
    });
  });

  const PUBLIC =
    'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: LoadBalancer, ports: [{port: 80}]}\n';
  test('without a route get one for each Service that is open to the outside, and the report says so', async () => {
    const home = folder();
    writeFileSync(join(home, 'app.yaml'), PUBLIC);
    const { context } = rendering({ inputs: { manifests: home } });
    await renderManifests(context);
    expect(targetsOf(context)).toEqual([{ host: 'web.localhost', path: '/' }]);
    expect(renderedObjects(context, 'application')).toContainEqual(
      expect.objectContaining({ kind: 'Ingress', spec: expect.objectContaining({ ingressClassName: 'nginx' }) }),
    );
    expect(context.store.state.warnings).toEqual([expect.stringContaining('web.localhost (Service default/web:80)')]);
  });

  const unexposed: { name: string; inputs: Record<string, string>; message: RegExp }[] = [
    {
      name: 'a host that no rule takes',
      inputs: { hosts: 'typo.localhost' },
      message: /has a rule for typo\.localhost/,
    },
    {
      name: 'a Service that is not there',
      inputs: { expose: 'a.localhost=shop' },
      message: /a\.localhost: the manifests/,
    },
  ];
  test.each(unexposed)('refuse $name, with the line to paste', async ({ inputs, message }) => {
    const home = folder();
    writeFileSync(join(home, 'app.yaml'), PUBLIC);
    await expect(renderManifests(rendering({ inputs: { manifests: home, ...inputs } }).context)).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringMatching(message),
      hint: expect.stringContaining('expose: |\n  web.localhost=default/web:80'),
    });
  });

  test('may have an object twice in the same words, which a warning tells', async () => {
    const [one, other] = [folder(), folder()];
    for (const home of [one, other]) writeFileSync(join(home, 'ingress.yaml'), INGRESS);
    const { context } = rendering({ inputs: { manifests: `${one}\n${other}` } });
    await renderManifests(context);
    expect(context.store.state.warnings).toContain(
      `Input manifests: Ingress default/shop is defined twice, identically: in ${one}/ingress.yaml and in ${other}/ingress.yaml. It is applied once.`,
    );
  });

  const TRAEFIK = 'apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: traefik}\n';
  const SHOP =
    'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop, namespace: shop}\nspec: {ingressClassName: nginx}\n';
  const behindTraefik = (inputs: Readonly<Record<string, string>>): WorldOptions => ({
    inputs: {
      manifests: writeApplication(folder(), SHOP),
      hosts: 'shop.localhost',
      prometheus: 'false',
      'ingress-controller': 'custom',
      'ingress-manifests': writeApplication(folder(), TRAEFIK),
      'ingress-namespace': 'traefik',
      'ingress-selector': 'app=traefik',
      ...inputs,
    },
  });

  test('put the application behind a controller of the user', async () => {
    const { context } = rendering(behindTraefik({ 'ingress-class': 'traefik' }));
    await renderManifests(context);
    expect(renderedObjects(context, 'ingress-controller').map(({ kind }) => kind)).toEqual(['IngressClass']);
    expect(renderedObjects(context, 'application')).toMatchObject([
      { kind: 'Namespace' },
      { kind: 'Ingress', spec: { ingressClassName: 'traefik' } },
    ]);
  });

  test('are refused when no controller would take up an Ingress', async () => {
    await expect(renderManifests(rendering(behindTraefik({})).context)).rejects.toMatchObject({
      code: 'manifest-invalid',
      message: 'Ingress shop/shop has the class nginx, but the manifests only have the class traefik.',
      hint: expect.stringContaining('ingress-class: traefik'),
    });
  });

  const broken = [
    {
      name: 'names a file that is missing',
      kustomization: 'resources: [none.yaml]\n',
      message: /accumulating resources from 'none\.yaml'/,
    },
    { name: 'is no YAML', kustomization: 'resources: [\n', message: /invalid Kustomization/ },
    { name: 'holds nothing', kustomization: 'resources: []\n', message: /it has no objects/ },
    {
      name: 'builds to something that is no object of Kubernetes',
      kustomization: 'resources: [app.yaml]\n',
      app: 'just: text\n',
      message: /document 1 is not a Kubernetes object/,
    },
  ];
  test.each(broken)('are refused when the kustomization $name', async ({ kustomization, app, message }) => {
    const manifests = folder();
    mkdirSync(manifests, { recursive: true });
    writeFileSync(join(manifests, 'kustomization.yaml'), kustomization);
    if (app !== undefined) writeFileSync(join(manifests, 'app.yaml'), app);
    await expect(
      renderManifests(rendering({ inputs: { manifests, hosts: 'a.localhost' } }).context),
    ).rejects.toMatchObject({
      code: 'manifest-invalid',
      message: expect.stringMatching(message),
      tryThis: `kubectl kustomize ${manifests}`,
    });
  });
});
