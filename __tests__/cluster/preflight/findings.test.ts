import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { type KubernetesObject, parseManifests } from '../../../src/cluster/manifests.ts';
import { ignoredAnnotations } from '../../../src/cluster/preflight/ignored-annotations.ts';
import { lostRoutes } from '../../../src/cluster/preflight/lost-routes.ts';
import { ownLoad } from '../../../src/cluster/preflight/own-load.ts';
import { notTexts } from '../../../src/cluster/preflight/not-texts.ts';
import { missingNeeds } from '../../../src/cluster/preflight/missing-needs.ts';
import { autoscalersWithoutFigures, platformClashes } from '../../../src/cluster/preflight/own-platform.ts';
import { refusedFields } from '../../../src/cluster/preflight/refused-fields.ts';
import { unfitAddresses } from '../../../src/cluster/preflight/unfit-addresses.ts';
import { unfitPods } from '../../../src/cluster/preflight/unfit-pods.ts';
import { undefinedKinds } from '../../../src/cluster/preflight/undefined-kinds.ts';

const platformOf = (...files: string[]): KubernetesObject[] =>
  files.flatMap((file) => parseManifests(readFileSync(`manifests/platform/${file}.yaml`, 'utf8')));

const NGINX = platformOf(
  'ingress-nginx/namespace',
  'ingress-nginx/controller-config',
  'ingress-nginx/controller-deployment',
  'ingress-nginx/ingress-class',
);
const TRAEFIK_GATEWAY = platformOf('traefik-gateway/gateway-api', 'traefik-gateway/gateway');

/** A Deployment whose pods have this spec, written as YAML in flow style. */
const deployment = (spec: string, more = ''): KubernetesObject[] =>
  parseManifests(
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {template: {spec: ${spec}}}\n${more}`,
  );
const container = (field: string): string => `{containers: [{name: c, ${field}}]}`;

describe('kinds that the API server will not know', () => {
  const kinds = (yaml: string, minor: number | null = 35, platform: KubernetesObject[] = []): string[] =>
    undefinedKinds(parseManifests(yaml), { minor, platform }).map(
      ({ text, fatal }) => `${fatal ? '' : 'not '}fatal: ${text}`,
    );
  const object = (apiVersion: string, kind: string, name = 'web'): string =>
    `---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}}\n`;

  test.each([
    ['v1', 'ConfigMap'],
    ['apps/v1', 'StatefulSet'],
    ['storage.k8s.io/v1', 'StorageClass'],
    ['resource.k8s.io/v1', 'ResourceClaim'],
    ['networking.k8s.io/v1', 'NetworkPolicy'],
  ])('%s %s is known', (apiVersion, kind) => {
    expect(kinds(object(apiVersion, kind))).toEqual([]);
  });

  const DEFINITION = `---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.shop.example}
spec: {group: shop.example, names: {kind: Widget}, versions: [{name: v1, served: true}, {name: v1beta1, served: false}]}
`;
  const table: {
    name: string;
    yaml: string;
    minor?: number;
    platform?: KubernetesObject[];
    expected: string | null;
  }[] = [
    {
      name: 'one without a definition',
      yaml: object('monitoring.coreos.com/v1', 'ServiceMonitor'),
      expected:
        'fatal: Nothing defines the kind ServiceMonitor in monitoring.coreos.com/v1, which is not part of Kubernetes: ServiceMonitor web. Add its CustomResourceDefinition to the manifests (for a chart, `helm template --include-crds` prints them). To run without it, set\nleave-out: |\n  ServiceMonitor/web',
    },
    {
      name: 'one that the manifests define',
      yaml: `${object('shop.example/v1', 'Widget')}${DEFINITION}`,
      expected: null,
    },
    {
      name: 'a version that its definition does not serve',
      yaml: `${object('shop.example/v1beta1', 'Widget')}${DEFINITION}`,
      expected:
        'fatal: The definition of Widget has no version shop.example/v1beta1, but shop.example/v1: Widget web. Write apiVersion: shop.example/v1.',
    },
    {
      name: 'one that the platform defines',
      yaml: object('gateway.networking.k8s.io/v1', 'HTTPRoute'),
      platform: TRAEFIK_GATEWAY,
      expected: null,
    },
    {
      name: 'the Gateway API without anybody who serves it',
      yaml: `${object('gateway.networking.k8s.io/v1', 'Gateway')}${object('gateway.networking.k8s.io/v1', 'HTTPRoute')}`,
      expected:
        'fatal: No controller of this run serves the Gateway API, and nothing defines its kinds: Gateway web, HTTPRoute web. To have them served, set\ningress-controller: traefik-gateway\nTo run without them, set\nleave-out: |\n  Gateway/web\n  HTTPRoute/web',
    },
    {
      name: 'one that was removed',
      yaml: object('policy/v1beta1', 'PodDisruptionBudget'),
      expected:
        'fatal: Kubernetes 1.35 no longer has PodDisruptionBudget in policy/v1beta1 (removed in 1.25): PodDisruptionBudget web. Write apiVersion: policy/v1; some fields may be named differently.',
    },
    {
      name: 'one that was removed later',
      yaml: object('policy/v1beta1', 'PodDisruptionBudget'),
      minor: 24,
      expected: null,
    },
    {
      name: 'one of another group',
      yaml: object('v1', 'Deployment'),
      expected: 'fatal: Kubernetes has no Deployment in v1: Deployment web. Write apiVersion: apps/v1.',
    },
    {
      name: 'one that is misspelt',
      yaml: object('apps/v1', 'Deploymnet'),
      expected: 'fatal: Kubernetes has no Deploymnet in apps/v1: Deploymnet web. Check its spelling.',
    },
    { name: 'one that a newer Kubernetes may have', yaml: object('batch/v1', 'NewJob'), minor: 40, expected: null },
    {
      name: 'many of one kind',
      yaml: ['a', 'b', 'c', 'd'].map((name) => object('keda.sh/v1alpha1', 'ScaledObject', name)).join(''),
      expected:
        'fatal: Nothing defines the kind ScaledObject in keda.sh/v1alpha1, which is not part of Kubernetes: ScaledObject a, ScaledObject b, ScaledObject c, ScaledObject d. Add its CustomResourceDefinition to the manifests (for a chart, `helm template --include-crds` prints them). To run without them, set\nleave-out: |\n  ScaledObject/*',
    },
  ];
  test.each(table)('$name', ({ yaml, minor, platform, expected }) => {
    expect(kinds(yaml, minor, platform)).toEqual(expected === null ? [] : [expected]);
  });
});

describe('what pods need and nothing provides', () => {
  const table: { name: string; objects: KubernetesObject[]; leftOut?: KubernetesObject[]; expected: RegExp | null }[] =
    [
      {
        name: 'a Secret of a volume',
        objects: deployment('{containers: [{name: c}], volumes: [{name: keys, secret: {secretName: jwt-key}}]}'),
        expected:
          /^Secret shop\/jwt-key is not in the manifests, and the pods of Deployment shop\/web can't start without it\. This prints one to add: kubectl create secret generic jwt-key --from-literal=KEY=VALUE --namespace=shop --dry-run=client --output=yaml$/,
      },
      {
        name: 'a Secret of a variable, with its keys',
        objects: deployment(
          container(
            'env: [{name: A, valueFrom: {secretKeyRef: {name: db, key: user}}}, {name: B, valueFrom: {secretKeyRef: {name: db, key: password}}}]',
          ),
        ),
        expected: /create secret generic db --from-literal=user=VALUE --from-literal=password=VALUE /,
      },
      {
        name: 'a Secret that is optional',
        objects: deployment(container('envFrom: [{secretRef: {name: db, optional: true}}]')),
        expected: null,
      },
      {
        name: 'a ConfigMap of an init container',
        objects: deployment(
          '{initContainers: [{name: i, envFrom: [{configMapRef: {name: settings}}]}], containers: [{name: c}]}',
        ),
        expected: /^ConfigMap shop\/settings is not in the manifests/,
      },
      {
        name: 'a ConfigMap of a projected volume',
        objects: deployment(
          '{containers: [{name: c}], volumes: [{name: v, projected: {sources: [{configMap: {name: settings}}]}}]}',
        ),
        expected: /^ConfigMap shop\/settings is not in the manifests/,
      },
      {
        name: 'what Kubernetes makes',
        objects: deployment(
          '{serviceAccountName: default, containers: [{name: c, envFrom: [{configMapRef: {name: kube-root-ca.crt}}]}]}',
        ),
        expected: null,
      },
      {
        name: 'a service account',
        objects: deployment('{serviceAccountName: robot, containers: [{name: c}]}'),
        expected: /^ServiceAccount shop\/robot is not/,
      },
      {
        name: 'a claim',
        objects: deployment(
          '{containers: [{name: c}], volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]}',
        ),
        expected: /^PersistentVolumeClaim shop\/data is not .* Add the claim, or use an emptyDir instead\.$/,
      },
      {
        name: 'what is there, but in another namespace',
        objects: deployment(
          container('envFrom: [{configMapRef: {name: a}}]'),
          '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: other}\n',
        ),
        expected: /^ConfigMap shop\/a is not/,
      },
      {
        name: 'what is there',
        objects: deployment(
          container('envFrom: [{configMapRef: {name: a}}]'),
          '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n',
        ),
        expected: null,
      },
      {
        name: 'a key that is not in what is there',
        objects: deployment(
          container('env: [{name: A, valueFrom: {configMapKeyRef: {name: a, key: url}}}]'),
          '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\ndata: {uri: x}\n',
        ),
        expected: /^ConfigMap shop\/a has no key url, .* it has uri\. Add the key, or mark it optional: true/,
      },
      {
        name: 'what an operator makes of another object',
        objects: deployment(
          container('envFrom: [{secretRef: {name: db-login}}]'),
          '---\napiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: db, namespace: shop}\nspec: {target: {name: db-login}}\n',
        ),
        expected: null,
      },
      {
        name: 'what an operator would have made of an object that is left out',
        objects: deployment(container('envFrom: [{secretRef: {name: db}}]')),
        leftOut: parseManifests(
          'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: shop}\n',
        ),
        expected: /SealedSecret shop\/db, which leave-out removes, would have made it\. This prints one to add:/,
      },
      {
        name: 'a class of volumes that kind does not have',
        objects: parseManifests(
          'apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: shop}\nspec: {volumeClaimTemplates: [{metadata: {name: data}, spec: {storageClassName: gp3}}]}\n',
        ),
        expected: /^StatefulSet shop\/db asks for the storage class gp3, which the manifests don't define/,
      },
      {
        name: "kind's own class of volumes",
        objects: parseManifests(
          'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {storageClassName: standard}\n',
        ),
        expected: null,
      },
    ];
  test.each(table)('$name', ({ objects, leftOut = [], expected }) => {
    const found = missingNeeds(objects, leftOut);
    expect(found.map(({ fatal }) => fatal)).toEqual(expected === null ? [] : [false]);
    if (expected !== null) expect(found[0]?.text).toMatch(expected);
  });
});

describe('what takes the place of the platform', () => {
  const clashes = (yaml: string): { fatal: boolean; text: string }[] =>
    platformClashes(parseManifests(yaml), { 'ingress-controller': NGINX });

  test('objects of the same name', () => {
    const found = clashes(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ingress-nginx-controller, namespace: ingress-nginx}\ndata: {ssl-redirect: "false"}\n',
    );
    expect(found).toEqual([
      {
        fatal: true,
        text: 'The run has its own object of this name (ingress-controller): ConfigMap ingress-nginx/ingress-nginx-controller. One would overwrite the other. To test with your own controller, set ingress-controller: none, or ingress-controller: custom with its own folder. Or rename yours, or leave them out:\nleave-out: |\n  ConfigMap/ingress-nginx-controller',
      },
    ]);
  });

  test('a namespace and an IngressClass that say the same are none of it', () => {
    expect(
      clashes(
        'apiVersion: v1\nkind: Namespace\nmetadata: {name: ingress-nginx}\n---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\nspec: {controller: k8s.io/ingress-nginx}\n',
      ),
    ).toEqual([]);
  });

  const controller = (ports: string): string =>
    `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: lb, namespace: lb}\nspec: {template: {spec: {containers: [{name: c, image: "registry.k8s.io/ingress-nginx/controller:v1.10.0", ports: [${ports}]}]}}}\n`;

  test('a controller at the same port of the node', () => {
    expect(clashes(controller('{containerPort: 80, hostPort: 80}'))).toEqual([
      {
        fatal: true,
        text: expect.stringMatching(
          /^DaemonSet lb\/lb is an ingress controller .* takes port 80 of its node[^]*\nleave-out: \|\n {2}DaemonSet\/lb$/,
        ) as unknown,
      },
    ]);
  });

  test('a controller beside it', () => {
    expect(clashes(controller('{containerPort: 80}'))).toEqual([
      {
        fatal: false,
        text: expect.stringMatching(
          /but requests go through the controller of the run.*leave-out: DaemonSet\/lb$/,
        ) as unknown,
      },
    ]);
  });
});

describe('what pods ask of nodes and the cluster, and kind does not have', () => {
  const told = (spec: string, more = '', knowsLabels = true): string[] =>
    unfitPods(deployment(spec, more), knowsLabels).map(({ text, fatal }) => `${fatal ? 'fatal: ' : ''}${text}`);
  const pod = (field: string): string => `{containers: [{name: c}], ${field}}`;

  test.each([
    ['a priority class', pod('priorityClassName: high'), /priority class high, .*kubectl create priorityclass high /],
    ['a runtime class', pod('runtimeClassName: gvisor'), /runtime class gvisor.*: its pods are refused/],
    ['a label', pod('nodeSelector: {pool: fast}'), /nodes with pool=fast, .* can't be scheduled/],
    ['another system', pod('nodeSelector: {kubernetes.io/os: windows}'), /nodes with kubernetes\.io\/os=windows/],
    [
      'labels that each term asks for',
      pod(
        'affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: gpu, operator: Exists}]}, {matchExpressions: [{key: pool, operator: In, values: [a]}]}]}}}',
      ),
      /nodes with gpu, pool/,
    ],
    [
      'a device',
      container('resources: {limits: {nvidia.com/gpu: 1}}'),
      /asks for nvidia\.com\/gpu, which no kind node/,
    ],
    ['large pages', container('resources: {requests: {hugepages-2Mi: 1Gi}}'), /asks for hugepages-2Mi/],
    [
      'a driver',
      pod('volumes: [{name: v, csi: {driver: secrets-store.csi.k8s.io}}]'),
      /the volume v of the driver secrets-store\.csi\.k8s\.io/,
    ],
    ['a server', pod('volumes: [{name: v, nfs: {server: 10.0.0.1, path: /}}]'), /the volume v \(nfs\)/],
  ])('%s', (_, spec, text) => {
    expect(told(spec)).toEqual([expect.stringMatching(text)]);
  });

  test.each([
    ['a class of Kubernetes', pod('priorityClassName: system-node-critical'), ''],
    [
      'classes of the manifests',
      pod('priorityClassName: high, runtimeClassName: runc'),
      '---\napiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\n---\napiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: runc}\n',
    ],
    ['labels that nodes have', pod('nodeSelector: {kubernetes.io/os: linux, ingress-ready: "true"}'), ''],
    [
      'one term of two that fits',
      pod(
        'affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: gpu, operator: Exists}]}, {matchExpressions: [{key: gpu, operator: DoesNotExist}]}]}}}',
      ),
      '',
    ],
    [
      'ordinary resources',
      container('resources: {limits: {cpu: 1, memory: 1Gi, ephemeral-storage: 1Gi, a.b/c: 0}}'),
      '',
    ],
    ['an emptyDir', pod('volumes: [{name: v, emptyDir: {}, nfs: null}]'), ''],
  ])('%s is nothing to tell', (_, spec, more) => {
    expect(told(spec, more)).toEqual([]);
  });

  test('labels of nodes that a configuration of the user makes are not known', () => {
    expect(told(pod('nodeSelector: {pool: fast}'), '', false)).toEqual([]);
  });

  test('a class for the volume of a pod alone', () => {
    const spec = pod('volumes: [{name: v, ephemeral: {volumeClaimTemplate: {spec: {storageClassName: fast}}}}]');
    expect(missingNeeds(deployment(spec), []).map(({ text }) => text)).toEqual([
      expect.stringContaining('asks for the storage class fast'),
    ]);
  });
});

describe('what is no text where Kubernetes wants one', () => {
  const told = (yaml: string): string[] =>
    notTexts(parseManifests(yaml)).map(({ text, fatal }) => `${fatal ? '' : 'not '}fatal: ${text}`);
  const END = 'Kubernetes refuses that: put it in quotes.';

  test.each([
    [
      'apiVersion: v1\nkind: Service\nmetadata: {name: s, annotations: {prometheus.io/scrape: true}}\n',
      'Service s: the annotation prometheus.io/scrape is true, which is not a string.',
    ],
    [
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, labels: {v: 1.5}}\ndata: {PORT: 8080, LIST: [a], HOST: web}\n',
      'ConfigMap c: the label v is 1.5, the key PORT is 8080, the key LIST is a list, which are not strings.',
    ],
    [
      'apiVersion: example.com/v1\nkind: ConfigMap\nmetadata: {name: c, labels: {v: on}}\ndata: {PORT: 8080}\n',
      'ConfigMap c: the label v is true, which is not a string.',
    ],
  ])('%j', (yaml, text) => {
    expect(told(yaml)).toEqual([`fatal: ${text} ${END}`]);
  });

  test('in pods', () => {
    const spec =
      '{nodeSelector: {pool: 1}, containers: [{name: c, args: [--port, 80], env: [{name: A, value: yes}, {name: B}]}]}';
    expect(notTexts(deployment(spec)).map(({ text }) => text)).toEqual([
      `Deployment shop/web: the nodeSelector pool is 1, the variable A is true, an argument of container c is 80, which are not strings. ${END}`,
    ]);
  });

  test('texts, and what is not given, are nothing to tell', () => {
    expect(
      told(
        'apiVersion: v1\nkind: Secret\nmetadata: {name: s, labels: , annotations: {a: }}\nstringData: {a: "1"}\ndata: {b: MQ==}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, command: [sh], env: [{name: A, valueFrom: {}}]}]}\n',
      ),
    ).toEqual([]);
  });
});

describe('annotations that the controller ignores', () => {
  const ingress = (annotation: string): KubernetesObject[] =>
    parseManifests(
      `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop, annotations: {${annotation}: x}}\n`,
    );
  const PREFIX = 'nginx.ingress.kubernetes.io/';
  test.each([
    [`${PREFIX}rewrite-target`, null, null],
    [
      `${PREFIX}mirror-target`,
      null,
      /^Ingress shop\/web: Traefik does not support nginx\S*mirror-target and ignores it\./,
    ],
    [
      `${PREFIX}configuration-snippet`,
      /configuration-snippet is ignored: .* ingress-controller: custom/,
      /Traefik does not support snippets/,
    ],
    [`${PREFIX}rewrite-taget`, /has no annotation \S+rewrite-taget.*Check its spelling/, /has no annotation/],
    ['traefik.ingress.kubernetes.io/router.middlewares', /is for Traefik; the controller of the run ignores it/, null],
    ['alb.ingress.kubernetes.io/scheme', /is for the AWS Load Balancer Controller/, /AWS/],
    ['cert-manager.io/issuer', null, null],
  ])('%s', (annotation, nginx, traefik) => {
    const [found, others] = [
      ignoredAnnotations(ingress(annotation), 'nginx', NGINX),
      ignoredAnnotations(ingress(annotation), 'traefik', []),
    ].map((findings) => findings.map(({ text }) => text));
    expect(found).toEqual(nginx === null ? [] : [expect.stringMatching(nginx)]);
    expect(others).toEqual(traefik === null ? [] : [expect.stringMatching(traefik)]);
  });

  test('TLS is handed on only by a controller that was started for it', () => {
    const passing = parseManifests(
      `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop, annotations: {${PREFIX}ssl-passthrough: "true"}}\n`,
    );
    expect(ignoredAnnotations(passing, 'nginx', NGINX)).toMatchObject([
      {
        fatal: false,
        text: expect.stringMatching(/^Ingress shop\/web: \S+ssl-passthrough is ignored: .*backend-protocol: HTTPS/),
      },
    ]);
    expect(ignoredAnnotations(passing, 'nginx', deployment(container('args: [--enable-ssl-passthrough]')))).toEqual([]);
    expect(ignoredAnnotations(passing, 'traefik', [])).toEqual([]);
    expect(ignoredAnnotations(ingress(`${PREFIX}ssl-passthrough`), 'nginx', NGINX)).toEqual([]);
  });

  test('snippets count where the controller takes them', () => {
    const taking = parseManifests(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {allow-snippet-annotations: "true"}\n',
    );
    expect(ignoredAnnotations(ingress(`${PREFIX}server-snippet`), 'nginx', taking)).toEqual([]);
  });
});

describe('a load generator among the manifests', () => {
  const workload = (name: string, image: string): KubernetesObject[] =>
    parseManifests(
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}, namespace: shop}\nspec: {template: {spec: {containers: [{name: c, image: "${image}"}]}}}\n`,
    );
  test.each([
    ['loadgenerator', 'us-docker.pkg.dev/x/loadgenerator:v0.10.6'],
    ['virtual-customer', 'ghcr.io/azure-samples/aks-store-demo/virtual-customer:2.2.0'],
    ['traffic', 'docker.io/locustio/locust:2.32'],
    ['load', 'robotshop/rs-load-gen:latest'],
    ['user-db-load-test', 'weaveworksdemos/load-test:0.1.1'],
  ])('%s (%s) is told', (name, image) => {
    expect(ownLoad(workload(name, image))[0]?.text).toContain(`leave-out: Deployment/${name}`);
  });

  test.each([
    ['they', 'nginx:1.29'],
    ['payload-store', 'shop/payload:1'],
    ['loader', 'shop/loadbalancer:1'],
    ['workflow', 'shop/wrkflow:k62'],
  ])('%s (%s) is none', (name, image) => {
    expect(ownLoad(workload(name, image))).toEqual([]);
  });
});

test('an autoscaler without anybody who measures', () => {
  const autoscaler =
    'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: shop}\n';
  const metrics =
    '---\napiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: v1beta1.metrics.k8s.io}\nspec: {group: metrics.k8s.io}\n';
  expect(autoscalersWithoutFigures(parseManifests(autoscaler), true)[0]?.text).toMatch(
    /^HorizontalPodAutoscaler shop\/web will add no pods: .* autoscaling: true/,
  );
  expect(autoscalersWithoutFigures(parseManifests(autoscaler + metrics), true)).toEqual([]);
});

describe('addresses and ports of Services that this cluster can not have', () => {
  test.each([
    ['clusterIP: 172.20.3.4', /^Service web asks for the address 172\.20\.3\.4 \(clusterIP\).*Leave clusterIP/],
    ['clusterIP: 10.96.7.8', null],
    ['clusterIP: None', null],
    ['clusterIP: ""', null],
    [
      'ports: [{port: 80, nodePort: 8080}]',
      /^Service web asks for the nodePort 8080, and those are from 30000 to 32767/,
    ],
    ['ports: [{port: 80, nodePort: 30080}, {port: 81, nodePort: 0}]', null],
  ])('%s', (spec, expected) => {
    const found = unfitAddresses(
      parseManifests(`apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {${spec}}\n`),
    );
    expect(found).toEqual(expected === null ? [] : [{ fatal: true, text: expect.stringMatching(expected) }]);
  });
});

describe('objects that deploy others by a tool that is not there', () => {
  const told = (yaml: string): string =>
    undefinedKinds(parseManifests(yaml), { minor: 35, platform: [] })
      .map(({ text }) => text)
      .join('\n');
  test.each([
    [
      'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps}\nspec: {path: ./apps/staging}\n',
      'Kustomization is for Flux,',
      ['./apps/staging'],
    ],
    [
      'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: apps}\nspec: {source: {path: charts/web, repoURL: https://example.com/x.git}}\n',
      'Application is for Argo CD,',
      ['charts/web'],
    ],
    [
      'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: apps}\nspec: {sources: [{chart: podinfo, repoURL: ghcr.io/stefanprodan/charts, targetRevision: 6.9.2}]}\n',
      'Application is for Argo CD,',
      ['oci://ghcr.io/stefanprodan/charts/podinfo:6.9.2'],
    ],
    [
      'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: apps}\nspec: {chart: {spec: {chart: ./charts/web}}}\n',
      'HelmRelease is for Flux,',
      ['./charts/web'],
    ],
  ])('%s', (yaml, tool, lines) => {
    const text = told(yaml);
    expect(text).toContain(tool);
    expect(text).toContain(`manifests: |\n${lines.map((line) => `  ${line}`).join('\n')}\n`);
    expect(text).toMatch(/leave-out: \|\n {2}\w+\/apps$/);
  });

  test('a name of a chart alone says too little to be given', () => {
    const yaml =
      'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: apps}\nspec: {chart: {spec: {chart: podinfo}}}\n';
    expect(told(yaml)).toContain('Give what it deploys as manifests.');
  });
});

describe('fields that every API server refuses', () => {
  const refused = (yaml: string): string[] => refusedFields(parseManifests(yaml)).map(({ text }) => text);
  const app = (spec: string): string => `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: ${spec}\n`;
  const template = (pod: string): string =>
    `template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, ${pod}}]}}`;
  const service = (port: string): string =>
    `apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{${port}}]}\n`;
  const route = (number: string): string =>
    `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\nspec: {rules: [{http: {paths: [{backend: {service: {name: web, port: {number: ${number}}}}}]}}]}\n`;
  const table: { name: string; yaml: string; expected: RegExp | null }[] = [
    {
      name: 'a name in capitals',
      yaml: 'apiVersion: v1\nkind: Pod\nmetadata: {name: Web_App}\n',
      expected: /^Pod Web_App: its name is none/,
    },
    {
      name: 'a Service with a dot',
      yaml: 'apiVersion: v1\nkind: Service\nmetadata: {name: a.b}\n',
      expected: /digits and hyphens, at most 63\.$/,
    },
    {
      name: 'a name with dots',
      yaml: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kube-root-ca.crt}\n',
      expected: null,
    },
    {
      name: 'a role with colons',
      yaml: 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: "system:Web"}\n',
      expected: null,
    },
    {
      name: 'another selector',
      yaml: app(`{selector: {matchLabels: {app: shop}}, ${template('image: a')}}`),
      expected: /does not choose the pods of its own template, which have the labels app=web\./,
    },
    {
      name: 'a selector by expressions',
      yaml: app(`{selector: {matchExpressions: [{key: app, operator: In, values: [web]}]}, ${template('image: a')}}`),
      expected: null,
    },
    {
      name: 'quoted numbers',
      yaml: app(`{replicas: "2", selector: {matchLabels: {app: web}}, ${template('ports: [{containerPort: "80"}]')}}`),
      expected:
        /spec\.replicas is "2", containerPort of a port of container c is "80", where Kubernetes wants a number/,
    },
    { name: 'a quoted port', yaml: service('port: "80"'), expected: /port of a port is "80"/ },
    {
      name: 'a quoted target',
      yaml: service('port: 80, targetPort: "8080"'),
      expected: /targetPort of a port is "8080", which is taken for the name of a port/,
    },
    { name: 'a target by name', yaml: service('port: 80, targetPort: http'), expected: null },
    {
      name: 'a host that is a placeholder',
      yaml: route('80').replace('{http', '{host: SHOP_HOST, http'),
      expected: /"SHOP_HOST" is not a host that Kubernetes accepts/,
    },
    { name: 'a wildcard', yaml: route('80').replace('{http', '{host: "*.shop.localhost", http'), expected: null },
    { name: 'a quoted backend', yaml: route('"80"'), expected: /number of a backend is "80"/ },
    {
      name: 'a ConfigMap that is too large',
      yaml: `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\ndata: {a: ${'x'.repeat(1_100_000)}}\n`,
      expected: /it holds 1\.05 MiB, and Kubernetes takes 1 MiB/,
    },
    {
      name: 'a Secret that is large as base64 alone',
      yaml: `apiVersion: v1\nkind: Secret\nmetadata: {name: big}\ndata: {a: ${'eHh4'.repeat(270_000)}}\n`,
      expected: null,
    },
  ];
  test.each(table)('$name', ({ yaml, expected }) => {
    expect(refused(yaml)).toEqual(expected === null ? [] : [expect.stringMatching(expected)]);
  });
});

describe('routes that lead nowhere', () => {
  const lost = (yaml: string): string[] =>
    lostRoutes(parseManifests(yaml)).map(({ text, fatal }) => `${fatal ? 'fatal ' : ''}${text}`);
  const APP = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, ports: [{name: http, containerPort: 80}]}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: main, port: 80, targetPort: http}]}
---
`;
  const ingress = (service: string, port: string): string =>
    `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop}\nspec: {rules: [{http: {paths: [{backend: {service: {name: ${service}, port: {${port}}}}}]}}]}\n`;
  const httpRoute = (backend: string): string =>
    `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: web, namespace: shop}\nspec: {rules: [{backendRefs: [{${backend}}]}]}\n`;
  const table: { name: string; yaml: string; expected: RegExp | null }[] = [
    { name: 'a port by its name', yaml: APP + ingress('web', 'name: main'), expected: null },
    {
      name: 'a quoted port',
      yaml: APP.replace('port: 80,', 'port: "80",') + ingress('web', 'number: 80'),
      expected: null,
    },
    {
      name: 'a misspelt Service',
      yaml: APP + ingress('wbe', 'number: 80'),
      expected: /^Ingress shop\/web leads to Service shop\/wbe, which is not in the manifests.*Is web meant\?$/,
    },
    {
      name: 'another port',
      yaml: APP + ingress('web', 'number: 8080'),
      expected: /leads to port 8080 of Service shop\/web, which has 80 \(main\)/,
    },
    {
      name: 'no pods',
      yaml: APP.replace('labels: {app: web}', 'labels: {app: shop}') + ingress('web', 'number: 80'),
      expected: /chooses pods with app=web, and nothing/,
    },
    {
      name: 'no such target',
      yaml: APP.replace('targetPort: http', 'targetPort: htpp') + ingress('web', 'number: 80'),
      expected: /whose targetPort htpp is the name of no port/,
    },
    {
      name: 'a Service without a selector',
      yaml: APP.replace('selector: {app: web}, ', '') + ingress('web', 'number: 80'),
      expected: null,
    },
    {
      name: 'pods of an operator',
      yaml: `${APP.replace('kind: Deployment', 'kind: Rollout').replace('apps/v1', 'argoproj.io/v1alpha1').replace('app: web}}, spec', 'app: x}}, spec')}${ingress('web', 'number: 80')}`,
      expected: null,
    },
    {
      name: 'a Service that an operator makes',
      yaml: `${APP}apiVersion: keycloak.org/v1\nkind: Keycloak\nmetadata: {name: kc, namespace: shop}\n---\n${ingress('kc-service', 'number: 80')}`,
      expected: null,
    },
    {
      name: 'the answers of ingress-nginx itself',
      yaml:
        APP +
        ingress('use-annotation', 'name: use-annotation').replace(
          '{name: web, namespace: shop}',
          '{name: web, namespace: shop, annotations: {alb.ingress.kubernetes.io/actions.x: y}}',
        ),
      expected: null,
    },
    {
      name: 'a backend of an HTTPRoute in another namespace',
      yaml: APP + httpRoute('name: web, namespace: other, port: 80'),
      expected:
        /^HTTPRoute shop\/web leads to Service other\/web, which is not in the manifests: it answers with 503\.$/,
    },
    {
      name: 'a backend of another kind',
      yaml: APP + httpRoute('name: x, kind: ServiceImport, group: multicluster.x-k8s.io'),
      expected: null,
    },
  ];
  test.each(table)('$name', ({ yaml, expected }) => {
    expect(lost(yaml)).toEqual(expected === null ? [] : [expect.stringMatching(expected)]);
  });
});
