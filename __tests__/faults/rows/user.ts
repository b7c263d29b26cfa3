import { deepEqual, equal, ok } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listFiles } from '../../../src/adapters/files.ts';
import { MARK } from '../../../src/adapters/output-folder.ts';
import type { OutcomeCode } from '../../../src/errors.ts';
import { failed, passed, says } from '../expectations.ts';
import { reportOf } from '../invariants.ts';
import type { Case, Row } from '../row.ts';
import type { FaultJobOptions } from '../trial.ts';

/** U: what the user has given can't be used, or a tool answers as it never should. */

const execute = promisify(execFile);

/** What a message must not be: the text of a library about its own data. */
const RAW = /\[\s*\{|Invalid input|Invalid URL|expected \w+, received|ZodError|at \S+ \(/;

const endsWith =
  (code: OutcomeCode, stage: string, options: FaultJobOptions, prepare?: (workspace: string) => unknown): Case =>
  async (trial) => {
    const job = await trial.job(options);
    await prepare?.(job.workspace);
    const { outcome } = failed(job, await job.main(), code, stage);
    ok(!RAW.test(outcome.failure?.message ?? ''), outcome.failure?.message);
  };

const outputDir = (path: string, prepare?: (workspace: string) => void): Case =>
  endsWith('input-invalid', 'validate', { inputs: { 'output-dir': path } }, prepare);

/** A file that an input names is something else. */
const given = (inputs: Readonly<Record<string, string>>, prepare: (file: string) => unknown): Case =>
  endsWith('system-refused', 'validate', { inputs }, (workspace) => prepare(join(workspace, 'given')));
const folderFor = (file: string): void => {
  mkdirSync(file);
};
const linkFor = (file: string): void => {
  symlinkSync(file, file);
};
const pipeFor = (file: string): unknown => execute('mkfifo', [file]);
const K6 = { engine: 'k6', 'k6-script': 'given' };
const KUBECONFIG = { kubeconfig: 'given', context: 'x', 'allow-hosts': 'foo.localhost\nbar.localhost' };

/** Of a repository, some by names that the program would write to or remove. */
const FOREIGN = ['README.md', 'report.json', 'state.json', 'diagnostics/notes.txt', 'k6/script.js', 'kubeconfig'];

function plant(folder: string): void {
  for (const name of FOREIGN) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), `of others: ${name}\n`);
  }
}

function stayed(folder: string): void {
  for (const name of FOREIGN) equal(readFileSync(join(folder, name), 'utf8'), `of others: ${name}\n`);
}

/** Whether the run passes depends on how many files this Node.js has open by itself; that it is told, and nothing is left, does not. */
const fewFiles =
  (openFiles: number): Case =>
  async (trial) => {
    const job = await trial.job({ openFiles });
    const { exitCode } = await job.main();
    const { outcome } = reportOf(job);
    equal(exitCode, outcome.code === 'system-refused' ? 1 : 0, outcome.failure?.message);
    ok(['passed', 'generator-saturated', 'system-refused'].includes(outcome.code), outcome.failure?.message);
    if (outcome.code === 'system-refused')
      ok(outcome.failure?.hint?.includes('ulimit -n'), outcome.failure?.hint ?? '');
  };

export const USER_ROWS: readonly Row[] = [
  {
    id: 'U1',
    kind: 'quick',
    fault: "The output folder can't be created, or a given file is a folder, a pipe or a link to itself",
    expected:
      '`input-invalid` or `system-refused` with the path and the reason, never `internal`; the report goes to the default folder',
    cases: {
      'an output folder below a file': outputDir('file/artifacts', (workspace) => {
        writeFileSync(join(workspace, 'file'), '');
      }),
      'an output folder with a name that is too long': outputDir('x'.repeat(300)),
      'an output folder where nothing can be made': outputDir('/proc/nope/artifacts'),
      'a scenario that is a folder': given({ scenario: 'given' }, folderFor),
      'a scenario that is a pipe': given({ scenario: 'given' }, pipeFor),
      'a script of k6 that is a folder': given(K6, folderFor),
      'a script of k6 that is a pipe': given(K6, pipeFor),
      'a script of k6 that is a link to itself': endsWith('input-invalid', 'validate', { inputs: K6 }, (workspace) => {
        linkFor(join(workspace, 'given'));
      }),
      'a file of settings that is a link to itself': endsWith('input-invalid', 'validate', {}, (workspace) => {
        linkFor(join(workspace, 'load-test.yml'));
      }),
      'a scenario whose values are of other types': endsWith(
        'input-invalid',
        'validate',
        { inputs: { scenario: 'scenario.yaml' } },
        (workspace) => {
          writeFileSync(
            join(workspace, 'scenario.yaml'),
            'requests:\n  - headers: Accept\n    weight: x\n    pat: /\n',
          );
        },
      ),
      'a kubeconfig that is a folder': given(KUBECONFIG, folderFor),
      'a kubeconfig that is a pipe': given(KUBECONFIG, pipeFor),
      'a working folder that is gone': async (trial) => {
        const job = await trial.job();
        const cli = join(import.meta.dirname, '..', '..', '..', 'dist', 'cli', 'index.js');
        const inNoFolder = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$@"';
        const options = { cwd: job.workspace, env: { PATH: job.tools.path, HOME: job.home } };
        const args = ['-c', inNoFolder, process.execPath, cli, 'validate'];
        const error = await execute('sh', args, options).then(
          () => null,
          (thrown: unknown) => thrown as { stdout: string; stderr: string },
        );
        const log = `${error?.stdout ?? ''}${error?.stderr ?? ''}`;
        ok(log.includes("The working folder can't be read"), log);
        ok(!/^\s+at /m.test(log), log);
      },
    },
  },
  {
    id: 'U2',
    kind: 'slow',
    fault:
      'docker, kubectl or Prometheus gives an impossible answer: a null list, an invalid port, a page instead of JSON',
    expected:
      '`unexpected-answer`, or after a wait the code of what was waited for; the error says what was asked and what is wrong with the answer',
    cases: {
      'a null list of pods': endsWith('node-not-ready', 'check-health', {
        rules: [{ tool: 'kubectl', match: ' get pods', exit: 0, stdout: '{"items": null}' }],
      }),
      'a page in the place of JSON': endsWith('node-not-ready', 'check-health', {
        rules: [{ tool: 'kubectl', match: ' get pods', exit: 0, stdout: '<html>Log in</html>' }],
      }),
      'a port that is none': endsWith('unexpected-answer', 'create-cluster', {
        rules: [{ tool: 'docker', match: '^port', exit: 0, stdout: 'garbage:999999\n' }],
      }),
    },
  },
  {
    id: 'U3',
    kind: 'slow',
    fault: 'The step may open only a few files: none is left for a command, or for a connection of the load',
    expected:
      '`system-refused` with the limit to raise, whichever command hit it; in the load `client-resource` and no verdict (`generator-saturated`); reported and cleaned up as usual',
    cases: {
      ...Object.fromEntries(
        [20, 22, 24, 27, 30, 34].map((openFiles) => [`${String(openFiles)} files`, fewFiles(openFiles)]),
      ),
      'fewer than connections': async (trial) => {
        const job = await trial.job({ openFiles: 60, inputs: { requests: '600', concurrency: '200', rate: '' } });
        const main = await job.main();
        const { load, outcome } = reportOf(job);
        ok((load?.total.failures['client-resource'] ?? 0) > 0, JSON.stringify(load?.total.failures));
        deepEqual({ code: outcome.code, exitCode: main.exitCode }, { code: 'generator-saturated', exitCode: 0 });
      },
      'none for the command line': async (trial) => {
        const job = await trial.job({ openFiles: 20 });
        const { exitCode, stderr } = await job.command(['try', '--requests', '20']);
        const { outcome } = reportOf(job);
        equal(exitCode, 1);
        equal(outcome.code, 'system-refused', outcome.failure?.message);
        ok(stderr.includes('ulimit -n'), stderr);
      },
    },
  },
  {
    id: 'T2',
    kind: 'quick',
    fault: 'The output folder has other files, such as a repository',
    expected: '`input-invalid` before anything starts; nothing in it is written or removed; the report goes elsewhere',
    cases: {
      'the workspace itself': async (trial) => {
        const job = await trial.job({ inputs: { 'output-dir': '.' } });
        plant(job.workspace);
        failed(job, await job.main(), 'input-invalid', 'validate');
        await job.post();
        stayed(job.workspace);
        deepEqual(job.tools.lines('kind'), []);
        deepEqual(
          [...listFiles(job.workspace)].filter((name) => !name.startsWith('artifacts/')).sort(),
          [...FOREIGN].sort(),
        );
      },
      'the usual folder': async (trial) => {
        const job = await trial.job({
          exempt: {
            I1: 'The report is in a folder of its own',
            I2: 'So is the state',
            I3: 'It is among the temporary files',
          },
        });
        plant(job.artifacts);
        const main = await job.main();
        equal(main.exitCode, 1);
        equal(job.outputs()['outcome'], 'input-invalid');
        await job.post();
        stayed(job.artifacts);
        equal(reportOf({ artifacts: join(job.outputs()['report-path'] ?? '', '..') }).outcome.code, 'input-invalid');
      },
      'on the command line': async (trial) => {
        const job = await trial.job();
        plant(job.workspace);
        for (const args of [['validate'], ['run'], ['up'], ['try']]) {
          const { exitCode, stderr } = await job.command([...args, '--output-dir', '.']);
          equal(exitCode, 1);
          ok(stderr.includes('it has other files') || stderr.includes('is not a state'), stderr);
        }
        stayed(job.workspace);
      },
      'a branch has brought the mark of the program, and a link': async (trial) => {
        const job = await trial.job({
          exempt: {
            I1: 'The report is in a folder of its own',
            I2: 'So is the state',
            I3: 'It is among the temporary files',
          },
        });
        const elsewhere = join(job.workspace, 'elsewhere');
        plant(elsewhere);
        mkdirSync(job.artifacts, { recursive: true });
        writeFileSync(join(job.artifacts, MARK), '');
        symlinkSync(elsewhere, join(job.artifacts, 'manifests'));
        const main = await job.main();
        equal(main.exitCode, 1);
        says(main, 'manifests in it is a link');
        await job.post();
        stayed(elsewhere);
        deepEqual([...listFiles(elsewhere)].sort(), [...FOREIGN].sort());
      },
      'that of an earlier run': async (trial) => {
        const job = await trial.job();
        passed(job, await job.main());
        await job.post();
        passed(job, await job.main());
      },
    },
  },
];
