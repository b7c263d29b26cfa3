import type { DockerInfo } from '../../adapters/commands/docker.ts';
import { machineFacts } from '../../adapters/machine.ts';
import { kubernetesMinor } from '../../cluster/pinned-versions.ts';
import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';

/** Docker answers, and its cgroups are what kind and the kubelet of the node image need. */
export async function checkDocker({ inputs, store, runner }: Context, asked: Promise<DockerInfo>): Promise<void> {
  const info = await asked;
  store.update({
    environment: { ...machineFacts(), dockerVersion: info.version, cgroupVersion: info.cgroupVersion },
  });
  runner.info(`Docker ${info.version}, cgroup v${info.cgroupVersion ?? '?'}${info.rootless ? ', rootless' : ''}`);
  if (info.rootless && (info.cgroupVersion !== '2' || info.missingLimits.length > 0)) {
    throw new StageError(
      'docker-rootless',
      `Docker runs rootless with cgroup v${info.cgroupVersion ?? '?'}${info.missingLimits.length > 0 ? ` and without limits for ${info.missingLimits.join(', ')}` : ''}; kind needs cgroup v2 and delegated controllers.`,
      {
        hint: 'Use Docker with root, or delegate the controllers to the user: https://kind.sigs.k8s.io/docs/user/rootless/',
        tryThis: 'docker info --format "{{.CgroupVersion}} {{.SecurityOptions}}"',
      },
    );
  }
  const minor = kubernetesMinor(inputs['node-image']);
  if (info.cgroupVersion === '1' && minor !== null && minor >= 35) {
    throw new StageError(
      'cgroup-version',
      `Input node-image is Kubernetes 1.${String(minor)}, whose kubelet refuses cgroup v1, and this machine has cgroup v1.`,
      { hint: 'Use a machine with cgroup v2 (every current Linux distribution), or a node image up to v1.34.' },
    );
  }
}
