import { readFileSync } from 'node:fs';

/** Waits for something that another process does, but not for ever. */
export async function until(look: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (look()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`This was not seen within half a minute: ${String(look)}`);
}

/** Whether a process runs; without a number none does. */
export function isRunning(pid: number | undefined): boolean {
  try {
    // A process that has ended but that nobody waited for still has a number.
    return pid !== undefined && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
