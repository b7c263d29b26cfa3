/** System errors in words, instead of codes that only programmers know. */
const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'part of the path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  ENAMETOOLONG: 'the path, or a name in it, is longer than the system allows',
  EEXIST: 'something with that name already exists',
  ELOOP: 'it has too many symbolic links',
  ENXIO: 'nothing reads this pipe or device',
  EIO: 'the disk or device reported an error',
  EMFILE: 'this process has too many open files',
  ENFILE: 'the machine has too many open files',
  ENOSPC: 'the disk is full',
  EDQUOT: "this user's disk quota is used up",
  ENOMEM: 'out of memory',
  EAGAIN: 'the limit of processes is reached',
};

const HINTS: Readonly<Record<string, string>> = {
  EMFILE: 'Raise the limit with `ulimit -n 65536` before this command, or use fewer connections.',
  ENFILE: 'Other programs on this machine have the files open; close some of them.',
  ENOSPC: 'Free some disk space.',
  EDQUOT: 'Free some disk space.',
  ENAMETOOLONG: 'Give a shorter path.',
  EAGAIN: 'Raise the limit of processes with `ulimit -u` before this command, or end some of them.',
  ENOMEM: 'Close other programs on this machine, or use one with more memory.',
};
const USUAL_HINT = 'Check the path, its owner and its permissions.';
const GONE = 'The working folder was removed before or during the command.';

/** Whether the system lacks something that every other file or command needs, too: files, processes or memory. */
export const isLack = (code: string): boolean => ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM'].includes(code);

/** A refusal of the operating system, in words. */
export interface SystemFault {
  /** Such as `EACCES`. */
  readonly code: string;
  /** What was refused and why, in one sentence. */
  readonly message: string;
  /** Only the reason, as part of a sentence. */
  readonly reason: string;
  readonly hint: string;
}

/** What the operating system refused; null for any other error. */
export function systemFault(error: unknown): SystemFault | null {
  if (typeof error !== 'object' || error === null) return null;
  const field = (name: string): string | null => {
    const value: unknown = Reflect.get(error, name);
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const [code, syscall, path] = [field('code'), field('syscall'), field('path')];
  const reason = code === null ? undefined : MEANINGS[code];
  // A failed connection has a code and a call as well, but is not about files.
  if (code === null || syscall === null || reason === undefined || field('address') !== null) return null;
  if (syscall === 'uv_cwd') {
    return { code, message: `The working folder can't be read: ${reason} (${code}).`, reason, hint: GONE };
  }
  const what = path === null ? 'The system refused a call' : `${path} can't be used`;
  return { code, message: `${what}: ${reason} (${code}, ${syscall}).`, reason, hint: HINTS[code] ?? USUAL_HINT };
}
