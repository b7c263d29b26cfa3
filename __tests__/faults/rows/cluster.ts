import { deepEqual, equal, ok } from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, passed, says } from '../expectations.ts';
import { fastClock } from '../preload.ts';
import { MARK } from '../../../src/adapters/output-folder.ts';
import type { Case, Row } from '../row.ts';

/** C: kind and Docker do not make the cluster. */

const CREATE = { tool: 'kind', match: '^create' } as const;

/** kind gives up at a step of its own, with so many containers made by then. */
const givesUp =
  (containers: number, stderr: string, code: Parameters<typeof failed>[2] = 'cluster-create-failed'): Case =>
  async (trial) => {
    const job = await trial.job({
      rules: [{ ...CREATE, containers, exit: 1, stderr: `ERROR: failed to create cluster: ${stderr}` }],
    });
    const main = await job.main();
    const report = failed(job, main, code, 'create-cluster');
    ok(report.outcome.failure?.message.includes(stderr), report.outcome.failure?.message);
    ok(
      report.diagnostics.some((file) => file.startsWith('diagnostics/kind/')),
      `no logs of the nodes among ${report.diagnostics.join(', ')}`,
    );
  };

const nodesJson = (...ready: readonly ('True' | 'False')[]): string =>
  JSON.stringify({
    items: ready.map((status, index) => ({
      metadata: {
        name: index === 0 ? 'lt-control-plane' : `lt-worker${String(index)}`,
        labels: index === 0 ? { 'node-role.kubernetes.io/control-plane': '' } : {},
      },
      status: {
        conditions: [
          {
            type: 'Ready',
            status,
            message:
              status === 'True'
                ? 'kubelet is posting ready status'
                : 'container runtime network not ready: cni plugin not initialized',
          },
        ],
        nodeInfo: { kubeletVersion: 'v1.35.8' },
      },
    })),
  });

export const CLUSTER_ROWS: readonly Row[] = [
  {
    id: 'C1',
    kind: 'slow',
    fault: '`kind create` fails at each of its steps',
    expected: "`cluster-create-failed` with kind's message; the node logs are kept; the nodes are gone",
    cases: {
      'node image': givesUp(0, 'failed to pull image "kindest/node": exit status 1', 'image-pull'),
      'preparing nodes': givesUp(
        1,
        'docker run error: command "docker run --name x" failed with error: exit status 125',
      ),
      'writing configuration': givesUp(
        3,
        'failed to generate kubeadm config content: failed to get kubernetes version from node',
      ),
      'starting control plane': givesUp(
        3,
        'failed to init node with kubeadm: command "docker exec x kubeadm init" failed with error: exit status 1',
      ),
      'installing CNI': givesUp(
        3,
        'failed to apply overlay network: command "docker exec x kubectl create -f -" failed',
      ),
      'joining workers': givesUp(3, 'failed to join node with kubeadm: command "docker exec x kubeadm join" failed'),
    },
  },
  {
    id: 'C2',
    kind: 'slow',
    fault: '`kind create` never ends',
    expected:
      'Its group is killed after ten minutes (here on a clock that runs 20 times as fast): `cluster-create-failed`',
    cases: {
      hangs: async (trial) => {
        const job = await trial.job({
          env: fastClock('create-cluster'),
          rules: [{ ...CREATE, hang: true, deaf: true }],
        });
        const main = await job.main();
        failed(job, main, 'cluster-create-failed', 'create-cluster');
        says(main, 'It took longer than 10 minutes.');
      },
    },
  },
  {
    id: 'C3',
    kind: 'slow',
    fault: 'kind exits with 0, but a worker is not ready, or missing',
    expected: '`node-not-ready` after the time in input wait, with the node and its message',
    cases: {
      'not ready': async (trial) => {
        const job = await trial.job({
          rules: [{ tool: 'kubectl', match: ' get nodes --output=json', stdout: nodesJson('True', 'True', 'False') }],
        });
        const main = await job.main();
        failed(job, main, 'node-not-ready', 'create-cluster');
        says(main, 'node lt-worker2 is not ready: container runtime network not ready: cni plugin not initialized');
      },
      missing: async (trial) => {
        const job = await trial.job({
          rules: [{ tool: 'kubectl', match: ' get nodes --output=json', stdout: nodesJson('True', 'True') }],
        });
        const main = await job.main();
        failed(job, main, 'node-not-ready', 'create-cluster');
        says(main, '2 of 3 nodes have joined');
      },
    },
  },
  {
    id: 'C4',
    kind: 'quick',
    fault: "Someone else's cluster has the same name",
    expected: '`name-collision`; the other cluster is not touched',
    cases: {
      'it was there before': async (trial) => {
        const job = await trial.job({ inputs: { 'cluster-name': 'theirs' } });
        job.foreign('containers', 'theirs-control-plane', { cluster: 'theirs' });
        failed(job, await job.main(), 'name-collision', 'create-cluster');
      },
      'it appears between look and creation': async (trial) => {
        const job = await trial.job({
          inputs: { 'cluster-name': 'theirs' },
          rules: [{ tool: 'kind', match: '^get clusters', stdout: '' }],
        });
        job.foreign('containers', 'theirs-control-plane', { cluster: 'theirs' });
        job.foreign('networks', 'kind');
        failed(job, await job.main(), 'name-collision', 'create-cluster');
        equal(
          job.tools.lines('kind').some((line) => line.startsWith('delete')),
          false,
        );
      },
    },
  },
  {
    id: 'C5',
    kind: 'slow',
    fault: 'The registry answers the pulls of the node image with 429',
    expected: 'Five attempts over half a minute; then `registry-rate-limit`, and nothing was created',
    cases: {
      'all five': async (trial) => {
        const job = await trial.job({
          env: fastClock('install-tools', 5),
          rules: [
            {
              tool: 'docker',
              match: '^pull',
              exit: 1,
              stderr:
                'Error response from daemon: toomanyrequests: You have reached your unauthenticated pull rate limit.',
            },
          ],
        });
        failed(job, await job.main(), 'registry-rate-limit', 'install-tools');
        equal(job.tools.lines('docker').filter((line) => line.startsWith('pull')).length, 5);
      },
      'the first two': async (trial) => {
        const job = await trial.job({
          env: fastClock('install-tools', 5),
          rules: [{ tool: 'docker', match: '^pull', times: 2, exit: 1, stderr: 'toomanyrequests' }],
        });
        passed(job, await job.main());
        equal(job.tools.lines('docker').filter((line) => line.startsWith('pull')).length, 3);
      },
    },
  },
  {
    id: 'C6',
    kind: 'slow',
    fault: 'Docker has no address pool left for a network',
    expected: '`network-pool`, with the command that removes unused networks',
    cases: {
      'could not find an available': async (trial) => {
        const job = await trial.job({
          rules: [
            {
              ...CREATE,
              exit: 1,
              stderr:
                'ERROR: failed to create cluster: failed to ensure docker network: Error response from daemon: could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
            },
          ],
        });
        const main = await job.main();
        failed(job, main, 'network-pool', 'create-cluster');
        says(main, 'docker network prune');
      },
      'all predefined address pools': async (trial) => {
        const job = await trial.job({
          rules: [
            {
              ...CREATE,
              exit: 1,
              stderr:
                'ERROR: failed to create cluster: Error response from daemon: all predefined address pools have been fully subnetted',
            },
          ],
        });
        failed(job, await job.main(), 'network-pool', 'create-cluster');
      },
    },
  },
  {
    id: 'C7',
    kind: 'slow',
    fault: 'A killed kind has left its lock on the kubeconfig',
    expected:
      'The lock in our own folder is removed, before the creation and at the end; the one of `~/.kube/config` stays',
    cases: {
      'from an earlier run in the same folder': async (trial) => {
        const job = await trial.job();
        mkdirSync(job.artifacts);
        writeFileSync(join(job.artifacts, MARK), '');
        writeFileSync(join(job.artifacts, 'kubeconfig.lock'), '');
        mkdirSync(join(job.home, '.kube'), { recursive: true });
        writeFileSync(join(job.home, '.kube', 'config.lock'), '');
        passed(job, await job.main());
        equal(existsSync(join(job.home, '.kube', 'config.lock')), true);
      },
      'while it deletes': async (trial) => {
        const job = await trial.job();
        passed(job, await job.main());
        writeFileSync(join(job.artifacts, 'kubeconfig.lock'), '');
        const post = await job.post();
        deepEqual(
          { exitCode: post.exitCode, lock: existsSync(join(job.artifacts, 'kubeconfig.lock')) },
          { exitCode: 0, lock: false },
        );
      },
    },
  },
];
