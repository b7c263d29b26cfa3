import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import {
  baselineController,
  besideIngressNginx,
  BUILT_IN_CONTROLLERS,
  classesOfTwo,
  inIngressClass,
  ingressController,
  ingressControllers,
  scraping,
  strayIngress,
  withServedRoutes,
  type IngressController,
  type IngressInputs,
} from '../../src/cluster/ingress-controller.ts';
import { parseManifests, type KubernetesObject } from '../../src/cluster/manifests.ts';

const inputs = (more: Partial<IngressInputs> = {}): IngressInputs => ({
  'ingress-controller': 'nginx',
  'ingress-manifests': null,
  'ingress-namespace': null,
  'ingress-selector': null,
  'baseline-ingress-controller': null,
  'baseline-ingress-manifests': null,
  'baseline-ingress-namespace': null,
  'baseline-ingress-selector': null,
  'ingress-class': null,
  'baseline-ingress-class': null,
  'node-image': 'kindest/node:v1.35.8',
  kubeconfig: null,
  ...more,
});

const TRAEFIK: IngressController = {
  manifests: { folder: 'k8s/traefik' },
  namespace: 'traefik',
  selector: 'app=traefik',
};

describe('the controller that the inputs ask for', () => {
  test('is the bundled ingress-nginx, with the labels and the namespace of its manifests', () => {
    const controller = ingressController(inputs());
    expect(controller).toMatchObject({ manifests: { bundled: 'ingress-nginx' } });
    const [deployment] = parseManifests(
      readFileSync('manifests/platform/ingress-nginx/controller-deployment.yaml', 'utf8'),
    );
    expect(deployment?.metadata.namespace).toBe(controller?.namespace);
    const labels = Object.entries(deployment?.metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`);
    expect(labels).toEqual(controller?.selector.split(','));
  });

  test('takes up changes less often than once a second, as it would forget the second one of the same second', () => {
    const [rate] =
      /(?<=--sync-rate-limit=)[\d.]+/.exec(
        readFileSync('manifests/platform/ingress-nginx/controller-deployment.yaml', 'utf8'),
      ) ?? [];
    expect(Number(rate)).toBeGreaterThan(0);
    expect(Number(rate)).toBeLessThan(1);
  });

  test('is an older one for an older Kubernetes', () => {
    expect(ingressController(inputs({ 'node-image': 'kindest/node:v1.29.2' }))).toMatchObject({
      manifests: { bundled: 'ingress-nginx-v1.13' },
    });
  });

  test('is none', () => {
    expect(ingressController(inputs({ 'ingress-controller': 'none' }))).toBeNull();
  });

  test('is none in a cluster that was there before', () => {
    expect(ingressController(inputs({ kubeconfig: 'kubeconfig' }))).toBeNull();
  });

  test("is one of the user's", () => {
    const custom = inputs({
      'ingress-controller': 'custom',
      'ingress-manifests': 'k8s/traefik',
      'ingress-namespace': 'traefik',
      'ingress-selector': 'app=traefik',
    });
    expect(ingressController(custom)).toEqual(TRAEFIK);
  });

  test('is compared with a second one when there is a baseline', () => {
    expect(baselineController(inputs())).toBeNull();
    const both = inputs({
      'baseline-ingress-controller': 'custom',
      'baseline-ingress-manifests': 'k8s/traefik',
      'baseline-ingress-namespace': 'traefik',
      'baseline-ingress-selector': 'app=traefik',
    });
    expect(ingressControllers(both)).toEqual({ head: ingressController(inputs()), base: TRAEFIK });
    const swapped = {
      ...inputs(),
      'ingress-controller': 'custom',
      'ingress-manifests': 'k8s/traefik',
      'ingress-namespace': 'traefik',
      'ingress-selector': 'app=traefik',
      'baseline-ingress-controller': 'nginx',
    } as const;
    expect(ingressControllers(swapped)).toEqual({ head: TRAEFIK, base: ingressController(inputs()) });
  });
});

const ingress = (ingressClassName?: string, annotations?: Readonly<Record<string, string>>): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'shop', namespace: 'shop', ...(annotations === undefined ? {} : { annotations }) },
  spec: { ...(ingressClassName === undefined ? {} : { ingressClassName }), rules: [] },
});
const ingressClass = (name: string): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name },
});
const SERVICE: KubernetesObject = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'shop' } };

describe('another class', () => {
  test('replaces the one of every Ingress, in either spelling, and touches nothing else', () => {
    const before = [
      ingress('nginx'),
      ingress(undefined, { 'kubernetes.io/ingress.class': 'nginx', note: 'kept' }),
      SERVICE,
    ];
    const copy = structuredClone(before);
    const after = inIngressClass(before, 'traefik');
    expect(after[0]).toMatchObject({ spec: { ingressClassName: 'traefik', rules: [] } });
    expect(after[1]).toMatchObject({
      metadata: { name: 'shop', annotations: { note: 'kept' } },
      spec: { ingressClassName: 'traefik' },
    });
    expect(after[1]?.metadata.annotations).not.toHaveProperty('kubernetes.io/ingress.class');
    expect(after[2]).toBe(SERVICE);
    expect(before).toEqual(copy);
  });

  test('is not given to a kind of the same name of another API', () => {
    const other: KubernetesObject = {
      apiVersion: 'config.openshift.io/v1',
      kind: 'Ingress',
      metadata: { name: 'cluster' },
    };
    expect(inIngressClass([other], 'traefik')).toEqual([other]);
  });
});

describe('an Ingress that nobody takes up', () => {
  const table = [
    {
      name: 'has a class that no manifest defines',
      objects: [ingressClass('traefik'), ingress('nginx')],
      expected: { ingress: 'shop/shop', ingressClass: 'nginx', known: ['traefik'] },
    },
    {
      name: 'has it in the old spelling',
      objects: [ingressClass('traefik'), ingress(undefined, { 'kubernetes.io/ingress.class': 'nginx' })],
      expected: { ingress: 'shop/shop', ingressClass: 'nginx', known: ['traefik'] },
    },
    { name: 'is not one of a defined class', objects: [ingressClass('nginx'), ingress('nginx')], expected: null },
    {
      name: 'is not one without a class, which the default class takes',
      objects: [ingressClass('nginx'), ingress()],
      expected: null,
    },
    { name: 'is not known without any class', objects: [ingress('nginx')], expected: null },
  ];
  test.each(table)('$name', ({ objects, expected }) => {
    expect(strayIngress(objects)).toEqual(expected);
  });
});

describe('what Prometheus scrapes', () => {
  const config: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'prometheus-abc', namespace: 'monitoring' },
    data: { 'prometheus.yml': readFileSync('manifests/platform/prometheus/prometheus.yml', 'utf8') },
  };
  const account: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'prometheus', namespace: 'monitoring' },
  };
  const objects = [account, config];
  type Job = Readonly<Record<string, unknown>>;
  const jobsOf = (of: readonly KubernetesObject[]): Job[] => {
    const data = of.find(({ kind }) => kind === 'ConfigMap')?.['data'] as Record<string, string>;
    return (parse(data['prometheus.yml'] ?? '') as { scrape_configs: Job[] }).scrape_configs;
  };

  test('is left as it is with ingress-nginx', () => {
    expect(scraping(objects, Object.values(ingressControllers(inputs())))).toEqual(objects);
  });

  test('is the controller of the user, of which all metrics are kept, and cAdvisor as before', () => {
    const after = scraping(objects, [TRAEFIK]);
    const [cadvisor, controller, ...more] = jobsOf(after);
    expect(more).toEqual([]);
    expect(cadvisor).toEqual(jobsOf(objects)[0]);
    expect(controller).toMatchObject({
      job_name: 'ingress-controller',
      kubernetes_sd_configs: [
        { role: 'pod', namespaces: { names: ['traefik'] }, selectors: [{ role: 'pod', label: 'app=traefik' }] },
      ],
    });
    expect(controller).not.toHaveProperty('metric_relabel_configs');
  });

  test('may be found in the namespace of the controller, by Prometheus alone', () => {
    const [role, binding, ...more] = scraping(objects, [TRAEFIK]).slice(objects.length);
    expect(more).toEqual([]);
    expect(role).toMatchObject({
      kind: 'Role',
      metadata: { namespace: 'traefik' },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }],
    });
    expect(binding).toMatchObject({
      kind: 'RoleBinding',
      metadata: { namespace: 'traefik' },
      roleRef: { name: role?.metadata.name },
      subjects: [{ kind: 'ServiceAccount', name: 'prometheus', namespace: 'monitoring' }],
    });
  });

  test('is each of two controllers that are compared, ingress-nginx by its own job', () => {
    const nginx = ingressController(inputs());
    if (nginx === null) throw new Error('no controller');
    expect(jobsOf(scraping(objects, [TRAEFIK, nginx])).map(({ job_name: name }) => name)).toEqual([
      'cadvisor',
      'ingress-nginx',
      'ingress-controller',
    ]);
    const haproxy: IngressController = { ...TRAEFIK, namespace: 'haproxy', selector: 'app=haproxy' };
    const both = scraping(objects, [TRAEFIK, haproxy]);
    expect(jobsOf(both).map(({ job_name: name }) => name)).toEqual([
      'cadvisor',
      'ingress-controller',
      'ingress-controller-haproxy',
    ]);
    expect(both.filter(({ kind }) => kind === 'Role').map(({ metadata }) => metadata.namespace)).toEqual([
      'traefik',
      'haproxy',
    ]);
  });

  test('is no controller without one', () => {
    expect(jobsOf(scraping(objects, [])).map(({ job_name: name }) => name)).toEqual(['cadvisor']);
    expect(scraping(objects, [])).toHaveLength(objects.length);
  });
});

describe('every built-in controller', () => {
  test.each(BUILT_IN_CONTROLLERS)('%s has the labels and the namespace of its manifests', (chosen) => {
    const controller = ingressController(inputs({ 'ingress-controller': chosen }));
    const folder = controller !== null && 'bundled' in controller.manifests ? controller.manifests.bundled : '';
    const file = chosen === 'nginx' ? 'controller-deployment.yaml' : 'deployment.yaml';
    const [deployment] = parseManifests(readFileSync(`manifests/platform/${folder}/${file}`, 'utf8'));
    const labels = Object.entries(deployment?.metadata.labels ?? {}).map(([name, value]) => `${name}=${value}`);
    expect(deployment?.metadata.namespace).toBe(controller?.namespace);
    expect(labels).toEqual(expect.arrayContaining(controller?.selector.split(',') ?? ['']));
  });

  const routes = ['Ingress', 'HTTPRoute', 'Service'].map((kind) => ({
    apiVersion: 'v1',
    kind,
    metadata: { name: 'x' },
  }));
  test.each([
    ['nginx', ['Ingress', 'Service']],
    ['traefik', ['Ingress', 'Service']],
    ['traefik-gateway', ['HTTPRoute', 'Service']],
    ['custom', ['Ingress', 'HTTPRoute', 'Service']],
    ['none', ['Ingress', 'HTTPRoute', 'Service']],
  ] as const)('%s serves the routes of its kind', (chosen, kinds) => {
    expect(withServedRoutes(chosen, routes).map(({ kind }) => kind)).toEqual(kinds);
  });
});

describe('two built-in controllers', () => {
  test('answer for a class each, unless the inputs name some', () => {
    const two = { 'ingress-controller': 'traefik', 'baseline-ingress-controller': 'nginx' } as const;
    expect(classesOfTwo(inputs(two))).toEqual({ head: 'traefik-nginx', base: 'nginx' });
    expect(classesOfTwo(inputs({ ...two, 'ingress-class': 'traefik' }))).toEqual({ head: 'traefik', base: null });
    expect(classesOfTwo(inputs())).toEqual({ head: null, base: null });
  });

  test('read the same annotations: Traefik leaves the class nginx to ingress-nginx and takes another', () => {
    const objects = ['ingress-classes', 'deployment'].flatMap((name) =>
      parseManifests(readFileSync(`manifests/platform/traefik/${name}.yaml`, 'utf8')),
    );
    const [, ingressClass, deployment] = besideIngressNginx(objects);
    expect(ingressClass).toMatchObject({
      metadata: { name: 'traefik-nginx' },
      spec: { controller: 'traefik.io/ingress-nginx' },
    });
    expect(JSON.stringify(deployment)).toContain('--providers.kubernetesIngressNGINX.ingressClass=traefik-nginx');
    expect(JSON.stringify(deployment)).toContain('IngressNGINX.controllerClass=traefik.io/ingress-nginx');
  });
});
