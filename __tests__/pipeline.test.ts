import { describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadState, stateFile } from '../src/adapters/state-file.ts';
import { announce } from '../src/announce.ts';
import { clusterOf, ingressOf, ownClusterOf, toolOf } from '../src/context.ts';
import { StageError } from '../src/errors.ts';
import { parseInputs } from '../src/inputs/parse.ts';
import { report as reportModel } from '../src/model/report.ts';
import { PIPELINE, runPipeline, runStages, type Stage } from '../src/pipeline.ts';
import { buildReport } from '../src/report/build-report.ts';
import { sideBySide } from '../src/side-by-side.ts';
import { createWorld, NAME, type World, type WorldOptions } from './fakes/context.ts';
import { temporaryFolders } from './fakes/folder.ts';
import { recordingRunner } from './fakes/runner.ts';
import { ENDINGS, load } from './fakes/state.ts';

const folder = temporaryFolders();
const world = (options: WorldOptions = {}): World => createWorld(folder(), { up: false, ...options });
const reportOf = ({ outputDir }: World) =>
  reportModel.parse(JSON.parse(readFileSync(join(outputDir, 'report.json'), 'utf8')));

const good = (name: string): Stage => ({ name, run: () => Promise.resolve() });
const bad = (name: string, thrown: unknown = new StageError('disk-full', `${name} failed`)): Stage => ({
  name,
  run: async () => {
    await Promise.resolve();
    throw thrown;
  },
});
const loading: Stage = {
  name: 'run-load',
  run: ({ store }) => {
    store.update({ load: load() });
    return Promise.resolve();
  },
};

describe('the stages are in the order in which one needs the other', () => {
  const prepare = ['validate', 'install-tools', 'render-manifests'];
  const before = [...prepare, 'create-cluster', 'deploy', 'check-health'];
  test.each([
    { name: 'one version', given: {}, order: [...before, 'run-load', 'read-resources', 'check-witnesses'] },
    {
      name: 'two versions',
      given: { manifests: 'head', 'baseline-manifests': 'base' },
      order: [...before, 'compare-versions', 'read-resources', 'check-witnesses'],
    },
    {
      name: 'an image of this machine',
      given: { images: 'shop:ci' },
      order: [
        ...prepare,
        'create-cluster',
        'prepare-nodes',
        'deploy',
        'check-health',
        'run-load',
        'read-resources',
        'check-witnesses',
      ],
    },
    {
      name: 'an earlier run',
      given: { 'baseline-report': 'earlier.json' },
      order: [
        'validate',
        'read-baseline-report',
        ...prepare.slice(1),
        'create-cluster',
        'deploy',
        'check-health',
        'run-load',
        'read-resources',
        'check-witnesses',
      ],
    },
    {
      name: 'a cluster that is there',
      given: { kubeconfig: 'config', context: 'staging' },
      order: [
        ...prepare,
        'claim-namespace',
        'deploy',
        'find-ingress',
        'check-health',
        'run-load',
        'read-resources',
        'check-witnesses',
      ],
    },
  ])('$name', ({ given, order }) => {
    const { inputs } = parseInputs((name) => (given as Readonly<Record<string, string>>)[name] ?? '');
    const names = PIPELINE.filter(({ when }) => when?.(inputs) !== false).map(({ name }) => name);
    expect(names.filter((name) => name !== 'announce-run')).toEqual(order);
  });
});

describe('a run', () => {
  test('in which every stage works passes, with a record of each', async () => {
    const one = world();
    const report = await runPipeline(one.context, [good('a'), loading]);
    expect(report.outcome).toMatchObject({ result: 'passed', failure: null });
    expect(report.stages).toMatchObject([
      { name: 'a', outcome: 'ok' },
      { name: 'run-load', outcome: 'ok' },
    ]);
    expect(one.logged('group')).toEqual(['a', 'run-load', 'publish-report']);
    expect(one.logged('info')[0]).toMatch(/^done in \d+\.\d s$/);
    expect(one.context.store.state.endedAt).not.toBeNull();
    expect(reportOf(one)).toEqual(JSON.parse(JSON.stringify(report)));
  });

  test('ends with the first error, and the later stages are not begun', async () => {
    const begun: string[] = [];
    const watched: Stage = {
      name: 'c',
      run: () => {
        begun.push('c');
        return Promise.resolve();
      },
    };
    const one = world({ up: true });
    const report = await runPipeline(one.context, [good('a'), bad('b'), watched]);
    expect(begun).toEqual([]);
    expect(report.outcome).toMatchObject({
      result: 'failed',
      code: 'disk-full',
      failure: { stage: 'b', message: 'b failed' },
    });
    expect(report.stages).toMatchObject([
      { name: 'a', outcome: 'ok' },
      { name: 'b', outcome: 'failed', endedAt: expect.any(String) },
    ]);
    expect(one.logged('group')).toEqual(['a', 'b', 'collect-diagnostics', 'publish-report']);
    expect(one.logged('info')).toContainEqual(expect.stringMatching(/^ended in/));
  });

  test('keeps its first error when the diagnostics fail as well', async () => {
    // A file where their folder should be.
    const one = world({ up: true });
    writeFileSync(join(one.outputDir, 'diagnostics'), '');
    const report = await runPipeline(one.context, [bad('deploy')]);
    expect(report.outcome.code).toBe('disk-full');
    expect(reportOf(one).outcome.failure?.message).toBe('deploy failed');
  });

  test('reports what was measured until its error', async () => {
    const report = await runPipeline(world().context, [loading, bad('read-resources')]);
    expect(report).toMatchObject({ outcome: { code: 'disk-full' }, load: { total: { sent: 200 } } });
  });

  test.each([
    { name: 'an error nobody foresaw', thrown: new TypeError('x of undefined'), code: 'internal' },
    { name: 'something that is no error', thrown: 'text', code: 'internal' },
  ])('that meets $name reports it', async ({ thrown, code }) => {
    const report = await runPipeline(world().context, [bad('a', thrown)]);
    expect(report.outcome).toMatchObject({ result: 'failed', code });
  });

  test('with bad inputs says all of them, and creates nothing', async () => {
    const one = world({ inputs: { requests: '-5', nodes: '0' } });
    const report = await runPipeline(one.context);
    expect(report.outcome).toMatchObject({
      result: 'failed',
      code: 'input-invalid',
      failure: { stage: 'validate', message: expect.stringMatching(/requests.*\n.*nodes/) },
    });
    expect(one.tools.calls()).toEqual([]);
    expect(readFileSync(join(one.outputDir, 'report.md'), 'utf8')).toContain('Input requests is "-5"');
  });

  test('that can’t write its report still ends with its outcome', async () => {
    const one = world();
    mkdirSync(join(one.outputDir, 'report.json', 'in-the-way'), { recursive: true });
    const report = await runPipeline(one.context, [loading]);
    expect(report.outcome.result).toBe('passed');
    expect(one.logged('warning')).toEqual([expect.stringContaining('Could not write report.json')]);
  });

  test('has its state on disk while a stage runs', async () => {
    const one = world();
    let during: unknown;
    await runPipeline(one.context, [
      {
        name: 'a',
        run: () => {
          during = loadState(one.outputDir)?.stages;
          return Promise.resolve();
        },
      },
    ]);
    expect(during).toEqual([
      { name: 'a', startedAt: expect.any(String), endedAt: null, durationMs: null, outcome: 'running' },
    ]);
  });
});

describe('a run that is cancelled', () => {
  const reason = new StageError('cancelled', 'The run was cancelled (SIGINT).');

  test('says so, whatever the stage made of it, and takes no time for diagnostics', async () => {
    const one = world({ up: true });
    const report = await runPipeline(one.context, [
      {
        name: 'deploy',
        run: () => {
          one.cancel(reason);
          return Promise.reject(new Error('kubectl was killed'));
        },
      },
      good('later'),
    ]);
    expect(report.outcome).toMatchObject({
      result: 'cancelled',
      code: 'cancelled',
      failure: { stage: 'deploy', message: reason.message },
    });
    expect(report.stages).toMatchObject([{ name: 'deploy', outcome: 'cancelled' }]);
    expect(one.logged('group')).toEqual(['deploy', 'publish-report']);
  });

  test('between two stages does not begin the next one', async () => {
    const one = world();
    one.cancel(reason);
    expect(await runStages(one.context, [good('a')])).toBe(false);
    expect(one.context.store.state.stages).toMatchObject([{ name: 'a', outcome: 'cancelled' }]);
  });
});

describe('stages run one by one', () => {
  test('forget a failure once the stage that had it works', async () => {
    const one = world();
    expect(await runStages(one.context, [bad('check-health')])).toBe(false);
    expect(await runStages(one.context, [good('check-health'), loading])).toBe(true);
    expect(buildReport(one.context.store.state, '2026-11-23T10:05:00.000Z').outcome.result).toBe('passed');
    expect(one.context.store.state.stages).toHaveLength(2);
  });

  test('say which command comes first when they are begun out of order', () => {
    const { context } = world();
    const hint = expect.stringContaining('`up`');
    for (const look of [() => toolOf(context, 'kind'), () => clusterOf(context), () => ingressOf(context)]) {
      expect(thrownBy(look)).toMatchObject({ code: 'stage-order', hint });
    }
    const up = createWorld(folder());
    expect(ownClusterOf(up.context).name).toBe(NAME);
    expect(thrownBy(() => ingressOf(up.context))).toMatchObject({
      message: expect.stringContaining('address of the ingress is not known'),
    });
  });
});

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('parts side by side', () => {
  test('all end, when each works', async () => {
    const ended: string[] = [];
    const part = (name: string) => async (): Promise<void> => {
      await Promise.resolve();
      ended.push(name);
    };
    await sideBySide(world().context, part('a'), part('b'));
    expect(ended.sort()).toEqual(['a', 'b']);
  });

  test('end with the first failure, once the others have ended too', async () => {
    const ended: string[] = [];
    const one = world();
    const work = sideBySide(
      one.context,
      () => Promise.reject(new Error('first')),
      async ({ shell }) => {
        await shell.run('sleep', ['60'], { deadlineMs: 60_000 }).catch((error: unknown) => {
          ended.push((error as { reason: string }).reason);
          throw error;
        });
      },
    );
    await expect(work).rejects.toThrow(/^first$/);
    expect(ended).toEqual(['cancelled']);
    // The run itself was not cancelled by it.
    expect(one.context.signal.aborted).toBe(false);
  });

  test('end when the run is cancelled', async () => {
    const one = world();
    const work = sideBySide(one.context, async ({ signal, clock }) => {
      one.cancel(new Error('stop'));
      await clock.sleep(1000, signal);
    });
    await expect(work).rejects.toThrow(/^stop$/);
  });
});

describe('what is told at the end', () => {
  const told = (ending: keyof typeof ENDINGS, fails?: boolean): string[] => {
    const runner = recordingRunner();
    announce(runner, buildReport(ENDINGS[ending], '2026-11-23T10:05:00.000Z'), fails);
    return runner.log;
  };

  test('is what each host answered, and one line when it passed', () => {
    expect(told('passed')).toEqual([
      'info: foo.localhost answered with status 200: 100',
      'info: bar.localhost answered with status 200: 100',
      'info: Load test passed: 200 requests, 100 % succeeded, p95 6.00 ms',
    ]);
  });

  test('is otherwise one error, with cause, hint and where to read on', () => {
    expect(told('failed-before-the-cluster')).toEqual([
      expect.stringMatching(
        /^error: input-invalid in validate: Input requests is "-5".*\nInput nodes.*\nCorrect the inputs above\. Nothing was created\.\nMore: https:\/\/.*#input-invalid$/,
      ),
    ]);
  });

  test('is a warning when it fails nothing', () => {
    expect(told('failed-requests', false)).toEqual([
      'info: foo.localhost answered with status 200: 500',
      'info: shop.localhost/cart answered with status 200: 400, 503: 60; 100 failed (http-status: 60, timeout: 40)',
      expect.stringMatching(/^warning: threshold-failed in run-load: /),
    ]);
  });
});

test('the state file of a run is in its output folder', () => {
  const one = world();
  expect(existsSync(stateFile(one.outputDir))).toBe(true);
});
