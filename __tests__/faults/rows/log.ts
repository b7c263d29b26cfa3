import { equal, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OutcomeCode } from '../../../src/errors.ts';
import { PIPELINE } from '../../../src/pipeline.ts';
import type { RunningStep } from '../../dist/runner.ts';
import { until } from '../../fakes/processes.ts';
import { reportOf } from '../invariants.ts';
import type { Case, Row } from '../row.ts';
import type { FaultJob, FaultJobOptions, Trial } from '../trial.ts';

/** O: what the program prints can't be printed. */

/** Those that a run on a cluster of its own has. */
const STAGES = PIPELINE.map(({ name }) => name).filter((name) =>
  [
    'validate',
    'install-tools',
    'render-manifests',
    'create-cluster',
    'deploy',
    'check-health',
    'run-load',
    'read-resources',
  ].includes(name),
);

const LOSS = /The log of this run is incomplete/;

/** After these stages little is printed before the report is written. */
const LATE = ['run-load', 'read-resources'];

/** The report is what it would have been, and says, when that could be known by then, that the log is not. */
function ended(job: FaultJob, code: OutcomeCode, late = false): void {
  const { outcome, warnings } = reportOf(job);
  equal(outcome.code, code, outcome.failure?.message);
  ok(
    late || warnings.some((text) => LOSS.test(text)),
    `the report does not say that the log is not whole: ${warnings.join(' ')}`,
  );
}

const goesAwayIn =
  (stage: string): Case =>
  async (trial) => {
    const job = await trial.job();
    const main = await job.main((running) => closeIn(trial, stage, running));
    equal(main.exitCode, 0);
    ended(job, 'passed', LATE.includes(stage));
    await job.post(({ closeLog }) => {
      closeLog();
      return Promise.resolve();
    });
  };

async function closeIn(trial: Trial, stage: string, { stdout, closeLog }: RunningStep): Promise<void> {
  await until(() => stdout().includes(`::group::${stage}`));
  await sleep(trial.random() * 100);
  closeLog();
}

const NO_ERROR_TO_SEE = 'Nobody could read the error';

/** The whole pipeline by the command line, whose own clean-up is the last one. */
const commandLine =
  (stage: string, options: FaultJobOptions = {}): Case =>
  async (trial) => {
    const job = await trial.job(options);
    const sums = ['--kind-sha256', job.tools.sha256('kind'), '--kubectl-sha256', job.tools.sha256('kubectl')];
    const finished = await job.command(
      ['run', ...sums, '--wait', '10s', '--requests', '20', '--prometheus', 'false'],
      async ({ stdout, closeLog }) => {
        if (options.logFile !== undefined) return;
        await until(() => stage === '' || stdout().includes(`== ${stage}`));
        await sleep(trial.random() * 100);
        closeLog();
      },
    );
    equal(finished.exitCode, 0);
    ended(job, 'passed', LATE.includes(stage));
  };

/** Without the clean-up of a step after it. */
async function downWithoutReader(trial: Trial): Promise<void> {
  const job = await trial.job();
  const sums = ['--kind-sha256', job.tools.sha256('kind'), '--kubectl-sha256', job.tools.sha256('kubectl')];
  const up = await job.command(['up', ...sums, '--wait', '10s', '--prometheus', 'false']);
  equal(up.exitCode, 0, up.stdout);
  const down = await job.command(['down'], ({ closeLog }) => {
    closeLog();
    return Promise.resolve();
  });
  equal(down.exitCode, 0);
}

export const LOG_ROWS: readonly Row[] = [
  {
    id: 'O1',
    kind: 'slow',
    fault: 'The reader of the log goes away in each stage, of the action and of the command line',
    expected: 'The run continues to its end, reports, and cleans up; the report says that the log is incomplete',
    cases: {
      ...Object.fromEntries(STAGES.map((stage) => [stage, goesAwayIn(stage)])),
      'before it begins': async (trial) => {
        const job = await trial.job();
        const main = await job.main(({ closeLog }) => {
          closeLog();
          return Promise.resolve();
        });
        equal(main.exitCode, 0);
        ended(job, 'passed');
      },
      'and the run is cancelled': async (trial) => {
        const job = await trial.job({
          rules: [{ tool: 'kind', match: '^create', childrenMs: 3000 }],
          exempt: { I4: NO_ERROR_TO_SEE },
        });
        const main = await job.cancelled(async (running) => {
          await closeIn(trial, 'create-cluster', running);
          await sleep(trial.random() * 1000);
        });
        equal(main.exitCode, 1);
        ended(job, 'cancelled', true);
      },
      'after main was killed': async (trial) => {
        const job = await trial.job({
          rules: [{ tool: 'kind', match: '^create', childrenMs: 3000 }],
          exempt: { I4: NO_ERROR_TO_SEE },
        });
        await job.main(async ({ kill, stdout }) => {
          await until(() => stdout().includes('::group::create-cluster'));
          await sleep(trial.random() * 1000);
          kill('SIGKILL');
        });
        const post = await job.post(({ closeLog }) => {
          closeLog();
          return Promise.resolve();
        });
        equal(post.exitCode, 0);
        equal(reportOf(job).outcome.code, 'cancelled');
      },
      'command line, before it begins': commandLine(''),
      ...Object.fromEntries(STAGES.map((stage) => [`command line, ${stage}`, commandLine(stage)])),
      'command line, down': downWithoutReader,
    },
  },
  {
    id: 'O2',
    kind: 'slow',
    fault: "The log's disk is full (/dev/full)",
    expected: 'The same',
    skip: () => (process.platform === 'linux' ? null : 'there is no /dev/full'),
    cases: {
      action: async (trial) => {
        const job = await trial.job({ logFile: '/dev/full' });
        equal((await job.main()).exitCode, 0);
        ended(job, 'passed');
        equal((await job.post()).exitCode, 0);
      },
      'command line': commandLine('', { logFile: '/dev/full' }),
    },
  },
];
