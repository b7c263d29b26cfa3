import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseNodes, parsePods, parseWorkloads } from '../../src/cluster/kubernetes-json.ts';
import { failedJob, isReady, observeNodes, observeWorkloads, whyNotReady } from '../../src/cluster/readiness.ts';
import { list, node, nodes, pod, PODS, workload } from '../fakes/kubernetes.ts';

describe('nodes', () => {
  const table = [
    { name: 'none has joined', items: [], expected: 3, why: '0 of 3 nodes have joined' },
    { name: 'one is missing', items: nodes(2), expected: 3, why: '2 of 3 nodes have joined' },
    { name: 'of an unknown number none has joined', items: [], expected: null, why: '0 of the nodes have joined' },
    {
      name: 'a worker is not ready',
      items: [...nodes(2), node({ name: 'lt-worker2', ready: 'False', message: 'cni plugin not initialized' })],
      expected: 3,
      why: 'node lt-worker2 is not ready: cni plugin not initialized',
    },
    {
      name: 'a node is out of reach',
      items: [node({ ready: 'Unknown', message: 'Kubelet stopped posting node status.' })],
      expected: 1,
      why: 'node lt-worker is not ready: Kubelet stopped posting node status.',
    },
    {
      name: 'a node has said nothing',
      items: [node({ ready: null })],
      expected: 1,
      why: 'node lt-worker is not ready: it has not reported yet',
    },
  ];
  test.each(table)('are waited for while $name', ({ items, expected, why }) => {
    expect(observeNodes(parseNodes(list(...items)), expected)).toEqual({ ready: false, why });
  });

  test('are described once all are ready', () => {
    expect(observeNodes(parseNodes(list(...nodes(2))), 2)).toEqual({
      ready: true,
      value: [
        { name: 'lt-control-plane', role: 'control-plane', version: 'v1.35.8', ready: true },
        { name: 'lt-worker', role: 'worker', version: 'v1.35.8', ready: true },
      ],
    });
  });

  test('may be any number with a configuration of the user', () => {
    expect(observeNodes(parseNodes(list(...nodes(5))), null)).toMatchObject({ ready: true });
  });
});

describe('a workload', () => {
  const table = [
    { name: 'a Deployment with all its pods is ready', item: workload(), why: null },
    {
      name: 'a Deployment that its controller has not seen',
      item: workload({
        generation: 2,
        status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
      }),
      why: 'Deployment echo/foo has not been picked up by its controller yet',
    },
    {
      name: 'a Deployment that has just been made',
      item: workload({ status: {} }),
      why: 'Deployment echo/foo has not been picked up by its controller yet',
    },
    {
      name: 'a Deployment with one pod of two',
      item: workload({
        status: {
          observedGeneration: 1,
          replicas: 2,
          updatedReplicas: 2,
          readyReplicas: 1,
          availableReplicas: 1,
          unavailableReplicas: 1,
        },
      }),
      why: 'Deployment echo/foo has 1 of 2 pods ready',
    },
    {
      name: 'a Deployment whose pods are ready but not yet available',
      item: workload({ status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2 } }),
      why: 'Deployment echo/foo has 0 of 2 pods ready',
    },
    {
      name: 'a Deployment with a pod of the version before',
      item: workload({ status: { observedGeneration: 1, replicas: 3, updatedReplicas: 2, availableReplicas: 3 } }),
      why: 'Deployment echo/foo still has 1 pods of its previous version',
    },
    {
      name: 'a Deployment whose pods are refused says why',
      item: workload({
        status: {
          observedGeneration: 1,
          unavailableReplicas: 2,
          conditions: [
            {
              type: 'ReplicaFailure',
              status: 'True',
              reason: 'FailedCreate',
              message: 'pods "foo-1-" is forbidden: violates PodSecurity "restricted:latest"',
            },
          ],
        },
      }),
      why: 'Deployment echo/foo has 0 of 2 pods ready: pods "foo-1-" is forbidden: violates PodSecurity "restricted:latest"',
    },
    {
      name: 'a Deployment of no replicas is ready',
      item: workload({ spec: { replicas: 0 }, status: { observedGeneration: 1 } }),
      why: null,
    },
    {
      name: 'a Deployment that is paused says so',
      item: workload({ spec: { replicas: 2, paused: true }, status: { observedGeneration: 1 } }),
      why: 'Deployment echo/foo has 0 of 2 pods ready and is paused (spec.paused: true), so none is created',
    },
    ...['ReplicaSet', 'ReplicationController'].flatMap((kind) => [
      {
        name: `a ${kind} of its own counts ready pods`,
        item: workload({ kind, status: { observedGeneration: 1, replicas: 2, readyReplicas: 1 } }),
        why: `${kind} echo/foo has 1 of 2 pods ready`,
      },
      {
        name: `a ${kind} with all of its pods is ready`,
        item: workload({
          kind,
          status: { observedGeneration: 1, replicas: 2, readyReplicas: 2, availableReplicas: 2 },
        }),
        why: null,
      },
    ]),
    {
      name: 'a Pod that runs but is not ready',
      item: workload({
        kind: 'Pod',
        spec: {},
        status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] },
      }),
      why: 'Pod echo/foo is not ready (Running)',
    },
    {
      name: 'a Pod that is ready',
      item: workload({
        kind: 'Pod',
        spec: {},
        status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
      }),
      why: null,
    },
    {
      name: 'a Pod that has done its work is ready',
      item: workload({
        kind: 'Pod',
        spec: {},
        status: { phase: 'Succeeded', conditions: [{ type: 'Ready', status: 'False' }] },
      }),
      why: null,
    },
    {
      name: 'a StatefulSet counts ready pods',
      item: workload({
        kind: 'StatefulSet',
        status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2 },
      }),
      why: null,
    },
    {
      name: 'a DaemonSet with a pod on each node is ready',
      item: workload({
        kind: 'DaemonSet',
        spec: {},
        status: {
          observedGeneration: 1,
          desiredNumberScheduled: 3,
          updatedNumberScheduled: 3,
          numberReady: 3,
          currentNumberScheduled: 3,
          numberMisscheduled: 0,
        },
      }),
      why: null,
    },
    {
      name: 'a DaemonSet with a pod missing',
      item: workload({
        kind: 'DaemonSet',
        spec: {},
        status: { observedGeneration: 1, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberReady: 2 },
      }),
      why: 'DaemonSet echo/foo has 2 of 3 pods ready',
    },
    {
      name: 'a Job that is done is ready',
      item: workload({
        kind: 'Job',
        spec: { completions: 1 },
        status: { succeeded: 1, conditions: [{ type: 'Complete', status: 'True' }] },
      }),
      why: null,
    },
    {
      name: 'a Job that runs',
      item: workload({ kind: 'Job', spec: {}, status: { active: 1 } }),
      why: 'Job echo/foo has not finished',
    },
    {
      name: 'a Job that is suspended says so',
      item: workload({ kind: 'Job', spec: { suspend: true }, status: {} }),
      why: 'Job echo/foo is suspended (spec.suspend: true)',
    },
    {
      name: 'a Job that failed while it was suspended says why',
      item: workload({
        kind: 'Job',
        spec: { suspend: true },
        status: {
          conditions: [{ type: 'Failed', status: 'True', message: 'Job was active longer than specified deadline' }],
        },
      }),
      why: 'Job echo/foo failed: Job was active longer than specified deadline',
    },
    {
      name: 'a Job whose failure is not certain',
      item: workload({ kind: 'Job', spec: {}, status: { conditions: [{ type: 'Failed', status: 'False' }] } }),
      why: 'Job echo/foo has not finished',
    },
    {
      name: 'a Pod of which nothing is known yet',
      item: workload({ kind: 'Pod', spec: {}, status: {} }),
      why: 'Pod echo/foo is not ready (Pending)',
    },
    {
      name: 'a StatefulSet whose ready pods are of the version before',
      item: workload({
        kind: 'StatefulSet',
        status: { observedGeneration: 1, replicas: 2, updatedReplicas: 1, readyReplicas: 2 },
      }),
      why: 'StatefulSet echo/foo has 1 of 2 pods ready',
    },
    {
      name: 'a Job that failed says why',
      item: workload({
        kind: 'Job',
        spec: {},
        status: {
          conditions: [{ type: 'Failed', status: 'True', message: 'Job has reached the specified backoff limit' }],
        },
      }),
      why: 'Job echo/foo failed: Job has reached the specified backoff limit',
    },
  ];
  test.each(table)('$name', ({ item, why }) => {
    const [parsed] = parseWorkloads(list(item));
    expect(parsed === undefined ? 'not parsed' : whyNotReady(parsed)).toBe(why);
  });
});

describe('the workloads together', () => {
  const expected = [
    { kind: 'Deployment', namespace: 'echo', name: 'foo' },
    { kind: 'Deployment', namespace: 'echo', name: 'bar' },
  ] as const;

  test('are ready when each is', () => {
    expect(observeWorkloads(expected, parseWorkloads(list(workload(), workload({ name: 'bar' }))))).toEqual({
      ready: true,
      value: expected,
    });
  });

  test('each that is not is named', () => {
    const found = parseWorkloads(
      list(
        workload({ status: { observedGeneration: 1, updatedReplicas: 2 } }),
        workload({ name: 'bar', namespace: 'other' }),
      ),
    );
    expect(observeWorkloads(expected, found)).toEqual({
      ready: false,
      why: 'Deployment echo/foo has 0 of 2 pods ready; Deployment echo/bar does not exist',
    });
  });

  test('one of another kind with the same name does not count', () => {
    const found = parseWorkloads(list(workload({ kind: 'StatefulSet' }), workload({ name: 'bar' })));
    expect(observeWorkloads(expected, found)).toMatchObject({
      ready: false,
      why: 'Deployment echo/foo does not exist',
    });
  });

  test('one that is not there may have done what it was for', () => {
    const [foo] = expected;
    const found = parseWorkloads(list(workload()));
    expect(observeWorkloads(expected, found, (missing) => missing.name === 'bar')).toEqual({
      ready: true,
      value: expected,
    });
    expect(observeWorkloads([foo], [], (missing) => missing.name === 'bar')).toMatchObject({ ready: false });
  });

  test('nothing to wait for is ready', () => {
    expect(observeWorkloads([], [])).toEqual({ ready: true, value: [] });
  });
});

describe('a Job that has failed for good', () => {
  const failed = { conditions: [{ type: 'Failed', status: 'True', message: 'BackoffLimitExceeded' }] };
  const [expected] = [{ kind: 'Job', namespace: 'echo', name: 'foo' }] as const;

  test.each([
    { name: 'is told when it is waited for', item: workload({ kind: 'Job', spec: {}, status: failed }), told: true },
    { name: 'is not while it runs', item: workload({ kind: 'Job', spec: {}, status: {} }), told: false },
    {
      name: 'is none of another kind',
      item: workload({ kind: 'Deployment', status: { ...failed, observedGeneration: 1 } }),
      told: false,
    },
    {
      name: 'is none of another name',
      item: workload({ kind: 'Job', name: 'other', spec: {}, status: failed }),
      told: false,
    },
    {
      name: 'is none of another namespace',
      item: workload({ kind: 'Job', namespace: 'other', spec: {}, status: failed }),
      told: false,
    },
  ])('$name', ({ item, told }) => {
    const others = [
      { kind: 'Deployment', namespace: 'echo', name: 'bar' },
      { kind: 'Job', namespace: 'echo', name: 'bar' },
    ] as const;
    const found = parseWorkloads(list(workload({ name: 'bar' }), item));
    expect(failedJob([...others, expected], found)).toBe(told ? 'Job echo/foo failed: BackoffLimitExceeded' : null);
  });

  test('is none that a Deployment of its name is waited for in place of', () => {
    const found = parseWorkloads(list(workload({ kind: 'Job', spec: {}, status: failed })));
    expect(failedJob([{ ...expected, kind: 'Deployment' }], found)).toBeNull();
  });
});

test('a pod takes requests once it is ready', () => {
  const waiting = pod({ conditions: [{ type: 'Ready', status: 'False' }] });
  expect(parsePods(list(PODS.ready, waiting)).map(isReady)).toEqual([true, false]);
});

describe('an answer that is no list of Kubernetes', () => {
  test.each([
    { name: 'HTML', json: '<html>' },
    { name: 'nothing', json: null },
    { name: 'a list without items', json: { kind: 'List' } },
    { name: 'items without names', json: list({ metadata: {} }) },
  ])('$name is refused', ({ json }) => {
    for (const parse of [parseNodes, parsePods, parseWorkloads])
      expect(() => parse(json)).toThrow(/gave an unusable answer/);
  });

  test('anything at all is either read or refused with the place of the fault', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        for (const parse of [parseNodes, parsePods, parseWorkloads]) {
          try {
            expect(Array.isArray(parse(json))).toBe(true);
          } catch (error) {
            expect(error).toMatchObject({ code: 'unexpected-answer' });
          }
        }
      }),
    );
  });
});
