import { remove } from '../../adapters/files.ts';
import { type Context, outputPath } from '../../context.ts';
import type { OwnCluster } from '../../system.ts';

/**
 * Writes down which cluster the run has, before anything of it is made or used: whatever happens from here on, the post
 * step knows what to remove.
 */
export function recordCluster(
  context: Context,
  name: string,
  found: Pick<OwnCluster, 'networkExisted' | 'reused'>,
): OwnCluster {
  const { inputs, store, runner } = context;
  const cluster: OwnCluster = {
    kind: 'own',
    name,
    nodeImage: inputs['node-image'],
    kubeconfig: outputPath(context, 'kubeconfig'),
    ingress: null,
    nodes: [],
    deletedAt: null,
    ...found,
  };
  store.update({ system: cluster });
  runner.saveState('cluster-name', name);
  // A killed kind of an earlier run in this folder has left it, and the next one would not begin.
  remove(`${cluster.kubeconfig}.lock`);
  return cluster;
}
