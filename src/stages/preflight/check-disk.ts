import type { DockerInfo } from '../../adapters/commands/docker.ts';
import { makeFolder } from '../../adapters/files.ts';
import { freeBytes } from '../../adapters/machine.ts';
import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';

const GIB = 1024 ** 3;
/** A node image of about 1 GB unpacked, the workload images, and room for what the pods write. */
const NEEDED_BYTES = 6 * GIB;

/** The disk of the Docker engine has enough space for a cluster. */
export async function checkDisk(context: Context, engine: Promise<DockerInfo>): Promise<void> {
  const free = await freeForDocker(context, engine);
  context.runner.info(`${(free / GIB).toFixed(1)} GiB of disk free`);
  if (free >= NEEDED_BYTES) return;
  throw new StageError(
    'disk-full',
    `Only ${(free / GIB).toFixed(1)} GiB of disk is free; a cluster needs ${String(NEEDED_BYTES / GIB)} GiB.`,
    { hint: "Remove images and caches that you don't need.", tryThis: 'docker system df && df -h' },
  );
}

/**
 * The engine's folder is not visible if it runs in a virtual machine or elsewhere, or is down; then the output folder
 * is checked instead.
 */
async function freeForDocker(context: Context, engine: Promise<DockerInfo>): Promise<number> {
  try {
    const { rootDir } = await engine;
    return await freeBytes(rootDir);
  } catch {
    context.signal.throwIfAborted();
    return await freeBytes(makeFolder(context.store.outputDir));
  }
}
