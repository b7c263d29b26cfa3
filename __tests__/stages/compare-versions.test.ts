import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { systemClock } from '../../src/adapters/clock.ts';
import type { Context } from '../../src/context.ts';
import { onLoopback } from '../../src/model/endpoint.ts';
import { compareVersions } from '../../src/stages/compare-versions.ts';
import { readWindowResources, type VersionStretch } from '../../src/stages/loading/read-window-resources.ts';
import type { ComparedVersions } from '../../src/state.ts';
import { createWorld, type World, type WorldOptions } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { list, pod } from '../fakes/kubernetes.ts';
import { localServers } from '../fakes/local-servers.ts';
import { CLUSTER, echoAt, load } from '../fakes/state.ts';
import type { Rule } from '../fakes/tools.ts';

const folder = temporaryFolders();
const { serve: ingress } = localServers();

const VERSIONS: ComparedVersions = {
  base: { label: 'b', manifests: ['base'], images: [], hosts: ['a.base.localhost', 'b.base.localhost'] },
  head: { label: 'h', manifests: ['head'], images: [], hosts: ['a.head.localhost', 'b.head.localhost'] },
  namespaces: { base: ['base-shop'], head: ['head-shop'] },
  targets: [
    { host: 'a.localhost', path: '/' },
    { host: 'b.localhost', path: '/b' },
  ],
};

describe('a comparison', () => {
  async function world(listener: RequestListener, options: WorldOptions = {}): Promise<World> {
    const made = createWorld(folder(), {
      up: false,
      // It stands still, so that all rounds are made however long they take.
      clock: { ...systemClock, now: () => 0 },
      ...options,
      inputs: {
        concurrency: '1',
        rate: '300',
        workers: '1',
        'warmup-requests': '0',
        seed: 's',
        rounds: '20',
        ...options.inputs,
      },
      state: { system: echoAt(await ingress(listener)), comparedVersions: VERSIONS, ...options.state },
    });
    // Shorter than an input allows.
    const inputs = { ...made.context.inputs, 'compare-duration': 600, 'compare-limit': 600 };
    return { ...made, context: { ...made.context, inputs } };
  }

  test('asks both for the same, and keeps what head answered as the load of the run', async () => {
    const asked: Record<string, string[]> = { base: [], head: [] };
    const { context } = await world(({ headers, url }, response) => {
      const [name = '', version = ''] = headers.host?.split('.') ?? [];
      asked[version]?.push(`${name}${url ?? ''}`);
      response.end(name);
    });
    await compareVersions(context);
    const { comparison, load: sent } = context.store.state;
    expect(comparison).toMatchObject({ base: { label: 'b' }, head: { label: 'h' }, seed: 's' });
    expect(new Set(comparison?.rounds.map(({ order }) => order))).toEqual(new Set(['base-first', 'head-first']));
    expect(sent?.hosts.map(({ host, path }) => `${host}${path}`)).toEqual(['a.localhost/', 'b.localhost/b']);
    expect(sent?.total.sent).toBe(comparison?.rounds.reduce((sum, { head }) => sum + head.sent, 0));
    expect(sent?.total.sent).toBe(asked['head']?.length);
    // How many a round has is a matter of speed, but not which.
    const common = Math.min(comparison?.rounds[0]?.base.sent ?? 0, comparison?.rounds[0]?.head.sent ?? 0);
    expect(common).toBeGreaterThan(0);
    expect(asked['base']?.slice(0, common)).toEqual(asked['head']?.slice(0, common));
  });

  test('of two controllers asks each at its own port for the same hosts', async () => {
    const asked = { base: new Set<string>(), head: new Set<string>() };
    const told =
      (side: 'base' | 'head'): RequestListener =>
      ({ headers }, response) => {
        asked[side].add(headers.host ?? '');
        response.end('');
      };
    const { context } = await world(told('head'), {
      up: true,
      state: {
        comparedVersions: { ...VERSIONS, subject: 'ingress-controllers' },
        system: {
          ...CLUSTER,
          ingress: onLoopback(await ingress(told('head'))),
          baselineIngress: onLoopback(await ingress(told('base'))),
        },
      },
      inputs: { prometheus: 'false', hosts: 'a.localhost\nb.localhost=/b' },
    });
    await compareVersions(context);
    const { comparison } = context.store.state;
    expect(comparison).toMatchObject({ subject: 'ingress-controllers', base: { label: 'b' }, head: { label: 'h' } });
    expect([...asked.base].sort()).toEqual(['a.localhost', 'b.localhost']);
    expect(asked.head).toEqual(asked.base);
  });

  test('tells the versions apart by their hosts', async () => {
    const { context } = await world(({ headers }, response) =>
      response.writeHead(headers.host?.includes('.head.') === true ? 500 : 200).end(),
    );
    await compareVersions(context);
    const { comparison } = context.store.state;
    expect(comparison?.rounds.length).toBeGreaterThan(0);
    for (const { base, head } of comparison?.rounds ?? []) expect([base.failed, head.failed]).toEqual([0, head.sent]);
    expect(context.store.state.load?.total.succeeded).toBe(0);
  });

  test('that is cancelled keeps the rounds until then', async () => {
    let answers = 0;
    const one = await world((_, response) => {
      response.end();
      if (++answers === 3) one.cancel(new Error('stop'));
    });
    await expect(compareVersions(one.context)).rejects.toThrow('stop');
    expect(one.context.store.state.comparison).toMatchObject({ stoppedBecause: 'cancelled' });
  });

  test('that is killed leaves every round that was over in the state file', async () => {
    const onDisk: number[] = [];
    const sent: (number | undefined)[] = [];
    const one = await world((_, response) => {
      response.end();
      const known = JSON.parse(readFileSync(join(one.context.store.outputDir, 'state.json'), 'utf8')) as {
        comparison?: { rounds: unknown[] };
        load: { total: { sent: number } } | null;
      };
      onDisk.push(known.comparison?.rounds.length ?? 0);
      if (known.comparison !== undefined) sent.push(known.load?.total.sent);
    });
    await compareVersions(one.context);
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.filter((count) => count === undefined || count === 0)).toEqual([]);
    const rounds = one.context.store.state.comparison?.rounds.length ?? 0;
    // During the first round there is none, and during the last one all others.
    expect(new Set(onDisk)).toEqual(new Set(Array.from({ length: rounds }, (_, index) => index)));
  });

  test('needs two versions', async () => {
    const { context } = createWorld(folder(), { up: false });
    await expect(compareVersions(context)).rejects.toMatchObject({ code: 'stage-order' });
  });
});

describe('CPU and memory of the versions', () => {
  const PODS: Rule = {
    tool: 'kubectl',
    match: 'get pods',
    stdout: JSON.stringify(
      list(pod({ namespace: 'base-shop', name: 'x' }), pod({ namespace: 'head-shop', name: 'x' })),
    ),
  };
  const stretches: VersionStretch[] = [
    { version: 'base', start: 100, end: 102, startedAt: '1970-01-01T00:01:40.000Z', measuredShare: 0.5 },
    { version: 'head', start: 104, end: 106, startedAt: '1970-01-01T00:01:44.000Z', measuredShare: 1 },
  ];
  const windows = stretches.map(({ version, startedAt }) => ({
    round: 0,
    version,
    seed: 's',
    durationMs: 2000,
    confirmation: false,
    start: 0,
    load: load({ startedAt }),
  }));
  const matrix = (...values: [number, string][]): string =>
    JSON.stringify({
      status: 'success',
      data: {
        resultType: 'matrix',
        result: ['base-shop', 'head-shop'].map((namespace) => ({
          metric: { namespace, pod: 'x', container: 'echo' },
          values,
        })),
      },
    });
  const world = (rules: readonly Rule[]): Context =>
    createWorld(folder(), { scenario: { rules: [PODS, ...rules] }, state: { comparedVersions: VERSIONS } }).context;

  test('are told for each window, without the part of its warm-up', async () => {
    const context = world([
      { tool: 'kubectl', match: 'container_cpu', stdout: matrix([99, '1'], [103, '3'], [110, '6']) },
      { tool: 'kubectl', match: 'container_memory', stdout: matrix([101, '5'], [105, '9']) },
    ]);
    expect(await readWindowResources(context, stretches, windows)).toEqual([
      { cpuSeconds: 1, memoryBytes: 5, workloads: [{ name: expect.any(String), cpuSeconds: 1 }] },
      { cpuSeconds: 3, memoryBytes: 9, workloads: [{ name: expect.any(String), cpuSeconds: 3 }] },
    ]);
  });

  test('are a warning, and no error, when Prometheus is gone', async () => {
    const context = world([{ tool: 'kubectl', match: '--raw', exit: 1, stderr: 'no endpoints available' }]);
    expect(await readWindowResources(context, stretches, windows)).toEqual([null, null]);
    expect(context.store.state.warnings).toEqual([
      expect.stringContaining('CPU and memory of the versions could not be read'),
    ]);
  });
});
