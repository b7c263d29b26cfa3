import { parseNodes } from '../../cluster/kubernetes-json.ts';
import { observeNodes } from '../../cluster/readiness.ts';
import { type Context, kubectlOf, updateOwnCluster } from '../../context.ts';
import { waitFor } from '../health/wait-for.ts';

/** Waits until every node that was asked for is ready; kind's own wait only warns, and only about control planes. */
export async function waitForNodes(context: Context): Promise<void> {
  const { inputs, runner } = context;
  const kubectl = kubectlOf(context);
  const expected = inputs.config === null ? inputs.nodes : null;
  const look = async () => observeNodes(parseNodes(await kubectl.get('nodes')), expected);
  const nodes = await waitFor(context, look, { what: 'every node to be ready', code: 'node-not-ready' });
  updateOwnCluster(context, { nodes });
  runner.info(`${String(nodes.length)} nodes are ready`);
}
