import { ownClusterOf, type Context } from '../context.ts';
import { fillNodes } from './nodes/fill-nodes.ts';

/** Gives every node what its containers need and no registry has, unless it was given while the cluster was made. */
export async function prepareNodes(context: Context): Promise<void> {
  const { nodes, nodesFilled } = ownClusterOf(context);
  if (nodesFilled === true) {
    context.runner.info('Done while the cluster was made');
    return;
  }
  await fillNodes(context, () => Promise.resolve(nodes.map(({ name }) => name)));
}
