/**
 * preflight/ has the checks of the stage validate, one in each file. They read the inputs and this machine, and change
 * neither. A check that needs the cluster belongs to the stage that creates or uses it.
 */
import type { DockerInfo } from '../../adapters/commands/docker.ts';
import { exists, readText } from '../../adapters/files.ts';
import { machineFacts } from '../../adapters/machine.ts';
import { needsCgroupV1 } from '../../cluster/kind-config.ts';
import { kubernetesMinor } from '../../cluster/pinned-versions.ts';
import { type Context, warn } from '../../context.ts';
import { StageError } from '../../errors.ts';

/** Docker answers, and its cgroups are what kind and the kubelet of the node image need. */
export async function checkDocker(context: Context, asked: Promise<DockerInfo>): Promise<void> {
  const { inputs, store, runner } = context;
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
  if (needsCgroupV1(minor, info.cgroupVersion)) acceptCgroupV1(context, minor ?? 0);
}

/** The generated configuration accepts these cgroups; a user's own configuration must do so itself. */
function acceptCgroupV1(context: Context, minor: number): void {
  const { config } = context.inputs;
  const cause = `This machine has cgroup v1, which the kubelet of Kubernetes 1.${String(minor)} refuses by default`;
  if (config === null) {
    warn(
      context,
      `${cause}. The run lets it start anyway (failCgroupV1: false), but Kubernetes no longer tests this. Prefer a machine with cgroup v2.`,
    );
  } else if (!/\bfailCgroupV1["']?\s*:\s*false\b/.test(exists(config) ? readText(config) : '')) {
    throw new StageError('cgroup-version', `${cause}, and input config (${config}) does not accept it.`, {
      hint: "Use a machine with cgroup v2, a node image up to v1.34, or add to the nodes' configuration:\nkubeadmConfigPatches:\n  - |\n    kind: KubeletConfiguration\n    failCgroupV1: false",
    });
  }
}
