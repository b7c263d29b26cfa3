import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from '../../../src/report/model.ts';
import { failed } from '../expectations.ts';
import { addsUp, reportOf } from '../invariants.ts';
import { createNode, docker, labJob, type LabStep } from '../lab.ts';
import type { Case, Row } from '../row.ts';

/** Time for a stage that has begun to be in the middle of its work. */
const INTO_THE_STAGE_MS = 4000;

const during = (stage: string, ms = INTO_THE_STAGE_MS) => async (running: LabStep): Promise<void> => {
  await running.logged(`::group::${stage}`);
  await sleep(ms);
};

/** The load is on its way and goes on for long enough to have something happen to it. */
const LONG_LOAD = { duration: '60s', rate: '20' };

function cancelled(report: Report, stage: string | null): void {
  equal(report.outcome.code, 'cancelled');
  if (stage !== null) equal(report.outcome.failure?.stage, stage);
}

const cancelledIn = (stage: string, { ms, exact = true, inputs = {} }: { ms?: number; exact?: boolean; inputs?: Record<string, string> } = {}): Case => async (trial) => {
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
    expected: '`cancelled` with the stage, a whole report; post leaves nothing',
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
    id: 'C4',
    kind: 'cluster',
    fault: 'A cluster of somebody else has the name that was asked for',
    expected: '`name-collision`; the other cluster is left alone',
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
    id: 'A4',
    kind: 'cluster',
    fault: 'The application never becomes ready: its container crashes, or its image can’t be pulled',
    expected: '`crash-loop` with the last lines, `image-pull` with the reason; both long before `wait` is over',
    cases: {
      'crash loop': async (trial) => {
        const job = await labJob(trial, { pullRequest: true, inputs: { manifests: resolve('__tests__/e2e/fixtures/never-ready'), 'ingress-controller': 'none', hosts: 'shop.localhost' } });
        const report = failed(job, await job.main(), 'crash-loop', 'check-health');
        match(report.outcome.failure?.message ?? '', /container shop ended \d+ times/);
        match(report.outcome.failure?.hint ?? '', /not waited for any longer/);
        notEqual(job.artifactService?.uploads.length, 0);
        match(job.github?.comments[0]?.body ?? '', /crash-loop/);
      },
      'no such image': async (trial) => {
        const manifests = application(join(trial.folder(), 'app'), '{name: shop, image: "registry.invalid/shop:1"}');
        const job = await labJob(trial, { inputs: { manifests, 'ingress-controller': 'none', hosts: 'shop.localhost' } });
        const report = failed(job, await job.main(), 'image-pull', 'check-health');
        match(report.outcome.failure?.message ?? '', /registry\.invalid\/shop:1/);
        match(report.outcome.failure?.hint ?? '', /not waited for any longer/);
      },
    },
  },
  {
    id: 'L13',
    kind: 'cluster',
    fault: 'During one load: the pod of the ingress is deleted, a node stands still for five seconds, Prometheus is gone',
    expected: 'the run goes on; lost requests are counted by class; no figure of resources, with the reason; no secret is in report, comment or artifact',
    cases: {
      'one after the other': async (trial) => {
        const job = await labJob(trial, {
          pullRequest: true,
          inputs: { nodes: '2', prometheus: 'true', duration: '40s', rate: '20', 'request-timeout': '2s', thresholds: 'http_req_failed: rate<1', workers: '1' },
        });
        const main = await job.main(async (running) => {
          await during('run-load', 8000)(running);
          await job.kubectl('delete', 'pod', '--namespace=ingress-nginx', '--selector=app.kubernetes.io/component=controller', '--wait=false');
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
];
