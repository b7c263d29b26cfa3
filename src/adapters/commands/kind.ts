import { linesOf } from '../../text/lines.ts';
import type { Shell } from './shell.ts';

/**
 * How far the creation of a cluster has come: containerd runs on every node in its final configuration; the API server
 * answers.
 */
const MILESTONES = ['nodes-run', 'api-server-answers'] as const;
export type Milestone = (typeof MILESTONES)[number];

/** What kind prints at each milestone. */
const PRINTED: Readonly<Record<Milestone, RegExp>> = {
  // Before that, it may restart containerd with the patches of the configuration.
  'nodes-run': /✓ Writing configuration/,
  'api-server-answers': /✓ Starting control-plane/,
};

/** The kind commands. */
export interface Kind {
  /**
   * Creates the containers and the cluster; does not wait for anything to be ready.
   *
   * @param onMilestone is called at each milestone; never, if kind's output changes.
   */
  create(
    cluster: { name: string; image: string; config: string; kubeconfig: string },
    deadlineMs: number,
    onMilestone?: (milestone: Milestone) => void,
  ): Promise<void>;
  /** Deletes a cluster; a missing one is fine. */
  delete(cluster: { name: string; kubeconfig: string }): Promise<void>;
  /** Writes the kubeconfig of an existing cluster. */
  exportKubeconfig(cluster: { name: string; kubeconfig: string }): Promise<void>;
  /** Copies the logs of all nodes into a folder. */
  exportLogs(name: string, folder: string): Promise<void>;
  clusters(): Promise<string[]>;
  /** The names of the containers that are nodes of a cluster. */
  nodes(name: string): Promise<string[]>;
}

export const openKind = (shell: Shell, path: string): Kind => ({
  create: async ({ name, image, config, kubeconfig }, deadlineMs, onMilestone = () => undefined) => {
    // --retain: on failure the containers are kept for the diagnostics; the teardown removes them.
    await shell.run(
      path,
      [
        'create',
        'cluster',
        '--name',
        name,
        '--image',
        image,
        '--config',
        config,
        '--kubeconfig',
        kubeconfig,
        '--wait',
        '0s',
        '--retain',
      ],
      { deadlineMs, onStderr: milestonesIn(onMilestone) },
    );
  },
  delete: async ({ name, kubeconfig }) => {
    await shell.run(path, ['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig], { deadlineMs: 60_000 });
  },
  exportKubeconfig: async ({ name, kubeconfig }) => {
    await shell.run(path, ['export', 'kubeconfig', '--name', name, '--kubeconfig', kubeconfig], { deadlineMs: 20_000 });
  },
  exportLogs: async (name, folder) => {
    await shell.run(path, ['export', 'logs', '--name', name, folder], { deadlineMs: 60_000 });
  },
  clusters: async () => linesOf((await shell.run(path, ['get', 'clusters', '--quiet'], { deadlineMs: 20_000 })).stdout),
  nodes: async (name) =>
    linesOf((await shell.run(path, ['get', 'nodes', '--name', name, '--quiet'], { deadlineMs: 20_000 })).stdout),
});

/** Reads pieces of the output of `kind create`, and reports each milestone once. */
function milestonesIn(tell: (milestone: Milestone) => void): (text: string) => void {
  let printed = '';
  const left = new Set<Milestone>(MILESTONES);
  return (text) => {
    printed += text;
    for (const milestone of left) {
      if (!PRINTED[milestone].test(printed)) continue;
      left.delete(milestone);
      tell(milestone);
    }
  };
}
