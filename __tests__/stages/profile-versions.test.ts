import { expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/adapters/clock.ts';
import { profileVersions } from '../../src/stages/profile-versions.ts';
import type { ComparedVersions } from '../../src/state.ts';
import { comparison } from '../fakes/comparison.ts';
import { createWorld, type World } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { list, pod } from '../fakes/kubernetes.ts';
import { localServers } from '../fakes/local-servers.ts';
import { CLUSTER } from '../fakes/state.ts';
import type { Rule } from '../fakes/tools.ts';

const folder = temporaryFolders();
const { serve: listen } = localServers();

const VERSIONS: ComparedVersions = {
  base: { label: 'b', manifests: ['base'], images: [], hosts: ['a.base.localhost'] },
  head: { label: 'h', manifests: ['head'], images: [], hosts: ['a.head.localhost'] },
  namespaces: { base: ['base-shop'], head: ['head-shop'] },
  targets: [{ host: 'a.localhost', path: '/' }],
};
const TIMES = { seconds: 0.2, loadAheadMs: 50, loadMarginMs: 100 };
const podOf = (side: string): object =>
  pod({ namespace: `${side}-shop`, name: `shop-${side}`, owner: { kind: 'StatefulSet', name: 'shop' } });
const PODS: Rule[] = [
  { tool: 'kubectl', match: 'get pods --namespace=base-shop', stdout: JSON.stringify(list(podOf('base'))) },
  { tool: 'kubectl', match: 'get pods --namespace=head-shop', stdout: JSON.stringify(list(podOf('head'))) },
];

async function world(profile: string, rules: readonly Rule[], confirmed: boolean | null = true): Promise<World> {
  const port = await listen((_, response) => response.end('ok'));
  return createWorld(folder(), {
    clock: systemClock,
    inputs: {
      profile,
      rate: '200',
      workers: '1',
      'warmup-requests': '0',
      'baseline-manifests': 'base',
      manifests: 'head',
    },
    scenario: { rules: [...rules] },
    state: {
      system: { ...CLUSTER, ingress: { address: '127.0.0.1', port } },
      comparedVersions: VERSIONS,
      comparison: comparison({ verdict: 'slower', confirmed }),
    },
  });
}

test('a workload is profiled by a command in a pod of each version, and the files are kept', async () => {
  const { context, outputDir, tools } = await world('shop=exec: profile {seconds}', [
    ...PODS,
    { tool: 'kubectl', match: 'shop-base -- sh -c profile 0.2', stdout: 'main;list 10\n' },
    { tool: 'kubectl', match: 'shop-head -- sh -c profile 0.2', stdout: 'main;list 10\nmain;price 30\n' },
  ]);
  await profileVersions(context, TIMES);
  expect(context.store.state.warnings).toEqual([]);
  expect(context.store.state.profiles).toMatchObject([
    {
      workload: 'shop',
      unit: 'samples',
      base: { pod: 'shop-base', pods: 1 },
      path: ['main', 'price'],
    },
  ]);
  expect(context.store.state.profiles?.[0]?.functions[0]?.name).toBe('price');
  expect(context.store.state.diagnostics).toEqual([
    'diagnostics/profiles/shop-base.folded.txt',
    'diagnostics/profiles/shop-head.folded.txt',
  ]);
  expect(readFileSync(join(outputDir, 'diagnostics/profiles/shop-base.folded.txt'), 'utf8')).toBe('main;list 10\n');
  expect(tools.lines('kubectl').filter((line) => line.includes(' exec '))).toHaveLength(2);
});

test('a workload is profiled by a port of its own, for as long as the load lasts', async () => {
  const asked: string[] = [];
  const port = await listen(({ url }, response) => {
    asked.push(url ?? '');
    response.end(readFileSync(join(import.meta.dirname, '../fixtures/profiles/head.pb.gz')));
  });
  const { context, outputDir } = await world('shop=:6060/debug/pprof/profile', [
    ...PODS,
    {
      tool: 'kubectl',
      match: 'port-forward',
      stdout: `Forwarding from 127.0.0.1:${String(port)} -> 6060\n`,
      hang: true,
    },
  ]);
  await profileVersions(context, TIMES);
  expect(asked).toEqual(['/debug/pprof/profile?seconds=0.2', '/debug/pprof/profile?seconds=0.2']);
  expect(context.store.state.profiles?.[0]).toMatchObject({
    unit: 'ms',
    head: { file: 'diagnostics/profiles/shop-head.pb.gz' },
  });
  expect(existsSync(join(outputDir, 'diagnostics/profiles/shop-head.pb.gz'))).toBe(true);
});

test.each([
  {
    name: 'is not there',
    profile: 'cart=exec: p',
    rules: PODS,
    why: 'Workload cart could not be profiled: base has no ready pod of it; it has shop.',
  },
  {
    name: 'has no such command',
    profile: 'shop=exec: p',
    rules: [...PODS, { tool: 'kubectl', match: 'exec', exit: 127, stderr: 'sh: p: not found' } as const],
    why: 'sh: p: not found',
  },
  {
    name: 'nobody may list the pods of',
    profile: 'shop=exec: p',
    rules: [{ tool: 'kubectl', match: 'get pods', exit: 1, stderr: 'pods is forbidden' } as const],
    why: 'pods is forbidden',
  },
])('a workload that $name is a warning', async ({ profile, rules, why }) => {
  const { context } = await world(profile, rules);
  await profileVersions(context, TIMES);
  expect(context.store.state.profiles).toEqual([]);
  expect(context.store.state.warnings).toEqual([expect.stringContaining(why)]);
});

test('nothing is profiled unless a regression was confirmed', async () => {
  const { context, tools } = await world('shop=exec: p', PODS, null);
  await profileVersions(context, TIMES);
  expect(context.store.state.profiles).toBeUndefined();
  expect(tools.lines('kubectl').filter((line) => line.includes(' exec '))).toEqual([]);
});
