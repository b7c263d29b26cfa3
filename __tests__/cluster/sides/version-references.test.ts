import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { KubernetesObject } from '../../../src/cluster/manifests.ts';
import { followReferences, type VersionScope } from '../../../src/cluster/sides/version-references.ts';

const SCOPE: VersionScope = {
  version: 'head',
  namespaces: new Set(['shop', 'default']),
  services: new Set(['cart.shop', 'api.default']),
  names: new Set(['shop/settings']),
};

const object = (kind: string, more: object): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'it', namespace: 'shop' },
  ...more,
});
const follow = (given: KubernetesObject): KubernetesObject => followReferences(given, SCOPE).value;
const container = (fields: object): object => ({
  spec: { template: { spec: { containers: [{ name: 'c', ...fields }] } } },
});

describe('follows', () => {
  const table: { name: string; before: KubernetesObject; after: object }[] = [
    {
      name: 'the subjects of a binding, but not those of other namespaces',
      before: object('ClusterRoleBinding', {
        subjects: [
          { kind: 'ServiceAccount', name: 'a', namespace: 'shop' },
          { kind: 'ServiceAccount', name: 'b', namespace: 'monitoring' },
        ],
      }),
      after: {
        subjects: [
          { kind: 'ServiceAccount', name: 'a', namespace: 'head-shop' },
          { kind: 'ServiceAccount', name: 'b', namespace: 'monitoring' },
        ],
      },
    },
    {
      name: 'users and groups of service accounts',
      before: object('RoleBinding', {
        subjects: [
          { kind: 'Group', name: 'system:serviceaccounts:shop' },
          { kind: 'User', name: 'system:serviceaccount:shop:a' },
          { kind: 'Group', name: 'system:serviceaccounts' },
          { kind: 'User', name: 'system:serviceaccount:shopping:a' },
        ],
      }),
      after: {
        subjects: [
          { kind: 'Group', name: 'system:serviceaccounts:head-shop' },
          { kind: 'User', name: 'system:serviceaccount:head-shop:a' },
          { kind: 'Group', name: 'system:serviceaccounts' },
          { kind: 'User', name: 'system:serviceaccount:shopping:a' },
        ],
      },
    },
    {
      name: 'the Service of a webhook',
      before: object('ValidatingWebhookConfiguration', {
        webhooks: [{ clientConfig: { service: { name: 'hook', namespace: 'shop' } } }],
      }),
      after: { webhooks: [{ clientConfig: { service: { name: 'hook', namespace: 'head-shop' } } }] },
    },
    {
      name: 'parents and backends of a route',
      before: object('HTTPRoute', {
        spec: {
          parentRefs: [
            { name: 'g', namespace: 'gateways' },
            { name: 'g', namespace: 'shop' },
          ],
          rules: [{ backendRefs: [{ name: 'cart', namespace: 'shop' }] }],
        },
      }),
      after: {
        spec: {
          parentRefs: [
            { name: 'g', namespace: 'gateways' },
            { name: 'g', namespace: 'head-shop' },
          ],
          rules: [{ backendRefs: [{ name: 'cart', namespace: 'head-shop' }] }],
        },
      },
    },
    {
      name: 'selectors by the label of a namespace, in both spellings',
      before: object('NetworkPolicy', {
        spec: {
          ingress: [
            {
              from: [
                { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } },
                {
                  namespaceSelector: {
                    matchExpressions: [
                      { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['shop', 'monitoring'] },
                      { key: 'team', operator: 'In', values: ['shop'] },
                    ],
                  },
                },
              ],
            },
          ],
        },
      }),
      after: {
        spec: {
          ingress: [
            {
              from: [
                { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'head-shop' } } },
                {
                  namespaceSelector: {
                    matchExpressions: [
                      { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['head-shop', 'monitoring'] },
                      { key: 'team', operator: 'In', values: ['shop'] },
                    ],
                  },
                },
              ],
            },
          ],
        },
      },
    },
    {
      name: 'lists of namespaces',
      before: object('ServiceMonitor', {
        spec: {
          namespaceSelector: { matchNames: ['shop', 'other'] },
          affinity: { namespaces: ['shop'] },
          targetNamespaces: ['shop'],
          storageNamespace: 'shop',
        },
      }),
      after: {
        spec: {
          namespaceSelector: { matchNames: ['head-shop', 'other'] },
          affinity: { namespaces: ['head-shop'] },
          targetNamespaces: ['head-shop'],
          storageNamespace: 'head-shop',
        },
      },
    },
    {
      name: 'names of Services in environment, arguments and annotations',
      before: {
        ...object(
          'Deployment',
          container({
            args: ['--upstream=http://cart.shop.svc.cluster.local:80/x'],
            env: [{ name: 'A', value: 'db-0.db.shop.svc,cart.shop.svc:6379' }],
          }),
        ),
        metadata: {
          name: 'it',
          namespace: 'shop',
          annotations: { 'nginx.ingress.kubernetes.io/auth-url': 'http://cart.shop.svc/ok' },
        },
      },
      after: {
        ...container({
          args: ['--upstream=http://cart.head-shop.svc.cluster.local:80/x'],
          env: [{ name: 'A', value: 'db-0.db.head-shop.svc,cart.head-shop.svc:6379' }],
        }),
        metadata: {
          name: 'it',
          namespace: 'shop',
          annotations: { 'nginx.ingress.kubernetes.io/auth-url': 'http://cart.head-shop.svc/ok' },
        },
      },
    },
    {
      name: 'short names that can be nothing else than an address',
      before: object(
        'Deployment',
        container({
          args: [
            'http://cart.shop/x',
            'cart.shop:80',
            'cart.shop',
            'redis://user@cart.shop',
            'grpc://api.default:1',
            '--cart=cart.shop',
            'localhost,cart.shop, api.default,.svc',
            'a: "cart.shop"\nb: cart.shop\n',
          ],
        }),
      ),
      after: container({
        args: [
          'http://cart.head-shop/x',
          'cart.head-shop:80',
          'cart.head-shop',
          'redis://user@cart.head-shop',
          'grpc://api.head-default:1',
          '--cart=cart.head-shop',
          'localhost,cart.head-shop, api.head-default,.svc',
          'a: "cart.head-shop"\nb: cart.head-shop\n',
        ],
      }),
    },
    {
      name: 'addresses and namespaces in a ConfigMap',
      before: object('ConfigMap', {
        data: {
          'app.yaml': 'cart: http://cart.shop.svc:80\nkube:\n  namespace: shop\nnamespace: shop-2\nname: shop\n',
          'app.json': '{"namespace":"shop","namespaces":1,"a":{"namespace": "default"}}',
          'app.properties': 'namespace=shop\nmetrics_namespace=shop\n',
          WATCH_NAMESPACES: 'shop, other',
          NAMESPACE: 'default',
          TEMPORAL_NAMESPACE: 'default',
          DATABASE: 'shop',
        },
      }),
      after: {
        data: {
          'app.yaml':
            'cart: http://cart.head-shop.svc:80\nkube:\n  namespace: head-shop\nnamespace: shop-2\nname: shop\n',
          'app.json': '{"namespace":"head-shop","namespaces":1,"a":{"namespace": "default"}}',
          'app.properties': 'namespace=head-shop\nmetrics_namespace=shop\n',
          WATCH_NAMESPACES: 'head-shop, other',
          NAMESPACE: 'head-default',
          TEMPORAL_NAMESPACE: 'default',
          DATABASE: 'shop',
        },
      },
    },
    {
      name: 'values of variables and flags whose name says that they are namespaces',
      before: object(
        'Deployment',
        container({
          command: ['sh', '-c', 'kubectl -n shop get pods; kubectl get pods --namespace="shop"; echo -n shop'],
          args: ['--namespace=shop', '--watch-namespace', 'shop', '-n', 'default', '--namespaces=a,shop,default'],
          env: [
            { name: 'POD_NAMESPACE', value: 'shop' },
            { name: 'watchNamespace', value: 'shop' },
            { name: 'TARGET_NS', value: 'default' },
            { name: 'MYSQL_DATABASE', value: 'shop' },
          ],
        }),
      ),
      after: container({
        command: ['sh', '-c', 'kubectl -n head-shop get pods; kubectl get pods --namespace="head-shop"; echo -n shop'],
        args: [
          '--namespace=head-shop',
          '--watch-namespace',
          'head-shop',
          '-n',
          'head-default',
          '--namespaces=a,head-shop,head-default',
        ],
        env: [
          { name: 'POD_NAMESPACE', value: 'head-shop' },
          { name: 'watchNamespace', value: 'head-shop' },
          { name: 'TARGET_NS', value: 'head-default' },
          { name: 'MYSQL_DATABASE', value: 'shop' },
        ],
      }),
    },
    {
      name: 'encoded texts of a Secret, as generators write them, but not what is no text',
      before: object('Secret', {
        data: {
          url: Buffer.from('postgres://me@cart.shop.svc:5432/shop').toString('base64'),
          binary: Buffer.from([0xff, 0xfe, ...Buffer.from('cart.shop.svc')]).toString('base64'),
        },
      }),
      after: {
        data: {
          url: Buffer.from('postgres://me@cart.head-shop.svc:5432/shop').toString('base64'),
          binary: Buffer.from([0xff, 0xfe, ...Buffer.from('cart.shop.svc')]).toString('base64'),
        },
      },
    },
    {
      name: 'names behind what only the container knows',
      before: object(
        'StatefulSet',
        container({
          env: [
            { name: 'A', value: 'CLIENT://$(POD).cart.shop.svc.cluster.local:9092' },
            { name: 'B', value: '$(POD).cart.shop:9092' },
            { name: 'C', value: 'http://${HOSTNAME}.cart.shop.svc:9092' },
            { name: 'D', value: 'kafka-$ORDINAL.cart.shop.svc,{{ .Pod }}.cart.shop.svc' },
          ],
          args: ['*.cart.shop.svc'],
        }),
      ),
      after: container({
        env: [
          { name: 'A', value: 'CLIENT://$(POD).cart.head-shop.svc.cluster.local:9092' },
          { name: 'B', value: '$(POD).cart.head-shop:9092' },
          { name: 'C', value: 'http://${HOSTNAME}.cart.head-shop.svc:9092' },
          { name: 'D', value: 'kafka-$ORDINAL.cart.head-shop.svc,{{ .Pod }}.cart.head-shop.svc' },
        ],
        args: ['*.cart.head-shop.svc'],
      }),
    },
    {
      name: 'not the API server, which is in namespace default too',
      before: object(
        'Deployment',
        container({ args: ['https://kubernetes.default.svc.cluster.local', 'http://api.default.svc'] }),
      ),
      after: container({ args: ['https://kubernetes.default.svc.cluster.local', 'http://api.head-default.svc'] }),
    },
    {
      name: 'objects that annotations name with their namespace',
      before: {
        ...object('Ingress', {}),
        metadata: {
          name: 'it',
          namespace: 'shop',
          annotations: {
            'nginx.ingress.kubernetes.io/auth-secret': 'shop/users',
            'nginx.ingress.kubernetes.io/auth-tls-secret': 'default/ca',
            'nginx.ingress.kubernetes.io/proxy-ssl-secret': 'other/ca',
            'cert-manager.io/inject-ca-from': 'shop/cert',
            'example.com/config': 'shop/settings',
            'traefik.ingress.kubernetes.io/router.middlewares':
              'shop-auth@kubernetescrd, other-x@kubernetescrd,default-gzip@kubernetescrd',
          },
        },
      },
      after: {
        metadata: {
          name: 'it',
          namespace: 'shop',
          annotations: {
            'nginx.ingress.kubernetes.io/auth-secret': 'head-shop/users',
            'nginx.ingress.kubernetes.io/auth-tls-secret': 'head-default/ca',
            'nginx.ingress.kubernetes.io/proxy-ssl-secret': 'other/ca',
            'cert-manager.io/inject-ca-from': 'head-shop/cert',
            'example.com/config': 'head-shop/settings',
            'traefik.ingress.kubernetes.io/router.middlewares':
              'head-shop-auth@kubernetescrd, other-x@kubernetescrd,head-default-gzip@kubernetescrd',
          },
        },
      },
    },
    {
      name: 'objects that annotations of pods name',
      before: object('Deployment', {
        spec: { template: { metadata: { annotations: { 'k8s.v1.cni.cncf.io/networks': 'shop/settings' } } } },
      }),
      after: {
        spec: { template: { metadata: { annotations: { 'k8s.v1.cni.cncf.io/networks': 'head-shop/settings' } } } },
      },
    },
    {
      name: 'texts of a Secret',
      before: object('Secret', { stringData: { url: 'cart.shop.svc' } }),
      after: { stringData: { url: 'cart.head-shop.svc' } },
    },
    {
      name: 'nothing that only looks alike',
      before: object(
        'Deployment',
        container({
          args: [
            'cart.shopping.svc',
            'cart.shop.svcs',
            'cart.shop.example.com',
            'my-cart.shop.de',
            'xcart.shop',
            'shop.svc.cluster.local',
            'cart.shop.svc-x',
          ],
        }),
      ),
      after: container({
        args: [
          'cart.shopping.svc',
          'cart.shop.svcs',
          'cart.shop.example.com',
          'my-cart.shop.de',
          'xcart.shop',
          'shop.svc.cluster.local',
          'cart.shop.svc-x',
        ],
      }),
    },
  ];
  test.each(table)('$name', ({ before, after }) => {
    const { value, warnings } = followReferences(before, SCOPE);
    expect(value).toEqual({ ...before, ...after });
    expect(warnings).toEqual([]);
  });
});

describe('warns, with the object, of', () => {
  const table = [
    {
      name: 'what may be an address',
      given: object('ConfigMap', { data: { a: 'the key cart.shop of the file\n"cart.shop": 1\n' } }),
      warning: /^ConfigMap shop\/it contains "cart\.shop", which may be/,
    },
    {
      name: 'the name of a namespace in the environment',
      given: object('Deployment', container({ env: [{ name: 'PROJECT', value: 'shop' }] })),
      warning: /^Deployment shop\/it is given "shop"/,
    },
    {
      name: 'a Service of namespace default that no manifest has',
      given: object('Deployment', container({ args: ['http://db.default.svc'] })),
      warning: /^Deployment shop\/it holds "db\.default\.svc", but the manifests have no such Service/,
    },
    {
      name: 'the name of an object in an argument',
      given: object('Deployment', container({ args: ['--config=shop/settings'] })),
      warning: /^Deployment shop\/it is given "--config=shop\/settings", which is the name of an object/,
    },
    {
      name: 'what may be the name of an object in an annotation',
      given: {
        ...object('Ingress', {}),
        metadata: { name: 'it', namespace: 'shop', annotations: { 'example.com/x': 'shop/unknown' } },
      },
      warning: /^Ingress shop\/it has "shop\/unknown" in its annotation example\.com\/x/,
    },
    {
      name: 'the name of a namespace in an argument',
      given: object('Deployment', container({ args: ['watch', 'shop'] })),
      warning: /is given "shop", which has the name of a namespace/,
    },
  ];
  test.each(table)('$name', ({ given, warning }) => {
    const { value, warnings } = followReferences(given, SCOPE);
    expect(value).toEqual(given);
    expect(warnings).toEqual([expect.stringMatching(warning)]);
  });

  test('nothing where the text is no namespace of the application', () => {
    const given = object(
      'Deployment',
      container({
        args: ['--namespace=kube-system', 'default', '--mode=default'],
        env: [{ name: 'A', value: 'shops' }],
      }),
    );
    expect(followReferences(given, SCOPE).warnings).toEqual([]);
  });

  test('nothing where an application that is called like its namespace is named', () => {
    const given = object(
      'Deployment',
      container({ args: ['run', 'shop', '--app=shop'], env: [{ name: 'X', value: 'shop' }] }),
    );
    const names = new Set(['shop/shop']);
    expect(followReferences(given, { ...SCOPE, names }).warnings).toEqual([]);
  });
});

test('objects without a reference stay as they are, whatever is in them', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (fields) => {
      const given = { ...(JSON.parse(JSON.stringify(fields)) as object), ...object('Thing', {}) };
      expect(
        JSON.stringify(
          followReferences(given, { version: 'head', namespaces: new Set(['q7-nowhere']), services: new Set() }).value,
        ),
      ).toBe(JSON.stringify(given));
    }),
  );
});

test('both versions differ in nothing but the word', () => {
  const given = object(
    'Deployment',
    container({ args: ['http://cart.shop.svc'], env: [{ name: 'A', value: 'api.default:1' }] }),
  );
  const base = followReferences(given, { ...SCOPE, version: 'base' }).value;
  expect(JSON.stringify(base).replaceAll('base-', 'head-')).toBe(JSON.stringify(follow(given)));
});

test.each([
  { known: 'shop/api-auth', expected: 'head-shop-api-auth' },
  { known: 'shop-api/auth', expected: 'head-shop-api-auth' },
])(
  'a name of Traefik that can be read in two ways is that of the object that there is: $known',
  ({ known, expected }) => {
    const given: KubernetesObject = {
      ...object('Ingress', {}),
      metadata: { name: 'it', namespace: 'shop', annotations: { m: 'shop-api-auth@kubernetescrd' } },
    };
    const scope = { ...SCOPE, namespaces: new Set(['shop', 'shop-api']), names: new Set([known]) };
    expect(followReferences(given, scope).value.metadata.annotations).toEqual({ m: `${expected}@kubernetescrd` });
  },
);
