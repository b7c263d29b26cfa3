import { deepEqual, equal, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identifyProcess } from '../../../src/adapters/commands/process-groups.ts';
import type { PipelineState } from '../../../src/state.ts';
import { type Cluster, nameOf } from '../../../src/system.ts';
import type { RunningStep } from '../../dist/runner.ts';
import { until } from '../../fakes/processes.ts';
import { failed, passed, says } from '../expectations.ts';
import { errorsOf, reportOf, stateOf } from '../invariants.ts';
import { fastClock, preload } from '../preload.ts';
import type { Case, Row } from '../row.ts';
import type { FaultJob, FaultJobOptions, Trial } from '../trial.ts';

/** S: the run is cancelled, killed, or its own process fails. */

/** How a run is held in a stage, and how one sees that it has come there. */
interface Hold {
  readonly options: FaultJobOptions;
  readonly prepare?: (job: FaultJob) => void;
  readonly reached: (job: FaultJob, running: RunningStep) => boolean;
}

const called =
  (tool: 'docker' | 'kind' | 'kubectl', pattern: RegExp): Hold['reached'] =>
  ({ tools }) =>
    tools.lines(tool).some((line) => pattern.test(line));

const hanging = (tool: 'docker' | 'kind' | 'kubectl', pattern: RegExp, options: FaultJobOptions = {}): Hold => ({
  options: { ...options, rules: [{ tool, match: pattern.source, hang: true, deaf: true }] },
  reached: called(tool, pattern),
});

const SAMPLES = /get --raw .*query\?query=(?!up)/;

const HOLDS = {
  validate: hanging('docker', /^info/),
  'announce-run': {
    options: { pullRequest: true },
    prepare: ({ github }) => {
      github?.fail('issues/list-comments', { kind: 'no-answer' });
    },
    reached: ({ github }) => (github?.requests.length ?? 0) > 0,
  },
  'install-tools': hanging('docker', /^pull/),
  'render-manifests': hanging('kubectl', /^kustomize/),
  'create-cluster': {
    // Killed alone, it would leave the children that make the containers.
    options: { rules: [{ tool: 'kind', match: '^create', childrenMs: 3000 }] },
    reached: called('kind', /^create/),
  },
  deploy: {
    // create-cluster tries the first, and leaves all of them to this stage when it fails.
    options: {
      rules: [
        // Had an object been refused, each would be tried on its own.
        { tool: 'kubectl', match: ' apply ', times: 1, exit: 1, stderr: 'Unable to connect to the server: EOF' },
        { tool: 'kubectl', match: ' apply ', hang: true, deaf: true },
      ],
    },
    reached: ({ tools }) => tools.lines('kubectl').filter((line) => / apply /.test(line)).length > 1,
  },
  'check-health': hanging('kubectl', / get Deployment/),
  'run-load': {
    options: { inputs: { duration: '60s' } },
    // The checks before send some, too.
    reached: (job, { stdout }) => stdout().includes('::group::run-load') && job.served() > 50,
  },
  'read-resources': hanging('kubectl', SAMPLES, { inputs: { prometheus: 'true' } }),
} as const satisfies Record<string, Hold>;
type HeldStage = keyof typeof HOLDS;

/** Makes a job that is held in a stage. */
async function held(trial: Trial, { options, prepare }: Hold): Promise<FaultJob> {
  const job = await trial.job(options);
  prepare?.(job);
  return job;
}

/** The stage was reached, and some time of it has passed. */
async function inTheMiddle(trial: Trial, job: FaultJob, { reached }: Hold, running: RunningStep): Promise<void> {
  await until(() => reached(job, running));
  await sleep(trial.random() * 1500);
}

const cancelledIn =
  (stage: HeldStage): Case =>
  async (trial) => {
    const job = await held(trial, HOLDS[stage]);
    const start = { ms: 0 };
    const main = await job.cancelled(async (running) => {
      await inTheMiddle(trial, job, HOLDS[stage], running);
      start.ms = performance.now();
    });
    const seconds = (performance.now() - start.ms) / 1000;
    failed(job, main, 'cancelled', stage);
    ok(seconds <= 7, `main took ${seconds.toFixed(1)} s to end`);
    if (stage === 'run-load')
      ok((reportOf(job).load?.total.sent ?? 0) > 0, 'what was measured until then is not in the report');
  };

/** What the runner does to a main that does not listen: nothing of main's own clean-up runs. */
const killedIn =
  (stage: HeldStage): Case =>
  async (trial) => {
    const job = await held(trial, HOLDS[stage]);
    const main = await job.main(async (running) => {
      await inTheMiddle(trial, job, HOLDS[stage], running);
      running.kill('SIGKILL');
    });
    equal(main.signal, 'SIGKILL');
    const post = await job.post();
    const { outcome } = reportOf(job);
    deepEqual({ code: outcome.code, stage: outcome.failure?.stage }, { code: 'cancelled', stage });
    equal(errorsOf(post).length, 1);
  };

const eachStage = (makeCase: (stage: HeldStage) => Case): Record<string, Case> =>
  Object.fromEntries((Object.keys(HOLDS) as HeldStage[]).map((stage) => [stage, makeCase(stage)]));

/** A job whose main step left a cluster: its deployment failed. */
async function withCluster(trial: Trial, options: FaultJobOptions = {}): Promise<FaultJob> {
  const job = await trial.job({
    ...options,
    rules: [{ tool: 'kubectl', match: ' apply ', exit: 1, stderr: 'error: no' }, ...(options.rules ?? [])],
  });
  failed(job, await job.main(), 'apply-failed', 'deploy');
  return job;
}

/** Of the same run, without its state. */
const afterDamage =
  (damage: (file: string, job: FaultJob) => void): Case =>
  async (trial) => {
    const job = await withCluster(trial);
    // It uses the network that was made for the other one, and so keeps it.
    job.foreign('containers', 'lt-4711-1-other-control-plane', { cluster: 'lt-4711-1-other' });
    job.foreign('networks', 'kind');
    damage(join(job.artifacts, 'state.json'), job);
    const post = await job.post();
    deepEqual(errorsOf(post), []);
  };

const failsItself =
  (fault: 'exception' | 'rejection', stage: HeldStage, text: string): Case =>
  async (trial) => {
    const { options, ...hold } = HOLDS[stage] as Hold;
    const job = await held(trial, { ...hold, options: { ...options, env: preload(fault, stage) } });
    const report = failed(job, await job.main(), 'internal', stage);
    ok(report.outcome.failure?.message.includes(text), report.outcome.failure?.message);
  };

export const SIGNAL_ROWS: readonly Row[] = [
  {
    id: 'S1',
    kind: 'slow',
    fault: 'The run is cancelled in each stage as GitHub does it: SIGINT, 7.5 s, SIGTERM, 2.5 s, kill',
    expected: 'Main ends within 7 s with `cancelled` and that stage; what was measured is kept; post leaves nothing',
    cases: {
      ...eachStage(cancelledIn),
      'collect-diagnostics: the first error stays': async (trial) => {
        const job = await trial.job({
          rules: [
            { tool: 'kubectl', match: ' apply ', exit: 1, stderr: 'error: no' },
            { tool: 'kind', match: '^export logs', hang: true, deaf: true },
          ],
        });
        const main = await job.cancelled(async () => {
          await until(() => job.tools.lines('kind').some((line) => line.startsWith('export logs')));
        });
        failed(job, main, 'apply-failed', 'deploy');
      },
      'publish-report: the outcome stays': async (trial) => {
        const job = await trial.job({ pullRequest: true });
        if (job.artifactService !== null) job.artifactService.fault = 'no-answer';
        const main = await job.cancelled(async () => {
          await until(() => (job.artifactService?.requests.length ?? 0) > 0);
        });
        equal(main.signal, null, 'main had to be killed');
        passed(job, main);
      },
    },
  },
  {
    id: 'S2',
    kind: 'slow',
    fault: 'Main is killed outright in each stage',
    expected:
      'Post stops what is running, reports `cancelled` with that stage, and leaves nothing; a finished run keeps its outcome',
    cases: {
      ...eachStage(killedIn),
      'publish-report: the outcome stays': async (trial) => {
        const job = await trial.job({ pullRequest: true });
        const service = job.artifactService;
        ok(service !== null);
        service.fault = 'no-answer';
        const main = await job.main(async ({ kill }) => {
          await until(() => service.requests.length > 0);
          kill('SIGKILL');
        });
        equal(main.signal, 'SIGKILL');
        service.fault = undefined;
        deepEqual(errorsOf(await job.post()), []);
        equal(reportOf(job).outcome.code, 'passed');
      },
    },
  },
  {
    id: 'S3',
    kind: 'slow',
    fault: 'A `kind create` outlives main, or Docker carries out its requests after everything was deleted',
    expected: 'Post kills it first, deletes, and keeps looking until nothing has appeared for ten seconds',
    cases: {
      'its children still make containers': async (trial) => {
        const job = await trial.job({ rules: [{ tool: 'kind', match: '^create', childrenMs: 4000 }] });
        await job.main(async ({ kill }) => {
          await until(() => job.tools.lines('kind').some((line) => line.startsWith('create')));
          await sleep(trial.random() * 3000);
          kill('SIGKILL');
        });
        says(await job.post(), 'Killed a command that the main step had left running');
      },
      'a container appears up to 8 s after the deletion': async (trial) => {
        const job = await trial.job({ rules: [{ tool: 'kind', match: '^create', hang: true }] });
        await job.main(async ({ kill }) => {
          await until(() => job.tools.lines('kind').some((line) => line.startsWith('create')));
          kill('SIGKILL');
        });
        const post = await job.post(async () => {
          await until(() => job.tools.lines('kind').some((line) => line.startsWith('delete')));
          await sleep(trial.random() * 8000);
          job.tools.add('containers', 'late', { cluster: job.state()['cluster-name'] });
        });
        says(post, /Removing what is left of \S+: late/);
      },
    },
  },
  {
    id: 'S4',
    kind: 'slow',
    fault: 'Post runs twice, or its state is missing, truncated, from another run, or names processes of others',
    expected: "It can be repeated; the name in the runner's state is enough; nothing that belongs to others is touched",
    cases: {
      twice: async (trial) => {
        const job = await withCluster(trial);
        await job.post();
        deepEqual(errorsOf(await job.post()), []);
      },
      'main never began': async (trial) => {
        const job = await trial.job();
        says(await job.post(), 'The main step did not start');
        deepEqual(job.tools.calls(), []);
      },
      missing: afterDamage((file) => {
        rmSync(file);
      }),
      'cut off': afterDamage((file) => {
        writeFileSync(file, readFileSync(file, 'utf8').slice(0, 200));
      }),
      'of another run': afterDamage((file, job) => {
        writeFileSync(
          file,
          readFileSync(file, 'utf8').replaceAll(job.state()['cluster-name'] ?? '', 'lt-4711-1-other'),
        );
      }),
      'with the number of a process of somebody else': async (trial) => {
        const job = await withCluster(trial);
        const other = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
        trial.defer(() => {
          other.kill('SIGKILL');
        });
        const { pid } = identifyProcess(other.pid ?? 0);
        change(job, { processGroups: [{ pid, startTime: '1' }] });
        await job.post();
        equal(other.exitCode ?? other.signalCode, null);
      },
    },
  },
  {
    id: 'S5',
    kind: 'slow',
    fault:
      "The cluster can't be deleted: kind fails once, three times, or always; Docker is busy with it; the cluster is unknown",
    expected:
      "Containers are removed by label and searched for again; what remains after two minutes is named in one error, and the job's outcome does not change",
    cases: {
      'kind fails once': deletionFails([
        {
          tool: 'kind',
          match: '^delete',
          times: 1,
          exit: 1,
          stderr: 'ERROR: failed to delete cluster: tried to kill container, but did not receive an exit event',
        },
      ]),
      'kind always fails': deletionFails([
        { tool: 'kind', match: '^delete', exit: 1, stderr: 'ERROR: failed to delete cluster "x": unknown cluster "x"' },
      ]),
      'kind hangs': deletionFails([{ tool: 'kind', match: '^delete', hang: true, deaf: true }]),
      'Docker is busy three times': deletionFails([
        { tool: 'kind', match: '^delete', exit: 1, stderr: 'ERROR' },
        {
          tool: 'docker',
          match: '^rm',
          times: 3,
          exit: 1,
          stderr: 'Error response from daemon: removal of container x is already in progress',
        },
      ]),
      'docker ps fails twice': deletionFails([
        {
          tool: 'docker',
          match: '^ps .*label=io.x-k8s.kind.cluster=lt-',
          times: 2,
          exit: 1,
          stderr: 'Error response from daemon: context deadline exceeded',
        },
      ]),
      always: async (trial) => {
        const job = await withCluster(trial, {
          env: fastClock('delete-cluster'),
          rules: [
            { tool: 'kind', match: '^delete', exit: 1, stderr: 'ERROR' },
            {
              tool: 'docker',
              match: '^rm',
              exit: 1,
              stderr: 'Error response from daemon: removal of container x is already in progress',
            },
          ],
          exempt: {
            I2: 'The cluster is still there',
            I3: 'Docker never removes it',
            I4: 'The second error is the one about the leftovers',
          },
        });
        const post = await job.post();
        equal(post.exitCode, 0);
        equal(errorsOf(post).length, 1);
        says(
          post,
          /::error title=cleanup-incomplete::These containers of cluster \S+ could not be removed: \S+-control-plane/,
        );
      },
    },
  },
  {
    id: 'S6',
    kind: 'quick',
    fault: 'The disk fills up during the load, or before the report is written',
    expected:
      'The run continues without its state file; the report goes to the reserved space, or as JSON to the log; the outcome does not change',
    cases: {
      'during the load': async (trial) => {
        const job = await trial.job({
          env: preload('disk-full', 'run-load'),
          exempt: { I1: 'No file can be written; the report is in the log', I2: 'The state can not be written either' },
        });
        const main = await job.main();
        says(main, 'ENOSPC');
        says(main, /^report\.json:\n\{\n {2}"\$schema"[^]*"code": "passed"/m);
        equal(main.exitCode, 0);
      },
    },
  },
  {
    id: 'S7',
    kind: 'slow',
    fault: 'Main itself fails: an uncaught exception, an unhandled rejection, no memory left',
    expected:
      '`internal` with its message, and the report, from main; if even that fails, post reports that main was killed',
    cases: {
      'exception in create-cluster': failsItself('exception', 'create-cluster', 'planted exception'),
      'exception in run-load': failsItself('exception', 'run-load', 'planted exception'),
      'rejection in check-health': failsItself('rejection', 'check-health', 'planted rejection'),
      'out of memory in create-cluster': async (trial) => {
        const { NODE_OPTIONS = '', ...env } = preload('memory', 'create-cluster');
        const job = await trial.job({
          ...HOLDS['create-cluster'].options,
          env: { ...env, NODE_OPTIONS: `${NODE_OPTIONS} --max-old-space-size=100` },
        });
        const main = await job.main();
        ok(main.signal !== null || (main.exitCode ?? 0) > 1, `main ended with ${String(main.exitCode)}`);
        await job.post();
        const { outcome } = reportOf(job);
        deepEqual(
          { code: outcome.code, stage: outcome.failure?.stage },
          { code: 'cancelled', stage: 'create-cluster' },
        );
      },
    },
  },
  {
    id: 'S8',
    kind: 'slow',
    fault: 'The clock of the machine is set forward and back by an hour during the run',
    expected: 'Every duration comes from a monotonic clock',
    cases: {
      'at each stage': async (trial) => {
        const job = await trial.job({ env: preload('clock') });
        const report = passed(job, await job.main());
        for (const { name, durationMs } of report.stages)
          ok(durationMs !== null && durationMs >= 0 && durationMs < 120_000, `${name} took ${String(durationMs)} ms`);
        const { load } = report;
        ok(
          load !== null && load.durationSeconds > 0 && load.durationSeconds < 60,
          `the load took ${String(load?.durationSeconds)} s`,
        );
        ok((load.total.latencyMs?.max ?? -1) > 0 && (load.total.latencyMs?.max ?? Infinity) < 60_000);
        ok((load.total.requestsPerSecond ?? 0) > 0);
      },
    },
  },
  {
    id: 'S9',
    kind: 'slow',
    fault: 'Eight runs on one machine at the same time, one of them cancelled',
    expected: 'Seven pass, one is `cancelled`, nothing is left of any of them',
    cases: {
      'one in create-cluster': async (trial) => {
        const first = await trial.job({ rules: [{ tool: 'kind', match: '^create', childrenMs: 500 }] });
        const jobs = [first];
        while (jobs.length < 8) jobs.push(await trial.job({ beside: first }));
        const chosen = jobs[Math.floor(trial.random() * jobs.length)] ?? first;
        const steps = await Promise.all(
          jobs.map(async (job) => {
            if (job !== chosen) return await job.main();
            return await job.cancelled(async (running) => {
              await until(() => running.stdout().includes('Creating cluster'));
            });
          }),
        );
        jobs.forEach((job, index) => {
          const main = steps[index];
          if (main === undefined) throw new Error('there is a job without a step');
          if (job === chosen) failed(job, main, 'cancelled', 'create-cluster');
          else passed(job, main);
        });
        equal(new Set(jobs.map((job) => nameOf(stateOf(job).system as Cluster))).size, jobs.length);
      },
    },
  },
];

function deletionFails(rules: NonNullable<FaultJobOptions['rules']>): Case {
  return async (trial) => {
    const job = await withCluster(trial);
    job.tools.scenario({ rules });
    deepEqual(errorsOf(await job.post()), []);
  };
}

/** Changes the state that main has left. */
function change(job: FaultJob, changes: Partial<PipelineState>): void {
  mkdirSync(job.artifacts, { recursive: true });
  writeFileSync(join(job.artifacts, 'state.json'), JSON.stringify({ ...stateOf(job), ...changes }));
}
