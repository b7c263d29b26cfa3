import { engineElsewhere } from '../../cluster/engine-address.ts';
import { parseNodes } from '../../cluster/kubernetes-json.ts';
import { observeNodes } from '../../cluster/readiness.ts';
import { type Context, kubectlOf, updateOwnCluster } from '../../context.ts';
import { CommandError, type StageError } from '../../errors.ts';
import type { ClusterNode } from '../../model/run.ts';
import type { Observation } from '../../wait.ts';
import { waitFor } from '../health/wait-for.ts';

/** kind has just used the API server; one that restarts listens again sooner than this. */
const REFUSED_FOR_GOOD_MS = 15_000;
const REFUSED = /The connection to the server (\S+) was refused|dial tcp (\S+): connect: connection refused/;

/** Waits until every requested node is ready; kind's own wait only warns, and only checks control planes. */
export async function waitForNodes(context: Context): Promise<void> {
  const { inputs, runner, clock } = context;
  const kubectl = kubectlOf(context);
  const expected = inputs.config === null ? inputs.nodes : null;
  let refusedSince: number | null = null;
  const look = async (): Promise<Observation<ClusterNode[]>> => {
    const answer = await kubectl.get('nodes').catch((error: unknown) => {
      const address = refusedAddress(error);
      refusedSince = address === null ? null : (refusedSince ?? clock.now());
      if (address !== null && clock.now() - (refusedSince ?? 0) >= REFUSED_FOR_GOOD_MS) throw notPublishedHere(address);
      throw error;
    });
    refusedSince = null;
    return observeNodes(parseNodes(answer), expected);
  };
  const nodes = await waitFor(context, look, { what: 'every node to be ready', code: 'node-not-ready' });
  updateOwnCluster(context, { nodes });
  runner.info(`${String(nodes.length)} nodes are ready`);
}

/** Where kubectl found nothing listening; null when it failed in another way. */
function refusedAddress(error: unknown): string | null {
  if (!(error instanceof CommandError)) return null;
  const [, named, dialed] = REFUSED.exec(error.result.stderr) ?? [];
  return named ?? dialed ?? null;
}

/** An engine behind a tunnel or a published port has an address that looks local. */
const notPublishedHere = (address: string): StageError =>
  engineElsewhere(
    `kind created the cluster, but nothing has listened for ${String(REFUSED_FOR_GOOD_MS / 1000)} s at ${address}, where the Docker engine publishes its API server: 127.0.0.1 of the engine is not 127.0.0.1 of this program.`,
    'The engine may run in its own container (Docker in Docker) or behind a tunnel. Run this where the engine runs, or use the engine of this machine: unset DOCKER_HOST, docker context use default.',
  );
