import { describe, expect, test } from '@jest/globals';
import { type EventJson, parseEvents, parsePods, type PodJson } from '../../src/cluster/kubernetes-json.ts';
import { LastingProblems } from '../../src/cluster/lasting-problem.ts';
import { failedJobEvent, refusedPods } from '../../src/cluster/pod-events.ts';
import { problemOf } from '../../src/cluster/pod-problem.ts';
import { list } from '../fakes/kubernetes.ts';

const pod = (state: object, container: object = {}): PodJson => {
  const [parsed] = parsePods({
    items: [
      {
        metadata: { name: 'web-1', namespace: 'shop', uid: 'u1' },
        spec: { containers: [{ name: 'web', resources: {}, ...container }] },
        status: { phase: 'Pending', containerStatuses: [{ name: 'web', ready: false, state }] },
      },
    ],
  });
  if (parsed === undefined) throw new Error('no pod');
  return parsed;
};
const WAITING = pod({ waiting: { reason: 'ContainerCreating' } });
const running = (probe: object): PodJson => pod({ running: {} }, { readinessProbe: probe });

const event = (reason: string, message: string, more: object = {}): EventJson => {
  const [parsed] = parseEvents(
    list({
      reason,
      message,
      count: 2,
      lastTimestamp: '2026-11-30T10:00:00Z',
      involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web-1', uid: 'u1', fieldPath: 'spec.containers{web}' },
      ...more,
    }),
  );
  if (parsed === undefined) throw new Error('no event');
  return parsed;
};

describe('a volume that can not be mounted', () => {
  const MISSING = 'MountVolume.SetUp failed for volume "keys" : secret "jwt-key" not found';

  test('is told with what is missing, from its second occurrence on', () => {
    const [once, twice] = [event('FailedMount', MISSING, { count: 1 }), event('FailedMount', MISSING)];
    expect(problemOf(WAITING, [once])).toMatchObject({ slow: true });
    expect(problemOf(WAITING, [twice])).toMatchObject({
      slow: false,
      message:
        'Pod shop/web-1: container web has not started: ContainerCreating: MountVolume.SetUp failed for volume "keys" : secret "jwt-key" not found',
      missing: { resource: 'secret', namespace: 'shop', name: 'jwt-key' },
    });
  });

  test('for another reason may still come', () => {
    const failure = event('FailedMount', 'MountVolume.SetUp failed: failed to sync secret cache: timed out');
    expect(problemOf(WAITING, [failure])).toMatchObject({
      slow: true,
      message: expect.stringContaining('timed out') as unknown,
    });
  });

  test('of another pod is none of it', () => {
    const other = event('FailedMount', MISSING, {
      involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web-2', uid: 'u2' },
    });
    expect(problemOf(WAITING, [other])?.message).not.toContain('jwt-key');
  });

  test.each([
    ['at once where nothing makes what is missing', true, 0],
    ['after a while where something may', false, 130_000],
  ])('ends the wait %s', (_, neverComes, afterMs) => {
    const problems = new LastingProblems(() => neverComes);
    const events = [event('FailedMount', MISSING)];
    if (afterMs > 0) expect(problems.look([WAITING], 0, events)).toBeNull();
    expect(problems.look([WAITING], afterMs, events)?.missing?.name).toBe('jwt-key');
  });
});

describe('a probe that fails', () => {
  const http = { httpGet: { path: '/health', port: 8080 }, timeoutSeconds: 3 };
  const table: { name: string; probe: object; said: string; text: string }[] = [
    {
      name: 'with a status',
      probe: http,
      said: 'HTTP probe failed with statuscode: 404',
      text: 'GET :8080/health returned status 404',
    },
    {
      name: 'after its time',
      probe: http,
      said: 'Get "http://10.244.1.5:8080/health": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
      text: 'GET :8080/health got no answer within 3 s (its timeoutSeconds)',
    },
    {
      name: 'without anybody who listens',
      probe: { tcpSocket: { port: 'http' } },
      said: 'dial tcp 10.244.1.5:8080: connect: connection refused',
      text: 'a connection to port http was refused: nothing listens there',
    },
    {
      name: 'of a command',
      probe: { exec: { command: ['x'] } },
      said: 'cat: /tmp/ready: No such file or directory\n',
      text: 'what it asks: cat: /tmp/ready: No such file or directory',
    },
  ];
  test.each(table)('$name', ({ probe, said, text }) => {
    expect(problemOf(running(probe), [event('Unhealthy', `Readiness probe failed: ${said}`)])?.message).toBe(
      `Pod shop/web-1: container web runs but its readiness probe fails: ${text}`,
    );
  });

  test('is waited for, but not for long when the container refuses what it is asked', () => {
    const [refused, failing] = [404, 503].map((status) => [
      event('Unhealthy', `Readiness probe failed: HTTP probe failed with statuscode: ${String(status)}`),
    ]);
    for (const [events, ends] of [
      [refused ?? [], true],
      [failing ?? [], false],
    ] as const) {
      const problems = new LastingProblems();
      expect(problems.look([running(http)], 0, events)).toBeNull();
      expect(problems.look([running(http)], 50_000, events)).toBeNull();
      expect(problems.look([running(http)], 600_000, events) !== null).toBe(ends);
    }
  });
});

test('pods that are refused are told of when time does not change the reason', () => {
  const of = (message: string, count = 2): EventJson =>
    event('FailedCreate', message, {
      count,
      involvedObject: { kind: 'ReplicaSet', namespace: 'shop', name: 'web-5f', uid: 'r' },
    });
  const account =
    'Error creating: pods "web-5f-" is forbidden: error looking up service account shop/robot: serviceaccount "robot" not found';
  const shop = new Set(['shop']);
  expect(refusedPods(shop, [of(account)])).toEqual([
    {
      message: `ReplicaSet shop/web-5f creates no pods: ${account}`,
      missing: { resource: 'serviceaccount', namespace: 'shop', name: 'robot' },
    },
  ]);
  expect(
    refusedPods(shop, [of('Error creating: pods "web" is forbidden: violates PodSecurity "restricted:latest"')]),
  ).toHaveLength(1);
  expect(refusedPods(shop, [of(account, 1), of('Error creating: exceeded quota')])).toEqual([]);
  expect(refusedPods(new Set(['other']), [of(account)])).toEqual([]);
});

test('of a Job that removed itself the events say whether it failed', () => {
  const job = (reason: string): EventJson =>
    event(reason, 'Job has reached the specified backoff limit', {
      involvedObject: { kind: 'Job', namespace: 'shop', name: 'seed' },
    });
  expect(failedJobEvent([job('BackoffLimitExceeded')], 'shop', 'seed')).toBe(
    'Job shop/seed failed, and removed itself: Job has reached the specified backoff limit',
  );
  expect(failedJobEvent([job('FailedCreate')], 'shop', 'seed')).toBeNull();
  expect(failedJobEvent([job('BackoffLimitExceeded')], 'shop', 'other')).toBeNull();
});
