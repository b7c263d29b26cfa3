import { describe, expect, jest, test } from '@jest/globals';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ingressOf, namespaceFlag } from '../../src/context.ts';
import { claimNamespace, type SavedExistingCluster } from '../../src/stages/claim-namespace.ts';
import { collectDiagnostics } from '../../src/stages/collect-diagnostics.ts';
import { deploy } from '../../src/stages/deploy.ts';
import { findIngress } from '../../src/stages/find-ingress.ts';
import { readResources } from '../../src/stages/read-resources.ts';
import { releaseNamespace } from '../../src/stages/release-namespace.ts';
import { renderedObjects } from '../../src/stages/rendering/rendered-parts.ts';
import { validate } from '../../src/stages/validate.ts';
import { clusterIn, type ExistingCluster } from '../../src/system.ts';
import { tearDown } from '../../src/teardown.ts';
import { coarseClock, createWorld, render, type World, type WorldOptions } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { list } from '../fakes/kubernetes.ts';
import { load } from '../fakes/state.ts';
import type { Rule } from '../fakes/tools.ts';

// Each of these is a dozen processes one after another; a busy machine takes its time.
jest.setTimeout(60_000);

const folder = temporaryFolders();

const SHOP = `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: shop}
spec: {replicas: 1}
`;
const CLUSTER_ROLE = '---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: shop}\n';

interface Existing extends WorldOptions {
  readonly manifests?: string;
}

/** A cluster of others, in which the run has nothing yet. */
function world({ manifests = SHOP, inputs = {}, ...options }: Existing = {}): World {
  const home = folder();
  const kubeconfig = join(home, 'theirs');
  const made = createWorld(home, {
    ...options,
    existing: true,
    up: false,
    inputs: {
      kubeconfig,
      context: 'staging',
      hosts: 'shop.localhost',
      'allow-hosts': 'shop.localhost\nother.localhost',
      'ingress-address': '127.0.0.1:8080',
      ...inputs,
    },
  });
  writeFileSync(kubeconfig, 'a secret of the user\n');
  render(made, 'application', manifests);
  return made;
}

const namespaceIn = ({ context }: World): string => (context.store.state.system as ExistingCluster).namespace;

test('good inputs need no Docker', async () => {
  const one = world();
  await validate(one.context);
  expect(one.tools.calls('docker')).toEqual([]);
  expect(one.context.store.state.environment).toMatchObject({ dockerVersion: null });
});

test('a kubeconfig that is not there is told before anything is done', async () => {
  await expect(validate(world({ inputs: { kubeconfig: '/nonexistent/kubeconfig' } }).context)).rejects.toMatchObject({
    code: 'input-invalid',
    message: expect.stringContaining('/nonexistent/kubeconfig'),
  });
});

describe('a namespace of the run', () => {
  test('is made with a label, takes the application, and nothing else is touched', async () => {
    const one = world();
    await claimNamespace(one.context);
    await deploy(one.context);
    const namespace = namespaceIn(one);
    expect(namespace).toMatch(/^lt-local-[0-9a-f]{6}$/);
    expect(one.tools.names('applied')).toEqual([`Deployment/${namespace}/shop`, `Namespace//${namespace}`]);
    expect(renderedObjects(one.context, 'application')).toMatchObject([
      { kind: 'Deployment', metadata: { namespace } },
    ]);
    expect(namespaceFlag(one.context)).toBe(`--namespace=${namespace}`);
    for (const line of one.tools.lines('kubectl').filter((call) => !call.startsWith('kustomize')))
      expect(line).toContain('--context staging ');
  });

  test('is in the state before it exists, so that a kill leaves nothing unknown', async () => {
    const one = world({
      scenario: {
        rules: [
          {
            tool: 'kubectl',
            match: 'create',
            exit: 1,
            stderr: 'Error from server (Forbidden): namespaces is forbidden',
          },
        ],
      },
    });
    await expect(claimNamespace(one.context)).rejects.toMatchObject({
      code: 'apply-failed',
      hint: expect.stringContaining('lacks a permission'),
    });
    const saved = JSON.parse(one.runner.state.get('existing-cluster') ?? '') as SavedExistingCluster;
    expect(saved).toMatchObject({ context: 'staging', namespace: namespaceIn(one), kubectl: { version: 'v1.35.8' } });
    expect(namespaceIn(one)).not.toBe('');
  });

  test('of the same name that is there already is left alone', async () => {
    const one = world({
      scenario: {
        rules: [
          {
            tool: 'kubectl',
            match: 'create',
            exit: 1,
            stderr: 'Error from server (AlreadyExists): namespaces "x" already exists',
          },
        ],
      },
    });
    await expect(claimNamespace(one.context)).rejects.toMatchObject({
      code: 'apply-failed',
      hint: expect.stringContaining('leaves it unchanged'),
    });
  });

  test('is not made in a cluster that does not answer', async () => {
    const one = world({
      scenario: {
        rules: [
          { tool: 'kubectl', match: 'api-resources', exit: 1, stderr: 'error: context "staging" does not exist' },
        ],
      },
    });
    await expect(claimNamespace(one.context)).rejects.toMatchObject({
      code: 'cluster-unreachable',
      message: expect.stringContaining('context "staging" does not exist'),
    });
    expect(one.tools.names('applied')).toEqual([]);
    // Nothing is looked for in it at the end, which would take minutes.
    expect(one.context.store.state.system).toBeNull();
  });
});

describe('what is not in one namespace', () => {
  test('is refused, each by name, before anything is created', async () => {
    const one = world({ manifests: `${SHOP}${CLUSTER_ROLE}` });
    await expect(claimNamespace(one.context)).rejects.toMatchObject({
      code: 'cluster-change-refused',
      message: expect.stringMatching(/: ClusterRole shop\.$/),
    });
    expect(one.tools.names('applied')).toEqual([]);
  });

  test('is created when an input says so, and removed with the rest', async () => {
    const one = world({ manifests: `${SHOP}${CLUSTER_ROLE}`, inputs: { 'allow-cluster-changes': 'true' } });
    await claimNamespace(one.context);
    await deploy(one.context);
    expect(one.tools.names('applied')).toContain('ClusterRole//shop');
    await releaseNamespace(one.context);
    expect(one.tools.names('applied')).toEqual([]);
  });

  test('and was there before is neither changed nor removed', async () => {
    const one = world({ manifests: `${SHOP}${CLUSTER_ROLE}`, inputs: { 'allow-cluster-changes': 'true' } });
    one.tools.add('applied', 'ClusterRole//shop', {
      object: { kind: 'ClusterRole', metadata: { name: 'shop', labels: { theirs: 'yes' } } },
    });
    await expect(claimNamespace(one.context)).rejects.toMatchObject({
      code: 'apply-failed',
      message: expect.stringContaining('AlreadyExists'),
    });
    await releaseNamespace(one.context);
    expect(one.tools.names('applied')).toEqual(['ClusterRole//shop']);
  });
});

describe('the address of the ingress', () => {
  const claimed = async (options: Existing): Promise<World> => {
    const one = world(options);
    await claimNamespace(one.context);
    return one;
  };
  const ingressWith = (entry: object): Rule => ({
    tool: 'kubectl',
    match: 'get ingresses,services',
    stdout: JSON.stringify(
      list({ kind: 'Ingress', metadata: { name: 'shop' }, status: { loadBalancer: { ingress: [entry] } } }),
    ),
  });

  test('is the one that was given', async () => {
    const one = await claimed({});
    await findIngress(one.context);
    expect(ingressOf(one.context)).toEqual({ address: '127.0.0.1', port: 8080 });
    expect(one.tools.lines('kubectl').filter((line) => line.includes('get ingresses'))).toEqual([]);
  });

  const table = [
    {
      name: 'is what the controller wrote',
      entry: { ip: '192.0.2.7' },
      expected: { address: '192.0.2.7', port: 80, tls: { port: 443, authorities: [], unverified: [] } },
    },
    {
      name: 'is never left to the resolver as localhost',
      entry: { hostname: 'localhost' },
      expected: { address: '127.0.0.1', port: 80, tls: { port: 443, authorities: [], unverified: [] } },
    },
  ];
  test.each(table)('$name', async ({ entry, expected }) => {
    const one = await claimed({ inputs: { 'ingress-address': '' }, scenario: { rules: [ingressWith(entry)] } });
    await findIngress(one.context);
    expect(ingressOf(one.context)).toEqual(expected);
    expect(one.logged('info').at(-1)).toMatch(/^The load goes to .* for shop\.localhost, and nowhere else$/);
  });

  test('is a node with a port of a Service', async () => {
    const service = {
      kind: 'Service',
      metadata: { name: 'shop' },
      spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] },
    };
    const nodes = list({ status: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] } });
    const rules: Rule[] = [
      { tool: 'kubectl', match: 'get ingresses,services', stdout: JSON.stringify(list(service)) },
      { tool: 'kubectl', match: 'get nodes', stdout: JSON.stringify(nodes) },
    ];
    const one = await claimed({ inputs: { 'ingress-address': '' }, scenario: { rules } });
    await findIngress(one.context);
    expect(ingressOf(one.context)).toEqual({ address: '10.0.0.1', port: 30_080 });
  });

  test('that nobody tells ends the run with what to give', async () => {
    const rule: Rule = { tool: 'kubectl', match: 'get ingresses,services', stdout: JSON.stringify(list()) };
    const one = await claimed({ inputs: { 'ingress-address': '' }, scenario: { rules: [rule] } });
    await expect(findIngress(one.context)).rejects.toMatchObject({
      code: 'route-not-ready',
      message: expect.stringContaining('ingress-address'),
    });
  });
});

describe('the end', () => {
  const deployed = async (options: Existing = {}): Promise<World> => {
    const one = world(options);
    await claimNamespace(one.context);
    await deploy(one.context);
    one.context.store.update({
      stages: [
        {
          name: 'claim-namespace',
          startedAt: '2026-11-23T10:00:00.000Z',
          endedAt: null,
          durationMs: null,
          outcome: 'ok',
        },
      ],
    });
    return one;
  };

  test('removes the namespace, may be called again, and leaves the kubeconfig of the user', async () => {
    const one = await deployed();
    one.tools.add('applied', 'Namespace//theirs', { object: { kind: 'Namespace', metadata: { name: 'theirs' } } });
    await tearDown(one.context);
    await tearDown(one.context);
    expect(one.tools.names('applied')).toEqual(['Namespace//theirs']);
    expect(existsSync(clusterIn(one.context.store.state.system)?.kubeconfig ?? '')).toBe(true);
    expect(clusterIn(one.context.store.state.system)?.deletedAt).not.toBeNull();
    expect(one.tools.calls('docker')).toEqual([]);
  });

  test('removes no namespace of this name that somebody else made', async () => {
    const one = await deployed();
    one.tools.add('applied', `Namespace//${namespaceIn(one)}`, {
      object: { kind: 'Namespace', metadata: { name: namespaceIn(one) } },
    });
    await releaseNamespace(one.context);
    expect(one.tools.names('applied')).toContain(`Namespace//${namespaceIn(one)}`);
  });

  test('names what does not go away', async () => {
    const one = await deployed({
      scenario: { rules: [{ tool: 'kubectl', match: ' delete ', stdout: 'deleted' }] },
      clock: coarseClock(60_000),
    });
    await expect(releaseNamespace(one.context)).rejects.toMatchObject({
      code: 'cleanup-incomplete',
      message: expect.stringContaining(`Namespace ${namespaceIn(one)} still there`),
    });
  });

  test('waits a while after a kill, for a request may be on its way', async () => {
    const one = await deployed();
    one.context.store.update({ stages: [] });
    const before = one.tools.lines('kubectl').length;
    await releaseNamespace(one.context);
    // Gone in the second look, quiet for five seconds of a clock that makes three a look.
    expect(
      one.tools
        .lines('kubectl')
        .slice(before)
        .filter((line) => line.includes('get Namespace')),
    ).toHaveLength(3);
  });

  test('keeps the namespace when asked to', async () => {
    const one = await deployed({ inputs: { 'keep-cluster': 'true' } });
    await tearDown(one.context);
    expect(one.tools.names('applied')).toContain(`Namespace//${namespaceIn(one)}`);
    expect(one.logged('notice')).toEqual([expect.stringContaining(`namespace ${namespaceIn(one)} is left`)]);
  });

  test('the diagnostics are of the namespace of the run only', async () => {
    const one = await deployed();
    const before = one.tools.lines('kubectl').length;
    await collectDiagnostics(one.context);
    const asked = one.tools.lines('kubectl').slice(before);
    expect(asked.length).toBeGreaterThan(3);
    for (const line of asked) expect(line).toContain(`--namespace=${namespaceIn(one)}`);
  });
});

describe('resources', () => {
  test('are not measured, with the reason, when no Prometheus is named', async () => {
    const one = world({ state: { load: load() } });
    await readResources(one.context);
    expect(one.context.store.state.resources).toMatchObject({
      workloads: [],
      nodes: [],
      missing: [expect.stringContaining('prometheus-service')],
    });
    expect(one.tools.calls('kubectl')).toEqual([]);
  });

  test('are read from the named one, of the namespace of the run only', async () => {
    const one = world({ inputs: { 'prometheus-service': 'observability/prom:9090' } });
    await claimNamespace(one.context);
    one.context.store.update({ load: load() });
    await readResources(one.context);
    const asked = one.tools
      .lines('kubectl')
      .filter((line) => line.includes('--raw'))
      .map((line) => decodeURIComponent(line));
    expect(asked.length).toBeGreaterThan(3);
    for (const line of asked) {
      expect(line).toContain('/api/v1/namespaces/observability/services/prom:9090/proxy/');
      if (!line.includes('query=time()')) expect(line).toContain(`{namespace="${namespaceIn(one)}"}[`);
    }
  });

  test('are those of the load by the clock of the cluster, which is another one than here', async () => {
    const AHEAD_SECONDS = 1000;
    const scalar = (): Rule => {
      const seconds = one.context.clock.date().getTime() / 1000 + AHEAD_SECONDS;
      const data = { resultType: 'scalar', result: [seconds, String(seconds)] };
      return { tool: 'kubectl', match: 'query=time', stdout: JSON.stringify({ status: 'success', data }) };
    };
    const one = world({ inputs: { 'prometheus-service': 'observability/prom:9090' }, scenario: { rules: [] } });
    await claimNamespace(one.context);
    one.context.store.update({ load: load() });
    one.tools.scenario({ rules: [scalar()] });
    await readResources(one.context);
    const asked = one.tools.lines('kubectl').find((line) => line.includes('container_cpu_usage')) ?? '';
    const time = Number(/time=([\d.]+)/.exec(asked)?.[1]);
    expect(Math.abs(time - Date.parse(load().endedAt) / 1000 - AHEAD_SECONDS)).toBeLessThan(30);
    const { resources } = one.context.store.state;
    expect(resources).toMatchObject({ startedAt: load().startedAt, endedAt: load().endedAt });
    expect(resources?.missing).toContainEqual(expect.stringMatching(/^The clock of the cluster is \d+\.\d s ahead of/));
  });
});
