import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/adapters/clock.ts';
import { updateOwnCluster } from '../../src/context.ts';
import { parseInputs } from '../../src/inputs/parse.ts';
import { LOAD_METRICS } from '../../src/load/metrics/load-series.ts';
import { onLoopback } from '../../src/model/endpoint.ts';
import { planOf } from '../../src/stages/loading/load-inputs.ts';
import { readResources } from '../../src/stages/read-resources.ts';
import { runLoad } from '../../src/stages/run-load.ts';
import { createWorld, render, type World, type WorldOptions } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import type { ComparisonRound } from '../../src/model/comparison.ts';
import { comparison, comparisonRound, roundFigures } from '../fakes/comparison.ts';
import { containerStatus, list, pod } from '../fakes/kubernetes.ts';
import { localServers } from '../fakes/local-servers.ts';
import { startPrometheus } from '../fakes/prometheus.ts';
import { echoAt, load } from '../fakes/state.ts';
import type { Rule } from '../fakes/tools.ts';
import { measuredLoad, measuredResources } from '../report/measured-load.ts';

const folder = temporaryFolders();
const servers = localServers();
const { serve: ingress } = servers;

describe('the load', () => {
  const world = (port: number, options: WorldOptions = {}): World => {
    const made = createWorld(folder(), {
      up: false,
      clock: systemClock,
      ...options,
      inputs: { requests: '40', concurrency: '4', workers: '1', 'warmup-requests': '5', ...options.inputs },
      state: { ...(options.up === true ? {} : { system: echoAt(port) }), ...options.state },
    });
    if (options.up === true) updateOwnCluster(made.context, { ingress: onLoopback(port) });
    return made;
  };

  test('has nothing of an earlier one in its report', async () => {
    const earlier = { resources: measuredResources(), replicaRecords: [], restartsAtStart: { a: 7 } };
    const { context } = world(await ingress(), {
      state: {
        load: measuredLoad(),
        ...earlier,
        failure: { code: 'prometheus-unavailable', stage: 'read-resources', message: 'no', hint: null, tryThis: null },
      },
    });
    await runLoad(context);
    const { load, resources, replicaRecords, restartsAtStart, failure } = context.store.state;
    expect([load?.total.sent, resources, replicaRecords, restartsAtStart, failure]).toEqual([
      40,
      null,
      undefined,
      null,
      null,
    ]);
  });

  test('is sent to every host, counted and kept', async () => {
    const { context } = world(await ingress(), { inputs: { seed: 'abc' } });
    await runLoad(context);
    const result = context.store.state.load;
    expect(result).toMatchObject({
      seed: 'abc',
      warmupRequests: 5,
      total: { sent: 40, succeeded: 40, failed: 0, successRatio: 1, statuses: { '200': 40 } },
    });
    expect(result?.hosts.map(({ host }) => host)).toEqual(['foo.localhost', 'bar.localhost']);
    expect(result?.hosts.reduce((sum, { sent }) => sum + sent, 0)).toBe(40);
    // Without a cluster nothing can restart.
    expect(context.store.state.restartsAtStart).toBeNull();
  });

  test('has a seed that is told, also when none was given', async () => {
    const { context, logged } = world(await ingress());
    await runLoad(context);
    expect(logged('info')[0]).toBe(
      `Seed ${context.store.state.load?.seed ?? ''}: set input seed to it to send the same sequence again`,
    );
  });

  test('of which every request fails is a result and no error', async () => {
    const { context } = world(await ingress((_, response) => response.writeHead(500).end()));
    await runLoad(context);
    expect(context.store.state.load?.total).toMatchObject({
      sent: 40,
      succeeded: 0,
      failed: 40,
      successRatio: 0,
      failures: { 'http-status': 40 },
    });
  });

  test('on a port where nobody listens is a result too', async () => {
    const port = await ingress();
    servers.close();
    const { context } = world(port, { inputs: { 'warmup-requests': '0' } });
    await runLoad(context);
    expect(context.store.state.load?.total).toMatchObject({
      sent: 40,
      failed: 40,
      failures: { refused: 40 },
      latencyMs: null,
    });
  });

  test('knows how often containers had been restarted when it began', async () => {
    const restarted = pod({ uid: 'u1', containers: [containerStatus({ restartCount: 3 })] });
    const rule: Rule = { tool: 'kubectl', match: 'get pods', stdout: JSON.stringify(list(restarted)) };
    const { context } = world(await ingress(), { up: true, scenario: { rules: [rule] } });
    await runLoad(context);
    expect(context.store.state.restartsAtStart).toEqual({ u1: 3 });
  });

  describe('that a dashboard shows', () => {
    const shown = async (port: number, rule: Omit<Rule, 'tool' | 'match'>): Promise<World> => {
      const one = world(await ingress(), {
        up: true,
        inputs: { dashboard: 'true' },
        scenario: {
          rules: [
            {
              tool: 'kubectl',
              match: 'port-forward',
              stdout: `Forwarding from 127.0.0.1:${String(port)} -> 9090\n`,
              ...rule,
            },
            { tool: 'kubectl', match: 'get pods', stdout: JSON.stringify(list()) },
          ],
        },
      });
      await runLoad(one.context);
      return one;
    };

    test('is in Prometheus from its beginning to its end', async () => {
      await using prometheus = await startPrometheus();
      const { context, logged } = await shown(prometheus.port, { hang: true });
      const sent = prometheus.requests.map(({ series }) =>
        series
          .filter(({ labels }) => labels['__name__'] === LOAD_METRICS.requests)
          .reduce((sum, { value }) => sum + Number(value), 0),
      );
      expect([sent[0], sent.at(-1)]).toEqual([0, context.store.state.load?.total.sent]);
      expect(logged('info')).toContainEqual(`Prometheus has the metrics of the load: ${String(sent.length)} pushes`);
      expect(context.store.state.warnings).toEqual([]);
    });

    test('is measured all the same when no way leads to Prometheus', async () => {
      const { context } = await shown(0, { stdout: '', exit: 1, stderr: 'error: unable to forward port' });
      expect(context.store.state.load?.total.succeeded).toBe(40);
      expect(context.store.state.warnings).toEqual([
        expect.stringMatching(/^The dashboards lack the client's metrics, because .*unable to forward port/s),
      ]);
    });

    test('is measured all the same when Prometheus takes nothing', async () => {
      await using prometheus = await startPrometheus(() => 400);
      const { context } = await shown(prometheus.port, { hang: true });
      expect(context.store.state.load?.total.succeeded).toBe(40);
      expect(context.store.state.warnings).toEqual([
        expect.stringMatching(
          /^The dashboards lack the end of a load: \d+ of \d+ pushes to Prometheus failed, .*out of order sample$/,
        ),
      ]);
    });
  });

  test('that is cancelled ends early', async () => {
    const one = world(0, { inputs: { duration: '60s' } });
    const port = await ingress((_, response) => {
      one.cancel(new Error('stop'));
      response.end();
    });
    one.context.store.update({ system: echoAt(port) });
    await expect(runLoad(one.context)).rejects.toThrow(/stop/);
  });

  test('needs to know where to send', async () => {
    const { context } = createWorld(folder(), { up: false });
    await expect(runLoad(context)).rejects.toMatchObject({ code: 'stage-order' });
  });
});

describe('the plan of a load', () => {
  const plan = (values: Readonly<Record<string, string>>) =>
    planOf(parseInputs((name) => values[name] ?? '').inputs, [], 's', null);
  const table = [
    {
      name: 'sends a number of requests',
      values: { requests: '7' },
      expected: { requests: 7, durationMs: null, model: { kind: 'closed', concurrency: 10 } },
    },
    {
      name: 'sends for a time, whatever the number',
      values: { requests: '7', duration: '30s' },
      expected: { requests: null, durationMs: 30_000 },
    },
    {
      name: 'sends at a rate in the open model',
      values: { rate: '50', concurrency: '3', arrivals: 'poisson' },
      expected: { model: { kind: 'open', ratePerSecond: 50, arrivals: 'poisson', concurrency: 3 } },
    },
  ];
  test.each(table)('$name', ({ values, expected }) => {
    expect(plan(values)).toMatchObject(expected);
  });
});

describe('the resources', () => {
  const DEPLOYMENT =
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: foo, namespace: echo}\nspec: {template: {spec: {containers: [{name: c, image: a}]}}}\n';
  const NODES = [{ name: 'lt-1-control-plane', role: 'control-plane', version: 'v1.35.8', ready: true }];
  const PODS_RULE: Rule = {
    tool: 'kubectl',
    match: 'get pods',
    stdout: JSON.stringify(list(pod(), pod({ namespace: 'kube-system', name: 'etcd-1-a' }))),
  };

  function world(rules: readonly Rule[] = [], options: WorldOptions = {}): World {
    const made = createWorld(folder(), {
      ...options,
      scenario: { rules: [...rules, PODS_RULE] },
      state: { load: load(), ...options.state },
    });
    updateOwnCluster(made.context, { nodes: NODES });
    render(made, 'application', DEPLOYMENT);
    return made;
  }

  const series = (...values: readonly (readonly [number, string])[]): string =>
    JSON.stringify({
      status: 'success',
      data: {
        resultType: 'matrix',
        result: [{ metric: { namespace: 'echo', pod: 'foo-7d9c5b8f6d-abcde', container: 'echo' }, values }],
      },
    });
  const prometheus = (answer: Omit<Rule, 'tool' | 'match'>): Rule => ({ tool: 'kubectl', match: '--raw', ...answer });

  test('are those of the time of the load, of the application and the nodes', async () => {
    const start = Date.parse(load().startedAt) / 1000;
    const { context, tools } = world([prometheus({ stdout: series([start, '10'], [start + 2, '10.4']) })]);
    await readResources(context);
    expect(context.store.state.resources).toMatchObject({
      startedAt: load().startedAt,
      endedAt: load().endedAt,
      workloads: [
        {
          namespace: 'echo',
          name: 'foo',
          cpuCores: { value: expect.closeTo(0.2, 6), samples: 2 },
          cpuShareOfLimit: expect.closeTo(0.4, 6),
        },
      ],
      nodes: [{ name: 'lt-1-control-plane', cpuCores: { value: null, samples: 0 } }],
    });
    const asked = tools.lines('kubectl').find((line) => line.includes('container_cpu_usage'));
    expect(asked).toContain(`time=${(Date.parse(load().endedAt) / 1000).toFixed(3)}`);
    expect(asked).toContain('2001ms');
  });

  test('of a comparison with several starts are those of the last one, whose pods are there', async () => {
    const start = Date.parse(load().startedAt) / 1000;
    const at = (seconds: number) => new Date((start + seconds) * 1000).toISOString();
    const round = (index: number, changes: Partial<ComparisonRound>): ComparisonRound =>
      comparisonRound({
        index,
        base: roundFigures({ startedAt: at(index / 2) }),
        head: roundFigures({ startedAt: at(index / 2 + 0.25) }),
        ...changes,
      });
    const rounds = [round(0, {}), round(1, { start: 1 }), round(2, { start: 2 }), round(3, { start: 2 })];
    const { context, tools } = world([prometheus({ stdout: series([start + 1, '10'], [start + 2, '10.4']) })], {
      state: { comparison: comparison({ rounds }) },
    });
    await readResources(context);
    expect(context.store.state.resources).toMatchObject({
      startedAt: at(1),
      endedAt: load().endedAt,
      workloads: [{ name: 'foo', cpuCores: { value: expect.closeTo(0.4, 6), samples: 2 } }],
    });
    expect(tools.lines('kubectl').find((line) => line.includes('container_cpu_usage'))).toContain('1001ms');
  });

  test('are read when every target was scraped after the load, and not before', async () => {
    const scraped = (...seconds: number[]): string =>
      JSON.stringify({
        status: 'success',
        data: { resultType: 'vector', result: seconds.map((time) => ({ metric: {}, value: [time, String(time)] })) },
      });
    const end = Date.parse(load().endedAt) / 1000;
    const asked = (answer: Omit<Rule, 'tool' | 'match'>): Rule => ({
      tool: 'kubectl',
      match: 'query=timestamp',
      ...answer,
    });
    const { context, tools } = world([
      asked({ stdout: scraped(end - 1, end + 1), times: 1 }),
      asked({ stdout: scraped(end + 1, end + 1) }),
      prometheus({ stdout: series([1000, '10'], [1010, '12']) }),
    ]);
    await readResources(context);
    const queries = tools
      .lines('kubectl')
      .filter((line) => line.includes('query='))
      .map((line) => line.includes('query=timestamp'));
    expect(queries.slice(0, 3)).toEqual([true, true, false]);
    expect(queries.slice(3)).not.toContain(true);
  });

  const lost = [
    { name: 'a 503', answer: { exit: 1, stderr: 'Error from server (ServiceUnavailable)' }, why: /ServiceUnavailable/ },
    { name: 'HTML', answer: { stdout: '<html>' }, why: /JSON/ },
    { name: 'nothing', answer: { stdout: '' }, why: /it is empty/ },
  ];
  test.each(lost)(
    'are not measured, and the run goes on, when Prometheus answers with $name',
    async ({ answer, why }) => {
      const { context, logged } = world([prometheus(answer)]);
      await readResources(context);
      expect(context.store.state.resources).toMatchObject({
        workloads: [],
        nodes: [],
        missing: [expect.stringMatching(why)],
      });
      expect(logged('warning')).toEqual([expect.stringContaining('Prometheus could not be read')]);
    },
  );

  test('are nothing, with the number of samples, when there is one sample', async () => {
    const { context } = world([prometheus({ stdout: series([1000, '10']) })]);
    await readResources(context);
    expect(context.store.state.resources?.workloads[0]).toMatchObject({
      cpuCores: { value: null, samples: 1 },
      memoryBytes: { value: 10, samples: 1 },
    });
    expect(context.store.state.resources?.missing).toEqual([expect.stringContaining('needs two samples')]);
  });

  test('are not asked for when Prometheus is not wanted', async () => {
    const { context, tools } = world([], { inputs: { prometheus: 'false' } });
    await readResources(context);
    expect([context.store.state.resources, tools.calls()]).toEqual([null, []]);
  });

  test('need a load', async () => {
    const { context } = world([], { state: { load: null } });
    await expect(readResources(context)).rejects.toMatchObject({ code: 'stage-order' });
  });
});
