import { describe, expect, test } from '@jest/globals';
import { deploy } from '../../src/stages/deploy.ts';
import { APPLICATION, coarseClock, createWorld, render, type World, type WorldOptions } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import type { Rule } from '../fakes/tools.ts';

const folder = temporaryFolders();

const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: monitoring}\n';
const DEFINITION =
  'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: apps.example.com}\n';

function world(options: WorldOptions = {}): World {
  const made = createWorld(folder(), options);
  render(made, 'application', APPLICATION);
  render(made, 'prometheus', CONFIG_MAP);
  return made;
}

const onApply = (...answers: readonly Omit<Rule, 'tool' | 'match'>[]): WorldOptions => ({
  scenario: { rules: answers.map((answer) => ({ tool: 'kubectl', match: 'apply', ...answer })) },
});
const applies = ({ tools }: World): string[] => tools.lines('kubectl').filter((line) => line.includes('apply'));

test('namespaces are applied first, then each part on its own', async () => {
  const one = world();
  await deploy(one.context);
  expect(one.tools.names('applied')).toEqual([
    'ConfigMap/monitoring/settings',
    'Deployment/echo/foo',
    'Namespace//echo',
  ]);
  expect(applies(one)).toHaveLength(3);
  expect(one.logged('info')).toEqual(
    expect.arrayContaining([
      'namespaces: 1 objects applied',
      'application: 1 objects applied',
      'prometheus: 1 objects applied',
    ]),
  );
  expect(one.logged('info')[0]).toBe('namespaces: 1 objects applied');
});

test('definitions of resources are awaited before what may use them', async () => {
  const one = world();
  render(one, 'application', `${APPLICATION}---\n${DEFINITION}`);
  await deploy(one.context);
  const lines = one.tools.lines('kubectl').map((line) => line.replace(/^--kubeconfig \S+ /, ''));
  expect(lines[1]).toBe('wait --for=condition=Established --timeout=25s crd/apps.example.com');
});

describe('an API that another server answers for', () => {
  const API = `${APPLICATION}---\napiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: v1.example.com}\nspec: {service: {namespace: echo, name: foo}}\n`;
  const slices = (ready: boolean): string => JSON.stringify({ items: [{ endpoints: [{ conditions: { ready } }] }] });

  test('is applied last, when its server is ready', async () => {
    const one = world({
      scenario: {
        rules: [
          { tool: 'kubectl', match: 'endpointslices', times: 2, stdout: slices(false) },
          { tool: 'kubectl', match: 'endpointslices', stdout: slices(true) },
        ],
      },
    });
    render(one, 'application', API);
    await deploy(one.context);
    expect(one.logged('info').at(-1)).toBe('API services: 1 objects applied');
    expect(one.tools.lines('kubectl').filter((line) => line.includes('endpointslices'))).toHaveLength(3);
    expect(one.tools.lines('kubectl').at(-2)).toContain(
      'endpointslices.discovery.k8s.io --namespace=echo --selector=kubernetes.io/service-name=foo',
    );
  });

  test('is applied all the same after a minute, so that the next stage can tell the cause', async () => {
    const one = world({
      clock: coarseClock(20_000),
      scenario: { rules: [{ tool: 'kubectl', match: 'endpointslices', stdout: slices(false) }] },
    });
    render(one, 'application', API);
    await deploy(one.context);
    expect(one.logged('info').slice(-2)).toEqual([
      'Waited 60 s for Service echo/foo: none of its pods is ready',
      'API services: 1 objects applied',
    ]);
  });
});

describe('objects that a webhook of the manifests judges', () => {
  const OPERATOR = `apiVersion: v1
kind: Service
metadata: {name: op, namespace: echo}
spec: {selector: {app: op}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: op}
webhooks: [{name: op.example.com, failurePolicy: Ignore, clientConfig: {service: {name: op, namespace: echo}}, rules: [{apiGroups: [example.com], apiVersions: [v1], operations: [CREATE], resources: [widgets]}]}]
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: w, namespace: echo}
`;
  const slices = (ready: boolean): string => JSON.stringify({ items: [{ endpoints: [{ conditions: { ready } }] }] });
  const configuration = (caBundle: string): string =>
    JSON.stringify({ webhooks: [{ clientConfig: { caBundle, service: { name: 'op', namespace: 'echo' } } }] });
  const noPods = { tool: 'kubectl', match: 'get pods', stdout: '{"items": []}' } as const;
  const whenApplied = (one: World): string[] =>
    one.tools
      .lines('kubectl')
      .map((line) => /endpointslices|ValidatingWebhookConfiguration op|apply/.exec(line)?.[0] ?? '')
      .filter((word) => word !== '');

  test('are applied when it has a ready pod and an authority', async () => {
    const one = world({
      scenario: {
        rules: [
          { tool: 'kubectl', match: 'endpointslices', times: 2, stdout: slices(false) },
          { tool: 'kubectl', match: 'endpointslices', stdout: slices(true) },
          { tool: 'kubectl', match: 'get ValidatingWebhookConfiguration op', times: 1, stdout: configuration('') },
          { tool: 'kubectl', match: 'get ValidatingWebhookConfiguration op', stdout: configuration('TUlJ') },
          noPods,
        ],
      },
    });
    render(one, 'application', OPERATOR);
    render(one, 'prometheus', '');
    await deploy(one.context);
    expect(one.tools.names('applied')).toContain('Widget/echo/w');
    expect(whenApplied(one)).toEqual([
      'apply',
      ...['endpointslices', 'endpointslices', 'endpointslices', 'ValidatingWebhookConfiguration op'],
      ...['endpointslices', 'ValidatingWebhookConfiguration op', 'apply'],
    ]);
    expect(one.logged('info')).toEqual([
      'application: 2 objects applied',
      'Held until the webhooks of echo/op answer: Widget echo/w',
      'the webhook of Service echo/op: none of its pods is ready',
      'ValidatingWebhookConfiguration op: nobody has filled in its caBundle yet',
      'application: 1 objects applied',
    ]);
  });

  test('are applied all the same when it has had its time, with a warning', async () => {
    const one = world({
      clock: coarseClock(60_000),
      scenario: { rules: [{ tool: 'kubectl', match: 'endpointslices', stdout: slices(false) }, noPods] },
    });
    render(one, 'application', OPERATOR);
    render(one, 'prometheus', '');
    await deploy(one.context);
    expect(one.tools.names('applied')).toContain('Widget/echo/w');
    expect(one.context.store.state.warnings).toEqual([
      'After 120 s: the webhook of Service echo/op: none of its pods is ready. The run stopped waiting, so the webhook may not have seen Widget echo/w.',
    ]);
  });

  test('are applied in the end where nothing can be read, as in a cluster with few rights', async () => {
    const stderr = 'Error from server (Forbidden): endpointslices.discovery.k8s.io is forbidden';
    const one = world({
      clock: coarseClock(60_000),
      scenario: {
        rules: [
          { tool: 'kubectl', match: 'endpointslices', exit: 1, stderr },
          { tool: 'kubectl', match: 'get pods', exit: 1, stderr },
        ],
      },
    });
    render(one, 'application', OPERATOR);
    render(one, 'prometheus', '');
    await deploy(one.context);
    expect(one.tools.names('applied')).toContain('Widget/echo/w');
    expect(one.context.store.state.warnings).toEqual([
      expect.stringMatching(/^After 120 s: the webhook of Service echo\/op can't be checked: [^]*is forbidden/),
    ]);
  });

  test('end the run as soon as its pod is known never to become ready', async () => {
    const pod = {
      metadata: { name: 'op-1', namespace: 'echo', uid: '1', labels: { app: 'op' } },
      spec: { nodeName: 'n', containers: [{ name: 'c' }] },
      status: {
        phase: 'Pending',
        containerStatuses: [
          {
            name: 'c',
            ready: false,
            restartCount: 0,
            state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } },
          },
        ],
      },
    };
    const one = world({
      clock: coarseClock(30_000),
      scenario: {
        rules: [
          { tool: 'kubectl', match: 'endpointslices', stdout: slices(false) },
          {
            tool: 'kubectl',
            match: 'get pods --namespace=echo --selector=app=op',
            stdout: JSON.stringify({ items: [pod] }),
          },
        ],
      },
    });
    render(one, 'application', OPERATOR);
    render(one, 'prometheus', '');
    await expect(deploy(one.context)).rejects.toMatchObject({
      code: 'image-pull',
      hint: expect.stringContaining('Its webhook has to answer before the objects that it judges are applied.'),
    });
    expect(one.tools.names('applied')).not.toContain('Widget/echo/w');
  });
});

describe('a webhook that does not answer yet', () => {
  const refused =
    'Error from server (InternalError): failed calling webhook "validate.nginx.ingress.kubernetes.io": connect: connection refused';

  test('is asked again', async () => {
    const one = world(onApply({ times: 3, exit: 1, stderr: refused }));
    await deploy(one.context);
    expect(applies(one)).toHaveLength(6);
    // Once, however often it is tried.
    expect(one.logged('info').filter((line) => line.includes('until the webhook answers'))).toEqual([
      `namespaces: applied again until the webhook answers: ${refused}`,
    ]);
  });

  test('is asked again, too, when it converts between versions', async () => {
    const stderr = `Error from server: conversion webhook for example.com/v1, Kind=App failed: Post "https://x": EOF\nanother line`;
    const one = world(onApply({ times: 1, exit: 1, stderr }));
    await deploy(one.context);
    expect(applies(one)).toHaveLength(4);
  });

  test('has as long as the workloads, where that is longer', async () => {
    const options = { ...onApply({ exit: 1, stderr: refused }), clock: coarseClock(100_000), inputs: { wait: '10m' } };
    await expect(deploy(world(options).context)).rejects.toMatchObject({
      message: expect.stringMatching(/^Waited 600 s for/),
    });
  });

  test('is given up after two minutes', async () => {
    const { context } = world({ ...onApply({ exit: 1, stderr: refused }), clock: coarseClock(30_000) });
    await expect(deploy(context)).rejects.toMatchObject({
      code: 'apply-failed',
      message: expect.stringMatching(
        /^Waited 120 s for Kubernetes to accept the manifests of namespaces: .*connection refused$/,
      ),
    });
  });
});

describe('a manifest that Kubernetes refuses', () => {
  const unknown =
    'Error from server (BadRequest): Deployment in version "v1" cannot be handled: strict decoding error: unknown field "spec.replica"';

  test('is not tried again, and the object and the field are told', async () => {
    const one = world(onApply({ exit: 1, stderr: unknown }));
    await expect(deploy(one.context)).rejects.toMatchObject({
      code: 'apply-failed',
      message: expect.stringContaining('unknown field "spec.replica"'),
      tryThis: expect.stringMatching(/^kubectl --kubeconfig=\S+ apply --server-side/),
    });
    expect(applies(one)).toHaveLength(1);
  });

  const TWO = `${APPLICATION}---\napiVersion: v1\nkind: Service\nmetadata: {name: bar, namespace: echo}\n`;

  test('is told with its object, also where the message names none', async () => {
    // The namespaces and the monitoring pass; of two objects, which fail together, the second one fails alone.
    const nameless = 'Error from server (InternalError): json: unsupported value: NaN';
    const one = world({
      scenario: {
        rules: [
          { tool: 'kubectl', match: 'apply', times: 1 },
          { tool: 'kubectl', match: 'apply', times: 1, exit: 1, stderr: nameless },
          { tool: 'kubectl', match: 'apply', times: 1 },
          { tool: 'kubectl', match: 'apply', times: 1, exit: 1, stderr: nameless },
        ],
      },
    });
    render(one, 'application', TWO);
    render(one, 'prometheus', '');
    await expect(deploy(one.context)).rejects.toMatchObject({
      code: 'apply-failed',
      message: expect.stringMatching(/^Kubernetes refused Service echo\/bar \(.+\): .*unsupported value: NaN$/),
    });
  });

  test('no object is blamed when the API server does not answer', async () => {
    const gone = 'Unable to connect to the server: net/http: TLS handshake timeout';
    const one = world(onApply({ times: 1 }, { exit: 1, stderr: gone }));
    render(one, 'application', TWO);
    render(one, 'prometheus', '');
    await expect(deploy(one.context)).rejects.toMatchObject({
      code: 'apply-failed',
      message: `Kubernetes refused a manifest of application: ${gone}`,
    });
    expect(applies(one)).toHaveLength(2);
  });

  test('what has a variable twice is applied by the client', async () => {
    const one = world();
    const twice =
      'apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: echo}\nspec: {containers: [{name: c, env: [{name: A}, {name: A}]}]}\n';
    render(one, 'application', `${APPLICATION}---\n${twice}`);
    await deploy(one.context);
    expect(one.tools.names('applied')).toEqual(expect.arrayContaining(['Deployment/echo/foo', 'Pod/echo/p']));
    expect(applies(one).filter((line) => !line.includes('--server-side'))).toHaveLength(1);
  });

  test('ends the other parts too', async () => {
    // The namespaces pass; of the two parts that follow one is refused and the other one hangs.
    const one = world({
      scenario: {
        rules: [
          { tool: 'kubectl', match: 'apply', times: 1 },
          { tool: 'kubectl', match: 'apply', times: 1, hang: true },
          { tool: 'kubectl', match: 'apply', times: 1, exit: 1, stderr: unknown },
        ],
      },
    });
    await expect(deploy(one.context)).rejects.toMatchObject({ code: 'apply-failed' });
  });
});
