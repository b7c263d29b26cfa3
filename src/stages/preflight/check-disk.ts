import type { DockerInfo } from '../../adapters/commands/docker.ts';
import { makeFolder } from '../../adapters/files.ts';
import { freeBytes } from '../../adapters/machine.ts';
import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';

const GIB = 1024 ** 3;
/** A node image of about 1 GB unpacked, the workload images, and room for what the pods write. */
const NEEDED_BYTES = 6 * GIB;

/** There is disk enough for a cluster where the Docker engine keeps it. */
export async function checkDisk(context: Context, engine: Promise<DockerInfo>): Promise<void> {
  const free = await freeForDocker(context, engine);
  context.runner.info(`${(free / GIB).toFixed(1)} GiB of disk free`);
  if (free >= NEEDED_BYTES) return;
  throw new StageError(
    'disk-full',
    `Only ${(free / GIB).toFixed(1)} GiB of disk are free; a cluster needs ${String(NEEDED_BYTES / GIB)} GiB.`,
    { hint: "Remove images and caches that you don't need.", tryThis: 'docker system df && df -h' },
  );
}

/** An engine in a virtual machine or on another one has a folder that is not here, and one that is down has none: the output folder stands in for it. */
async function freeForDocker(context: Context, engine: Promise<DockerInfo>): Promise<number> {
  try {
    const { rootDir } = await engine;
    return await freeBytes(rootDir);
  } catch {
    context.signal.throwIfAborted();
    return await freeBytes(makeFolder(context.store.outputDir));
  }
}
