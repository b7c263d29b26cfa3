import type { Shell } from './shell.ts';

/** The verbs of kind. */
export interface Kind {
  /** Creates the containers and the cluster; does not wait for anything to be ready. */
  create(cluster: { name: string; image: string; config: string; kubeconfig: string }, deadlineMs: number): Promise<void>;
  /** Deletes a cluster; one that does not exist is fine. */
  delete(cluster: { name: string; kubeconfig: string }): Promise<void>;
  /** Writes the kubeconfig of a cluster that is there. */
  exportKubeconfig(cluster: { name: string; kubeconfig: string }): Promise<void>;
  /** Copies the logs of all nodes into a folder. */
  exportLogs(name: string, folder: string): Promise<void>;
  clusters(): Promise<string[]>;
}

export const openKind = (shell: Shell, path: string): Kind => ({
  create: async ({ name, image, config, kubeconfig }, deadlineMs) => {
    // --retain: on failure the containers are kept for the diagnostics; the teardown removes them.
    await shell.run(
      path,
      ['create', 'cluster', '--name', name, '--image', image, '--config', config, '--kubeconfig', kubeconfig, '--wait', '0s', '--retain'],
      { deadlineMs },
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
  clusters: async () => {
    const { stdout } = await shell.run(path, ['get', 'clusters', '--quiet'], { deadlineMs: 20_000 });
    return stdout.split('\n').filter((line) => line !== '');
  },
});
