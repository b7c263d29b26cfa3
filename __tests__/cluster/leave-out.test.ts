import { describe, expect, test } from '@jest/globals';
import { type LeaveOut, parseLeaveOut, withoutLeftOut } from '../../src/cluster/leave-out.ts';
import { describeObject } from '../../src/cluster/manifest-entries.ts';
import { parseManifests } from '../../src/cluster/manifests.ts';

const SHOP = parseManifests(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web, tier: front}}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: load, namespace: shop, labels: {app: load}}
spec: {template: {metadata: {labels: {app: load, kind: bot}}, spec: {containers: [{name: c}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}}
---
apiVersion: v1
kind: Service
metadata: {name: load-ui, namespace: shop}
spec: {selector: {app: load}}
---
apiVersion: v1
kind: Service
metadata: {name: load-ui, namespace: other}
spec: {selector: {app: load}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: load, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: load}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: load, namespace: shop}
spec: {rules: [{host: load.localhost, http: {paths: [{path: /, backend: {service: {name: load-ui}}}]}}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: both, namespace: shop}
spec:
  rules:
    - {host: a.localhost, http: {paths: [{path: /, backend: {service: {name: web}}}, {path: /load, backend: {service: {name: load-ui}}}]}}
    - {host: b.localhost, http: {paths: [{path: /, backend: {service: {name: load-ui}}}]}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: load, namespace: shop}
spec: {rules: [{backendRefs: [{name: load-ui, port: 80}]}]}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web, namespace: shop}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: load, namespace: shop}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: "system:shop:reader"}
`);

const line = (text: string): LeaveOut => {
  const parsed = parseLeaveOut(text);
  if (parsed === null) throw new Error(`${text} is none`);
  return parsed;
};
const leftOutBy = (...texts: string[]): string[] => withoutLeftOut(SHOP, texts.map(line)).leftOut.map(describeObject);

const WITH_LOAD = [
  'Deployment shop/load',
  'Service shop/load-ui',
  'HorizontalPodAutoscaler shop/load',
  'Ingress shop/load',
  'HTTPRoute shop/load',
];

describe('what is left out', () => {
  const table: { given: string; expected: string[] }[] = [
    { given: 'Deployment/load', expected: WITH_LOAD },
    { given: 'deployments.apps/load', expected: WITH_LOAD },
    { given: 'deploy/load', expected: WITH_LOAD },
    { given: 'Deployment/shop/load', expected: WITH_LOAD },
    { given: 'app=load', expected: WITH_LOAD },
    { given: 'Deployment/other/load', expected: [] },
    { given: 'ServiceMonitor/*', expected: ['ServiceMonitor shop/web', 'ServiceMonitor shop/load'] },
    { given: 'ServiceMonitor/load', expected: ['ServiceMonitor shop/load'] },
    { given: 'ingresses/load', expected: ['Ingress shop/load'] },
    { given: 'clusterrole/system:shop:reader', expected: ['ClusterRole system:shop:reader'] },
    { given: 'app=web,tier!=front', expected: [] },
    { given: 'app==web, tier=front', expected: ['Deployment shop/web', 'Service shop/web'] },
  ];
  test.each(table)('$given', ({ given, expected }) => {
    expect(leftOutBy(given)).toEqual(expected);
  });

  test('a route to something else, too, only loses the rules that lead nowhere', () => {
    const { objects, changes } = withoutLeftOut(SHOP, [line('Deployment/load')]);
    const both = objects.find(({ kind, metadata }) => kind === 'Ingress' && metadata.name === 'both');
    expect(both?.['spec']).toEqual({
      rules: [{ host: 'a.localhost', http: { paths: [{ path: '/', backend: { service: { name: 'web' } } }] } }],
    });
    expect(changes).toEqual(['Ingress shop/both has fewer rules: the others lead to Services that leave-out removes.']);
  });

  test('lines that fit nothing are known, and change nothing', () => {
    const { objects, unused } = withoutLeftOut(SHOP, [line('Job/seed'), line('app=nobody')]);
    expect(objects).toEqual(SHOP);
    expect(unused.map(({ text }) => text)).toEqual(['Job/seed', 'app=nobody']);
  });
});

test.each(['loadgenerator', '/load', 'Deployment/', 'Deployment/a/b/c', 'a=b,', 'a b=c', 'Deployment/*/load'])(
  '%j is no line',
  (text) => {
    expect(parseLeaveOut(text)).toBeNull();
  },
);
