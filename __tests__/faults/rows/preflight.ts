import { deepEqual, ok } from 'node:assert/strict';
import { chmodSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { failed, passed, says } from '../expectations.ts';
import { fastClock, preload } from '../preload.ts';
import type { Rule } from '../../fakes/tools.ts';
import type { Case, Row } from '../row.ts';

/** P: the machine is not fit for a cluster, which shows before anything is made. */
const refused =
  (code: Parameters<typeof failed>[2], text: string | RegExp, scenario: object): Case =>
  async (trial) => {
    const job = await trial.job({ scenario });
    const main = await job.main();
    failed(job, main, code, 'validate');
    says(main, text);
    nothingMade(job);
  };

function nothingMade({ tools }: { readonly tools: { readonly lines: (tool: 'kind' | 'docker') => string[] } }): void {
  deepEqual(tools.lines('kind'), []);
  deepEqual(
    tools.lines('docker').filter((line) => !/^(info|context inspect|container inspect) /.test(line)),
    [],
  );
}

/** An engine whose address alone says where it is. */
const farAway =
  (address: string, ...rules: readonly Rule[]): Case =>
  async (trial) => {
    const where: Rule = { tool: 'docker', match: '^context inspect', stdout: `${address}\n` };
    const job = await trial.job({ scenario: { rules: [where, ...rules] } });
    const main = await job.main();
    failed(job, main, 'docker-elsewhere', 'validate');
    says(main, `The Docker engine is at ${address}`);
    says(main, 'unset DOCKER_HOST');
    nothingMade(job);
  };

const dockerSays = (stderr: string): object => ({ rules: [{ tool: 'docker', match: '^info', exit: 1, stderr }] });

const INFO = { ServerVersion: '28.0.4', CgroupVersion: '2', SecurityOptions: ['name=seccomp,profile=builtin'] };

export const PREFLIGHT_ROWS: readonly Row[] = [
  {
    id: 'P1',
    kind: 'quick',
    fault: 'There is no docker command',
    expected: '`docker-not-installed`; nothing is created',
    cases: {
      'not on PATH': async (trial) => {
        const job = await trial.job({ env: { PATH: '/nonexistent' } });
        failed(job, await job.main(), 'docker-not-installed', 'validate');
        nothingMade(job);
      },
      'not executable': async (trial) => {
        const job = await trial.job();
        const folder = trial.folder();
        writeFileSync(join(folder, 'docker'), '#!/bin/sh\n');
        chmodSync(join(folder, 'docker'), 0o644);
        rmSync(join(job.tools.bin, 'docker'));
        symlinkSync(join(folder, 'docker'), join(job.tools.bin, 'docker'));
        const alone = await trial.job({ beside: job, env: { PATH: job.tools.bin } });
        failed(alone, await alone.main(), 'docker-not-installed', 'validate');
        trial.forget(job);
      },
    },
  },
  {
    id: 'P2',
    kind: 'quick',
    fault: 'This user has no access to the Docker socket',
    expected: '`docker-permission-denied`, with the command that grants access',
    cases: {
      'docker info says so': refused(
        'docker-permission-denied',
        'usermod -aG docker',
        dockerSays(
          'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: dial unix /var/run/docker.sock: connect: permission denied',
        ),
      ),
    },
  },
  {
    id: 'P3',
    kind: 'quick',
    fault: 'The Docker engine is down, or answers nonsense',
    expected: '`docker-unreachable`',
    cases: {
      'no engine': refused(
        'docker-unreachable',
        'docker info',
        dockerSays('Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?'),
      ),
      'client without a server': refused('docker-unreachable', 'Is the daemon up', {
        dockerInfo: { ServerErrors: ['Is the daemon up?'] },
      }),
      'no JSON': refused('docker-unreachable', 'not its JSON', {
        rules: [{ tool: 'docker', match: '^info', stdout: '<html>502</html>' }],
      }),
    },
  },
  {
    id: 'P4',
    kind: 'quick',
    fault: 'Docker is rootless without cgroup v2 or without delegated controllers',
    expected: '`docker-rootless`, naming what is missing',
    cases: {
      'no delegation': refused('docker-rootless', 'without limits for cpu, pids', {
        dockerInfo: {
          ...INFO,
          SecurityOptions: ['name=rootless'],
          CPUShares: false,
          PidsLimit: false,
          MemoryLimit: true,
        },
      }),
      'cgroup v1': refused('docker-rootless', 'cgroup v1', {
        dockerInfo: { ...INFO, SecurityOptions: ['name=rootless'], CgroupVersion: '1' },
      }),
    },
  },
  {
    id: 'P5',
    kind: 'quick',
    fault: 'The machine has cgroup v1, and the node image is Kubernetes 1.35 or later',
    expected: "The kubelet starts, with a warning; `cgroup-version` if the user's kind configuration does not allow it",
    cases: {
      'own configuration': async (trial) => {
        const config = join(trial.folder(), 'kind.yaml');
        writeFileSync(config, 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n');
        const job = await trial.job({
          scenario: { dockerInfo: { ...INFO, CgroupVersion: '1' } },
          inputs: { config },
        });
        const main = await job.main();
        failed(job, main, 'cgroup-version', 'validate');
        says(main, 'failCgroupV1: false');
        nothingMade(job);
      },
      '1.34': async (trial) => {
        const job = await trial.job({
          scenario: {
            httpPort: 1,
            dockerInfo: { ...INFO, CgroupVersion: '1' },
            rules: [{ tool: 'docker', match: '^pull', exit: 1, stderr: 'manifest unknown' }],
          },
          inputs: { 'node-image': 'kindest/node:v1.34.11' },
        });
        failed(job, await job.main(), 'image-pull', 'install-tools');
      },
    },
  },
  {
    id: 'P6',
    kind: 'quick',
    fault: 'The inotify limits are 8192 watches and 128 instances',
    expected: 'A warning with the sysctl command; the run continues',
    cases: {
      'three nodes': async (trial) => {
        const job = await trial.job({ env: preload('inotify') });
        const main = await job.main();
        passed(job, main);
        says(main, '::warning::The inotify limits are low (8192 watches, 128 instances)');
        says(main, 'sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512');
      },
    },
  },
  {
    id: 'P7',
    kind: 'quick',
    fault: 'There is not enough free disk space for a cluster',
    expected: '`disk-full`, with the free and the needed space (6 GiB: images, their unpacked layers, and logs)',
    cases: {
      '2 GiB': async (trial) => {
        const job = await trial.job({ env: preload('small-disk') });
        const main = await job.main();
        failed(job, main, 'disk-full', 'validate');
        says(main, 'Only 2.0 GiB of disk is free; a cluster needs 6 GiB');
        nothingMade(job);
      },
    },
  },
  {
    id: 'P8',
    kind: 'slow',
    fault: 'The requested port is taken',
    expected:
      '`port-in-use` before anything is created, with the port; if a port that was not requested is taken later, another free one is used',
    cases: {
      'a port of the input': async (trial) => {
        const server = createServer();
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        trial.defer(() => {
          server.close();
        });
        const port = String((server.address() as AddressInfo).port);
        const job = await trial.job({ inputs: { 'http-port': port } });
        const main = await job.main();
        failed(job, main, 'port-in-use', 'validate');
        says(main, `port ${port} is already in use`);
        nothingMade(job);
      },
      'taken between look and creation': async (trial) => {
        const taken = 'ERROR: failed to create cluster: Bind for 127.0.0.1:80 failed: port is already allocated';
        const job = await trial.job({
          rules: [{ tool: 'kind', match: '^create', times: 1, exit: 1, stderr: taken }],
          env: preload('free-port'),
        });
        passed(job, await job.main());
        ok(job.tools.lines('kind').filter((line) => line.startsWith('create')).length === 2);
      },
      'asked for, and taken between look and creation': async (trial) => {
        const taken = 'ERROR: failed to create cluster: Bind for 127.0.0.1:80 failed: port is already allocated';
        const job = await trial.job({
          rules: [{ tool: 'kind', match: '^create', exit: 1, stderr: taken }],
          inputs: { 'http-port': '45871' },
        });
        failed(job, await job.main(), 'port-in-use', 'create-cluster');
      },
    },
  },
  {
    id: 'P9',
    kind: 'slow',
    fault: '127.0.0.1 of the Docker engine is not 127.0.0.1 of the action',
    expected:
      '`docker-elsewhere` before anything is created, even if that engine does not answer; behind a tunnel, 15 s after the cluster is created',
    cases: {
      'DOCKER_HOST names another machine': farAway('tcp://builder.example:2376'),
      'a machine that hangs, over ssh': farAway('ssh://me@builder.example', {
        tool: 'docker',
        match: '^info',
        hang: true,
      }),
      'a container job': async (trial) => {
        const job = await trial.job({
          env: preload('container'),
          scenario: { ownNetwork: 'github_network_0123456789abcdef' },
        });
        const main = await job.main();
        failed(job, main, 'docker-elsewhere', 'validate');
        says(main, 'network github_network_0123456789abcdef');
        says(main, '--network host');
        nothingMade(job);
      },
      'a container in the network of its machine': async (trial) => {
        const job = await trial.job({ env: preload('container'), scenario: { ownNetwork: 'host' } });
        passed(job, await job.main());
      },
      'a tunnel to another machine': async (trial) => {
        const stderr =
          'The connection to the server 127.0.0.1:38561 was refused - did you specify the right host or port?';
        const job = await trial.job({
          env: fastClock('create-cluster', 5),
          rules: [{ tool: 'kubectl', match: ' get nodes', exit: 1, stderr }],
          inputs: { wait: '60s' },
        });
        const main = await job.main();
        failed(job, main, 'docker-elsewhere', 'create-cluster');
        says(main, 'nothing has listened for 15 s at 127.0.0.1:38561');
      },
    },
  },
];
