import { deepEqual, equal, ok } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PipelineState } from '../../../src/state.ts';
import type { OwnCluster } from '../../../src/system.ts';
import { passed, says } from '../expectations.ts';
import { errorsOf, stateOf } from '../invariants.ts';
import type { Case, Row } from '../row.ts';
import type { FaultJob, Trial } from '../trial.ts';

/** T: something of a stranger lies where the program looks for its own. */

const execute = promisify(execFile);

const stateFile = ({ artifacts }: FaultJob): string => join(artifacts, 'state.json');
const userConfig = ({ home }: FaultJob): string => join(home, '.kube', 'config');
const trace = ({ home }: FaultJob): string => join(home, 'evil-was-run');

/** A program that leaves a trace, in the place of every tool. */
function evilTools(job: FaultJob): Pick<PipelineState, 'tools'> {
  const path = join(job.workspace, 'evil.sh');
  writeFileSync(path, `#!/bin/sh\ntouch '${trace(job)}'\n`, { mode: 0o755 });
  const tool = { version: 'v0.33.0', path, sha256: '0'.repeat(64) };
  return { tools: { kind: tool, kubectl: tool } };
}

const cluster = (kubeconfig: string): OwnCluster => ({
  kind: 'own',
  name: 'lt-stranger',
  nodeImage: '',
  kubeconfig,
  ingress: { address: '127.0.0.1', port: 80 },
  nodes: [],
  networkExisted: true,
  deletedAt: null,
});

/** A job whose folder has a state that this machine wrote, changed afterwards. */
async function withState(trial: Trial, change: (job: FaultJob) => Partial<PipelineState>): Promise<FaultJob> {
  const job = await trial.job();
  const sums = ['--kind-sha256', job.tools.sha256('kind'), '--kubectl-sha256', job.tools.sha256('kubectl')];
  const { exitCode, stdout } = await job.command(['validate', ...sums]);
  equal(exitCode, 0, stdout);
  writeFileSync(stateFile(job), JSON.stringify({ ...stateOf(job), ...change(job) }));
  return job;
}

function untouched(job: FaultJob): void {
  equal(existsSync(trace(job)), false, 'the program of a stranger was run');
  equal(readFileSync(userConfig(job), 'utf8'), 'of: somebody else\n');
}

const refused =
  (change: (job: FaultJob) => Partial<PipelineState>): Case =>
  async (trial) => {
    const job = await withState(trial, change);
    const kept = readFileSync(stateFile(job), 'utf8');
    for (const command of ['down', 'health', 'load', 'report', 'run']) {
      const { exitCode, stderr } = await job.command([command]);
      deepEqual(
        { command, exitCode, refused: stderr.includes('error: state-invalid') },
        { command, exitCode: 1, refused: true },
        stderr,
      );
    }
    equal(readFileSync(stateFile(job), 'utf8'), kept);
    untouched(job);
  };

export const TRUST_ROWS: readonly Row[] = [
  {
    id: 'T1',
    kind: 'quick',
    fault:
      "This run did not write state.json: it came with a branch from another machine, names the user's kubeconfig or another program as a tool, or is a pipe",
    expected:
      '`state-invalid`, and nothing is run or removed; a program without the right checksum is not run, and the cluster is removed without it',
    cases: {
      'of another machine': refused((job) => ({
        ...evilTools(job),
        writtenBy: { machine: 'of a stranger', user: process.getuid?.() ?? null },
        system: cluster(join(job.artifacts, 'kubeconfig')),
      })),
      'of another run': refused((job) => ({
        ...evilTools(job),
        run: { ...stateOf(job).run, id: '4711' },
        system: cluster(join(job.artifacts, 'kubeconfig')),
      })),
      'with the kubeconfig of the user': refused((job) => ({ ...evilTools(job), system: cluster(userConfig(job)) })),
      'with evidence elsewhere': refused(() => ({ diagnostics: ['diagnostics/../../../.kube/config'] })),
      'with another program as a tool': async (trial) => {
        const job = await withState(trial, (given) => ({
          ...evilTools(given),
          system: cluster(join(given.artifacts, 'kubeconfig')),
        }));
        const down = await job.command(['down']);
        equal(down.exitCode, 0, down.stdout);
        says(down, /kind at \S+evil\.sh is not run/);
        untouched(job);
      },
      'with another program as a tool, in the post step': async (trial) => {
        const job = await trial.job();
        passed(job, await job.main());
        writeFileSync(stateFile(job), JSON.stringify({ ...stateOf(job), ...evilTools(job) }));
        const post = await job.post();
        says(post, /kind at \S+evil\.sh is not run/);
        deepEqual(errorsOf(post), []);
        untouched(job);
      },
      'a pipe': async (trial) => {
        const job = await withState(trial, () => ({}));
        rmSync(stateFile(job));
        await execute('mkfifo', [stateFile(job)]);
        try {
          for (const command of ['down', 'run']) {
            const { exitCode, stderr } = await job.command([command]);
            equal(exitCode, 1);
            ok(stderr.includes('it is a pipe'), stderr);
          }
        } finally {
          // Whoever looks at the folder afterwards would wait at it.
          rmSync(stateFile(job));
        }
      },
    },
  },
];
