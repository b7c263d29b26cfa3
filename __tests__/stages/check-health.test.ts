import type { RequestListener } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { updateOwnCluster } from '../../src/context.ts';
import { onLoopback } from '../../src/model/endpoint.ts';
import { checkHealth } from '../../src/stages/check-health.ts';
import type { ComparedVersions } from '../../src/state.ts';
import { coarseClock, createWorld, render, writeApplication, type World, type WorldOptions } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { autoscaler, containerStatus, list, nodes, pod, PODS, workload } from '../fakes/kubernetes.ts';
import { localServers } from '../fakes/local-servers.ts';
import type { Rule } from '../fakes/tools.ts';

const folder = temporaryFolders();
const servers = localServers();
const { serve: ingress } = servers;

const DEPLOYMENT =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: foo, namespace: echo}\nspec: {replicas: 2}\n';
const json = (match: string, ...items: readonly object[]): Rule => ({
  tool: 'kubectl',
  match,
  stdout: JSON.stringify(list(...items)),
});
const READY = json('get Deployment', workload());
const CONTROLLER = json(
  'get pods --namespace=ingress-nginx',
  pod({ namespace: 'ingress-nginx', name: 'controller-1-a', nodeName: 'lt-1-control-plane' }),
);

interface Healthy extends WorldOptions {
  readonly port: number;
  readonly rules?: readonly Rule[];
}

/** A cluster in which everything is healthy but for the rules that come first. */
function world({ port, rules = [], ...options }: Healthy): World {
  const made = createWorld(folder(), {
    ...options,
    inputs: { nodes: '2', prometheus: 'false', ...options.inputs },
    scenario: { rules: [...rules, READY, CONTROLLER] },
    state: { ...options.state },
  });
  updateOwnCluster(made.context, { ingress: onLoopback(port) });
  render(made, 'application', DEPLOYMENT);
  return made;
}

test('a healthy cluster passes, and each host had to answer three times in a row', async () => {
  const asked: string[] = [];
  const port = await ingress((request, response) => {
    asked.push(request.headers.host ?? '');
    response.end(request.headers.host?.split('.')[0]);
  });
  // All that waits shares one clock, on which each pause is three seconds long.
  const { context, logged } = world({ port, inputs: { prometheus: 'true', wait: '120s' } });
  await checkHealth(context);
  expect(asked.sort()).toEqual([
    ...Array.from({ length: 3 }, () => 'bar.localhost'),
    ...Array.from({ length: 3 }, () => 'foo.localhost'),
  ]);
  expect(logged('info')).toEqual(
    expect.arrayContaining([
      '1 workloads are ready',
      '2 nodes are ready',
      `2 hosts answer at 127.0.0.1:${String(port)}`,
      'Prometheus scrapes 2 targets',
    ]),
  );
});

test('a cluster without DNS is not healthy', async () => {
  const { context } = world({ port: await ingress(), rules: [json('k8s-app=kube-dns', PODS.unschedulable)] });
  await expect(checkHealth(context)).rejects.toMatchObject({
    code: 'node-not-ready',
    message: expect.stringMatching(/the cluster's DNS: .*can't be scheduled/),
  });
});

describe('a pod that is the cause is named', () => {
  const waiting = json('get Deployment', workload({ status: { observedGeneration: 1, updatedReplicas: 2 } }));

  test('with the last lines of its container before it ended', async () => {
    const { context } = world({
      port: 1,
      rules: [
        waiting,
        json('get pods --all-namespaces', PODS.crashLoop),
        { tool: 'kubectl', match: '^.* logs .*--previous', stdout: 'starting\npanic: no database\n' },
      ],
    });
    await expect(checkHealth(context)).rejects.toMatchObject({
      code: 'crash-loop',
      message:
        'Pod echo/foo-7d9c5b8f6d-abcde: container echo ended 4 times, last with exit code 137 (OOMKilled)\nIts last lines:\n  starting\n  panic: no database',
      hint: expect.stringContaining('Waited 10 s for every workload to be ready'),
      tryThis: expect.stringMatching(/^kubectl --kubeconfig=\S+ describe pod foo-7d9c5b8f6d-abcde --namespace=echo$/),
    });
  });

  test('with the lines of now, when it never ended before', async () => {
    const { context } = world({
      port: 1,
      rules: [
        waiting,
        json('get pods --all-namespaces', PODS.unready),
        { tool: 'kubectl', match: '--previous', exit: 1, stderr: 'previous terminated container not found' },
        { tool: 'kubectl', match: ' logs ', stdout: 'waiting for a leader\n' },
      ],
    });
    await expect(checkHealth(context)).rejects.toMatchObject({
      code: 'workload-not-ready',
      message: expect.stringMatching(/readiness probe fails\nIts last lines:\n {2}waiting for a leader$/),
    });
  });

  const gone = 'unable to retrieve container logs for containerd://ae169980dfee';
  test('with the lines of now, when the container that ended was removed meanwhile', async () => {
    const { context } = world({
      port: 1,
      rules: [
        waiting,
        json('get pods --all-namespaces', PODS.crashLoop),
        { tool: 'kubectl', match: '--previous', stdout: gone },
        { tool: 'kubectl', match: ' logs ', stdout: 'panic: no database\n' },
      ],
    });
    await expect(checkHealth(context)).rejects.toMatchObject({
      code: 'crash-loop',
      message: expect.stringMatching(/\(OOMKilled\)\nIts last lines:\n {2}panic: no database$/),
    });
  });

  test('without any lines, when the log of each look is gone', async () => {
    const { context, tools } = world({
      port: 1,
      rules: [
        waiting,
        json('get pods --all-namespaces', PODS.crashLoop),
        { tool: 'kubectl', match: ' logs ', stdout: gone },
      ],
    });
    await expect(checkHealth(context)).rejects.toMatchObject({
      code: 'crash-loop',
      message: expect.stringMatching(/\(OOMKilled\)$/),
    });
    expect(tools.lines('kubectl').filter((line) => line.includes(' logs '))).toHaveLength(3);
  });

  const table = [
    { name: 'by its image', item: PODS.imagePullBackOff, code: 'image-pull', message: /nowhere\.example\/app:1/ },
    { name: 'by the rate limit of the registry', item: PODS.rateLimited, code: 'registry-rate-limit', message: /429/ },
    {
      name: 'by what the scheduler says',
      item: PODS.unschedulable,
      code: 'workload-not-ready',
      message: /3 Insufficient cpu/,
    },
  ];
  test.each(table)('$name, and no log is asked for', async ({ item, code, message }) => {
    const { context, tools } = world({ port: 1, rules: [waiting, json('get pods --all-namespaces', item)] });
    await expect(checkHealth(context)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(tools.lines('kubectl')).not.toContainEqual(expect.stringContaining(' logs '));
  });

  test('only when it is one of ours', async () => {
    const other = pod({ namespace: 'kube-system', containers: [] });
    const { context } = world({ port: 1, rules: [waiting, json('get pods --all-namespaces', other)] });
    await expect(checkHealth(context)).rejects.toMatchObject({
      code: 'workload-not-ready',
      message: expect.stringContaining('Deployment echo/foo has 0 of 2 pods ready'),
    });
  });

  test('and when even the pods can’t be asked for, the first error stays', async () => {
    const { context } = world({
      port: 1,
      rules: [waiting, { tool: 'kubectl', match: 'get pods --all-namespaces', exit: 1, stderr: 'refused' }],
    });
    await expect(checkHealth(context)).rejects.toMatchObject({
      code: 'workload-not-ready',
      message: expect.stringContaining('has 0 of 2 pods ready'),
    });
  });
});

describe('what will never become healthy is not waited for to the end', () => {
  const waiting = json('get Deployment', workload({ status: { observedGeneration: 1, updatedReplicas: 2 } }));

  test('when a container ends again and again, and Prometheus is not waited for either', async () => {
    const { context } = world({
      port: 1,
      clock: coarseClock(20_000),
      inputs: { wait: '900s', prometheus: 'true' },
      rules: [
        waiting,
        { tool: 'kubectl', match: '--raw', exit: 1, stderr: 'no endpoints' },
        json('get pods --all-namespaces', PODS.crashLoop),
        { tool: 'kubectl', match: ' logs ', stdout: 'panic: no database\n' },
      ],
    });
    await expect(checkHealth(context)).rejects.toMatchObject({
      code: 'crash-loop',
      message: expect.stringMatching(
        /container echo ended 4 times, last with exit code 137 \(OOMKilled\)\nIts last lines:\n {2}panic: no database$/,
      ),
      hint: expect.stringContaining('The run stopped waiting before the time of input wait was over'),
    });
  });

  test('when a Job has failed', async () => {
    const job = workload({
      kind: 'Job',
      name: 'migrate',
      spec: {},
      status: {
        conditions: [{ type: 'Failed', status: 'True', message: 'Job has reached the specified backoff limit' }],
      },
    });
    const made = world({
      port: 1,
      inputs: { wait: '300s' },
      rules: [json('get Deployment', job), json('get pods --all-namespaces')],
    });
    render(made, 'application', 'apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate, namespace: echo}\n');
    await expect(checkHealth(made.context)).rejects.toMatchObject({
      code: 'workload-not-ready',
      message: 'Job echo/migrate failed: Job has reached the specified backoff limit',
    });
  });

  const event = (reason: string, message: string, object: object): object => ({
    reason,
    message,
    type: 'Warning',
    count: 2,
    involvedObject: { namespace: 'echo', ...object },
  });
  const creating = pod({
    phase: 'Pending',
    containers: [containerStatus({ ready: false, state: { waiting: { reason: 'ContainerCreating' } } })],
  });
  const lacking = (more: readonly Rule[] = []): Healthy => ({
    port: 1,
    inputs: { wait: '600s' },
    rules: [
      waiting,
      json('get pods --all-namespaces', creating),
      json(
        'get events',
        event('FailedMount', 'MountVolume.SetUp failed for volume "keys" : secret "jwt-key" not found', {
          kind: 'Pod',
          name: (creating as { metadata: { name: string } }).metadata.name,
          uid: (creating as { metadata: { uid: string } }).metadata.uid,
        }),
      ),
      ...more,
    ],
  });

  test('when a volume has no Secret, which nothing in the manifests makes', async () => {
    const made = world(lacking());
    await expect(checkHealth(made.context)).rejects.toMatchObject({
      code: 'workload-not-ready',
      message: expect.stringContaining('has not started: ContainerCreating: MountVolume') as unknown,
      hint: expect.stringContaining('Add the secret jwt-key to the manifests, in namespace echo') as unknown,
    });
    expect(made.context.clock.now()).toBeLessThan(30_000);
  });

  test('but a Secret that has come meanwhile is', async () => {
    const there: Rule = { tool: 'kubectl', match: 'get secret jwt-key', stdout: 'secret/jwt-key\n' };
    const made = world({ ...lacking([there]), inputs: { wait: '30s' } });
    await expect(checkHealth(made.context)).rejects.toMatchObject({
      hint: expect.stringContaining('Waited 30 s') as unknown,
    });
  });

  test('when the service account of the pods is not there', async () => {
    const refused = event(
      'FailedCreate',
      'Error creating: pods "foo-" is forbidden: error looking up service account echo/robot: serviceaccount "robot" not found',
      {
        kind: 'ReplicaSet',
        name: 'foo-5f',
      },
    );
    const made = world({
      port: 1,
      inputs: { wait: '600s' },
      rules: [waiting, json('get pods --all-namespaces'), json('get events', refused)],
    });
    await expect(checkHealth(made.context)).rejects.toMatchObject({
      code: 'workload-not-ready',
      message: expect.stringMatching(
        /^ReplicaSet echo\/foo-5f creates no pods: .*serviceaccount "robot" not found$/,
      ) as unknown,
      hint: 'Add the serviceaccount echo/robot to the manifests; nothing in them creates it.',
    });
  });

  const MORTAL =
    'apiVersion: batch/v1\nkind: Job\nmetadata: {name: seed, namespace: echo}\nspec: {ttlSecondsAfterFinished: 0}\n';

  test('a Job with a time to live that is gone is done', async () => {
    const made = world({ port: await ingress(), inputs: { wait: '600s' }, rules: [json('get Deployment')] });
    render(made, 'application', MORTAL);
    await expect(checkHealth(made.context)).resolves.toBeUndefined();
  });

  test('a Job that failed and removed itself is told by its event', async () => {
    const failed = event('BackoffLimitExceeded', 'Job has reached the specified backoff limit', {
      kind: 'Job',
      name: 'seed',
    });
    const made = world({ port: 1, rules: [json('get Deployment'), json('get events', failed)] });
    render(made, 'application', MORTAL);
    await expect(checkHealth(made.context)).rejects.toMatchObject({
      code: 'workload-not-ready',
      message: 'Job echo/seed failed, and removed itself: Job has reached the specified backoff limit',
    });
  });

  test('a probe that fails is said in the log while it is waited for', async () => {
    const unready = PODS.unready as { metadata: { name: string; uid: string } };
    const probe = event('Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 500', {
      kind: 'Pod',
      ...unready.metadata,
      fieldPath: 'spec.containers{echo}',
    });
    const made = world({
      port: 1,
      inputs: { wait: '30s' },
      rules: [waiting, json('get pods --all-namespaces', unready), json('get events', probe)],
    });
    await expect(checkHealth(made.context)).rejects.toMatchObject({ code: 'workload-not-ready' });
    expect(made.logged('info').filter((line) => line.includes('returned status 500'))).toHaveLength(1);
  });

  test('but a pod of others is no reason to give up', async () => {
    const other = { ...PODS.crashLoop, metadata: { name: 'theirs', namespace: 'kube-system', uid: 'theirs' } };
    const { context } = world({
      port: 1,
      clock: coarseClock(20_000),
      inputs: { wait: '120s' },
      rules: [waiting, json('get pods --all-namespaces', other)],
    });
    await expect(checkHealth(context)).rejects.toMatchObject({
      code: 'workload-not-ready',
      message: expect.stringContaining('Waited 120 s'),
    });
  });
});

describe('autoscalers', () => {
  const WITH_AUTOSCALER = `${DEPLOYMENT}---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: foo, namespace: echo}\n`;
  const scaled = (port: number, rules: readonly Rule[], options: WorldOptions = {}): World => {
    const made = world({ port, rules, ...options, inputs: { autoscaling: 'true', wait: '60s', ...options.inputs } });
    render(made, 'application', WITH_AUTOSCALER);
    return made;
  };

  test('are waited for until they have figures', async () => {
    const { context, logged } = scaled(await ingress(), [
      {
        ...json('get horizontalpodautoscalers', autoscaler({ active: 'False', message: 'no metrics known' })),
        times: 1,
      },
      json('get horizontalpodautoscalers', autoscaler()),
    ]);
    await checkHealth(context);
    expect(logged('info')).toEqual(
      expect.arrayContaining(['autoscaler echo/foo has no metrics: no metrics known', '1 autoscalers have metrics']),
    );
  });

  test('that never have any are told with their reason', async () => {
    const { context } = scaled(await ingress(), [
      json('get horizontalpodautoscalers', autoscaler({ active: 'False', message: 'missing request for cpu' })),
    ]);
    await expect(checkHealth(context)).rejects.toMatchObject({
      code: 'autoscaler-not-ready',
      message: expect.stringContaining('missing request for cpu'),
      hint: expect.stringContaining('resources.requests.cpu'),
    });
  });

  test('are not asked for when the run is not to show them', async () => {
    const { context, tools } = scaled(await ingress(), [], { inputs: { autoscaling: 'false' } });
    await checkHealth(context);
    expect(tools.lines('kubectl')).not.toContainEqual(expect.stringContaining('horizontalpodautoscalers'));
  });
});

test('a controller on a node without the port is named', async () => {
  const elsewhere = json(
    'get pods --namespace=ingress-nginx',
    pod({ namespace: 'ingress-nginx', name: 'controller-1-a', nodeName: 'lt-1-worker' }),
  );
  const { context } = world({ port: await ingress(), rules: [elsewhere] });
  await expect(checkHealth(context)).rejects.toMatchObject({
    code: 'ingress-placement',
    message: expect.stringContaining('lt-1-worker'),
    hint: expect.stringContaining('ingress-ready=true'),
  });
});

describe('two controllers', () => {
  const two = {
    nodes: '3',
    wait: '120s',
    'baseline-ingress-controller': 'custom',
    'baseline-ingress-manifests': 'k8s/haproxy',
    'baseline-ingress-namespace': 'haproxy',
    'baseline-ingress-selector': 'app=haproxy',
  };
  const on = (side: string, node: string): Rule => ({
    tool: 'kubectl',
    match: `get nodes --selector=ingress-ready=true,k8s-loadtest-ci/ingress-of=${side} `,
    stdout: `node/${node}\n`,
  });
  const haproxy = (node: string): Rule =>
    json(
      'get pods --namespace=haproxy --selector=app=haproxy',
      pod({ namespace: 'haproxy', name: 'haproxy-1-a', nodeName: node }),
    );
  const nginx = json(
    'get pods --namespace=ingress-nginx',
    pod({ namespace: 'ingress-nginx', name: 'controller-1-a', nodeName: 'lt-1-worker' }),
  );
  const NODES = [json('get nodes --output=json', ...nodes(3))];
  const side = (label: string) => ({ label, manifests: [], images: [], hosts: [] });
  const comparedVersions = {
    subject: 'ingress-controllers' as const,
    base: side('haproxy'),
    head: side('ingress-nginx'),
    namespaces: { base: ['haproxy'], head: ['ingress-nginx'] },
    targets: [],
  } satisfies ComparedVersions;

  async function compared(baseNode: string, asked: string[] = []): Promise<World> {
    const told =
      (name: string): RequestListener =>
      (request, response) => {
        asked.push(`${name} ${request.headers.host ?? ''}`);
        response.end(request.headers.host?.split('.')[0]);
      };
    const [head, base] = [await ingress(told('head')), await ingress(told('base'))];
    const made = world({
      port: head,
      inputs: two,
      rules: [...NODES, on('head', 'lt-1-worker'), on('base', 'lt-1-worker2'), haproxy(baseNode), nginx],
      state: { comparedVersions },
    });
    updateOwnCluster(made.context, { baselineIngress: onLoopback(base) });
    return made;
  }

  test('are both ready on their nodes, and each answers for every host at its port', async () => {
    const asked: string[] = [];
    const { context } = await compared('lt-1-worker2', asked);
    await checkHealth(context);
    expect([...new Set(asked)].sort()).toEqual([
      'base bar.localhost',
      'base foo.localhost',
      'head bar.localhost',
      'head foo.localhost',
    ]);
  });

  test('are told apart when one is on the node of the other', async () => {
    const { context } = await compared('lt-1-worker');
    await expect(checkHealth(context)).rejects.toMatchObject({
      code: 'ingress-placement',
      message: expect.stringContaining('namespace haproxy runs on node lt-1-worker'),
      hint: expect.stringContaining('k8s-loadtest-ci/ingress-of=base'),
    });
  });
});

test('a controller that is being replaced does not count', async () => {
  const leaving = json(
    'get pods --namespace=ingress-nginx',
    pod({ name: 'controller-1-a', nodeName: 'lt-1-worker', deletionTimestamp: '2026-11-23T10:00:00Z' }),
    pod({ name: 'controller-1-b', nodeName: 'lt-1-control-plane' }),
  );
  const { context } = world({ port: await ingress(), inputs: { wait: '300s' }, rules: [leaving] });
  await expect(checkHealth(context)).resolves.toBeUndefined();
});

describe('a controller of the user', () => {
  const custom = {
    'ingress-controller': 'custom',
    'ingress-manifests': 'k8s/traefik',
    'ingress-namespace': 'traefik',
    'ingress-selector': 'app=traefik',
  };
  const found = (...items: readonly object[]): Rule =>
    json('get pods --namespace=traefik --selector=app=traefik', ...items);
  const ready = pod({ namespace: 'traefik', name: 'traefik-1-a', nodeName: 'lt-1-control-plane' });

  test('is found by its namespace and labels; one of its pods is on the node with the port', async () => {
    const elsewhere = pod({ namespace: 'traefik', name: 'traefik-1-b', nodeName: 'lt-1-worker' });
    await expect(
      checkHealth(
        world({ port: await ingress(), inputs: { ...custom, wait: '300s' }, rules: [found(elsewhere, ready)] }).context,
      ),
    ).resolves.toBeUndefined();
  });

  test('without a pod of these labels is not ready', async () => {
    const { context } = world({ port: await ingress(), inputs: custom, rules: [found()] });
    await expect(checkHealth(context)).rejects.toMatchObject({
      code: 'workload-not-ready',
      message: expect.stringContaining('no pod of namespace traefik has the labels app=traefik'),
    });
  });

  test('with a pod that is not ready is not ready', async () => {
    const { context } = world({
      port: await ingress(),
      inputs: custom,
      rules: [found(ready, pod({ namespace: 'traefik', name: 'traefik-1-b', conditions: [] }))],
    });
    await expect(checkHealth(context)).rejects.toMatchObject({
      code: 'workload-not-ready',
      message: expect.stringContaining('pod traefik-1-b is not ready'),
    });
  });
});

describe('a host', () => {
  test('that answers with a status of failure is not ready', async () => {
    const { context } = world({ port: await ingress((_, response) => response.writeHead(503).end('no endpoints')) });
    await expect(checkHealth(context)).rejects.toMatchObject({
      code: 'route-not-ready',
      message: expect.stringMatching(
        /^Waited 10 s for http:\/\/(foo|bar)\.localhost\/ to answer correctly: it answers with status 503$/,
      ),
      tryThis: expect.stringMatching(
        /^curl --include --header 'Host: (foo|bar)\.localhost' http:\/\/127\.0\.0\.1:\d+\/$/,
      ),
    });
  });

  test('that answers with the text of another one is not ready', async () => {
    const { context } = world({
      port: await ingress((_, response) => response.end('foo\n')),
      inputs: { wait: '60s' },
    });
    await expect(checkHealth(context)).rejects.toMatchObject({
      code: 'route-not-ready',
      message: expect.stringContaining(
        'for http://bar.localhost/ to answer correctly: it answers with text "foo\\n" instead of "bar"',
      ),
    });
  });

  test('behind which nobody listens is not ready', async () => {
    const port = await ingress();
    servers.close();
    await expect(checkHealth(world({ port }).context)).rejects.toMatchObject({
      code: 'route-not-ready',
      message: expect.stringContaining('nothing listens on that port'),
    });
  });

  test('that fails in between has to begin again', async () => {
    let answers = 0;
    const port = await ingress((_, response) => {
      answers += 1;
      response.writeHead(answers === 3 ? 502 : 200).end();
    });
    const { context } = world({
      port,
      inputs: { wait: '600s', manifests: writeApplication(folder()), hosts: 'a.localhost' },
    });
    await checkHealth(context);
    expect(answers).toBe(6);
  });

  test('that answers otherwise than a scenario expects is told in seconds', async () => {
    const scenario = join(folder(), 'scenario.yaml');
    writeFileSync(scenario, 'requests:\n  - {name: list of carts, path: /carts, expect: {status: 204}}\n');
    const made = world({
      port: await ingress((_, response) => response.end('[]')),
      inputs: { wait: '600s', manifests: writeApplication(folder()), hosts: 'shop.localhost', scenario },
    });
    await expect(checkHealth(made.context)).rejects.toMatchObject({
      code: 'route-not-ready',
      message:
        'Request "list of carts": http://shop.localhost/carts: it answers with status 200, but the scenario expects status 204',
      hint: 'If 200 is right, write it in the scenario: expect: {status: 200}.',
    });
    expect(made.context.clock.now()).toBeLessThan(60_000);
  });

  test.each([
    [401, 'needs a login'],
    [404, 'shop.localhost=/PATH'],
    [405, 'shop.localhost=/PATH'],
  ])('that goes on to refuse with %d is told before the end, with what to do', async (status, hint) => {
    const made = world({
      port: await ingress((_, response) => response.writeHead(status).end()),
      inputs: { wait: '600s', manifests: writeApplication(folder()), hosts: 'shop.localhost' },
    });
    await expect(checkHealth(made.context)).rejects.toMatchObject({
      code: 'route-not-ready',
      message: `http://shop.localhost/: it answers with status ${String(status)}`,
      hint: expect.stringContaining(hint) as unknown,
    });
    expect(made.context.clock.now()).toBeLessThan(120_000);
  });

  test.each([
    [503, 'its selector matches their labels'],
    [502, 'targetPort'],
    [500, 'its log is among the diagnostics'],
  ])('that answers with %d is waited for, and told with what to do', async (status, hint) => {
    const made = world({
      port: await ingress((_, response) => response.writeHead(status).end()),
      inputs: { wait: '60s', manifests: writeApplication(folder()), hosts: 'shop.localhost' },
    });
    await expect(checkHealth(made.context)).rejects.toMatchObject({
      message: expect.stringMatching(/^Waited 60 s/) as unknown,
      hint: expect.stringContaining(hint) as unknown,
    });
  });

  test('of the user may answer with any text', async () => {
    const port = await ingress((request, response) =>
      response.writeHead(request.url === '/cart' ? 201 : 404).end('anything'),
    );
    const { context } = world({
      port,
      inputs: { wait: '300s', manifests: writeApplication(folder()), hosts: 'shop.localhost=/cart' },
    });
    await expect(checkHealth(context)).resolves.toBeUndefined();
  });
});

test('a Prometheus that can’t be reached is an outcome of its own', async () => {
  const { context } = world({
    port: await ingress(),
    // The routes answer in real time, while each look at Prometheus lets three seconds of this go by.
    inputs: { prometheus: 'true', wait: '600s' },
    rules: [
      {
        tool: 'kubectl',
        match: '--raw',
        exit: 1,
        stderr: 'Error from server (ServiceUnavailable): no endpoints available for service "prometheus"',
      },
    ],
  });
  await expect(checkHealth(context)).rejects.toMatchObject({
    code: 'prometheus-unavailable',
    message: expect.stringContaining('no endpoints available'),
  });
});

test('a cancelled run does not wait for health', async () => {
  const one = world({ port: 1, rules: [json('get Deployment', workload({ status: {} }))] });
  one.cancel(new Error('stop'));
  await expect(checkHealth(one.context)).rejects.toThrow(/^stop$/);
});
