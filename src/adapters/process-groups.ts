import { readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot; null where the system does not tell (macOS). */
  readonly startTime: string | null;
}

export const identifyProcess = (pid: number): ProcessIdentity => ({ pid, startTime: startTimeOf(pid) });

/** Field 22 of /proc/<pid>/stat; the second field may hold spaces and brackets, so it is cut off first. */
function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

/** Sends a signal to a whole process group; a group that is gone is fine. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Whether any process of a group is left, be it only one that nobody has waited for. */
export function groupExists(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/**
 * Kills a group that an earlier process of ours left behind.
 *
 * @returns whether there was one. Without a start time to compare, a process is never killed.
 */
export function killLeftGroup(left: ProcessIdentity): boolean {
  if (left.startTime === null || startTimeOf(left.pid) !== left.startTime) return false;
  signalGroup(left.pid, 'SIGKILL');
  return true;
}
