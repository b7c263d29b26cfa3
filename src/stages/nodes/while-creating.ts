import type { Milestone } from '../../adapters/commands/kind.ts';
import { PARTS } from '../../cluster/parts.ts';
import { ownClusterOf, type Context, kindOf, updateOwnCluster } from '../../context.ts';
import { messageOf } from '../../errors.ts';
import { applyFoundations, applyParts } from './apply-parts.ts';
import { fillNodes } from './fill-nodes.ts';

/** A webhook that must check an object runs on nodes that have yet to join; the next stage waits for it. */
const NO_WEBHOOK_YET_MS = 0;

/** How far the creation of a cluster has come, for those who wait for it. */
export class CreationProgress {
  readonly #reached = new Set<Milestone>();
  #ended = false;
  #wake: (() => void)[] = [];

  readonly reach = (milestone: Milestone): void => {
    this.#reached.add(milestone);
    this.#wakeAll();
  };

  /** Nothing further will be reached. */
  readonly end = (): void => {
    this.#ended = true;
    this.#wakeAll();
  };

  /** Waits until it has come this far (true), or has ended without reaching it. */
  async hasReached(milestone: Milestone): Promise<boolean> {
    while (!this.#reached.has(milestone) && !this.#ended) await new Promise<void>((wake) => this.#wake.push(wake));
    return this.#reached.has(milestone);
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/**
 * Work that need not wait for the last node, done while kind is still busy: nodes get their images and mirrors while
 * Kubernetes starts on them, and everything but the application is applied as soon as possible, so images are pulled
 * while nodes join. The application waits for all nodes; otherwise the first ready node would get all its replicas.
 * Failures here are only noted; the stage in charge tries again and reports them.
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
