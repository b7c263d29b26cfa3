import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Report } from '../../../src/model/report.ts';
import { until } from '../../fakes/processes.ts';
import { failed, says } from '../expectations.ts';
import { addsUp, reportOf } from '../invariants.ts';
import { createNode, docker, labJob, type LabStep, nodeImage } from '../lab.ts';
import { preload } from '../preload.ts';
import type { Case, Row } from '../row.ts';

const execute = promisify(execFile);

/** Time for a stage that has begun to be in the middle of its work. */
const INTO_THE_STAGE_MS = 4000;

const during =
  (stage: string, ms = INTO_THE_STAGE_MS) =>
  async (running: LabStep): Promise<void> => {
    await running.logged(`::group::${stage}`);
    await sleep(ms);
  };

/** The load is on its way and goes on for long enough to have something happen to it. */
const LONG_LOAD = { duration: '60s', rate: '20' };

function cancelled(report: Report, stage: string | null): void {
  equal(report.outcome.code, 'cancelled');
  if (stage !== null) equal(report.outcome.failure?.stage, stage);
}

const cancelledIn =
  (
    stage: string,
    { ms, exact = true, inputs = {} }: { ms?: number; exact?: boolean; inputs?: Record<string, string> } = {},
  ): Case =>
  async (trial) => {
    const job = await labJob(trial, { inputs });
    const main = await job.cancelled(during(stage, ms));
    equal(main.exitCode, 1);
    cancelled(reportOf(job), exact ? stage : null);
  };

function application(folder: string, container: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'kustomization.yaml'), 'resources: [shop.yaml]\n');
  writeFileSync(
    join(folder, 'shop.yaml'),
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop, namespace: default}\nspec:\n  selector: {matchLabels: {app: shop}}\n  template:\n    metadata: {labels: {app: shop}}\n    spec:\n      containers: [${container}]\n`,
  );
  return folder;
}

/** On a real cluster: each case is a use of the action as the runner has it. */
export const LAB_ROWS: readonly Row[] = [
  {
    id: 'S1',
    kind: 'cluster',
    fault: 'The job is cancelled in each of its stages, with the signals and pauses of the runner',
    expected: '`cancelled` with the stage, a complete report; post leaves nothing',
    cases: {
      'in validate': cancelledIn('validate', { ms: 0, exact: false }),
      'in install-tools': cancelledIn('install-tools', { ms: 0, exact: false }),
      'in create-cluster': cancelledIn('create-cluster'),
      'in deploy': cancelledIn('deploy', { ms: 300, exact: false }),
      'in check-health': cancelledIn('check-health', { ms: 1500 }),
      'in run-load': cancelledIn('run-load', { inputs: LONG_LOAD }),
      'in read-resources': cancelledIn('read-resources', { ms: 1000, inputs: { prometheus: 'true' } }),
    },
  },
  {
    id: 'S2',
    kind: 'cluster',
    fault: 'The main step is killed (SIGKILL), a node is removed behind its back, and post runs twice',
    expected: 'post stops what is running, removes the cluster and reports; the second post finds nothing to do',
    cases: {
      'in create-cluster': async (trial) => {
        const job = await labJob(trial);
        await job.main(async (running) => {
          await during('create-cluster')(running);
          running.kill('SIGKILL');
        });
        await job.post();
        says(await job.post(), /is gone|No cluster to delete/);
        cancelled(reportOf(job), 'create-cluster');
      },
      'in run-load, with a worker that is gone': async (trial) => {
        const job = await labJob(trial, { inputs: { nodes: '2', ...LONG_LOAD } });
        await job.main(async (running) => {
          await during('run-load')(running);
          await docker('rm', '--force', '--volumes', `${job.cluster()}-worker`);
          running.kill('SIGKILL');
        });
        await job.post();
        await job.post();
        cancelled(reportOf(job), 'run-load');
      },
      'in publish-report, after it has passed': async (trial) => {
        const job = await labJob(trial, { pullRequest: true });
        const service = job.artifactService;
        ok(service !== null);
        service.fault = 'no-answer';
        await job.main(async (running) => {
          await running.logged('::group::publish-report');
          await until(() => service.requests.length > 0);
          running.kill('SIGKILL');
        });
        service.fault = undefined;
        await job.post();
        await job.post();
        equal(reportOf(job).outcome.code, 'passed');
      },
    },
  },
  {
    id: 'C4',
    kind: 'cluster',
    fault: "Someone else's cluster has the requested name",
    expected: '`name-collision`; the other cluster is not touched',
    cases: {
      'and is stopped': async (trial) => {
        const theirs = `theirs-${randomBytes(4).toString('hex')}`;
        await createNode(theirs);
        trial.defer(async () => {
          await docker('rm', '--force', '--volumes', `${theirs}-control-plane`);
        });
        const job = await labJob(trial, { inputs: { 'cluster-name': theirs } });
        job.before.push(`container ${theirs}-control-plane`);
        failed(job, await job.main(), 'name-collision', 'create-cluster');
      },
    },
  },
  {
    id: 'P8',
    kind: 'cluster',
    fault: 'The port is taken between the check and the creation of the cluster',
    expected: 'a retry with a port chosen by the kernel; the run passes',
    cases: {
      'by a container': async (trial) => {
        const holder = `holder-${randomBytes(4).toString('hex')}`;
        const job = await labJob(trial, { env: preload('free-port') });
        // Port 80 may be taken by somebody else already, which is as good.
        await docker(
          'run',
          '--detach',
          '--name',
          holder,
          '--publish',
          '127.0.0.1:80:80',
          '--entrypoint',
          'sleep',
          nodeImage(),
          '900',
        ).catch(() => '');
        trial.defer(async () => {
          await docker('rm', '--force', '--volumes', holder);
        });
        const main = await job.main();
        says(main, 'Another program took a port of the ingress');
        const report = reportOf(job);
        equal(addsUp(report).total.failed, 0);
      },
    },
  },
  {
    id: 'A4',
    kind: 'cluster',
    fault: 'The application never becomes ready: its container crashes, or its image can’t be pulled',
    expected: '`crash-loop` with the last lines, `image-pull` with the reason; both long before `wait` has passed',
    cases: {
      'crash loop': async (trial) => {
        const job = await labJob(trial, {
          pullRequest: true,
          inputs: {
            manifests: resolve('__tests__/e2e/fixtures/never-ready'),
            'ingress-controller': 'none',
            hosts: 'shop.localhost',
          },
        });
        const report = failed(job, await job.main(), 'crash-loop', 'check-health');
        match(report.outcome.failure?.message ?? '', /container shop ended \d+ times/);
        match(report.outcome.failure?.hint ?? '', /stopped waiting/);
        notEqual(job.artifactService?.uploads.length, 0);
        match(job.github?.comments[0]?.body ?? '', /crash-loop/);
      },
      'no such image': async (trial) => {
        const manifests = application(join(trial.folder(), 'app'), '{name: shop, image: "registry.invalid/shop:1"}');
        const job = await labJob(trial, {
          inputs: { manifests, 'ingress-controller': 'none', hosts: 'shop.localhost' },
        });
        const report = failed(job, await job.main(), 'image-pull', 'check-health');
        match(report.outcome.failure?.message ?? '', /registry\.invalid\/shop:1/);
        match(report.outcome.failure?.hint ?? '', /stopped waiting/);
      },
    },
  },
  {
    id: 'L13',
    kind: 'cluster',
    fault: 'During one load: the ingress pod is deleted, a node is paused for five seconds, Prometheus is gone',
    expected:
      'the run continues; lost requests are counted by class; no resource figures, with the reason; no secret in report, comment or artifact',
    cases: {
      'one after the other': async (trial) => {
        const job = await labJob(trial, {
          pullRequest: true,
          inputs: {
            nodes: '2',
            prometheus: 'true',
            duration: '40s',
            rate: '20',
            'request-timeout': '2s',
            thresholds: 'http_req_failed: rate<1',
            workers: '1',
          },
        });
        const main = await job.main(async (running) => {
          await during('run-load', 8000)(running);
          await job.kubectl(
            'delete',
            'pod',
            '--namespace=ingress-nginx',
            '--selector=app.kubernetes.io/component=controller',
            '--wait=false',
          );
          await sleep(8000);
          await docker('pause', `${job.cluster()}-worker`);
          await sleep(5000);
          await docker('unpause', `${job.cluster()}-worker`);
          await job.kubectl('scale', 'deployment', 'prometheus', '--namespace=monitoring', '--replicas=0');
        });
        equal(main.exitCode, 0, main.stdout);
        const report = reportOf(job);
        const { total } = addsUp(report);
        ok(total.failed > 0, 'nothing was lost, although the ingress was gone');
        ok(total.succeeded > total.sent / 4, `only ${String(total.succeeded)} of ${String(total.sent)} succeeded`);
        match(report.resources?.missing.join('\n') ?? '', /Prometheus could not be read/);
        deepEqual(report.resources?.workloads, []);
        ok(report.stages.every(({ outcome }) => outcome === 'ok'));
        notEqual(job.artifactService?.uploads.length, 0);
      },
    },
  },
  {
    id: 'S6',
    kind: 'cluster',
    fault: 'The disk of the output folder fills up during the load',
    expected: 'the run ends normally and says so; what was measured is in the log; post leaves nothing',
    cases: {
      'a small tmpfs': async (trial) => {
        const job = await labJob(trial, {
          exempt: { I1: 'its disk is full', I2: 'its disk is full', I4: 'its disk is full' },
        });
        const root = process.getuid?.() === 0 ? [] : ['sudo', '--non-interactive'];
        const privileged = (...args: string[]): Promise<unknown> =>
          execute([...root, ...args][0] ?? '', [...root, ...args].slice(1), { timeout: 30_000 });
        mkdirSync(job.artifacts, { recursive: true });
        await privileged('mount', '-t', 'tmpfs', '-o', 'size=2m,mode=0777', 'tmpfs', job.artifacts);
        trial.defer(async () => {
          await privileged('umount', '--lazy', job.artifacts);
        });
        const filler = join(job.artifacts, 'filler');
        const main = await job.main(async (running) => {
          await during('run-load', 0)(running);
          await execute('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4096']).catch(() => undefined);
        });
        says(main, /no space left on device/i);
        says(main, /50 requests in/);
        rmSync(filler);
      },
    },
  },
  {
    id: 'S9',
    kind: 'cluster',
    fault: 'Two runs at once on one machine, one of which is cancelled',
    expected: 'the other one passes, and both leave nothing',
    cases: {
      'cancelled in its load': async (trial) => {
        const [one, other] = [
          await labJob(trial, { inputs: LONG_LOAD }),
          await labJob(trial, { env: { GITHUB_RUN_ID: '4712' } }),
        ];
        const both = await Promise.all([
          one.cancelled(during('run-load')).then(async (main) => ({ main, post: await one.post() })),
          other.main(),
        ]);
        cancelled(reportOf(one), 'run-load');
        equal(addsUp(reportOf(other)).total.failed, 0);
        equal(both[1].exitCode, 0);
      },
    },
  },
];
