import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  autoscalersIn,
  cpuRequestOf,
  observeAutoscalers,
  parseAutoscaler,
  parseScaleTarget,
  seenUtilization,
  targetUtilization,
} from '../../src/cluster/autoscalers.ts';
import { hasReadyEndpoint, servicesBehind } from '../../src/cluster/api-services.ts';
import { parseManifests } from '../../src/cluster/manifests.ts';
import { ReplicaHistory } from '../../src/cluster/replica-history.ts';
import { autoscaler, scaleTarget } from '../fakes/kubernetes.ts';

const EXPECTED = [{ namespace: 'echo', name: 'foo' }];

describe('an autoscaler is waited for', () => {
  const table = [
    { name: 'while it is not there', found: [], why: 'autoscaler echo/foo has not reported yet' },
    {
      name: 'while it has not looked',
      found: [autoscaler({ active: null })],
      why: 'autoscaler echo/foo has not reported yet',
    },
    {
      name: 'while it has no figures, with its reason',
      found: [autoscaler({ active: 'False', message: 'missing request for cpu' })],
      why: 'autoscaler echo/foo has no metrics: missing request for cpu',
    },
    {
      name: 'and not one of the same name elsewhere',
      found: [autoscaler({ namespace: 'other' })],
      why: 'autoscaler echo/foo has not reported yet',
    },
  ];
  test.each(table)('$name', ({ found, why }) => {
    expect(observeAutoscalers(EXPECTED, found.map(parseAutoscaler))).toEqual({ ready: false, why });
  });

  test('until it has figures', () => {
    expect(observeAutoscalers(EXPECTED, [parseAutoscaler(autoscaler())])).toEqual({ ready: true, value: 1 });
  });
});

test('the autoscalers of the component are found, aim at a share of the CPU, and leave room above the pods of production', () => {
  const objects = ['foo', 'bar'].flatMap((name) =>
    parseManifests(readFileSync(`manifests/components/autoscaling/${name}-autoscaler.yaml`, 'utf8')),
  );
  expect(autoscalersIn(objects)).toEqual([
    { namespace: 'default', name: 'foo' },
    { namespace: 'default', name: 'bar' },
  ]);
  for (const object of objects) {
    const parsed = parseAutoscaler(object);
    expect(targetUtilization(parsed)).toBe(0.6);
    expect(parsed.spec.maxReplicas).toBeGreaterThan(parsed.spec.minReplicas ?? 1);
  }
});

describe('the CPU', () => {
  test('that it aims at is found among other metrics, and is null without', () => {
    expect(targetUtilization(parseAutoscaler(autoscaler()))).toBe(0.5);
    expect(targetUtilization(parseAutoscaler(autoscaler({ metrics: [{ type: 'Pods', pods: {} }] })))).toBeNull();
    expect(
      targetUtilization(
        parseAutoscaler(
          autoscaler({
            metrics: [
              { type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '100m' } } },
            ],
          }),
        ),
      ),
    ).toBeNull();
  });

  test('that it saw last is a share, and null before it saw any', () => {
    expect(seenUtilization(parseAutoscaler(autoscaler({ seen: 185 })))).toBe(1.85);
    expect(seenUtilization(parseAutoscaler(autoscaler({ seen: null })))).toBeNull();
  });

  test('that a pod requests is the sum of its containers, and null when one has no request', () => {
    expect(cpuRequestOf(parseScaleTarget(scaleTarget({ requests: ['50m', '1'] })))).toBeCloseTo(1.05, 9);
    expect(cpuRequestOf(parseScaleTarget(scaleTarget({ requests: ['50m', null] })))).toBeNull();
  });
});

describe('the history of replicas', () => {
  test('has each change once, with what the autoscaler saw', () => {
    const history = new ReplicaHistory();
    history.seeAutoscaler(parseAutoscaler(autoscaler({ seen: 10 })), 100);
    history.seeTarget(parseScaleTarget(scaleTarget()), 100);
    history.seeTarget(parseScaleTarget(scaleTarget()), 101);
    history.seeAutoscaler(parseAutoscaler(autoscaler({ seen: 10 })), 115);
    history.seeAutoscaler(parseAutoscaler(autoscaler({ seen: 120 })), 130);
    history.seeTarget(parseScaleTarget(scaleTarget({ desired: 4 })), 130);
    history.seeTarget(parseScaleTarget(scaleTarget({ desired: 4, ready: 4 })), 133);
    expect(history.kinds()).toEqual(['Deployment']);
    expect(history.records()).toEqual([
      {
        namespace: 'echo',
        kind: 'Deployment',
        name: 'foo',
        autoscaler: 'foo',
        minReplicas: 2,
        maxReplicas: 6,
        targetUtilization: 0.5,
        cpuRequest: 0.1,
        replicas: [
          { time: 100, desired: 2, ready: 2 },
          { time: 130, desired: 4, ready: 2 },
          { time: 133, desired: 4, ready: 4 },
        ],
        seenUtilization: [
          { time: 100, share: 0.1 },
          { time: 130, share: 1.2 },
        ],
      },
    ]);
  });

  test('passes over what no autoscaler changes', () => {
    const history = new ReplicaHistory();
    history.seeTarget(parseScaleTarget(scaleTarget()), 1);
    expect(history.records()).toEqual([]);
  });
});

describe('an API that another server answers for', () => {
  test('is behind a Service, unless it is the API server’s own', () => {
    const objects = parseManifests(
      'apiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: v1.apps}\nspec: {group: apps}\n---\napiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: v1beta1.metrics.k8s.io}\nspec: {service: {namespace: apis, name: server}}\n',
    );
    expect(servicesBehind(objects)).toEqual([{ namespace: 'apis', name: 'server' }]);
  });

  const table = [
    { name: 'no slice', items: [], expected: false },
    { name: 'a slice without addresses', items: [{ endpoints: null }], expected: false },
    {
      name: 'an address that is not ready',
      items: [{ endpoints: [{ conditions: { ready: false } }] }],
      expected: false,
    },
    { name: 'an address of which nothing is known', items: [{ endpoints: [{}] }], expected: false },
    {
      name: 'one ready address of two',
      items: [{ endpoints: [{ conditions: { ready: false } }] }, { endpoints: [{ conditions: { ready: true } }] }],
      expected: true,
    },
  ];
  test.each(table)('is there with $name: $expected', ({ items, expected }) => {
    expect(hasReadyEndpoint({ items })).toBe(expected);
  });
});
