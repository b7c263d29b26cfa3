import type { DockerInfo } from '../../adapters/commands/docker.ts';
import { ownContainer } from '../../adapters/machine.ts';
import { otherMachine } from '../../cluster/engine-address.ts';
import { type Context, dockerOf } from '../../context.ts';
import { StageError } from '../../errors.ts';

/**
 * 127.0.0.1, where the nodes publish their ports, is the same for the engine and for this program.
 *
 * @param asked what the engine says of itself; while it does not answer that is told in another check.
 */
export async function checkLoopback(context: Context, asked: Promise<DockerInfo>): Promise<void> {
  const answers = await asked.then(
    () => true,
    () => false,
  );
  if (!answers) return;
  const docker = dockerOf(context);
  const address = (await docker.engineAddress()) ?? '';
  if (otherMachine(address)) {
    throw elsewhere(
      `The Docker engine is at ${address}, and publishes the ports of the nodes on 127.0.0.1 of that machine, which is not this one's.`,
      'Run this on the machine of the engine, or use an engine of this machine: unset DOCKER_HOST, docker context use default.',
    );
  }
  const container = ownContainer();
  const network = container === null ? null : await docker.networkOf(container);
  if (network === null || network === 'host') return;
  throw elsewhere(
    `This program runs in a container (network ${network}) beside the nodes of the cluster, whose ports the Docker engine publishes on 127.0.0.1 of its machine: from here they can't be reached.`,
    'In a workflow leave out container: of the job, or start the container yourself with --network host.',
  );
}

const elsewhere = (message: string, hint: string): StageError =>
  new StageError('docker-elsewhere', message, {
    hint,
    tryThis: "docker context inspect --format '{{.Endpoints.docker.Host}}'",
  });
