import type { Milestone } from '../../adapters/commands/kind.ts';
import { PARTS } from '../../cluster/parts.ts';
import { ownClusterOf, type Context, kindOf, updateOwnCluster } from '../../context.ts';
import { messageOf } from '../../errors.ts';
import { applyFoundations, applyParts } from './apply-parts.ts';
import { fillNodes } from './fill-nodes.ts';

/** A webhook that is to look at an object runs on nodes that are still to come: the stage after this one waits for it. */
const NO_WEBHOOK_YET_MS = 0;

/** How far the creation of a cluster has come, for whoever waits for that. */
export class CreationProgress {
  readonly #reached = new Set<Milestone>();
  #ended = false;
  #wake: (() => void)[] = [];

  readonly reach = (milestone: Milestone): void => {
    this.#reached.add(milestone);
    this.#wakeAll();
  };

  /** Nothing more will be reached. */
  readonly end = (): void => {
    this.#ended = true;
    this.#wakeAll();
  };

  /** Waits until it has come so far, which it says with true, or has ended without. */
  async hasReached(milestone: Milestone): Promise<boolean> {
    while (!this.#reached.has(milestone) && !this.#ended) await new Promise<void>((wake) => this.#wake.push(wake));
    return this.#reached.has(milestone);
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/**
 * What need not wait until the last node has joined, done while kind is still at that: the nodes get their images and
 * mirrors while Kubernetes starts on them, and all but the application is applied as soon as there is somebody to
 * take it, so that images are pulled while nodes join. The application waits for all nodes: on the first one
 * that is ready it would have all its replicas. What fails here is only noted; the stage that it belongs to
 * does it again, and says what is wrong.
 */
export async function whileCreating(context: Context, progress: CreationProgress): Promise<void> {
  const kind = kindOf(context);
  const filled = await attempt(context, 'prepare-nodes', async () => {
    const nodes = async (): Promise<string[] | null> =>
      (await progress.hasReached('nodes-run')) ? await kind.nodes(ownClusterOf(context).name) : null;
    const done = await fillNodes(context, nodes);
    if (done) updateOwnCluster(context, { nodesFilled: true });
    return done;
  });
  if (!filled || !(await progress.hasReached('api-server-answers'))) return;
  await attempt(context, 'deploy', async () => {
    await kind.exportKubeconfig(ownClusterOf(context));
    await applyFoundations(context, NO_WEBHOOK_YET_MS);
    await applyParts(
      context,
      PARTS.filter((part) => part !== 'application'),
      NO_WEBHOOK_YET_MS,
    );
    updateOwnCluster(context, { platformApplied: true });
    return true;
  });
}

async function attempt(context: Context, stage: string, work: () => Promise<boolean>): Promise<boolean> {
  try {
    return await work();
  } catch (error) {
    context.signal.throwIfAborted();
    context.runner.info(`Left to the stage ${stage}: ${messageOf(error)}`);
    return false;
  }
}
