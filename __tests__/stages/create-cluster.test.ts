import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadState } from '../../src/adapters/state-file.ts';
import { ingressOf, ownClusterOf } from '../../src/context.ts';
import { CommandError, describeError } from '../../src/errors.ts';
import { onLoopback, withHttps } from '../../src/model/endpoint.ts';
import { createCluster } from '../../src/stages/create-cluster.ts';
import { deploy } from '../../src/stages/deploy.ts';
import { targetsOf } from '../../src/stages/loading/targets.ts';
import { prepareNodes } from '../../src/stages/prepare-nodes.ts';
import { tearDown } from '../../src/teardown.ts';
import { APPLICATION, createWorld, NAME, render, type World, type WorldOptions } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { list, nodes } from '../fakes/kubernetes.ts';
import { type Rule, withTools } from '../fakes/tools.ts';

const folder = temporaryFolders();

/** kind and kubectl are installed; there is no cluster. */
function world(options: WorldOptions = {}): World {
  const scenario = { httpPort: 8080, ...options.scenario };
  const installed = createWorld(folder(), {
    ...options,
    scenario,
    up: false,
    inputs: { 'cluster-name': NAME, nodes: '2', ...options.inputs },
  });
  const tool = (name: 'kind' | 'kubectl') => ({
    version: 'v1',
    path: join(installed.tools.bin, name),
    sha256: 'a'.repeat(64),
  });
  installed.context.store.update({ tools: { kind: tool('kind'), kubectl: tool('kubectl') } });
  return installed;
}

const onCreate = (answer: Omit<Rule, 'tool' | 'match'>): WorldOptions => ({
  scenario: { rules: [{ tool: 'kind', match: '^create', ...answer }] },
});

describe('a new cluster', () => {
  test('has the nodes asked for, all ready, and a known port', async () => {
    const { context, tools, logged } = world();
    await createCluster(context);
    expect(context.store.state.system).toMatchObject({
      name: NAME,
      ingress: onLoopback(8080),
      networkExisted: false,
      deletedAt: null,
      nodes: [
        { name: 'lt-1-control-plane', role: 'control-plane', ready: true },
        { name: 'lt-1-worker', role: 'worker', ready: true },
      ],
    });
    expect(tools.names('containers')).toEqual(['lt-1-control-plane', 'lt-1-worker']);
    expect(logged('info')).toContain('The ingress is at http://127.0.0.1:8080');
  });

  const TWO = {
    nodes: '3',
    'baseline-ingress-controller': 'custom',
    'baseline-ingress-manifests': 'k8s/haproxy',
    'baseline-ingress-namespace': 'haproxy',
    'baseline-ingress-selector': 'app=haproxy',
  };
  const labelled = (side: string, node: string): Rule => ({
    tool: 'kubectl',
    match: `get nodes --selector=k8s-loadtest-ci/ingress-of=${side} `,
    stdout: node === '' ? '' : `node/${node}\n`,
  });
  const published = (node: string, port: number): Rule => ({
    tool: 'docker',
    match: `^port ${node} `,
    stdout: `127.0.0.1:${String(port)}\n`,
  });

  test('of two ingress controllers has a port for each, by the label of its node', async () => {
    const rules = [
      labelled('head', 'lt-1-worker'),
      labelled('base', 'lt-1-worker2'),
      published('lt-1-worker2', 8082),
      published('lt-1-worker', 8081),
    ];
    const { context, outputDir } = world({ inputs: TWO, scenario: { rules } });
    await createCluster(context);
    expect(context.store.state.system).toMatchObject({ ingress: onLoopback(8081), baselineIngress: onLoopback(8082) });
    expect([ingressOf(context).port, ingressOf(context, 'base').port]).toEqual([8081, 8082]);
    expect(readFileSync(join(outputDir, 'kind-config.yaml'), 'utf8')).toContain('k8s-loadtest-ci/ingress-of: base');
  });

  test('without a node for one of two controllers says which label and port are missing', async () => {
    const { context } = world({
      inputs: TWO,
      scenario: { rules: [labelled('head', 'lt-1-worker'), labelled('base', ''), published('lt-1-worker', 8081)] },
    });
    await expect(createCluster(context)).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringContaining('k8s-loadtest-ci/ingress-of=base'),
      hint: expect.stringContaining('extraPortMappings'),
    });
  });

  test('is known to the post step before it exists', async () => {
    // kind never gets to the end of making it.
    const { context, runner, outputDir } = world(onCreate({ exit: 1, stderr: 'ERROR: failed' }));
    await expect(createCluster(context)).rejects.toThrow();
    expect(runner.state.get('cluster-name')).toBe(NAME);
    expect(loadState(outputDir)?.system).toMatchObject({
      name: NAME,
      kubeconfig: join(outputDir, 'kubeconfig'),
      deletedAt: null,
    });
  });

  test('remembers that the network of others was there before', async () => {
    const { context, tools } = world();
    tools.add('networks', 'kind');
    await createCluster(context);
    expect(ownClusterOf(context).networkExisted).toBe(true);
  });

  test('has a name that no other run has, when none is given', async () => {
    const { context, tools } = world({ inputs: { 'cluster-name': '' } });
    await createCluster(context);
    expect(ownClusterOf(context).name).toMatch(/^lt-local-[0-9a-f]{6}$/);
    expect(tools.lines('kind')).toContainEqual(expect.stringContaining(`--name ${ownClusterOf(context).name} `));
  });

  test('is made from the configuration of the user, and may have any number of nodes', async () => {
    const config = join(folder(), 'kind.yaml');
    writeFileSync(config, 'kind: Cluster\nnodes:\n- role: control-plane\n- role: worker\n- role: worker\n');
    const { context, outputDir } = world({ inputs: { config, nodes: '1' } });
    await createCluster(context);
    expect(readFileSync(join(outputDir, 'kind-config.yaml'), 'utf8')).toBe(readFileSync(config, 'utf8'));
    expect(ownClusterOf(context).nodes).toHaveLength(3);
  });

  test('listens on the port that was asked for', async () => {
    const { context, outputDir } = world({ inputs: { 'http-port': '18080' } });
    await createCluster(context);
    const config = parse(readFileSync(join(outputDir, 'kind-config.yaml'), 'utf8')) as {
      nodes: { extraPortMappings?: { hostPort: number }[] }[];
    };
    expect(config.nodes[0]?.extraPortMappings?.[0]?.hostPort).toBe(18_080);
  });
});

describe('the port for HTTPS', () => {
  const SECURE = { routeSchemes: [{ host: 'shop.localhost', scheme: 'https' as const }] };
  const hosts = 'shop.localhost\nplain.localhost';

  test('is that of the node of the ingress', async () => {
    const { context, outputDir, logged } = world({ scenario: { httpsPort: 8443 }, inputs: { 'https-port': '18443' } });
    await createCluster(context);
    expect(ingressOf(context)).toEqual(withHttps(onLoopback(8080), 8443));
    expect(logged('info')).toContain('The ingress is at http://127.0.0.1:8080 and https://127.0.0.1:8443');
    const config = parse(readFileSync(join(outputDir, 'kind-config.yaml'), 'utf8')) as {
      nodes: { extraPortMappings?: { containerPort: number; hostPort: number }[] }[];
    };
    expect(config.nodes[0]?.extraPortMappings?.[1]).toMatchObject({ containerPort: 443, hostPort: 18_443 });
  });

  test('is none where no node publishes it: then hosts of routes with TLS are asked over HTTP, which is said', async () => {
    const { context, logged } = world({ inputs: { hosts }, state: SECURE });
    await createCluster(context);
    expect(targetsOf(context).map(({ scheme }) => scheme)).toEqual([undefined, undefined]);
    expect(logged('warning').at(-1)).toMatch(
      /^The routes of shop\.localhost have TLS, but they are loaded over plain HTTP, because no node publishes its port 443\. .*containerPort 443/,
    );
  });

  test('is none, and hosts that were asked for over HTTPS are an error', async () => {
    const { context } = world({ inputs: { hosts: 'https://plain.localhost' }, state: SECURE });
    await expect(createCluster(context)).rejects.toMatchObject({
      code: 'input-invalid',
      message: "plain.localhost can't be loaded over HTTPS, because no node publishes its port 443.",
      hint: expect.stringContaining('containerPort 443'),
    });
  });
});

describe('while nodes join', () => {
  const SETTINGS = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: monitoring}\n';
  const rendered = (options: WorldOptions = {}): World => {
    const made = world({ ...options, inputs: { images: 'app:1', ...options.inputs } });
    render(made, 'prometheus', SETTINGS);
    render(made, 'application', APPLICATION);
    return made;
  };
  const loads = ({ tools }: World): string[] => tools.names('nodes').filter((line) => line.includes('images import'));

  test('they get their images, and all but the application is applied', async () => {
    const one = rendered({ scenario: { joinsAfter: 'ConfigMap/monitoring/settings' } });
    await createCluster(one.context);
    expect(one.tools.names('applied').filter((name) => !name.endsWith('k8s-loadtest-ci'))).toEqual([
      'ConfigMap/monitoring/settings',
      'Namespace//echo',
    ]);
    expect(loads(one)).toHaveLength(2);
    const before = one.tools.lines('docker').length;
    await prepareNodes(one.context);
    expect(one.tools.lines('docker')).toHaveLength(before);
    await deploy(one.context);
    expect(one.logged('info').filter((line) => line.endsWith('objects applied'))).toEqual([
      'namespaces: 1 objects applied',
      'prometheus: 1 objects applied',
      'application: 1 objects applied',
    ]);
  });

  test('nothing is applied before they have the images that it may need', async () => {
    const one = rendered({
      scenario: {
        rules: [{ tool: 'docker', match: 'ctr .*import', times: 2, exit: 1, stderr: 'ctr: connection refused' }],
      },
    });
    await createCluster(one.context);
    expect(one.tools.names('applied')).toEqual([expect.stringContaining('k8s-loadtest-ci')]);
    expect(one.logged('info')).toContainEqual(
      expect.stringMatching(/^Left to the stage prepare-nodes: app:1 could not be loaded into node/),
    );
    await prepareNodes(one.context);
    expect(loads(one)).toHaveLength(2);
    expect(existsSync(join(one.outputDir, 'images.tar'))).toBe(false);
  });

  test('what can’t be applied is left to the stage that says why', async () => {
    const one = rendered({
      scenario: {
        rules: [{ tool: 'kubectl', match: 'apply', exit: 1, stderr: 'Error from server (BadRequest): bad' }],
      },
    });
    await createCluster(one.context);
    await expect(deploy(one.context)).rejects.toMatchObject({
      code: 'apply-failed',
      message: expect.stringContaining('(BadRequest): bad'),
    });
  });

  test('a kind that does not say how far it is costs nothing but the time', async () => {
    const one = rendered({ scenario: { silentKind: true } });
    await createCluster(one.context);
    expect([one.tools.names('applied').length, loads(one)]).toEqual([1, []]);
    await prepareNodes(one.context);
    await deploy(one.context);
    expect([one.tools.names('applied').length, loads(one).length]).toEqual([4, 2]);
  });

  test('and kind fails, that is the error', async () => {
    const { context } = rendered({
      scenario: {
        rules: [
          {
            tool: 'kind',
            match: '^create',
            exit: 1,
            stderr: ' ✓ Starting control-plane\nERROR: failed to join node with kubeadm',
          },
        ],
      },
    });
    await expect(createCluster(context)).rejects.toMatchObject({ code: 'cluster-create-failed' });
  });
});

describe('a cluster of the same name', () => {
  const other = { cluster: NAME, role: 'control-plane', port: 9999 };

  test('is left alone, and is not ours to delete', async () => {
    const { context, tools, runner } = world();
    tools.add('containers', 'lt-1-control-plane', other);
    await expect(createCluster(context)).rejects.toMatchObject({
      code: 'name-collision',
      message: expect.stringContaining('does not touch it'),
    });
    expect(tools.names('containers')).toEqual(['lt-1-control-plane']);
    expect(context.store.state.system).toBeNull();
    expect(runner.state.has('cluster-name')).toBe(false);
    expect(tools.lines('kind')).not.toContainEqual(expect.stringMatching(/^(create|delete)/));
  });

  test('that somebody made just now is left alone too', async () => {
    const { context } = world(
      onCreate({
        exit: 1,
        stderr: `ERROR: failed to create cluster: node(s) already exist for a cluster with the name "${NAME}"`,
      }),
    );
    await expect(createCluster(context)).rejects.toMatchObject({ code: 'name-collision' });
    expect(context.store.state.system).toBeNull();
  });
});

describe('the cluster of an earlier step', () => {
  const later = (first: World, inputs: Record<string, string> = {}): World => {
    const second = world({ inputs: { 'reuse-cluster': 'true', ...inputs } });
    // Both steps are on the same machine.
    const shell = withTools(first.tools, second.context.signal);
    second.context.store.update({ tools: first.context.store.state.tools });
    return { ...second, tools: first.tools, context: { ...second.context, shell } };
  };
  const made = async (): Promise<World> => {
    const first = world({ inputs: { 'http-port': '8080' } });
    await createCluster(first.context);
    return first;
  };

  test('is used again, and stays that step’s to remove', async () => {
    const first = await made();
    const second = later(first);
    await createCluster(second.context);
    expect(second.context.store.state.system).toMatchObject({
      name: NAME,
      ingress: onLoopback(8080),
      reused: true,
      networkExisted: true,
      kubeconfig: join(second.outputDir, 'kubeconfig'),
      nodes: [{ ready: true }, { ready: true }],
    });
    expect([second.runner.state.get('reused-cluster'), second.runner.state.get('cluster-name')]).toEqual([
      'true',
      NAME,
    ]);
    expect(first.tools.lines('kind').filter((line) => line.startsWith('create'))).toHaveLength(1);
    await tearDown(second.context);
    expect(first.tools.names('containers')).toHaveLength(2);
    expect(existsSync(join(second.outputDir, 'kubeconfig'))).toBe(false);
    await tearDown(first.context);
    expect(first.tools.names('containers')).toEqual([]);
  });

  test('is made when there is none', async () => {
    const only = world({ inputs: { 'reuse-cluster': 'true' } });
    await createCluster(only.context);
    expect(ownClusterOf(only.context).reused).toBeUndefined();
    expect(only.runner.state.has('reused-cluster')).toBe(false);
  });

  test.each([
    {
      name: 'was made of another image',
      inputs: { 'node-image': 'kindest/node:v1.34.0' },
      code: 'name-collision',
      message: /its nodes use kindest\/node:v1\.35/,
    },
    { name: 'has other nodes', inputs: { nodes: '3' }, code: 'name-collision', message: /was created with 2 nodes/ },
    { name: 'has another port', inputs: { 'http-port': '9090' }, code: 'port-in-use', message: /made with port 8080/ },
  ])('is refused and left alone when it $name', async ({ inputs, code, message }) => {
    const first = await made();
    const second = later(first, inputs);
    await expect(createCluster(second.context)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    await tearDown(second.context);
    expect(first.tools.names('containers')).toHaveLength(2);
  });

  test('is only known by its mark: one that others made is left alone', async () => {
    const first = world();
    first.tools.add('containers', 'lt-1-control-plane', { cluster: NAME, role: 'control-plane', port: 8080 });
    const second = later(first);
    await expect(createCluster(second.context)).rejects.toMatchObject({
      code: 'name-collision',
      message: expect.stringContaining('it was not created by this tool'),
    });
    expect(second.context.store.state.system).toBeNull();
    expect(existsSync(join(second.outputDir, 'kubeconfig'))).toBe(false);
    await tearDown(second.context);
    expect(first.tools.names('containers')).toEqual(['lt-1-control-plane']);
  });

  test('keeps the images of pods that run, and says so', async () => {
    const second = later(await made(), { images: 'shop:ci' });
    await createCluster(second.context);
    expect(second.logged('warning')).toEqual([expect.stringContaining('its own tag')]);
  });
});

describe('when kind fails, the outcome says why', () => {
  const table = [
    {
      said: 'ERROR: failed to create cluster: docker run error: Bind for 127.0.0.1:80 failed: port is already allocated',
      code: 'port-in-use',
    },
    {
      said: 'ERROR: failed to create cluster: could not find an available, non-overlapping IPv4 address pool among the defaults',
      code: 'network-pool',
    },
    {
      said: 'Error response from daemon: all predefined address pools have been fully subnetted',
      code: 'network-pool',
    },
    {
      said: 'ERROR: failed to create cluster: failed to pull image "kindest/node:v1": toomanyrequests: You have reached your pull rate limit',
      code: 'registry-rate-limit',
    },
    {
      said: 'ERROR: failed to create cluster: failed to pull image "kindest/node:v0": manifest unknown',
      code: 'image-pull',
    },
    { said: 'ERROR: write /var/lib/docker/x: no space left on device', code: 'disk-full' },
    {
      said: 'ERROR: failed to create cluster: failed to pull image "kindest/node:v1": failed to register layer: write /usr/bin/etcd: no space left on device',
      code: 'disk-full',
    },
    {
      said: 'ERROR: failed to create cluster: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      code: 'docker-unreachable',
    },
    {
      said: 'ERROR: failed to create cluster: failed to create fsnotify watcher: no space left on device',
      code: 'cluster-create-failed',
    },
    {
      said: '✗ Starting control-plane\nERROR: failed to init node with kubeadm: command "docker exec" failed with error: exit status 1',
      code: 'cluster-create-failed',
    },
  ];
  test.each(table)('$said', async ({ said, code }) => {
    const { context } = world(onCreate({ exit: 1, stderr: said }));
    const error: unknown = await createCluster(context).catch((thrown: unknown) => thrown);
    const described = describeError(error);
    expect(described.code).toBe(code);
    expect(described.message).toContain(said.split('\n').at(-1));
    expect(described.hint).not.toBeNull();
    expect(described.tryThis).toContain('create cluster --name lt-1');
    expect(error).toHaveProperty('cause', expect.any(CommandError));
  });

  test('a cancellation stays one', async () => {
    const one = world(onCreate({ hang: true }));
    const work = createCluster({
      ...one.context,
      runner: {
        ...one.runner,
        info: (text) => {
          if (text.startsWith('Creating')) setTimeout(one.cancel, 300);
        },
      },
    });
    await expect(work).rejects.toMatchObject({ reason: 'cancelled' });
  });
});

describe('a cluster that is made but not ready', () => {
  test('is waited for, and the node that is not ready is named', async () => {
    const answer = JSON.stringify(
      list(...nodes(2, { ready: 'False', message: 'container runtime network not ready: cni plugin not initialized' })),
    );
    const { context } = world({ scenario: { rules: [{ tool: 'kubectl', match: 'get nodes', stdout: answer }] } });
    await expect(createCluster(context)).rejects.toMatchObject({
      code: 'node-not-ready',
      message: expect.stringMatching(
        /^Waited 10 s for every node to be ready: node lt-control-plane is not ready: .*cni plugin not initialized$/,
      ),
    });
  });

  test('is ready once its API server has begun to answer', async () => {
    const refused = {
      tool: 'kubectl',
      match: 'get (nodes|pods)',
      exit: 1,
      stderr: 'The connection to the server 127.0.0.1:6443 was refused',
      times: 3,
    } as const;
    const { context } = world({ scenario: { rules: [refused] } });
    await createCluster(context);
    expect(ownClusterOf(context).nodes).toHaveLength(2);
  });

  test('whose API server is published where nothing listens is on another machine', async () => {
    const refused = {
      tool: 'kubectl',
      match: 'get (nodes|pods)',
      exit: 1,
      stderr: 'The connection to the server 127.0.0.1:38561 was refused - did you specify the right host or port?',
    } as const;
    const { context } = world({ inputs: { wait: '300s' }, scenario: { rules: [refused] } });
    await expect(createCluster(context)).rejects.toMatchObject({
      code: 'docker-elsewhere',
      message: expect.stringContaining('nothing has listened for 15 s at 127.0.0.1:38561'),
    });
  });

  test('publishes no port of the ingress', async () => {
    const { context } = world({ scenario: { httpPort: undefined as never } });
    await expect(createCluster(context)).rejects.toMatchObject({
      code: 'input-invalid',
      message: 'No node of the cluster publishes its port 80.',
    });
  });

  test('is no longer asked anything when one of the waits has failed', async () => {
    const answer = JSON.stringify(list());
    const { context, tools } = world({
      scenario: { httpPort: undefined as never, rules: [{ tool: 'kubectl', match: 'get nodes', stdout: answer }] },
    });
    await expect(createCluster(context)).rejects.toMatchObject({ code: 'input-invalid' });
    const asked = tools.calls().length;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(tools.calls()).toHaveLength(asked);
  });
});
