import type { DockerInfo } from '../../adapters/commands/docker.ts';
import { namesOfThisMachine, ownContainer } from '../../adapters/machine.ts';
import { engineElsewhere, otherMachine } from '../../cluster/engine-address.ts';
import { type Context, dockerOf } from '../../context.ts';

/**
 * Asks the engine about itself, unless its address shows that it is on another machine, so the nodes' ports on
 * 127.0.0.1 can't be reached. A remote engine may not answer at all, and would be useless if it did.
 */
export async function askEngine(context: Context): Promise<DockerInfo> {
  const docker = dockerOf(context);
  // If the client can't be asked here, the request to the engine fails, too, and reports that.
  const address = (await docker.engineAddress().catch(() => null)) ?? '';
  if (!otherMachine(address, namesOfThisMachine())) return docker.info();
  throw engineElsewhere(
    `The Docker engine is at ${address}, and publishes the ports of the nodes on 127.0.0.1 of that machine, not of this one.`,
    'Run this on the machine of the engine, or use an engine of this machine: unset DOCKER_HOST, docker context use default.',
  );
}

/**
 * This program does not run in a container with its own network next to the nodes.
 *
 * @param asked what the engine reports about itself; another check handles an engine that does not answer.
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
    `This program runs in a container (network ${network}) beside the nodes of the cluster. The Docker engine publishes their ports on 127.0.0.1 of its machine, which can't be reached from here.`,
    'In a workflow, remove container: from the job, or start the container yourself with --network host.',
  );
}
