import { ownClusterOf, type Context } from '../context.ts';
import { fillNodes } from './nodes/fill-nodes.ts';

/**
 * Gives every node what its containers need but no registry has, unless this was done while the cluster was created.
 */
export async function prepareNodes(context: Context): Promise<void> {
  const { nodes, nodesFilled } = ownClusterOf(context);
  if (nodesFilled === true) {
    context.runner.info('Done while the cluster was created');
    return;
  }
  await fillNodes(context, () => Promise.resolve(nodes.map(({ name }) => name)));
}
