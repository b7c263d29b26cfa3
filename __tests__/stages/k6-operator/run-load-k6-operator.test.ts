import { describe, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { updateOwnCluster } from '../../../src/context.ts';
import { onLoopback } from '../../../src/model/endpoint.ts';
import { report as reportShape } from '../../../src/model/report.ts';
import { buildReport } from '../../../src/report/build-report.ts';
import { runLoad } from '../../../src/stages/run-load.ts';
import { renderReport } from '../../fakes/plain-renderings.ts';
import { coarseClock, createWorld, type World, type WorldOptions } from '../../fakes/context.ts';
import { temporaryFolders } from '../../fakes/folder.ts';
import { list } from '../../fakes/kubernetes.ts';
import type { Rule } from '../../fakes/tools.ts';

const folder = temporaryFolders();

/** The time at which every load of these tests begins, and the name that follows from it. */
const START = new Date('2023-11-14T22:13:20Z');
const LOAD = 'load-20231114t221320';
const [ONE, TWO] = [`${LOAD}-1`, `${LOAD}-2`];

const rule = (match: string, more: Omit<Rule, 'tool' | 'match'>): Rule => ({ tool: 'kubectl', match, ...more });
const json = (value: object): string => JSON.stringify(value);

const CONTROLLER = list({
  metadata: { name: 'controller', namespace: 'ingress-nginx' },
  spec: {
    nodeName: 'n',
    containers: [{ name: 'controller', ports: [{ containerPort: 8080, hostPort: 80 }, { containerPort: 10_254 }] }],
  },
  status: { phase: 'Running' },
});

const pod = (job: string, status: object): object => ({
  metadata: { name: `${job}-x`, namespace: 'k6-runners', labels: { 'job-name': job } },
  spec: { nodeName: `node-of-${job}` },
  status,
});
const running = (job: string): object =>
  pod(job, { phase: 'Running', containerStatuses: [{ name: 'k6', ready: true, state: {} }] });
const ended = (job: string, exitCode = 0, reason = 'Completed'): object =>
  pod(job, {
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    containerStatuses: [{ name: 'k6', state: { terminated: { exitCode, reason } } }],
  });

const rows = (count: number, firstMs: number): string =>
  Array.from(
    { length: count },
    (_, i) =>
      `loadtest_answer,${String(1_700_000_000_000 + firstMs + 10 * i)}000,${String(1 + (i % 9))},load,target=${String(i % 2)}&http_status=200&code=0&wrong=0&bytes=4\n`,
  ).join('');
const whole = (count: number, firstMs: number): string => `${rows(count, firstMs)}loadtest_end,${String(count)}\n`;

const PODS = '^--kubeconfig \\S+ get pods --namespace=k6-runners';
const NONE = rule(PODS, { stdout: json(list()) });

interface Course {
  /** What is seen of the pods, one look after the other; the last before the removal is seen again and again. */
  readonly looks: readonly (readonly object[])[];
  readonly logs?: Readonly<Record<string, Omit<Rule, 'tool' | 'match'>>>;
  readonly stage?: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly more?: readonly Rule[];
}

/** A world with a cluster whose ingress can be reached. */
function up(options: WorldOptions): World {
  const it = createWorld(folder(), { clock: { ...coarseClock(), date: () => START }, ...options });
  updateOwnCluster(it.context, { ingress: onLoopback(8080) });
  return it;
}

/** A cluster in which a TestRun takes a course that the test has chosen. */
function world({ looks, logs = {}, stage = 'started', inputs = {}, more = [] }: Course): World {
  return up({
    inputs: { engine: 'k6-operator', seed: 's', requests: '60', ...inputs },
    scenario: {
      rules: [
        ...more,
        rule('get pods --namespace=ingress-nginx', { stdout: json(CONTROLLER) }),
        rule('get service ', { stdout: json({ spec: { clusterIP: '10.96.0.9' } }) }),
        rule('get TestRun', { stdout: json({ status: { stage } }) }),
        rule(PODS, { stdout: json(list()), times: 1 }),
        ...looks.map((pods) => rule(PODS, { stdout: json(list(...pods)), times: 1 })),
        NONE,
        ...Object.entries(logs).map(([job, more]) => rule(`logs --follow ${job}-x --namespace=k6-runners`, more)),
      ],
    },
  });
}

const reportOf = ({ context }: World): ReturnType<typeof buildReport> =>
  reportShape.parse(JSON.parse(JSON.stringify(buildReport(context.store.state, new Date().toISOString()))));
const BOTH = [ONE, TWO] as const;
const deletions = (it: World): string[] =>
  it.tools
    .lines('kubectl')
    .map((line) => line.replace(/^--kubeconfig \S+ /, ''))
    .filter((line) => line.startsWith('delete '));

describe('a load of k6 in pods of the cluster', () => {
  test('is in the report once, with its runners, and leaves nothing behind', async () => {
    const it = world({
      looks: [[pod(`${LOAD}-initializer`, { phase: 'Succeeded' })], BOTH.map(running), BOTH.map((job) => ended(job))],
      logs: { [ONE]: { stdout: whole(30, 0) }, [TWO]: { stdout: whole(30, 3) } },
    });
    await runLoad(it.context);
    const report = reportOf(it);
    expect(report).toMatchObject({ schemaVersion: '1.1', outcome: { code: 'passed' } });
    expect(report.load).toMatchObject({
      engine: { name: 'k6-operator' },
      workers: 2,
      notSent: 0,
      total: { sent: 60, failed: 0, bytesReceived: 240 },
    });
    expect(report.load?.runners).toEqual([
      { name: ONE, node: `node-of-${ONE}`, startedAt: '2023-11-14T22:13:20.000Z', measured: 30, problem: null },
      { name: TWO, node: `node-of-${TWO}`, startedAt: '2023-11-14T22:13:20.003Z', measured: 30, problem: null },
    ]);
    expect(renderReport(report).join('\n')).toContain(
      `Shared by 2 runners: ${ONE} on node-of-${ONE} 30, ${TWO} on node-of-${TWO} 30. Their first answers came within 3.00 ms of each other.`,
    );
    // Before, what an earlier load left; and afterwards.
    expect(deletions(it)).toHaveLength(4);
    expect(deletions(it).slice(-2).sort()).toEqual([
      'delete Service k8s-loadtest-ci-load --namespace=ingress-nginx --ignore-not-found --wait=false',
      'delete TestRun.v1alpha1.k6.io,ConfigMap --selector=k8s-loadtest-ci=load --namespace=k6-runners --ignore-not-found --wait=false',
    ]);
  });

  test('is led to the controller inside the cluster by a Service, and each runner warms up its part', async () => {
    const it = world({
      looks: [BOTH.map(running), BOTH.map((job) => ended(job))],
      logs: { [ONE]: { stdout: whole(30, 0) }, [TWO]: { stdout: whole(30, 3) } },
      inputs: { 'warmup-requests': '51' },
    });
    await runLoad(it.context);
    const applied = readFileSync(join(it.outputDir, 'k6', 'test-run.yaml'), 'utf8');
    const [map] = applied.split('\n---\n').map((text) => parse(text) as { data: Record<string, string> });
    expect(map?.data['config.json']).toBe('{"hosts":{"foo.localhost":"10.96.0.9:80","bar.localhost":"10.96.0.9:80"}}');
    expect(map?.data['script.js']).toContain('const WARM_UP = 26;');
    expect(map?.data['script.js']).not.toContain('127.0.0.1');
  });

  test('keeps requests to Services inside the cluster, on each of its nodes', async () => {
    const config = 'networking:\n  serviceSubnet: 10.96.0.0/16\n';
    const it = world({
      looks: [BOTH.map(running), BOTH.map((job) => ended(job))],
      logs: { [ONE]: { stdout: whole(30, 0) }, [TWO]: { stdout: whole(30, 3) } },
      more: [rule('get configmap kubeadm-config', { stdout: json({ data: { ClusterConfiguration: config } }) })],
    });
    const node = { role: 'worker', version: 'v1.35.8', ready: true } as const;
    updateOwnCluster(it.context, { nodes: ['lt-1', 'lt-2'].map((name) => ({ name, ...node })) });
    await runLoad(it.context);
    const told = it.tools.lines('docker').filter((line) => line.includes('iptables'));
    expect(told.map((line) => line.split(' ')[2])).toEqual(['lt-1', 'lt-2']);
    expect(told[0]).toContain('iptables --wait --insert FORWARD --destination 10.96.0.0/16 --jump REJECT');
  });

  const partial = [
    {
      name: 'whose pod was deleted',
      looks: [BOTH.map(running), [ended(ONE)]],
      log: { stdout: rows(11, 3) },
      problem: 'Its pod was deleted before it finished.',
      measured: 11,
    },
    {
      name: 'whose memory ran out',
      looks: [BOTH.map(running), [ended(ONE), ended(TWO, 137, 'OOMKilled')]],
      log: { stdout: rows(11, 3) },
      problem: 'It was killed because it ran out of memory.',
      measured: 11,
    },
    {
      name: 'whose log broke off',
      looks: [BOTH.map(running), BOTH.map((job) => ended(job))],
      log: { stdout: rows(11, 3), stderr: 'error: unexpected EOF\n', exit: 1 },
      problem: expect.stringMatching(/^Its log was cut off: /),
      measured: 11,
    },
    {
      name: 'of which rows were lost',
      looks: [BOTH.map(running), BOTH.map((job) => ended(job))],
      log: { stdout: `${rows(11, 3)}loadtest_end,30\n` },
      problem: expect.stringMatching(/^It counted 30 requests, but 11 arrived here\./),
      measured: 11,
    },
    {
      name: 'that threw an exception',
      looks: [BOTH.map(running), [ended(ONE), ended(TWO, 107, 'Error')]],
      log: { stdout: '' },
      problem: 'The script threw an exception.',
      measured: 0,
    },
  ];
  test.each(partial)('with a runner $name is reported without a verdict', async ({ looks, log, problem, measured }) => {
    const it = world({ looks, logs: { [ONE]: { stdout: whole(30, 0) }, [TWO]: log } });
    const error = await runLoad(it.context).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: 'load-failed',
      message: expect.stringContaining(`Part of the load is missing from 1 of 2 k6 runners.\n${TWO}: `),
      hint: expect.any(String),
    });
    it.context.store.update({
      failure: { stage: 'run-load', code: 'load-failed', message: String(error), hint: null, tryThis: null },
    });
    const report = reportOf(it);
    expect(report.load).toMatchObject({
      total: { sent: 30 + measured },
      runners: [
        { measured: 30, problem: null },
        { measured, problem },
      ],
    });
    expect(report.thresholds).toEqual([]);
    expect(report.outcome).toMatchObject({ result: 'failed', code: 'load-failed' });
    expect(renderReport(report).join('\n')).toContain(
      'Partial: 1 of 2 runners did not report everything, so thresholds are not judged.',
    );
    expect(deletions(it)).toHaveLength(4);
  });

  test('of which a runner is lost before the others were told to begin does not wait for these', async () => {
    const it = world({
      looks: [BOTH.map(running), [running(ONE)]],
      logs: { [ONE]: { hang: true }, [TWO]: { stdout: '' } },
      stage: 'created',
    });
    await expect(runLoad(it.context)).rejects.toMatchObject({
      code: 'load-failed',
      message: expect.stringContaining(`${TWO}: Its pod was deleted`),
    });
    expect(deletions(it)).toHaveLength(4);
  });

  describe('that the operator does not start', () => {
    const starter = (status: object): object => pod(`${LOAD}-starter`, status);
    const waiting = Array.from({ length: 12 }, () => BOTH.map(running));

    test('begins when the operator was started again', async () => {
      const it = world({
        looks: [...waiting, [...BOTH.map(running), starter({ phase: 'Succeeded' })], BOTH.map((job) => ended(job))],
        logs: { [ONE]: { stdout: whole(30, 0) }, [TWO]: { stdout: whole(30, 3) } },
        more: [
          rule('get TestRun', { stdout: json({ status: { stage: 'created' } }), times: 9 }),
          rule(`logs ${LOAD}-starter-x`, { stdout: '{"http_code":200}\n{"http_code":200}\n' }),
        ],
        inputs: { wait: '60s' },
      });
      await runLoad(it.context);
      expect(it.context.store.state.load?.total.sent).toBe(60);
      expect(it.logged('info')).toContain('The operator has not started the load for 20 s, so it is restarted');
      expect(deletions(it)).toContain(
        'delete pods --selector=app.kubernetes.io/name=k6-operator --namespace=k6-operator --ignore-not-found --wait=false',
      );
    });

    test('ends with the wait, also that of a script, which may take hours', async () => {
      const script = join(folder(), 'own.js');
      writeFileSync(script, 'export default function () {}');
      const it = world({
        looks: Array.from({ length: 40 }, () => BOTH.map(running)),
        logs: { [ONE]: { hang: true }, [TWO]: { hang: true } },
        stage: 'created',
        inputs: { wait: '60s', 'k6-script': script },
      });
      await expect(runLoad(it.context)).rejects.toMatchObject({
        code: 'load-failed',
        message:
          'Waited 60 s for the k6 runners to begin: the operator has not started the load yet. No request was sent.',
        tryThis: expect.stringContaining('logs deployment/k6-operator'),
      });
      expect(deletions(it).filter((line) => line.startsWith('delete pods'))).toHaveLength(2);
    });

    test('because a runner could not be told ends at once, with what the starter says', async () => {
      const it = world({
        looks: [BOTH.map(running), [...BOTH.map(running), starter({ phase: 'Succeeded' })]],
        logs: { [ONE]: { hang: true }, [TWO]: { hang: true } },
        more: [
          rule(`logs ${LOAD}-starter-x`, {
            stdout:
              '{"http_code":200,"url":"http://10.96.1.1:6565"}\n{"http_code":404,"url":"http://10.96.1.2:6565"}\n',
          }),
        ],
      });
      await expect(runLoad(it.context)).rejects.toMatchObject({
        code: 'load-failed',
        message: expect.stringMatching(/^Not all k6 runners could be told to begin\.\n.*\n.*"http_code":404/),
      });
      expect(deletions(it)).toHaveLength(4);
    });
  });

  test('that finds no place ends with the wait, and says what keeps it', async () => {
    const waiting = BOTH.map((job) =>
      pod(job, {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available.' }],
      }),
    );
    const it = world({ looks: [waiting, waiting, waiting, waiting, waiting, waiting] });
    await expect(runLoad(it.context)).rejects.toMatchObject({
      code: 'load-failed',
      message: expect.stringMatching(
        /^Waited 10 s for the k6 runners to start: 0 of 2 run; .*0\/3 nodes are available\. No request was sent/,
      ),
      tryThis: expect.stringContaining('describe pods'),
    });
    expect(deletions(it)).toHaveLength(4);
  });

  test('whose script k6 does not accept ends at once, with what k6 says', async () => {
    const it = world({ looks: [[pod(`${LOAD}-initializer`, { phase: 'Failed' })]] });
    await expect(runLoad(it.context)).rejects.toMatchObject({
      code: 'load-failed',
      message: 'k6 does not accept the script.\na line of a pod\n::error::poison in a log',
    });
    expect(deletions(it)).toHaveLength(4);
  });

  test('that is cancelled keeps what came before, and removes its pods', async () => {
    const it = world({ looks: [BOTH.map(running)], logs: { [ONE]: { stdout: rows(20, 0) }, [TWO]: { hang: true } } });
    const done = runLoad(it.context);
    const poll = setInterval(() => {
      if (it.tools.lines('kubectl').filter((line) => line.includes('logs --follow')).length === 2) it.cancel();
    }, 20);
    await expect(
      done.finally(() => {
        clearInterval(poll);
      }),
    ).rejects.toThrow(/^stop$/);
    expect(it.context.store.state.load?.runners).toHaveLength(2);
    expect(deletions(it)).toHaveLength(4);
  });

  test('behind a controller without a port of its node says what is missing', async () => {
    const it = up({
      inputs: { engine: 'k6-operator' },
      scenario: {
        rules: [rule('get pods --namespace=ingress-nginx', { stdout: json(list({ metadata: { name: 'c' } })) }), NONE],
      },
    });
    await expect(runLoad(it.context)).rejects.toMatchObject({
      code: 'load-failed',
      message: expect.stringContaining('has a port that maps to port 80 of its node'),
      tryThis: expect.any(String),
    });
  });

  test('of a script that no ConfigMap can hold is refused before anything is created', async () => {
    const script = join(folder(), 'large.js');
    writeFileSync(script, 'x'.repeat(900_001));
    const it = up({ inputs: { engine: 'k6-operator', 'k6-script': script } });
    await expect(runLoad(it.context)).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringContaining('too large for a Kubernetes ConfigMap'),
    });
    expect(deletions(it)).toEqual([]);
  });
});
