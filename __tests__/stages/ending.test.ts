import { describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/adapters/clock.ts';
import type { Shell } from '../../src/adapters/commands/shell.ts';
import { identifyProcess } from '../../src/adapters/commands/process-groups.ts';
import { listFiles } from '../../src/adapters/files.ts';
import { report as reportModel } from '../../src/model/report.ts';
import { OUTPUTS } from '../../src/outputs.ts';
import { EXPORTS } from '../../src/report/exports/exports.ts';
import { collectDiagnostics } from '../../src/stages/collect-diagnostics.ts';
import { deleteCluster } from '../../src/stages/delete-cluster.ts';
import { publishReport } from '../../src/stages/publish-report.ts';
import type { PipelineState } from '../../src/state.ts';
import { clusterIn } from '../../src/system.ts';
import { tearDown, tearDownKilled } from '../../src/teardown.ts';
import { createWorld, NAME, type World, type WorldOptions } from '../fakes/context.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { instantClock } from '../fakes/github/instant-clock.ts';
import { CLUSTER, ENDINGS, ON_A_LAPTOP, stages } from '../fakes/state.ts';

const folder = temporaryFolders();
const world = (options: WorldOptions = {}): World => createWorld(folder(), options);
const readReport = ({ outputDir }: World) =>
  reportModel.parse(JSON.parse(readFileSync(join(outputDir, 'report.json'), 'utf8')));
const soon = (): AbortSignal => AbortSignal.timeout(5000);

describe('the diagnostics of a failed run', () => {
  test('are nodes, pods, events and logs, as files that the report names', async () => {
    const one = world();
    await collectDiagnostics(one.context);
    const files = listFiles(join(one.outputDir, 'diagnostics'));
    expect(files).toEqual(
      expect.arrayContaining([
        'events.txt',
        'nodes.txt',
        'pods.txt',
        'pods-described.txt',
        'ingresses.txt',
        `kind/${NAME}-control-plane/kubelet.log`,
      ]),
    );
    expect(one.context.store.state.diagnostics).toEqual(files.map((file) => `diagnostics/${file}`));
  });

  test('are kept as far as they can be had', async () => {
    const rules = [
      { tool: 'kubectl', match: 'get events', exit: 1, stderr: 'the server is gone' },
      { tool: 'kind', match: 'export', exit: 1, stderr: 'ERROR: unknown cluster' },
    ] as const;
    const one = world({ scenario: { rules } });
    await collectDiagnostics(one.context);
    const files = listFiles(join(one.outputDir, 'diagnostics'));
    expect(files).toContain('nodes.txt');
    expect(files).not.toContain('events.txt');
    expect(one.logged('info').filter((line) => line.startsWith('Part of the diagnostics is missing'))).toHaveLength(2);
  });

  test('are cut to what a runner can keep', async () => {
    const one = world({
      scenario: { rules: [{ tool: 'kubectl', match: 'describe nodes', stdout: `${'x'.repeat(3 * 2 ** 20)}the end` }] },
    });
    await collectDiagnostics(one.context);
    const file = join(one.outputDir, 'diagnostics', 'nodes.txt');
    expect(statSync(file).size).toBe(2 * 2 ** 20);
    expect(readFileSync(file, 'utf8').endsWith('the end')).toBe(true);
  });

  test('of very many pods are some at a time, those that are not well first, and end at a size', async () => {
    const one = world();
    const lines = Array.from(
      { length: 60_000 },
      (_, index) => `shop  web-${String(index)}  Running  ${index === 59_999 ? 'False' : 'True'}  0\n`,
    );
    let [running, most] = [0, 0];
    const started: string[] = [];
    const run: Shell['run'] = async (command, args) => {
      const verb = args.find((arg) => /^(get|describe|logs|export)$/.test(arg)) ?? '';
      running += 1;
      if (verb === 'logs') most = Math.max(most, running);
      if (verb === 'logs') started.push(args[args.indexOf('logs') + 1] ?? '');
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      const isList = args.some((arg) => arg.startsWith('--output=custom-columns='));
      const stdout = isList ? lines.join('') : verb === 'logs' ? 'x'.repeat(2 ** 20) : '';
      return { command, exitCode: 0, signal: null, durationMs: 1, stdout, stderr: '' };
    };
    await collectDiagnostics({ ...one.context, shell: { run } });
    expect(started[0]).toBe('web-59999');
    expect(started.length).toBeLessThanOrEqual(20);
    expect(most).toBeLessThanOrEqual(8 + 6);
    expect(one.logged('info')).toEqual(
      expect.arrayContaining([
        '1 of 60000 pods are described: the unhealthy ones',
        expect.stringMatching(/^The logs of \d+ of 60000 pods were kept/),
      ]),
    );
  });

  test('are none without a cluster', async () => {
    const one = world({ up: false });
    await collectDiagnostics(one.context);
    expect([one.tools.calls(), existsSync(join(one.outputDir, 'diagnostics'))]).toEqual([[], false]);
  });

  test('are none when there are no tools to ask with, and that is no error', async () => {
    // A rejection that nobody awaits would end this whole process, as it would end the post step.
    const one = world({ state: { tools: {} } });
    await collectDiagnostics(one.context);
    await new Promise((resolve) => setImmediate(resolve));
    expect(one.context.store.state.diagnostics).toEqual([]);
  });
});

describe('deleting the cluster', () => {
  const FOREIGN = { cluster: 'lt-10', role: 'control-plane' };

  test('removes containers, kubeconfig and the network that was made for it', async () => {
    const one = world();
    writeFileSync(join(one.outputDir, 'kubeconfig.lock'), '');
    await deleteCluster(one.context);
    expect([one.tools.names('containers'), one.tools.names('networks')]).toEqual([[], []]);
    expect(listFiles(one.outputDir)).toEqual(['state.json']);
    expect(clusterIn(one.context.store.state.system)?.deletedAt).not.toBeNull();
  });

  test('may be done again', async () => {
    const one = world();
    await deleteCluster(one.context);
    const { system } = one.context.store.state;
    await deleteCluster(one.context);
    expect(one.context.store.state.system).toEqual(system);
  });

  test('touches no other cluster, and no network that others use', async () => {
    const one = world();
    one.tools.add('containers', 'lt-10-control-plane', FOREIGN);
    await deleteCluster(one.context);
    expect([one.tools.names('containers'), one.tools.names('networks')]).toEqual([['lt-10-control-plane'], ['kind']]);
  });

  test('leaves a network that was there before', async () => {
    const one = world();
    one.context.store.update({
      system: { ...CLUSTER, name: NAME, kubeconfig: join(one.outputDir, 'kubeconfig'), networkExisted: true },
    });
    await deleteCluster(one.context);
    expect([one.tools.names('containers'), one.tools.names('networks')]).toEqual([[], ['kind']]);
  });

  const failing = [
    {
      name: 'kind fails',
      rules: [{ tool: 'kind', match: '^delete', exit: 1, stderr: 'ERROR: failed to lock config file' }],
    },
    {
      name: 'kind fails and Docker is still removing',
      rules: [
        { tool: 'kind', match: '^delete', exit: 1, stderr: 'ERROR' },
        {
          tool: 'docker',
          match: '^rm',
          times: 2,
          exit: 1,
          stderr: 'Error response from daemon: removal of container lt-1-worker is already in progress',
        },
      ],
    },
  ] as const;
  test('goes on when Docker is too busy to say what is there', async () => {
    const one = world({
      scenario: {
        rules: [
          {
            tool: 'docker',
            match: '^ps',
            times: 2,
            exit: 1,
            stderr: 'Error response from daemon: context deadline exceeded',
          },
        ],
      },
      clock: fiveTimesAsFast,
    });
    await deleteCluster(one.context);
    expect(one.tools.names('containers')).toEqual([]);
  });

  test.each(failing)('succeeds also when $name', async ({ rules }) => {
    const one = world({ scenario: { rules } });
    await deleteCluster(one.context);
    expect(one.tools.names('containers')).toEqual([]);
  });

  test('works without kind, from the label of the containers alone', async () => {
    const one = world({ state: { tools: {} } });
    await deleteCluster(one.context);
    expect(one.tools.names('containers')).toEqual([]);
    expect(one.tools.lines('kind')).toEqual([]);
  });

  test('names what it can’t remove, after two minutes', async () => {
    const stuck = {
      tool: 'docker',
      match: '^rm',
      exit: 1,
      stderr: 'Error response from daemon: device or resource busy',
    } as const;
    const one = world({ scenario: { rules: [stuck, { tool: 'kind', match: '^delete', exit: 1, stderr: 'ERROR' }] } });
    await expect(deleteCluster({ ...one.context, clock: { ...instantClock(), ...fastClock() } })).rejects.toMatchObject(
      {
        code: 'cleanup-incomplete',
        message: 'These containers of cluster lt-1 could not be removed: lt-1-control-plane, lt-1-worker',
        tryThis: 'docker rm --force --volumes lt-1-control-plane lt-1-worker',
      },
    );
    expect(clusterIn(one.context.store.state.system)?.deletedAt).toBeNull();
  });

  test('waits for containers that appear after a create that was killed', async () => {
    const one = world({
      scenario: { rules: [{ tool: 'kind', match: '^delete', orphanMs: 400 }] },
      state: { stages: stages(['create-cluster'], 'cancelled') },
      clock: fiveTimesAsFast,
    });
    await deleteCluster(one.context);
    expect(one.tools.names('containers')).toEqual([]);
    expect(one.logged('info')).toContain(`Removing what is left of ${NAME}: ${NAME}-late`);
  }, 30_000);

  test('has nothing to do when none was made', async () => {
    const one = world({ up: false });
    await deleteCluster(one.context);
    expect(one.tools.calls()).toEqual([]);
  });
});

/** Real time, so that something else can happen during a pause, but five times as fast. */
const fiveTimesAsFast: typeof systemClock = {
  now: () => systemClock.now() * 5,
  date: () => systemClock.date(),
  sleep: (ms, signal) => systemClock.sleep(ms / 5, signal),
};

/** Each pause takes half a minute. */
function fastClock(): Pick<typeof systemClock, 'now' | 'sleep'> {
  let now = 0;
  return {
    now: () => now,
    sleep: () => {
      now += 30_000;
      return Promise.resolve();
    },
  };
}

describe('the report', () => {
  const publishing = (state: PipelineState): World =>
    createWorld(folder(), { up: false, state: { ...state, run: ON_A_LAPTOP } });

  test.each(Object.entries(ENDINGS))(
    'of a run that ended as "%s" is written as JSON, Markdown, summary and outputs',
    async (_, ending) => {
      const one = publishing(ending);
      const returned = await publishReport(one.context, soon());
      expect(readReport(one)).toEqual(JSON.parse(JSON.stringify(returned)));
      expect(readFileSync(join(one.outputDir, 'report.md'), 'utf8')).toContain(
        { passed: '✅', failed: '❌', cancelled: '⚠️', invalid: '⚠️' }[returned.outcome.result],
      );
      expect(one.runner.summaries).toHaveLength(1);
      expect([...one.runner.outputs.keys()].sort()).toEqual(Object.keys(OUTPUTS).sort());
      expect(one.logged('warning')).toEqual([]);
    },
  );

  test('whose files can’t be written still has its summary and outputs', async () => {
    const one = publishing(ENDINGS.passed);
    mkdirSync(join(one.outputDir, 'report.json', 'in-the-way'), { recursive: true });
    mkdirSync(join(one.outputDir, 'report.md', 'in-the-way'), { recursive: true });
    await publishReport(one.context, soon());
    expect(one.runner.outputs.get('outcome')).toBe('passed');
    // The log is what is left.
    expect(one.logged('info').join('\n')).toMatch(/^report\.json:\n\{\n {2}"\$schema"/m);
    expect(one.logged('warning')).toEqual([
      expect.stringContaining('Could not write report.json'),
      expect.stringContaining('Could not write report.md'),
    ]);
  });
});

test('what an earlier run left in the same folder does not pass for a result of this one', async () => {
  const one = createWorld(folder(), { up: false, state: { ...ENDINGS.cancelled, run: ON_A_LAPTOP } });
  mkdirSync(one.outputDir, { recursive: true });
  writeFileSync(join(one.outputDir, 'thresholds.xml'), '<testsuites tests="1" failures="0"/>');
  await publishReport(one.context, soon());
  expect(readReport(one).thresholds).toEqual([]);
  expect(existsSync(join(one.outputDir, 'thresholds.xml'))).toBe(false);
});

describe('the figures for other tools', () => {
  const whole: PipelineState = { ...ENDINGS.passed, run: ON_A_LAPTOP };
  const published = async (
    state: PipelineState,
    one: World = createWorld(folder(), { up: false, state }),
  ): Promise<World> => {
    await publishReport(one.context, soon());
    return one;
  };

  test('are files beside the report', async () => {
    const { outputDir } = await published(whole);
    expect(listFiles(join(outputDir, 'exports'))).toEqual(EXPORTS.map((file) => file.replace('exports/', '')).sort());
  });

  test('of an earlier run in the same folder do not stay when this one has none', async () => {
    const one = await published(whole);
    one.context.store.update({ stages: stages(['run-load'], 'cancelled') });
    await published(whole, one);
    expect(listFiles(join(one.outputDir, 'exports'))).toEqual([]);
    expect(one.logged('info')).toContainEqual('No figures were exported for other tools: The load was not finished.');
  });
});

describe('tearing down', () => {
  test('deletes the cluster and leaves the report as it is', async () => {
    const one = world({ state: { endedAt: '2026-11-23T10:04:00.000Z' } });
    await tearDown(one.context);
    expect(one.tools.names('containers')).toEqual([]);
    expect(existsSync(join(one.outputDir, 'report.json'))).toBe(false);
  });

  test('leaves a cluster that is to be kept', async () => {
    const one = world({ inputs: { 'keep-cluster': 'true' }, state: { endedAt: '2026-11-23T10:04:00.000Z' } });
    await tearDown(one.context);
    expect(one.tools.names('containers')).toHaveLength(2);
    expect(one.logged('notice')).toEqual([`Input keep-cluster is true: cluster ${NAME} is left running.`]);
  });

  describe('after a run that was killed', () => {
    const killed = (options: WorldOptions = {}): World =>
      world({
        ...options,
        state: {
          stages: stages(['validate', 'install-tools', 'render-manifests', 'deploy'], 'running'),
          ...options.state,
        },
      });

    test('reports in its place, with what is known', async () => {
      const one = killed();
      await tearDownKilled(one.context);
      const report = readReport(one);
      expect(report.outcome).toMatchObject({
        result: 'cancelled',
        code: 'cancelled',
        failure: { stage: 'deploy', message: 'The main step was killed before it could report.' },
      });
      expect(report.stages.at(-1)).toMatchObject({ name: 'deploy', outcome: 'cancelled' });
      expect(report.diagnostics).toContain('diagnostics/nodes.txt');
      expect(one.tools.names('containers')).toEqual([]);
      expect(one.logged('error')).toEqual([
        expect.stringMatching(/^cancelled in deploy: The main step was killed before it could report\./),
      ]);
      expect(one.runner.state.get('reported')).toBe('true');
    });

    test('publishes again what had ended when it was killed', async () => {
      const one = createWorld(folder(), { up: false, state: { ...ENDINGS.passed, system: null, run: ON_A_LAPTOP } });
      await tearDownKilled(one.context);
      expect(readReport(one).outcome.code).toBe('passed');
      expect(one.logged('error')).toEqual([]);
    });

    test('keeps the failure that came first', async () => {
      const failure = {
        code: 'crash-loop',
        stage: 'check-health',
        message: 'It crashed.',
        hint: null,
        tryThis: null,
      } as const;
      const one = killed({ state: { failure } });
      await tearDownKilled(one.context);
      expect(readReport(one).outcome.failure).toEqual(failure);
    });

    test('reports also when the cluster can’t be removed', async () => {
      const one = killed({
        scenario: { rules: [{ tool: 'docker', match: '^ps', exit: 1, stderr: 'Cannot connect to the Docker daemon' }] },
      });
      await expect(tearDownKilled({ ...one.context, clock: { ...systemClock, ...fastClock() } })).rejects.toMatchObject(
        { code: 'cleanup-incomplete', message: 'Docker does not say whether containers of cluster lt-1 are left.' },
      );
      expect(readReport(one).outcome.code).toBe('cancelled');
    });

    test('ends the commands that it left running', async () => {
      const one = killed();
      const left = one.context.shell.run('sh', ['-c', 'while :; do sleep 1; done'], {
        deadlineMs: 60_000,
        signal: null,
      });
      const outcome = left.catch((error: unknown) => error);
      const pid = await runningChild();
      one.context.store.update({ processGroups: [identifyProcess(pid)] });
      await tearDown(one.context);
      expect(await outcome).toMatchObject({ result: { signal: 'SIGKILL' } });
      expect(one.context.store.state.processGroups).toEqual([]);
    });
  });
});

/** The number of the only child of this process that runs an endless loop. */
async function runningChild(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const children = readFileSync(`/proc/${String(process.pid)}/task/${String(process.pid)}/children`, 'utf8')
      .trim()
      .split(' ');
    const found = children.find((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sleep 1; done');
      } catch {
        return false;
      }
    });
    if (found !== undefined) return Number(found);
    await systemClock.sleep(20);
  }
  throw new Error('it was not started');
}
