import type { DockerInfo } from '../../adapters/commands/docker.ts';
import { type Context, dockerOf } from '../../context.ts';
import { StageError } from '../../errors.ts';

/**
 * The images for the nodes exist on this machine, for its platform.
 *
 * @param engine what the Docker engine reports about itself; if it reports nothing, `checkDocker` handles that.
 */
export async function checkImages(context: Context, engine: Promise<DockerInfo>): Promise<void> {
  const { inputs } = context;
  const given = [
    ...inputs.images.map((image) => ({ input: 'images', image })),
    ...inputs['baseline-images'].map((image) => ({ input: 'baseline-images', image })),
  ];
  if (given.length === 0 || (await engine.catch(() => null)) === null) return;
  const docker = dockerOf(context);
  const { platform } = await docker.version();
  const found = await Promise.all(
    given.map(async ({ input, image }) => ({ input, image, found: await docker.platformOf(image) })),
  );
  const faults = found.flatMap(({ input, image, found: its }) => {
    if (its === null) return [`Input ${input} names ${image}, but this machine has no such image.`];
    return its === platform ? [] : [`Input ${input} names ${image}, which is for ${its}; the nodes are ${platform}.`];
  });
  if (faults.length === 0) return;
  throw new StageError('image-missing', faults.join('\n'), {
    hint: 'Build it on this machine first: docker build --tag NAME, or in a workflow docker/build-push-action with load: true in the same job.',
    tryThis: 'docker image ls',
  });
}
