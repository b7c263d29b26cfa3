import { remove } from '../../adapters/files.ts';
import { type Context, outputPath } from '../../context.ts';
import type { OwnCluster } from '../../system.ts';

/**
 * Records the run's cluster before anything of it is created or used: whatever happens next, the post step knows what
 * to remove.
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
  // kind would add to what an earlier run, or a branch, has left here.
  remove(cluster.kubeconfig);
  // Left by a killed kind of an earlier run in this folder; the next one would not start.
  remove(`${cluster.kubeconfig}.lock`);
  return cluster;
}
