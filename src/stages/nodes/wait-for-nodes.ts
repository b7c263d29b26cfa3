import { parseNodes } from '../../cluster/kubernetes-json.ts';
import { observeNodes } from '../../cluster/readiness.ts';
import { type Context, kubectlOf, updateOwnCluster } from '../../context.ts';
import { waitUntil } from '../../wait.ts';

/** Waits until every node that was asked for is ready; kind's own wait only warns, and only about control planes. */
export async function waitForNodes(context: Context): Promise<void> {
  const { inputs, runner, clock, signal } = context;
  const kubectl = kubectlOf(context);
  const expected = inputs.config === null ? inputs.nodes : null;
  const nodes = await waitUntil(async () => observeNodes(parseNodes(await kubectl.get('nodes')), expected), {
    what: 'every node to be ready',
    deadlineMs: inputs.wait,
    everyMs: 500,
    code: 'node-not-ready',
    clock,
    signal,
    onChange: (why) => {
      runner.info(why);
    },
  });
  updateOwnCluster(context, { nodes });
  runner.info(`${String(nodes.length)} nodes are ready`);
}
