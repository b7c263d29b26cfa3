import { describe, expect, test } from '@jest/globals';
import { parsePods, type PodJson } from '../../src/cluster/kubernetes-json.ts';
import { LastingProblems } from '../../src/cluster/lasting-problem.ts';
import { PODS, containerStatus, list, pod } from '../fakes/kubernetes.ts';

const START = Date.parse('2026-11-23T10:00:00Z');
const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString().replace('.000Z', 'Z');

const parsed = (...items: readonly object[]): PodJson[] => parsePods(list(...items));
const database = (readySeconds: number | null, seconds: number): object => {
  const ready = readySeconds !== null && seconds >= readySeconds;
  return pod({
    name: 'database-1-a',
    containers: [
      containerStatus({
        name: 'database',
        ready,
        state: ready ? { running: {} } : { waiting: { reason: 'ContainerCreating' } },
      }),
    ],
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: at(ready ? readySeconds : 0) }],
  });
};

/** When a kubelet starts a container that ends after a second: at once, then after 10 s, 20 s, 40 s and so on. */
const STARTS = [0, 1, 12, 33, 74, 155];

/** The pod of a container that ends a second after each start, and stays up from the start number `heals` on. */
function crashing(
  seconds: number,
  { heals = Infinity, pauses = STARTS }: { heals?: number; pauses?: readonly number[] } = {},
): object {
  const last = pauses.findLastIndex((start) => start <= seconds);
  const running = last >= heals || seconds < (pauses[last] ?? 0) + 1;
  const ended = running ? last - 1 : last;
  const lastState =
    ended < 0 ? {} : { terminated: { exitCode: 1, reason: 'Error', startedAt: at(pauses[ended] ?? 0) } };
  const state = running
    ? { running: {} }
    : { waiting: { reason: 'CrashLoopBackOff', message: 'back-off restarting failed container' } };
  const containers = [containerStatus({ ready: running, restartCount: last, state, lastState })];
  return pod({
    containers,
    conditions: [
      { type: 'Ready', status: running ? 'True' : 'False', lastTransitionTime: at(pauses[Math.max(0, last)] ?? 0) },
    ],
  });
}

/** The second at which it is given up when the pods are looked at every three seconds, or null. */
function givenUpAt(
  pods: (seconds: number) => readonly object[],
  untilSeconds = 300,
): { seconds: number; code: string } | null {
  const problems = new LastingProblems();
  for (let seconds = 0; seconds <= untilSeconds; seconds += 3) {
    const problem = problems.look(parsed(...pods(seconds)), seconds * 1000);
    if (problem !== null) return { seconds, code: problem.code };
  }
  return null;
}

describe('a container that ends again and again', () => {
  test('is given up after its third new start, within a minute', () => {
    expect(givenUpAt((seconds) => [crashing(seconds)])).toEqual({ seconds: 36, code: 'crash-loop' });
  });

  test.each([1, 2, 3])('and stays up from new start %i on is not given up', (heals) => {
    expect(givenUpAt((seconds) => [crashing(seconds, { heals })])).toBeNull();
  });

  test('is waited for while what it may need is not ready', () => {
    expect(givenUpAt((seconds) => [crashing(seconds, { heals: 4 }), database(70, seconds)])).toBeNull();
  });

  test('has another start after what it may need has become ready', () => {
    expect(givenUpAt((seconds) => [crashing(seconds), database(34, seconds)])).toEqual({
      seconds: 75,
      code: 'crash-loop',
    });
  });

  test('is given up after five new starts when the rest never becomes ready', () => {
    expect(givenUpAt((seconds) => [crashing(seconds), database(null, seconds)])).toEqual({
      seconds: 156,
      code: 'crash-loop',
    });
  });

  test('does not wait for another one that does the same', () => {
    expect(
      givenUpAt((seconds) => [
        crashing(seconds),
        { ...crashing(seconds), metadata: { name: 'bar-1-b', namespace: 'echo', uid: 'bar' } },
      ]),
    ).toEqual({ seconds: 36, code: 'crash-loop' });
  });

  test('has half a minute, also where Kubernetes pauses for a second only', () => {
    const pauses = [0, 1, 3, 6, 11, 20, 37, 70];
    expect(givenUpAt((seconds) => [crashing(seconds, { pauses })])?.seconds).toBeGreaterThanOrEqual(30);
  });
});

describe('a problem that only has its time', () => {
  const table = [
    { name: 'an image that can’t be pulled', item: PODS.imagePullBackOff, code: 'image-pull' },
    { name: 'a registry that refuses', item: PODS.rateLimited, code: 'registry-rate-limit' },
    { name: 'a pod that fits nowhere', item: PODS.unschedulable, code: 'workload-not-ready' },
    {
      name: 'a Secret that is missing',
      item: PODS.secretMissing,
      code: 'workload-not-ready',
    },
  ];
  test.each(table)('$name is given up after 40 seconds', ({ item, code }) => {
    expect(givenUpAt(() => [item])).toEqual({ seconds: 42, code });
  });

  test.each(table)('$name is given up later beside a pod that is on its way', ({ item, code }) => {
    expect(givenUpAt((seconds) => [item, database(null, seconds)])).toEqual({ seconds: 120, code });
  });

  test.each(table)('$name is not given up when it goes away in between', ({ item }) => {
    expect(givenUpAt((seconds) => [seconds % 39 === 0 ? PODS.ready : item])).toBeNull();
  });
});

test.each([
  ['a readiness probe that fails', PODS.unready],
  ['a pod that is being deleted', PODS.deleted],
  ['a container that is being created', database(null, 0)],
  ['a healthy pod', PODS.ready],
])('%s is never given up', (_, item) => {
  expect(givenUpAt(() => [item], 600)).toBeNull();
});
