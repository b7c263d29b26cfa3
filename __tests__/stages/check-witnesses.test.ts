import { beforeEach, expect, test } from '@jest/globals';
import type { Context } from '../../src/context.ts';
import { checkWitnesses } from '../../src/stages/check-witnesses.ts';
import { CountedLoads } from '../../src/stages/loading/count-loads.ts';
import { createWorld, render, type World } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { list, pod } from '../fakes/kubernetes.ts';
import { echoAt, hostResult, load, resources } from '../fakes/state.ts';
import type { Rule } from '../fakes/tools.ts';

const folder = temporaryFolders();

const controller = (uid = 'u1', port: object = { name: 'metrics', containerPort: 10254 }): object => {
  const made = pod({ namespace: 'ingress-nginx', name: 'controller-1-a', uid }) as {
    spec: { containers: { ports?: object[] }[] };
  };
  for (const container of made.spec.containers) container.ports = [port];
  return made;
};

const PODS = 'get pods --namespace=ingress-nginx';
const METRICS = '--raw /api/v1/namespaces/ingress-nginx/pods/controller-1-a:10254/proxy/metrics';

const found = (...items: object[]): Rule => ({ tool: 'kubectl', match: PODS, stdout: JSON.stringify(list(...items)) });

const counters = (requests: number): string =>
  `nginx_ingress_controller_requests{host="foo.localhost",namespace="echo",service="foo",status="200"} ${String(requests)}\n`;

/** What is read one time after the other; the last one from then on. */
const reads = (...requests: number[]): Rule[] =>
  requests.map((count, index) => ({
    tool: 'kubectl',
    match: METRICS,
    stdout: counters(count),
    ...(index < requests.length - 1 ? { times: 1 } : {}),
  }));

const APPLICATION = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: echo, namespace: echo}
spec: {rules: [{host: foo.localhost, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: foo, port: {number: 80}}}}]}}]}
---
apiVersion: v1
kind: Service
metadata: {name: foo, namespace: echo}
spec: {selector: {app: foo}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: foo, namespace: echo}
spec: {template: {metadata: {labels: {app: foo}}}}
`;

const LOAD = load({
  warmupRequests: 20,
  hosts: [hostResult({ host: 'foo.localhost', sent: 1000, succeeded: 1000, statuses: { 200: 1000 }, retried: 0 })],
});

function world(rules: readonly Rule[]): World {
  const made = createWorld(folder(), { scenario: { rules } });
  render(made, 'application', APPLICATION);
  return made;
}

async function count(context: Context): Promise<void> {
  const counted = await CountedLoads.begin(context);
  counted.saw('head', LOAD);
  context.store.update({ load: LOAD });
  await counted.end();
}

let received = 1;
beforeEach(() => {
  received = 1;
});

async function witnessed({ context }: World): Promise<void> {
  const measured = resources();
  const workloads = measured.workloads
    .filter(({ name }) => name === 'foo')
    .map((workload) => ({ ...workload, networkReceivedBytesPerSecond: { value: received * 100_000, samples: 9 } }));
  await count(context);
  context.store.update({ resources: { ...measured, workloads } });
  await checkWitnesses(context);
}

test('a load that ingress and pods saw as it was sent is told so', async () => {
  // It comes to rest only after some looks.
  const made = world([found(controller()), ...reads(5, 600, 900, 1025)]);
  await witnessed(made);
  const { witness, warnings } = made.context.store.state;
  expect(witness).toMatchObject({
    besides: 20,
    doubts: [],
    missing: [],
    hosts: [
      {
        hosts: ['foo.localhost'],
        sent: 1000,
        counted: { 200: 1020 },
        receivers: [{ kind: 'Deployment', namespace: 'echo', name: 'foo' }],
      },
    ],
  });
  expect(warnings).toEqual([]);
  expect(made.logged('info')).toContainEqual(expect.stringContaining('agree with what was sent'));
});

test('one that the ingress did not count is a doubt, in the log and in the report', async () => {
  const made = world([found(controller()), ...reads(5)]);
  await witnessed(made);
  const doubt = expect.stringContaining('ingress-nginx did not count all answers of foo.localhost') as unknown;
  expect(made.context.store.state.witness?.doubts).toEqual([doubt]);
  expect(made.logged('warning')).toEqual([doubt]);
});

test('one that the pods did not receive is a doubt', async () => {
  received = 0;
  const made = world([found(controller()), ...reads(5, 1025)]);
  await witnessed(made);
  expect(made.context.store.state.witness?.doubts).toEqual([expect.stringContaining('Deployment echo/foo is behind')]);
});

test.each<[string, Rule[], RegExp]>([
  [
    'a pod without a port for it',
    [found(controller('u1', { name: 'http', containerPort: 80 }))],
    /no port named metrics/,
  ],
  ['no pod at all', [found()], /no port named metrics/],
  [
    'a port that does not answer',
    [found(controller()), { tool: 'kubectl', match: METRICS, exit: 1, stderr: 'Error from server: dial refused' }],
    /could not be read: .*dial refused/,
  ],
  [
    'another pod than before',
    [{ ...found(controller()), times: 1 }, found(controller('u2')), ...reads(5)],
    /started or restarted/,
  ],
])('counters that can not be read are no doubt, but told: %s', async (_name, rules, missing) => {
  const made = world(rules);
  await witnessed(made);
  expect(made.context.store.state.witness).toMatchObject({
    doubts: [],
    missing: [expect.stringMatching(missing)],
    hosts: [{ sent: 1000, counted: null }],
  });
  expect(made.logged('info')).toContainEqual(expect.stringMatching(missing));
});

test('without a cluster nobody is asked, and nothing is shown', async () => {
  const made = createWorld(folder(), { up: false, state: { system: echoAt(1) } });
  await count(made.context);
  await checkWitnesses(made.context);
  expect(made.context.store.state.witness).toBeNull();
  expect(made.tools.lines('kubectl')).toEqual([]);
});

test('a load that is sent anew has no witness of the one before', async () => {
  const made = world([found(controller()), ...reads(5, 1025)]);
  await witnessed(made);
  await CountedLoads.begin(made.context);
  expect(made.context.store.state).toMatchObject({ countedLoads: [], witness: null });
});
