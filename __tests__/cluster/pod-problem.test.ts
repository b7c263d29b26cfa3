import { describe, expect, test } from '@jest/globals';
import { parsePods } from '../../src/cluster/kubernetes-json.ts';
import { firstProblem, problemOf } from '../../src/cluster/pod-problem.ts';
import { PODS, containerStatus, list, pod, waitingPod } from '../fakes/kubernetes.ts';

describe('what keeps a pod from being ready', () => {
  const table = [
    { name: 'nothing, when it is ready', item: PODS.ready, expected: null },
    {
      name: 'an image that cannot be pulled',
      item: PODS.imagePullBackOff,
      expected: { code: 'image-pull', container: null, message: expect.stringContaining('nowhere.example/app:1') },
    },
    {
      name: 'a registry that refuses more pulls',
      item: PODS.rateLimited,
      expected: { code: 'registry-rate-limit', container: null, message: expect.stringContaining('429') },
    },
    {
      name: 'a container that ends again and again',
      item: PODS.crashLoop,
      expected: {
        code: 'crash-loop',
        namespace: 'echo',
        pod: 'foo-7d9c5b8f6d-abcde',
        container: 'echo',
        message: 'Pod echo/foo-7d9c5b8f6d-abcde: container echo ended 4 times, last with exit code 137 (OOMKilled)',
      },
    },
    {
      name: 'a container that has just been started again',
      item: pod({
        containers: [
          containerStatus({
            ready: false,
            restartCount: 1,
            lastState: { terminated: { exitCode: 1, reason: 'Error' } },
          }),
        ],
      }),
      expected: {
        code: 'crash-loop',
        message: expect.stringContaining('ended 1 times, last with exit code 1 (Error)'),
      },
    },
    {
      name: 'an init container that ends again and again',
      item: pod({
        phase: 'Pending',
        initContainers: [
          containerStatus({
            name: 'migrate',
            ready: false,
            restartCount: 2,
            state: { waiting: { reason: 'CrashLoopBackOff', message: '' } },
            lastState: { terminated: { exitCode: 1, reason: 'Error' } },
          }),
        ],
        containers: [containerStatus({ ready: false, state: { waiting: { reason: 'PodInitializing' } } })],
      }),
      expected: { code: 'crash-loop', container: 'migrate' },
    },
    {
      name: 'a configuration that is missing',
      item: PODS.secretMissing,
      expected: {
        code: 'workload-not-ready',
        container: null,
        message: expect.stringContaining('secret "db" not found'),
      },
    },
    {
      name: 'a disk that is full while an image is unpacked',
      item: waitingPod(
        'ErrImagePull',
        'failed to pull and unpack image "docker.io/library/app:1": failed to extract layer sha256:4f4: write /var/lib/containerd/x: no space left on device',
      ),
      expected: { code: 'disk-full', container: null, slow: false },
    },
    {
      name: 'an image whose digest holds 429, which is no rate limit',
      item: waitingPod('ErrImagePull', 'failed to resolve reference "app@sha256:429429": not found'),
      expected: { code: 'image-pull' },
    },
    {
      name: 'a pod that its node threw out for want of disk',
      item: {
        ...pod({ containers: [] }),
        status: {
          phase: 'Failed',
          reason: 'Evicted',
          message: 'The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi, available: 100Mi.',
        },
      },
      expected: { code: 'disk-full', message: expect.stringContaining('it was evicted: The node was low on resource') },
    },
    {
      name: 'nodes that take nothing more because their disks are full',
      item: pod({
        phase: 'Pending',
        nodeName: '',
        containers: [],
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/3 nodes are available: 3 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }.',
          },
        ],
      }),
      expected: { code: 'disk-full' },
    },
    {
      name: 'a container that has not started',
      item: waitingPod('ContainerCreating'),
      expected: {
        code: 'workload-not-ready',
        container: null,
        slow: true,
        message: expect.stringContaining('container echo has not started: ContainerCreating'),
      },
    },
    {
      name: 'a pod of a Job that ended with an error',
      item: pod({
        phase: 'Failed',
        containers: [containerStatus({ ready: false, state: { terminated: { exitCode: 3, reason: 'Error' } } })],
      }),
      expected: {
        code: 'workload-not-ready',
        container: 'echo',
        message: expect.stringContaining('container echo ended with exit code 3 (Error)'),
      },
    },
    {
      name: 'no node with room',
      item: PODS.unschedulable,
      expected: {
        code: 'workload-not-ready',
        container: null,
        message: expect.stringContaining("it can't be scheduled: 0/3 nodes are available: 3 Insufficient cpu."),
      },
    },
    {
      name: 'a readiness probe that fails',
      item: PODS.unready,
      expected: {
        code: 'workload-not-ready',
        container: 'echo',
        message: expect.stringContaining('readiness probe fails'),
      },
    },
    { name: 'nothing, when it is being deleted', item: PODS.deleted, expected: null },
    {
      name: 'nothing, when its work is done',
      item: pod({
        phase: 'Succeeded',
        containers: [containerStatus({ ready: false, state: { terminated: { exitCode: 0, reason: 'Completed' } } })],
      }),
      expected: null,
    },
    {
      name: 'nothing yet, when it was only just made',
      item: pod({ phase: 'Pending', containers: [], conditions: [] }),
      expected: null,
    },
  ];
  test.each(table)('$name', ({ item, expected }) => {
    const [parsed] = parsePods(list(item));
    const problem = parsed === undefined ? 'not parsed' : problemOf(parsed);
    if (expected === null) expect(problem).toBeNull();
    else expect(problem).toMatchObject(expected);
  });

  test('one with a clear cause comes before one that may only be slow', () => {
    expect(firstProblem(parsePods(list(PODS.unready, PODS.ready, PODS.crashLoop)))).toMatchObject({
      code: 'crash-loop',
    });
  });

  test('the first one is named when none has a clear cause', () => {
    expect(firstProblem(parsePods(list(PODS.unschedulable, PODS.unready)))?.message).toContain("can't be scheduled");
  });

  test('there is none among healthy pods', () => {
    expect(firstProblem(parsePods(list(PODS.ready, PODS.deleted)))).toBeNull();
  });
});
