import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** A process group that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  /** The process that leads the group, whose number the group has. */
  readonly pid: number;
  /** Start time of the leader in clock ticks since boot; null when the system does not report it (macOS). */
  readonly startTime: string | null;
  /** The value of TAG_VARIABLE in the environment of all its processes, even when the leader is gone. */
  readonly tag?: string | undefined;
}

/** In the environment of each command; its children inherit it. */
export const TAG_VARIABLE = 'K8S_LOADTEST_CI_COMMAND';

export const identifyProcess = (pid: number, tag?: string): ProcessIdentity => ({
  pid,
  startTime: statOf(pid)?.startTime ?? null,
  tag,
});

/** Fields 5 and 22 of /proc/<pid>/stat; the second field may hold spaces and brackets, so it is cut off first. */
function statOf(pid: number): { readonly group: number; readonly startTime: string } | null {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { group: Number(fields[2]), startTime: fields[19] ?? '' };
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

/** Whether any process of a group is left, even a zombie. */
export function groupExists(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/**
 * Kills a group that an earlier process of ours left behind. Its number alone proves nothing: either its leader must
 * still be the process that was started, or one of its members must have that command's tag.
 *
 * @returns whether there was one. When the system does not report start times, nothing is ever killed.
 */
export function killLeftGroup(left: ProcessIdentity): boolean {
  const isOurs = left.startTime !== null && (statOf(left.pid)?.startTime === left.startTime || hasTaggedMember(left));
  if (isOurs) signalGroup(left.pid, 'SIGKILL');
  return isOurs;
}

/** A command may have died while its children live on: a killed `kind create` leaves its `docker run`. */
function hasTaggedMember({ pid, tag }: ProcessIdentity): boolean {
  if (tag === undefined || !groupExists(pid)) return false;
  return processNumbers().some((member) => statOf(member)?.group === pid && hasTag(member, tag));
}

const processNumbers = (): number[] =>
  existsSync('/proc')
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
    : [];

const hasTag = (pid: number, tag: string): boolean => environmentOf(pid).includes(`${TAG_VARIABLE}=${tag}`);

/** Empty for a process that is gone, or that another user started. */
function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${String(pid)}/environ`, 'latin1').split('\0');
  } catch {
    return [];
  }
}
