import { expect, test } from '@jest/globals';
import { startVersionsAgain } from '../../../src/stages/loading/start-versions-again.ts';
import type { ComparedVersions } from '../../../src/state.ts';
import { createWorld } from '../../fakes/context.ts';
import { temporaryFolders } from '../../fakes/folder.ts';
import { list, pod } from '../../fakes/kubernetes.ts';
import { CLUSTER } from '../../fakes/state.ts';
import type { Rule } from '../../fakes/tools.ts';

const folder = temporaryFolders();
const VERSIONS: ComparedVersions = {
  base: { label: 'b', manifests: ['base'], images: [], hosts: ['a.base.localhost'] },
  head: { label: 'h', manifests: ['head'], images: [], hosts: ['a.head.localhost'] },
  namespaces: { base: ['base-shop'], head: ['head-shop'] },
  targets: [{ host: 'a.localhost', path: '/' }],
};

const deployment = (namespace: string): object => ({
  kind: 'Deployment',
  metadata: { name: 'shop', namespace },
  spec: { replicas: 1, template: { spec: {} } },
  status: { replicas: 1, updatedReplicas: 1, availableReplicas: 1, readyReplicas: 1 },
});
const podOn = (namespace: string, nodeName: string, deletionTimestamp?: string): object =>
  pod({
    namespace,
    nodeName,
    name: 'shop-1',
    owner: { kind: 'StatefulSet', name: 'shop' },
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
  });
const json = (...items: object[]): string => JSON.stringify(list(...items));

function world(rules: readonly Rule[]) {
  return createWorld(folder(), {
    inputs: { manifests: 'head', 'baseline-manifests': 'base' },
    scenario: { rules: [...rules] },
    state: { system: CLUSTER, comparedVersions: VERSIONS },
  });
}

test('both versions roll out new pods on the nodes of each other, and are waited for until the old ones are gone', async () => {
  const { context, tools } = world([
    { tool: 'kubectl', match: 'get deployments --namespace=base-shop', stdout: json(deployment('base-shop')) },
    { tool: 'kubectl', match: 'get deployments --namespace=head-shop', stdout: json(deployment('head-shop')) },
    { tool: 'kubectl', match: 'get pods --namespace=base-shop', stdout: json(podOn('base-shop', 'w1')), times: 1 },
    {
      tool: 'kubectl',
      match: 'get pods --namespace=base-shop',
      stdout: json(podOn('base-shop', 'w1', '2026-11-23T10:01:00Z')),
      times: 1,
    },
    { tool: 'kubectl', match: 'get pods --namespace=base-shop', stdout: json(podOn('base-shop', 'w2')) },
    { tool: 'kubectl', match: 'get pods --namespace=head-shop', stdout: json(podOn('head-shop', 'w2')) },
    { tool: 'kubectl', match: 'patch', stdout: 'patched' },
  ]);
  expect(await startVersionsAgain(context, VERSIONS)).toBe(2);
  const patches = tools.lines('kubectl').filter((line) => line.includes(' patch '));
  expect(patches).toEqual([
    expect.stringMatching(/patch Deployment shop --namespace=base-shop .*"values":\["w2"\]/),
    expect.stringMatching(/patch Deployment shop --namespace=head-shop .*"values":\["w1"\]/),
  ]);
  expect(tools.lines('kubectl').filter((line) => line.includes('get pods --namespace=base-shop'))).toHaveLength(3);
});

test('nothing is started again without a Deployment', async () => {
  const { context, tools } = world([{ tool: 'kubectl', match: 'get (deployments|pods)', stdout: json() }]);
  expect(await startVersionsAgain(context, VERSIONS)).toBe(0);
  expect(tools.lines('kubectl').some((line) => line.includes('patch'))).toBe(false);
});
