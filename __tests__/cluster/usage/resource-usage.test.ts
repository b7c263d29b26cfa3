import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Kubectl } from '../../../src/adapters/commands/kubectl.ts';
import { readSamples } from '../../../src/adapters/prometheus.ts';
import { parsePods } from '../../../src/cluster/kubernetes-json.ts';
import { OWN_PROMETHEUS } from '../../../src/cluster/prometheus-service.ts';
import {
  SELECTORS,
  ownerOf,
  resourceUsage,
  type SeriesByName,
  type UsageOf,
} from '../../../src/cluster/usage/resource-usage.ts';
import type { Series } from '../../../src/cluster/usage/samples.ts';
import { restartsOf } from '../../../src/cluster/usage/pod-lives.ts';
import { resources as resourcesSchema } from '../../../src/model/resources.ts';
import { containerStatus, list, pod, type PodOptions } from '../../fakes/kubernetes.ts';

const NO_SERIES = Object.fromEntries(Object.keys(SELECTORS).map((name) => [name, []])) as unknown as SeriesByName;
const POD = 'foo-7d9c5b8f6d-abcde';

/** A series with a sample every second. */
const series = (labels: Readonly<Record<string, string>>, ...values: readonly number[]): Series => ({
  labels: { namespace: 'echo', pod: POD, node: 'lt-worker', ...labels },
  samples: values.map((value, index) => ({ time: Date.parse('2026-11-23T10:00:00.000Z') / 1000 + index, value })),
});
const container = (...values: readonly number[]): Series =>
  series({ container: 'echo', name: 'c1', id: '/kubelet/pod1/c1' }, ...values);
const wholePod = (...values: readonly number[]): Series => series({ id: '/kubelet/pod1' }, ...values);
const sandbox = (...values: readonly number[]): Series =>
  series({ name: 'sandbox1', id: '/kubelet/pod1/s1' }, ...values);

interface UsageChanges {
  readonly series?: Partial<SeriesByName>;
  readonly pods?: readonly PodOptions[];
  readonly restartsAtStart?: UsageOf['restartsAtStart'];
  readonly nodes?: readonly string[];
  readonly seconds?: number;
}

const usage = (changes: UsageChanges = {}) =>
  resourceUsage({
    window: {
      startedAt: '2026-11-23T10:00:00.000Z',
      endedAt: new Date(Date.parse('2026-11-23T10:00:00.000Z') + (changes.seconds ?? 30) * 1000).toISOString(),
    },
    series: { ...NO_SERIES, ...changes.series },
    pods: parsePods(list(...(changes.pods ?? [{}]).map(pod))),
    nodes: changes.nodes ?? [],
    restartsAtStart: changes.restartsAtStart ?? null,
  });

const first = (changes: UsageChanges) => usage(changes).workloads[0];

describe('a workload', () => {
  test('has the figures of its containers, and its share of their limits', () => {
    const found = first({
      series: {
        cpu: [container(10, 10.1, 10.2)],
        memory: [container(32 * 2 ** 20, 48 * 2 ** 20, 16 * 2 ** 20)],
        received: [series({ interface: 'eth0' }, 0, 500, 1000), series({ interface: 'lo' }, 0, 9, 99)],
        sent: [series({ interface: 'eth0' }, 0, 100)],
        periods: [container(0, 100)],
        throttledPeriods: [container(0, 25)],
      },
    });
    expect(found).toMatchObject({
      namespace: 'echo',
      kind: 'Deployment',
      name: 'foo',
      pods: 1,
      cpuCores: { value: expect.closeTo(0.1, 9), samples: 3 },
      cpuShareOfLimit: expect.closeTo(0.2, 9),
      memoryBytes: { value: 48 * 2 ** 20, samples: 3 },
      memoryShareOfLimit: 0.75,
      networkReceivedBytesPerSecond: { value: 500, samples: 3 },
      networkSentBytesPerSecond: { value: 100, samples: 2 },
      cpuThrottledShare: { value: 0.25, samples: 2 },
      restarts: null,
    });
  });

  const table = [
    {
      name: 'counts each container, and neither the pod, which is their sum, nor the sandbox',
      cpu: [container(0, 1), series({ container: 'sidecar', name: 'c2' }, 0, 2), wholePod(0, 99), sandbox(0, 50)],
      expected: { value: 3, samples: 2 },
    },
    {
      name: 'falls back to the pod where the runtime names no containers',
      cpu: [wholePod(0, 4)],
      expected: { value: 4, samples: 2 },
    },
    {
      name: 'does not take the sandbox for the pod',
      cpu: [wholePod(0, 4), sandbox(0, 50)],
      expected: { value: 4, samples: 2 },
    },
    {
      name: 'does not take the pause container for one of its own',
      cpu: [wholePod(0, 4), series({ container: 'POD', name: 'p' }, 0, 50)],
      expected: { value: 4, samples: 2 },
    },
    {
      name: 'has an empty container label on the pod',
      cpu: [series({ container: '', name: '' }, 0, 4)],
      expected: { value: 4, samples: 2 },
    },
    { name: 'counts on after a reset', cpu: [container(10, 11, 0.5, 1)], expected: { value: 2 / 3, samples: 4 } },
    { name: 'has no rate from one sample', cpu: [container(10)], expected: { value: null, samples: 1 } },
    { name: 'was not measured without a series', cpu: [], expected: { value: null, samples: 0 } },
    {
      name: 'was not measured when only other pods were',
      cpu: [series({ pod: 'other', container: 'echo' }, 0, 1)],
      expected: { value: null, samples: 0 },
    },
    {
      name: 'is not mistaken for a pod of the same name in another namespace',
      cpu: [series({ namespace: 'elsewhere', container: 'echo' }, 0, 1)],
      expected: { value: null, samples: 0 },
    },
  ];
  test.each(table)('$name', ({ cpu, expected }) => {
    const measured = first({ series: { cpu } })?.cpuCores;
    expect(measured?.samples).toBe(expected.samples);
    if (expected.value === null) expect(measured?.value).toBeNull();
    else expect(measured?.value).toBeCloseTo(expected.value, 9);
  });

  test('adds up its pods', () => {
    const pods = [{ name: 'foo-7d9c5b8f6d-abcde' }, { name: 'foo-7d9c5b8f6d-fghij' }];
    const cpu = [container(0, 1), series({ pod: 'foo-7d9c5b8f6d-fghij', container: 'echo' }, 0, 3)];
    expect(usage({ pods, series: { cpu } }).workloads).toMatchObject([
      { pods: 2, cpuCores: { value: 4 }, cpuShareOfLimit: 4 },
    ]);
  });

  test('is unknown as a whole when one of its pods was not measured', () => {
    const pods = [{ name: 'foo-7d9c5b8f6d-abcde' }, { name: 'foo-7d9c5b8f6d-fghij' }];
    expect(usage({ pods, series: { cpu: [container(0, 1)] } }).workloads).toMatchObject([
      { cpuCores: { value: null, samples: 0 } },
    ]);
  });

  test('leaves out a pod that is being deleted', () => {
    const pods = [{}, { name: 'foo-7d9c5b8f6d-fghij', deletionTimestamp: '2026-11-23T10:00:10Z' }];
    expect(usage({ pods, series: { cpu: [container(0, 1)] } }).workloads).toMatchObject([
      { pods: 1, cpuCores: { value: 1 } },
    ]);
  });

  test('has no share of a limit that is not set', () => {
    const found = first({
      pods: [{ limits: { memory: '1Gi' } }],
      series: { cpu: [container(0, 1)], memory: [container(2 ** 30)] },
    });
    expect(found).toMatchObject({ cpuShareOfLimit: null, memoryShareOfLimit: 1 });
  });

  test('has no share of throttled periods when no period has passed', () => {
    expect(
      first({ series: { periods: [container(5, 5)], throttledPeriods: [container(1, 1)] } })?.cpuThrottledShare,
    ).toEqual({ value: null, samples: 2 });
  });

  test('was never throttled more than always', () => {
    expect(
      first({ series: { periods: [container(0, 10)], throttledPeriods: [container(0, 12)] } })?.cpuThrottledShare.value,
    ).toBe(1);
  });
});

describe('a container that was started anew', () => {
  // Three starts of two samples each, in cgroups of their own.
  const starts = (values: readonly [number, number]): Series[] =>
    [0, 5, 10].map((second, index) => {
      const one = container(...values);
      return {
        labels: { ...one.labels, id: `/kubelet/pod1/c${String(index)}`, name: `c${String(index)}` },
        samples: one.samples.map(({ time, value }) => ({ time: time + second, value })),
      };
    });

  test('counts once: its CPU time in each start, its memory as it was at one moment', () => {
    const found = first({ series: { cpu: starts([0, 0.1]), memory: starts([30 * 2 ** 20, 32 * 2 ** 20]) } });
    expect(found).toMatchObject({
      cpuCores: { value: expect.closeTo(0.3 / 11, 9), samples: 6 },
      memoryBytes: { value: 32 * 2 ** 20 },
      memoryShareOfLimit: 0.5,
    });
  });
});

describe('a sidecar of its own kind (an init container that goes on)', () => {
  const sidecar = { name: 'proxy', restartPolicy: 'Always', resources: { limits: { cpu: '500m', memory: '64Mi' } } };
  const migration = { name: 'migrate', resources: { limits: { cpu: '8', memory: '8Gi' } } };
  const proxy = (...values: readonly number[]): Series =>
    series({ container: 'proxy', name: 'c2', id: '/kubelet/pod1/c2' }, ...values);

  test('is in the use and in the limit; what only prepared the pod is not', () => {
    const found = first({
      pods: [{ prepare: [migration, sidecar] }],
      series: { cpu: [container(0, 0.25), proxy(0, 0.25)], memory: [container(32 * 2 ** 20), proxy(32 * 2 ** 20)] },
    });
    expect(found).toMatchObject({ cpuCores: { value: 0.5 }, cpuShareOfLimit: 0.5, memoryShareOfLimit: 0.5 });
  });

  test('has no limit: then there is none', () => {
    expect(
      first({
        pods: [{ prepare: [{ name: 'proxy', restartPolicy: 'Always' }] }],
        series: { cpu: [container(0, 0.25), proxy(0, 0.25)] },
      }),
    ).toMatchObject({ cpuShareOfLimit: null });
  });

  test('makes the whole unknown when it was not measured', () => {
    expect(first({ pods: [{ prepare: [sidecar] }], series: { cpu: [container(0, 0.25)] } })).toMatchObject({
      cpuCores: { value: null },
    });
  });

  test('is in the restarts, the preparation is not', () => {
    const initContainers = [
      containerStatus({ name: 'migrate', restartCount: 4 }),
      containerStatus({ name: 'proxy', restartCount: 2 }),
    ];
    expect(
      first({
        pods: [
          {
            uid: 'u1',
            prepare: [migration, sidecar],
            initContainers,
            containers: [containerStatus({ restartCount: 1 })],
          },
        ],
        restartsAtStart: { u1: 0 },
      })?.restarts,
    ).toBe(3);
  });
});

describe('a workload that was scaled out under load', () => {
  const OTHER = 'foo-7d9c5b8f6d-fghij';
  const of = (pod: string, from: number, ...values: readonly number[]): Series => ({
    labels: { namespace: 'echo', pod, node: 'lt-worker', container: 'echo', name: 'c1', id: `/kubelet/${pod}/c1` },
    samples: values.map((value, index) => ({
      time: Date.parse('2026-11-23T10:00:00.000Z') / 1000 + from + index,
      value,
    })),
  });
  const second = '2026-11-23T10:00:08.000Z';

  test('is held against the limits that it had at each time', () => {
    const found = first({
      seconds: 10,
      pods: [
        {},
        {
          name: OTHER,
          startTime: second,
          containers: [containerStatus({ name: 'echo', state: { running: { startedAt: second } } })],
        },
      ],
      series: {
        // At its limit of half a core for 8 s, then two pods share what it used.
        cpu: [of(POD, 0, 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.25, 4.5), of(OTHER, 9, 0.25, 0.5)],
        memory: [of(POD, 0, 2 ** 26, 2 ** 26), of(OTHER, 9, 2 ** 24, 2 ** 24)],
      },
    });
    expect(found).toMatchObject({ pods: 2, cpuCores: { value: expect.closeTo(0.5, 9) } });
    // 5 of 0.5 · 10 + 0.5 · 2 core seconds, and not of two limits all the time.
    expect(found?.cpuShareOfLimit).toBeCloseTo(5 / 6, 9);
    // A pod alone was at its limit; together they were at five eighths of theirs.
    expect(found?.memoryShareOfLimit).toBe(1);
  });
});

test('the limit of a pod as a whole is its limit, whatever its containers have', () => {
  const found = first({
    pods: [{ limits: {}, resources: { limits: { cpu: '1', memory: '128Mi' } } }],
    series: { cpu: [container(0, 0.25)], memory: [container(2 ** 26)] },
  });
  expect(found).toMatchObject({ cpuShareOfLimit: 0.25, memoryShareOfLimit: 0.5 });
});

describe('a pod that did not run in the window', () => {
  const ended = (finishedAt: string): object =>
    containerStatus({
      ready: false,
      state: { terminated: { exitCode: 0, reason: 'Completed', startedAt: '2026-11-23T09:00:00Z', finishedAt } },
    });
  const job = { owner: { kind: 'Job', name: 'migrate' }, name: 'migrate-x', labels: {}, phase: 'Succeeded' } as const;
  const none: { name: string; options: PodOptions }[] = [
    { name: 'a finished Job', options: { ...job, containers: [ended('2026-11-23T09:59:59Z')] } },
    {
      name: 'one that was evicted, of which only a condition tells when',
      options: {
        phase: 'Failed',
        containers: [],
        conditions: [{ type: 'DisruptionTarget', status: 'True', lastTransitionTime: '2026-11-23T09:59:00Z' }],
      },
    },
    { name: 'one that ended nobody knows when', options: { phase: 'Failed', containers: [] } },
    { name: 'one that no node had room for', options: { phase: 'Pending', nodeName: '', containers: [] } },
    { name: 'one that came after the load', options: { startTime: '2026-11-23T10:01:00Z' } },
  ];
  test.each(none)('has no row and no warning: $name', ({ options }) => {
    expect(usage({ pods: [options] })).toMatchObject({ workloads: [], missing: [] });
  });

  test('does not make the rest of its workload unknown', () => {
    const pods = [
      {},
      { name: 'foo-7d9c5b8f6d-fghij', phase: 'Failed', containers: [] },
      {
        name: 'foo-7d9c5b8f6d-klmno',
        phase: 'Pending',
        containers: [containerStatus({ ready: false, state: { waiting: { reason: 'ImagePullBackOff' } } })],
      },
    ];
    expect(usage({ pods, series: { cpu: [container(0, 1)] } }).workloads).toMatchObject([
      { pods: 2, cpuCores: { value: 1 } },
    ]);
  });

  test('a Job that ended under load used nothing afterwards', () => {
    expect(
      first({
        seconds: 4,
        pods: [{ ...job, containers: [ended('2026-11-23T10:00:02Z')] }],
        series: { cpu: [series({ pod: 'migrate-x', container: 'echo' }, 0, 1, 2)] },
      }),
    ).toMatchObject({ kind: 'Job', cpuCores: { value: 0.5 } });
  });
});

describe('times that can not be', () => {
  const FAR = '9999-12-31T23:59:59Z';
  const running = containerStatus({ state: { running: { startedAt: FAR } } });
  const cpu = [container(10, 10.1, 10.2)];

  test('a container that says it starts in eight thousand years is measured by its samples', () => {
    expect(usage({ pods: [{ containers: [running] }], series: { cpu } })).toEqual(usage({ series: { cpu } }));
  });

  test('a pod that does is none of the load, and costs no time', () => {
    expect(usage({ pods: [{ startTime: FAR }], series: { cpu }, seconds: 3600 }).workloads).toEqual([]);
  });

  test('a pod from before all times is one that has run all along', () => {
    expect(first({ pods: [{ startTime: '0001-01-01T00:00:00Z' }], series: { cpu } })?.cpuCores.value).toBeCloseTo(0.1);
  });
});

test('whatever Prometheus answers on the labels of a workload, figures are numbers that can be', async () => {
  const labels = { namespace: 'echo', pod: POD, container: 'echo', interface: 'eth0', node: 'lt-worker' };
  const start = Date.parse('2026-11-23T10:00:00.000Z') / 1000;
  const time = fc.oneof(fc.double({ min: start - 60, max: start + 90, noNaN: true }), fc.constantFrom(0, 1e15, -1e15));
  const value = fc.oneof(
    fc.double({ min: 0, max: 1e6, noNaN: true }).map(String),
    fc.constantFrom('NaN', '+Inf', '-Inf', '', '-5', '1e300', '1.8e19', 'x', '0'),
  );
  const answers = fc.array(
    fc.record({
      metric: fc.constantFrom(labels, { ...labels, name: 'c1' }, { ...labels, container: '' }),
      values: fc.array(fc.tuple(time, value), { maxLength: 12 }),
    }),
    { maxLength: 4 },
  );
  await fc.assert(
    fc.asyncProperty(answers, async (result) => {
      const raw = (): Promise<string> =>
        Promise.resolve(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
      const kubectl = { raw } as Pick<Kubectl, 'raw'> as Kubectl;
      const found = await readSamples(kubectl, OWN_PROMETHEUS, 'x', { start, end: start + 30 });
      const series = Object.fromEntries(Object.keys(SELECTORS).map((name) => [name, found]));
      const used = usage({ series, nodes: ['lt-worker'] });
      expect(resourcesSchema.safeParse(JSON.parse(JSON.stringify(used))).error).toBeUndefined();
      const text = JSON.stringify(used, (_, one: unknown) =>
        typeof one === 'number' && (!Number.isFinite(one) || one < 0) ? 'WRONG' : one,
      );
      expect(text).not.toContain('WRONG');
      // In the order of time and each moment once, whatever the order of the answer.
      for (const { samples } of found)
        expect(samples.every((one, index) => one.time < (samples[index + 1]?.time ?? Infinity))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('pods that left during the load are named', () => {
  const pods = [{}, { name: 'foo-7d9c5b8f6d-fghij', deletionTimestamp: '2026-11-23T10:00:10Z' }];
  const cpu = [
    container(0, 1),
    series({ pod: 'foo-7d9c5b8f6d-fghij', container: 'echo' }, 0, 1),
    series({ pod: 'foo-7d9c5b8f6d-pqrst', container: 'echo' }, 0, 1),
    series({ namespace: 'elsewhere', pod: 'gone', container: 'x' }, 0),
  ];
  expect(usage({ pods, series: { cpu } }).missing).toEqual([
    'Pods that were removed during the load are not in these figures: echo/foo-7d9c5b8f6d-fghij, echo/foo-7d9c5b8f6d-pqrst.',
  ]);
});

describe('the timeline', () => {
  const at = (...samples: readonly (readonly [second: number, value: number])[]): Series => ({
    ...series({ container: 'echo' }),
    samples: samples.map(([second, value]) => ({
      time: Date.parse('2026-11-23T10:00:00.000Z') / 1000 + second,
      value,
    })),
  });

  test('has CPU and memory of each workload on the clock of the window', () => {
    const { timeline } = usage({
      seconds: 4,
      pods: [{}, { namespace: 'zoo', name: 'lone', owner: null, labels: {} }],
      series: { cpu: [at([1, 0], [3, 1])], memory: [at([1, 100], [3, 200])] },
    });
    expect(timeline).toEqual({
      stepSeconds: 1,
      workloads: [
        {
          namespace: 'echo',
          kind: 'Deployment',
          name: 'foo',
          cpuCores: [null, 0.5, 0.5, null],
          memoryBytes: [100, 100, 100, 200],
        },
        {
          namespace: 'zoo',
          kind: 'Pod',
          name: 'lone',
          cpuCores: [null, null, null, null],
          memoryBytes: [null, null, null, null],
        },
      ],
    });
  });

  test('has nothing of a pod before it started, and all of the others', () => {
    const [early, late] = parsePods(list(pod(), pod({ name: 'foo-7d9c5b8f6d-fghij' })));
    if (early === undefined || late === undefined) throw new Error('there are two');
    const pods = [early, { ...late, status: { ...late.status, startTime: '2026-11-23T10:00:02Z' } }];
    const own = at([0, 0], [4, 2]);
    const later = { ...at([3, 0.5], [4, 1]), labels: { ...own.labels, pod: 'foo-7d9c5b8f6d-fghij' } };
    const { timeline, workloads } = resourceUsage({
      window: { startedAt: '2026-11-23T10:00:00.000Z', endedAt: '2026-11-23T10:00:04.000Z' },
      series: { ...NO_SERIES, cpu: [own, later] },
      pods,
      nodes: [],
      restartsAtStart: null,
    });
    expect(timeline?.workloads[0]?.cpuCores).toEqual([0.5, 0.5, 1, 1]);
    // Two seconds of CPU and one second, both over the four seconds of the window.
    expect(workloads[0]?.cpuCores.value).toBeCloseTo(0.75, 9);
  });

  test('is unknown as a whole when one of the pods was not measured', () => {
    const pods = [{ name: 'foo-7d9c5b8f6d-abcde' }, { name: 'foo-7d9c5b8f6d-fghij' }];
    expect(usage({ pods, seconds: 2, series: { cpu: [at([0, 0], [2, 1])] } }).timeline?.workloads).toMatchObject([
      { cpuCores: [null, null] },
    ]);
  });
});

describe('restarts', () => {
  const restarted = (restartCount: number): PodOptions => ({
    uid: 'u1',
    containers: [containerStatus({ restartCount })],
  });
  const table = [
    { name: 'are those since the start of the load', now: 3, atStart: { u1: 1 }, expected: 2 },
    { name: 'are all of a pod that is new', now: 3, atStart: {}, expected: 3 },
    { name: 'are none when none happened', now: 3, atStart: { u1: 3 }, expected: 0 },
    { name: 'are unknown when they were not read at the start', now: 3, atStart: null, expected: null },
    // The kubelet may lose its record of a container.
    { name: 'are never fewer than none', now: 0, atStart: { u1: 3 }, expected: 0 },
  ];
  test.each(table)('$name', ({ now, atStart, expected }) => {
    expect(first({ pods: [restarted(now)], restartsAtStart: atStart })?.restarts).toBe(expected);
  });

  test('are added up over the containers of a pod', () => {
    const [parsed] = parsePods(
      list(
        pod({ containers: [containerStatus({ restartCount: 1 }), containerStatus({ name: 'b', restartCount: 2 })] }),
      ),
    );
    expect(parsed === undefined ? null : restartsOf(parsed)).toBe(3);
  });
});

describe('the workload behind a pod', () => {
  const table: { name: string; options: PodOptions; expected: object }[] = [
    {
      name: 'is the Deployment of its ReplicaSet',
      options: {},
      expected: { namespace: 'echo', kind: 'Deployment', name: 'foo' },
    },
    {
      name: 'is the ReplicaSet when no Deployment made that',
      options: { owner: { kind: 'ReplicaSet', name: 'alone' }, labels: {} },
      expected: { kind: 'ReplicaSet', name: 'alone' },
    },
    {
      name: 'is the DaemonSet',
      options: { owner: { kind: 'DaemonSet', name: 'agent' } },
      expected: { kind: 'DaemonSet', name: 'agent' },
    },
    {
      name: 'is the pod itself when nothing made it',
      options: { owner: null, name: 'single' },
      expected: { kind: 'Pod', name: 'single' },
    },
  ];
  test.each(table)('$name', ({ options, expected }) => {
    const [parsed] = parsePods(list(pod(options)));
    expect(parsed === undefined ? null : ownerOf(parsed)).toMatchObject(expected);
  });
});

describe('a node', () => {
  test('has the figures of its root cgroup, without loopback', () => {
    const root = (labels: Readonly<Record<string, string>>, ...values: readonly number[]): Series =>
      series({ id: '/', ...labels }, ...values);
    const { nodes } = usage({
      nodes: ['lt-worker', 'lt-worker2'],
      series: {
        cpu: [root({}, 0, 2), container(0, 1), root({ node: 'other' }, 0, 9)],
        memory: [root({}, 7)],
        received: [root({ interface: 'eth0' }, 0, 10), root({ interface: 'lo' }, 0, 1000)],
        sent: [root({ interface: 'eth0' }, 0, 20)],
      },
    });
    expect(nodes).toEqual([
      {
        name: 'lt-worker',
        cpuCores: { value: 2, samples: 2 },
        cpuCoresMax: { value: 2, samples: 2 },
        memoryBytes: { value: 7, samples: 1 },
        networkReceivedBytesPerSecond: { value: 10, samples: 2 },
        networkSentBytesPerSecond: { value: 20, samples: 2 },
      },
      {
        name: 'lt-worker2',
        cpuCores: { value: null, samples: 0 },
        cpuCoresMax: { value: null, samples: 0 },
        memoryBytes: { value: null, samples: 0 },
        networkReceivedBytesPerSecond: { value: null, samples: 0 },
        networkSentBytesPerSecond: { value: null, samples: 0 },
      },
    ]);
  });
});

describe('what is missing is said', () => {
  test('with the advice to load for longer when the load was short', () => {
    expect(usage({ seconds: 3, nodes: ['lt-worker'] }).missing).toEqual([
      'No CPU use was measured, because that needs two samples within the load, which lasted 3.00 s. Set a longer load: duration: 20s.',
    ]);
  });

  test('without that advice when it was long', () => {
    expect(usage({ seconds: 60 }).missing).toEqual([
      'No CPU use was measured, because that needs two samples within the load, which lasted 60.0 s.',
    ]);
  });

  test('not at all when nothing is', () => {
    expect(usage({ series: { cpu: [container(0, 1)] } }).missing).toEqual([]);
  });
});

test('workloads are sorted by namespace and name', () => {
  const pods = [
    { namespace: 'z', name: 'a-1111111111-a' },
    { namespace: 'a', name: 'z-1111111111-a' },
    { namespace: 'a', name: 'b-1111111111-a' },
  ];
  expect(usage({ pods }).workloads.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(['a/b', 'a/z', 'z/a']);
});

test('whatever samples come, the figures are ones that the report can hold', () => {
  const anySeries = fc.record({
    labels: fc.dictionary(
      fc.constantFrom('namespace', 'pod', 'container', 'name', 'id', 'node', 'interface'),
      fc.constantFrom('', 'echo', POD, 'lt-worker', '/', 'lo'),
    ),
    samples: fc.array(
      fc.record({
        time: fc.double({ min: 0, max: 1e10, noNaN: true }),
        value: fc.double({ min: 0, max: 1e12, noNaN: true }),
      }),
      { maxLength: 5 },
    ),
  });
  const some = fc.array(anySeries, { maxLength: 4 });
  const all = fc.record({ cpu: some, memory: some, received: some, sent: some, periods: some, throttledPeriods: some });
  fc.assert(
    fc.property(all, fc.nat({ max: 5 }), fc.nat({ max: 5 }), (given, now, before) => {
      const result = usage({
        series: given,
        nodes: ['lt-worker'],
        pods: [{ uid: 'u1', containers: [containerStatus({ restartCount: now })] }],
        restartsAtStart: { u1: before },
      });
      expect(() => resourcesSchema.parse(result)).not.toThrow();
    }),
  );
});
