import { makeFolder } from '../../adapters/files.ts';
import { freeBytes } from '../../adapters/machine.ts';
import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';

const GIB = 1024 ** 3;
/** A node image of about 1 GB unpacked, the workload images, and room for what the pods write. */
const NEEDED_BYTES = 6 * GIB;

/** There is disk enough for a cluster. */
export async function checkDisk({ runner, store }: Context): Promise<void> {
  // The engine's own folder can't be seen by every user; the output folder is on the same disk on hosted runners.
  const free = await freeBytes(makeFolder(store.outputDir));
  runner.info(`${(free / GIB).toFixed(1)} GiB of disk free`);
  if (free >= NEEDED_BYTES) return;
  throw new StageError(
    'disk-full',
    `Only ${(free / GIB).toFixed(1)} GiB of disk are free; a cluster needs ${String(NEEDED_BYTES / GIB)} GiB.`,
    { hint: 'Remove images and caches that are not needed before this step.', tryThis: 'docker system df && df -h' },
  );
}
