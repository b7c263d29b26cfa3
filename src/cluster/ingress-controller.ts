import { parse, stringify } from 'yaml';
import type { Side } from '../model/sides.ts';
import { INGRESS_HTTPS_PORT, INGRESS_PORT } from './kind-config.ts';
import type { PodJson } from './kubernetes-json.ts';
import { isRecord, type KubernetesObject } from './manifests.ts';
import { kubernetesMinor } from './pinned-versions.ts';

/** What stands between the port of this machine and the application: everything that the stages know about it. */
export interface IngressController {
  /** The folder of its kustomization: one of the action's own under manifests/platform, or a user's. */
  readonly manifests: { readonly bundled: string } | { readonly folder: string };
  readonly namespace: string;
  /** A label selector (`a=b,c=d`) that matches its pods and no others in the namespace. */
  readonly selector: string;
}

interface BuiltIn {
  /**
   * The folder under manifests/platform, whose namespace and labels these are; it depends on the minor version of
   * Kubernetes.
   */
  readonly folder: (minor: number | null) => string;
  readonly namespace: string;
  readonly selector: string;
}

/** The bundled controllers. To add one, add a row here and a folder there. */
const BUILT_IN = {
  nginx: {
    // The current ingress-nginx supports Kubernetes 1.31 and later; before that an older one is needed.
    folder: (minor) => (minor !== null && minor < 31 ? 'ingress-nginx-v1.13' : 'ingress-nginx'),
    namespace: 'ingress-nginx',
    selector: 'app.kubernetes.io/name=ingress-nginx,app.kubernetes.io/component=controller',
  },
  traefik: {
    folder: () => 'traefik',
    namespace: 'traefik',
    selector: 'app.kubernetes.io/name=traefik,app.kubernetes.io/component=controller',
  },
  'traefik-gateway': {
    folder: () => 'traefik-gateway',
    namespace: 'traefik',
    selector: 'app.kubernetes.io/name=traefik,app.kubernetes.io/component=controller',
  },
} as const satisfies Readonly<Record<string, BuiltIn>>;

type BuiltInController = keyof typeof BUILT_IN;

export const BUILT_IN_CONTROLLERS = Object.keys(BUILT_IN) as [BuiltInController, ...BuiltInController[]];

const isBuiltIn = (chosen: IngressChoice | null): chosen is BuiltInController => chosen !== null && chosen in BUILT_IN;

/** The namespace of a bundled controller; null for others. */
export const builtInNamespace = (chosen: IngressChoice | null): string | null =>
  isBuiltIn(chosen) ? BUILT_IN[chosen].namespace : null;

/** The objects without the routes that a controller of the action never looks at; all of them for any other one. */
export const withServedRoutes = (
  chosen: IngressChoice,
  objects: readonly KubernetesObject[],
): readonly KubernetesObject[] => {
  if (!isBuiltIn(chosen)) return objects;
  const unserved = chosen === 'traefik-gateway' ? ['Ingress'] : ['HTTPRoute', 'TLSRoute'];
  return objects.filter(({ kind }) => !unserved.includes(kind));
};

/**
 * The classes that each of two controllers answers for when they are compared; null when these inputs leave that to the
 * manifests.
 */
export function classesOfTwo(inputs: IngressInputs): { readonly head: string | null; readonly base: string | null } {
  const { 'ingress-class': head, 'baseline-ingress-class': base } = inputs;
  const [own, baseline] = [inputs['ingress-controller'], inputs['baseline-ingress-controller']];
  if (head !== null || base !== null) return { head, base };
  const classes = { nginx: NGINX_CLASS, traefik: CLASS_BESIDE_NGINX };
  if (own === 'nginx' && baseline === 'traefik') return { head: classes.nginx, base: classes.traefik };
  if (own === 'traefik' && baseline === 'nginx') return { head: classes.traefik, base: classes.nginx };
  return { head, base };
}

/** The class of ingress-nginx. */
const NGINX_CLASS = 'nginx';

/** The class whose annotations of ingress-nginx Traefik reads where ingress-nginx itself is in the cluster, too. */
const CLASS_BESIDE_NGINX = 'traefik-nginx';
const CONTROLLER_BESIDE_NGINX = 'traefik.io/ingress-nginx';
const NGINX_PROVIDER = '--providers.kubernetesIngressNGINX';

/**
 * The bundled Traefik as it may run beside ingress-nginx: its provider for ingress-nginx leaves the class `nginx` to
 * that controller and takes a class of another name, so that both read the same annotations.
 */
export const besideIngressNginx = (objects: readonly KubernetesObject[]): KubernetesObject[] => {
  if (!objects.some(runsNginxProvider)) return [...objects];
  return objects.map((object) => {
    if (object.kind === 'IngressClass' && object.metadata.name === NGINX_CLASS) {
      return {
        ...object,
        metadata: { ...object.metadata, name: CLASS_BESIDE_NGINX },
        spec: { controller: CONTROLLER_BESIDE_NGINX },
      };
    }
    if (object.kind !== 'Deployment') return object;
    const { template, ...spec } = object['spec'] as DeploymentSpec;
    const containers = template.spec.containers.map(({ args = [], ...container }) => ({
      ...container,
      args: args.includes(`${NGINX_PROVIDER}=true`)
        ? [
            ...args,
            `${NGINX_PROVIDER}.ingressClass=${CLASS_BESIDE_NGINX}`,
            `${NGINX_PROVIDER}.controllerClass=${CONTROLLER_BESIDE_NGINX}`,
          ]
        : args,
    }));
    return { ...object, spec: { ...spec, template: { ...template, spec: { ...template.spec, containers } } } };
  });
};

const runsNginxProvider = ({ kind, spec }: KubernetesObject): boolean =>
  kind === 'Deployment' &&
  (spec as DeploymentSpec).template.spec.containers.some(({ args = [] }) => args.includes(`${NGINX_PROVIDER}=true`));

interface DeploymentSpec {
  readonly template: { readonly spec: { readonly containers: readonly { readonly args?: readonly string[] }[] } };
}

/** The inputs about controllers, by name. */
export interface IngressInputs {
  readonly 'ingress-controller': IngressChoice;
  readonly 'ingress-manifests': string | null;
  readonly 'ingress-namespace': string | null;
  readonly 'ingress-selector': string | null;
  readonly 'baseline-ingress-controller': IngressChoice | null;
  readonly 'baseline-ingress-manifests': string | null;
  readonly 'baseline-ingress-namespace': string | null;
  readonly 'baseline-ingress-selector': string | null;
  readonly 'ingress-class': string | null;
  readonly 'baseline-ingress-class': string | null;
  readonly 'node-image': string;
  readonly kubeconfig: string | null;
}

type IngressChoice = BuiltInController | 'custom' | 'none';

/** The controller of the inputs; null when the application brings its own or the cluster has one. */
export function ingressController(inputs: IngressInputs): IngressController | null {
  if (inputs.kubeconfig !== null) return null;
  return controllerFrom(
    inputs['ingress-controller'],
    inputs['ingress-manifests'],
    inputs['ingress-namespace'],
    inputs['ingress-selector'],
    inputs['node-image'],
  );
}

/** The controller that it is compared with; null without a comparison. */
export const baselineController = (inputs: IngressInputs): IngressController | null =>
  controllerFrom(
    inputs['baseline-ingress-controller'],
    inputs['baseline-ingress-manifests'],
    inputs['baseline-ingress-namespace'],
    inputs['baseline-ingress-selector'],
    inputs['node-image'],
  );

/** All controllers of a run, by side of the comparison; only head's without one. */
export const ingressControllers = (inputs: IngressInputs): Partial<Record<Side, IngressController>> => {
  const [head, base] = [ingressController(inputs), baselineController(inputs)];
  return { ...(head === null ? {} : { head }), ...(base === null ? {} : { base }) };
};

function controllerFrom(
  chosen: IngressChoice | null,
  folder: string | null,
  namespace: string | null,
  selector: string | null,
  nodeImage: string,
): IngressController | null {
  if (chosen === null || chosen === 'none') return null;
  if (isBuiltIn(chosen)) {
    const { folder: folderFor, ...own } = BUILT_IN[chosen];
    const bundled = folderFor(kubernetesMinor(nodeImage));
    return { manifests: { bundled }, namespace: own.namespace, selector: own.selector };
  }
  // The inputs were already rejected if one of them is missing.
  return folder === null || namespace === null || selector === null
    ? null
    : { manifests: { folder }, namespace, selector };
}

/** The port of a controller's pod that a port of its node maps to; null when there is none. */
export const podPortOf = ({ spec }: PodJson, nodePort: number): number | null =>
  spec.containers.flatMap(({ ports }) => ports).find(({ hostPort }) => hostPort === nodePort)?.containerPort ?? null;

interface PodTemplate {
  readonly spec?: { readonly containers?: readonly { readonly ports?: readonly { readonly hostPort?: number }[] }[] };
}

/** Whether the manifests use a node port for HTTP but none for HTTPS, so nothing answers there. */
export function servesHttpOnly(objects: readonly KubernetesObject[]): boolean {
  const taken = objects.flatMap(({ spec }) => {
    const { template } = (isRecord(spec) ? spec : {}) as { readonly template?: PodTemplate };
    return (template?.spec?.containers ?? []).flatMap(({ ports = [] }) => ports.map(({ hostPort }) => hostPort));
  });
  return taken.includes(INGRESS_PORT) && !taken.includes(INGRESS_HTTPS_PORT);
}

/**
 * A Service that leads to the controller from inside the cluster, where the port of its node is none of the pods'
 * business.
 */
export const controllerService = (
  { namespace, selector }: IngressController,
  name: string,
  targetPort: number,
  httpsTargetPort: number | null,
): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: {
    selector: labelsIn(selector),
    ports: [
      { name: 'http', port: INGRESS_PORT, targetPort },
      ...(httpsTargetPort === null ? [] : [{ name: 'https', port: INGRESS_HTTPS_PORT, targetPort: httpsTargetPort }]),
    ],
  },
});

const labelsIn = (selector: string): Record<string, string> =>
  Object.fromEntries(
    selector
      .split(',')
      .map((label): [string, string] => [label.slice(0, label.indexOf('=')), label.slice(label.indexOf('=') + 1)]),
  );

/** The annotation from before there was `spec.ingressClassName`; Kubernetes refuses an object with both. */
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

interface IngressObject extends KubernetesObject {
  readonly spec?: { readonly ingressClassName?: string };
}

export const isIngress = (object: KubernetesObject): object is IngressObject =>
  object.kind === 'Ingress' && object.apiVersion.startsWith('networking.k8s.io/');

/** The same objects with every Ingress in this class, so another controller serves them. */
export const inIngressClass = (objects: readonly KubernetesObject[], ingressClass: string): KubernetesObject[] =>
  objects.map((object) => {
    if (!isIngress(object)) return object;
    const annotations = without(annotationsOf(object), CLASS_ANNOTATION);
    return {
      ...object,
      metadata: { ...object.metadata, annotations },
      spec: { ...object.spec, ingressClassName: ingressClass },
    };
  });

const without = <T>(fields: Readonly<Record<string, T>>, name: string): Record<string, T> =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));

const annotationsOf = ({ metadata }: KubernetesObject): Readonly<Record<string, string>> => metadata.annotations ?? {};

/** An Ingress that no controller will serve. */
export interface StrayIngress {
  readonly ingress: string;
  readonly ingressClass: string;
  /** The existing classes. */
  readonly known: readonly string[];
}

/**
 * The first Ingress whose class no manifest defines; null when all are well. Without any IngressClass
 * nothing can be said: a controller may find its objects in another way.
 */
export function strayIngress(objects: readonly KubernetesObject[]): StrayIngress | null {
  const known = objects.filter(({ kind }) => kind === 'IngressClass').map(({ metadata }) => metadata.name);
  if (known.length === 0) return null;
  for (const object of objects.filter(isIngress)) {
    const ingressClass = object.spec?.ingressClassName ?? annotationsOf(object)[CLASS_ANNOTATION];
    if (ingressClass === undefined || known.includes(ingressClass)) continue;
    return { ingress: `${object.metadata.namespace ?? 'default'}/${object.metadata.name}`, ingressClass, known };
  }
  return null;
}

const PROMETHEUS_FILE = 'prometheus.yml';
const NGINX_JOB = 'ingress-nginx';

interface PrometheusConfig {
  readonly scrape_configs: readonly { readonly job_name: string; readonly [field: string]: unknown }[];
}

/**
 * Prometheus' objects with the scrape jobs of these controllers instead of ingress-nginx's: pods of
 * each selector with a port named `metrics`, all of their metrics, and the right to find these pods. The
 * job of ingress-nginx stays when it is among them, and goes otherwise, for Prometheus would report a
 * namespace that it may not see.
 */
export function scraping(
  objects: readonly KubernetesObject[],
  controllers: readonly IngressController[],
): KubernetesObject[] {
  const isBundled = ({ namespace }: IngressController): boolean => namespace === BUILT_IN.nginx.namespace;
  const own = controllers.filter((controller) => !isBundled(controller));
  if (own.length === 0 && controllers.length > 0) return [...objects];
  const configured = objects.map((object) => {
    const data = object['data'] as Readonly<Record<string, string>> | undefined;
    const text = object.kind === 'ConfigMap' ? data?.[PROMETHEUS_FILE] : undefined;
    return text === undefined
      ? object
      : { ...object, data: { ...data, [PROMETHEUS_FILE]: withJobsOf(text, own, controllers.some(isBundled)) } };
  });
  return [...configured, ...own.flatMap((controller) => rightToFindPods(objects, controller))];
}

function withJobsOf(text: string, controllers: readonly IngressController[], keepNginx: boolean): string {
  const config = parse(text) as PrometheusConfig;
  const jobs = config.scrape_configs.flatMap((job) =>
    job.job_name === NGINX_JOB
      ? [...(keepNginx ? [job] : []), ...controllers.map((controller, index) => jobOf(job, controller, index))]
      : [job],
  );
  return stringify({ ...config, scrape_configs: jobs });
}

/** Prometheus refuses two jobs of one name. */
function jobOf(
  job: PrometheusConfig['scrape_configs'][number],
  { namespace, selector }: IngressController,
  index: number,
): PrometheusConfig['scrape_configs'][number] {
  const found = { role: 'pod', namespaces: { names: [namespace] }, selectors: [{ role: 'pod', label: selector }] };
  return {
    ...without(job, 'metric_relabel_configs'),
    job_name: index === 0 ? 'ingress-controller' : `ingress-controller-${namespace}`,
    kubernetes_sd_configs: [found],
  };
}

function rightToFindPods(objects: readonly KubernetesObject[], { namespace }: IngressController): KubernetesObject[] {
  const account = objects.find(({ kind }) => kind === 'ServiceAccount');
  if (account === undefined) return [];
  const metadata = { name: 'k8s-loadtest-ci-prometheus', namespace, labels: account.metadata.labels ?? {} };
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  return [
    { apiVersion, kind: 'Role', metadata, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] }] },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
      subjects: [{ kind: 'ServiceAccount', name: account.metadata.name, namespace: account.metadata.namespace }],
    },
  ];
}
