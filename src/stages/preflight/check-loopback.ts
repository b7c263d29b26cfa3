import type { DockerInfo } from '../../adapters/commands/docker.ts';
import { namesOfThisMachine, ownContainer } from '../../adapters/machine.ts';
import { engineElsewhere, otherMachine } from '../../cluster/engine-address.ts';
import { type Context, dockerOf } from '../../context.ts';

/**
 * Asks the engine what it is, unless its address alone says that its 127.0.0.1, where the nodes publish their ports, is
 * not that of this program: one far away may not answer at all, and would be of no use when it did.
 */
export async function askEngine(context: Context): Promise<DockerInfo> {
  const docker = dockerOf(context);
  // Whatever keeps the client from telling keeps it from asking too, and is told there.
  const address = (await docker.engineAddress().catch(() => null)) ?? '';
  if (!otherMachine(address, namesOfThisMachine())) return docker.info();
  throw engineElsewhere(
    `The Docker engine is at ${address}, and publishes the ports of the nodes on 127.0.0.1 of that machine, which is not this one's.`,
    'Run this on the machine of the engine, or use an engine of this machine: unset DOCKER_HOST, docker context use default.',
  );
}

/**
 * This program does not run in a container with a network of its own beside the nodes.
 *
 * @param asked what the engine says of itself; while it does not answer that is told in another check.
 */
export async function checkLoopback(context: Context, asked: Promise<DockerInfo>): Promise<void> {
  const answers = await asked.then(
    () => true,
    () => false,
  );
  const container = answers ? ownContainer() : null;
  const network = container === null ? null : await dockerOf(context).networkOf(container);
  if (network === null || network === 'host') return;
  throw engineElsewhere(
    `This program runs in a container (network ${network}) beside the nodes of the cluster, whose ports the Docker engine publishes on 127.0.0.1 of its machine: from here they can't be reached.`,
    'In a workflow leave out container: of the job, or start the container yourself with --network host.',
  );
}
