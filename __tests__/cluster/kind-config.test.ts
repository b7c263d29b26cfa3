import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { kindConfig, needsCgroupV1 } from '../../src/cluster/kind-config.ts';

interface Config {
  readonly kind: string;
  readonly apiVersion: string;
  readonly kubeadmConfigPatches: readonly string[];
  readonly nodes: readonly {
    readonly role: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly extraPortMappings?: readonly {
      readonly containerPort: number;
      readonly hostPort: number;
      readonly listenAddress: string;
    }[];
  }[];
}

const read = (nodes: number, httpPort: number | null): Config =>
  parse(kindConfig({ nodes, httpPort, httpsPort: 443 })) as Config;

test('the log of a container is one file where it is asked for', () => {
  const kubelet = (given: string): unknown =>
    (parse(given) as Config).kubeadmConfigPatches
      .map((patch) => parse(patch) as { kind: string })
      .find(({ kind }) => kind === 'KubeletConfiguration');
  expect(kubelet(kindConfig({ nodes: 1, httpPort: 80, httpsPort: 443, wholeLogs: true }))).toEqual({
    kind: 'KubeletConfiguration',
    serializeImagePulls: false,
    containerLogMaxSize: '1Ti',
  });
  expect(kubelet(kindConfig({ nodes: 1, httpPort: 80, httpsPort: 443 }))).not.toHaveProperty('containerLogMaxSize');
});

test('there are as many nodes as asked for, of which the first is the control plane', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), (count) => {
      expect(read(count, 80).nodes.map(({ role }) => role)).toEqual([
        'control-plane',
        ...Array.from({ length: count - 1 }, () => 'worker'),
      ]);
    }),
  );
});

test('the port of the ingress leads to the labelled node and is open on loopback only', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 65_535 }), (count, port) => {
      const config = read(count, port);
      const published = config.nodes.filter(({ extraPortMappings }) => extraPortMappings !== undefined);
      expect(published).toEqual([
        {
          role: 'control-plane',
          labels: { 'ingress-ready': 'true' },
          extraPortMappings: [
            { containerPort: 80, hostPort: port, listenAddress: '127.0.0.1', protocol: 'TCP' },
            { containerPort: 443, hostPort: 443, listenAddress: '127.0.0.1', protocol: 'TCP' },
          ],
        },
      ]);
    }),
  );
});

test('two controllers have a worker each, with a label and a port of its own', () => {
  const { nodes } = parse(kindConfig({ nodes: 4, httpPort: 80, httpsPort: 443, twoControllers: true })) as Config;
  expect(
    nodes.map(({ role, labels, extraPortMappings = [] }) => ({
      role,
      labels,
      ports: extraPortMappings.map(({ containerPort, hostPort, listenAddress }) => [
        containerPort,
        hostPort,
        listenAddress,
      ]),
    })),
  ).toEqual([
    { role: 'control-plane', labels: undefined, ports: [] },
    {
      role: 'worker',
      labels: { 'ingress-ready': 'true', 'k8s-loadtest-ci/ingress-of': 'head' },
      ports: [
        [80, 80, '127.0.0.1'],
        [443, 443, '127.0.0.1'],
      ],
    },
    {
      role: 'worker',
      labels: { 'ingress-ready': 'true', 'k8s-loadtest-ci/ingress-of': 'base' },
      ports: [
        [80, -1, '127.0.0.1'],
        [443, -1, '127.0.0.1'],
      ],
    },
    { role: 'worker', labels: undefined, ports: [] },
  ]);
});

test('without a port the kernel chooses one', () => {
  expect(read(1, null).nodes[0]?.extraPortMappings?.[0]?.hostPort).toBe(-1);
  const { nodes } = parse(kindConfig({ nodes: 1, httpPort: 80, httpsPort: null })) as Config;
  expect(nodes[0]?.extraPortMappings?.[1]?.hostPort).toBe(-1);
});

test('it is a configuration that kind reads', () => {
  const { kind, apiVersion } = read(3, null);
  expect({ kind, apiVersion }).toEqual({ kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4' });
});

test('each kubelet looks at its containers every second and pulls images side by side; controllers start at once, etcd does not wait for the disk', () => {
  const patches = read(3, null).kubeadmConfigPatches.map((patch) => parse(patch) as Record<string, unknown>);
  expect(patches).toEqual([
    { kind: 'KubeletConfiguration', serializeImagePulls: false },
    {
      kind: 'ClusterConfiguration',
      etcd: { local: { extraArgs: { 'unsafe-no-fsync': 'true' } } },
      controllerManager: { extraArgs: { 'leader-elect': 'false', 'kube-api-qps': '200', 'kube-api-burst': '400' } },
      scheduler: { extraArgs: { 'leader-elect': 'false' } },
    },
    { kind: 'InitConfiguration', nodeRegistration: { kubeletExtraArgs: { 'housekeeping-interval': '1s' } } },
    { kind: 'JoinConfiguration', nodeRegistration: { kubeletExtraArgs: { 'housekeeping-interval': '1s' } } },
  ]);
});

describe('cgroup v1', () => {
  test.each<[number | null, string | null, boolean]>([
    [34, '1', false],
    [35, '1', true],
    [36, '1', true],
    [35, '2', false],
    [35, null, false],
    [null, '1', false],
  ])('minor %s on cgroup v%s: %s', (minor, version, expected) => {
    expect(needsCgroupV1(minor, version)).toBe(expected);
  });

  test('is accepted by every kubelet where it is asked for, and only there', () => {
    const kubelet = (acceptCgroupV1: boolean) =>
      (parse(kindConfig({ nodes: 1, httpPort: 80, httpsPort: 443, acceptCgroupV1 })) as Config).kubeadmConfigPatches
        .map((patch) => parse(patch) as { kind: string })
        .find(({ kind }) => kind === 'KubeletConfiguration');
    expect(kubelet(true)).toMatchObject({ failCgroupV1: false });
    expect(kubelet(false)).not.toHaveProperty('failCgroupV1');
  });
});
