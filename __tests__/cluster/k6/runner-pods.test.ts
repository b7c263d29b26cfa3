import { describe, expect, test } from '@jest/globals';
import { runnerPhase, RunnerPods, runnerProblem } from '../../../src/cluster/k6/runner-pods.ts';
import { parsePods, type PodJson } from '../../../src/cluster/kubernetes-json.ts';

function pod(status: object, metadata: object = {}): PodJson {
  const [first] = parsePods({
    items: [{ metadata: { name: 'load-1-x', namespace: 'k6-runners', ...metadata }, spec: { nodeName: 'n' }, status }],
  });
  if (first === undefined) throw new Error('no pod');
  return first;
}

const ended = (exitCode: number, reason = 'Error'): PodJson =>
  pod({
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    containerStatuses: [{ name: 'k6', state: { terminated: { exitCode, reason } } }],
  });
const UNSCHEDULED = pod({
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available.' }],
});

describe('how a runner has ended', () => {
  const table: { name: string; given: PodJson | null; phase: string; problem: RegExp | null }[] = [
    { name: 'as it should', given: ended(0, 'Completed'), phase: 'ended', problem: null },
    { name: 'with thresholds of its script crossed', given: ended(99), phase: 'ended', problem: null },
    { name: 'by an exception', given: ended(107), phase: 'ended', problem: /^The script threw an exception\.$/ },
    { name: 'without memory', given: ended(137, 'OOMKilled'), phase: 'ended', problem: /ran out of memory/ },
    { name: 'killed', given: ended(137), phase: 'ended', problem: /^k6 was killed\.$/ },
    { name: 'deleted and gone', given: null, phase: 'ended', problem: /deleted/ },
    {
      name: 'being deleted',
      given: pod({ phase: 'Running' }, { deletionTimestamp: '2026-11-23T10:00:00Z' }),
      phase: 'ended',
      problem: /deleted/,
    },
    {
      name: 'evicted',
      given: pod({ phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' }),
      phase: 'ended',
      problem: /^Its pod was ended: Evicted: The node was low/,
    },
    {
      name: 'not at all',
      given: pod({ phase: 'Running', containerStatuses: [{ name: 'k6', ready: true, state: {} }] }),
      phase: 'running',
      problem: /still running/,
    },
    {
      name: 'before it began',
      given: UNSCHEDULED,
      phase: 'waiting',
      problem: /^It never started: .*0\/3 nodes are available\.$/,
    },
  ];
  test.each(table)('$name', ({ given, phase, problem }) => {
    expect(runnerPhase(given)).toBe(phase);
    if (problem === null) expect(runnerProblem(given)).toBeNull();
    else expect(runnerProblem(given)).toMatch(problem);
  });
});

describe('what is seen of several runners', () => {
  const of = (job: string, given: PodJson): PodJson => ({
    ...given,
    metadata: { ...given.metadata, labels: { 'job-name': job } },
  });
  const RUNNING = pod({ phase: 'Running', containerStatuses: [{ name: 'k6', ready: true, state: {} }] });

  test('waits for those that were not seen yet, and leaves pods of others alone', () => {
    const pods = new RunnerPods(['a-1', 'a-2']);
    expect([pods.anySeen, pods.in('waiting')]).toEqual([false, ['a-1', 'a-2']]);
    pods.see([of('a-1', RUNNING), of('other', ended(1))]);
    expect([pods.anySeen, pods.in('waiting'), pods.in('running')]).toEqual([true, ['a-2'], ['a-1']]);
    expect(pods.podOf('a-2')).toBeUndefined();
  });

  test('keeps how one has ended when its pod is gone, and knows one that went while it ran', () => {
    const pods = new RunnerPods(['a-1', 'a-2']);
    pods.see([of('a-1', ended(107)), of('a-2', RUNNING)]);
    pods.see([]);
    expect(pods.in('ended')).toEqual(['a-1', 'a-2']);
    expect(runnerProblem(pods.podOf('a-1') ?? null)).toBe('The script threw an exception.');
    expect(pods.podOf('a-2')).toBeNull();
  });
});
