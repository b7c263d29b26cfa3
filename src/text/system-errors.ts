/** What the system says in a word that only programmers know. */
const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not do that here',
  EPERM: 'this user may not do that here',
  EROFS: 'the file system is read-only',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is a file and no folder',
  EISDIR: 'it is a folder, where a file is needed',
  ENAMETOOLONG: 'the path, or a name in it, is longer than the system allows',
  EEXIST: 'something of that name is there already',
  ELOOP: 'links lead in a circle',
  ENXIO: 'nothing is at the other end of this pipe or device',
  EIO: 'the disk or device has an error',
  EMFILE: 'this process has as many files open as it may',
  ENFILE: 'the machine has as many files open as it can',
  ENOSPC: 'the disk is full',
  EDQUOT: 'this user has used up the room that it has on the disk',
  ENOMEM: 'no memory is left',
  EAGAIN: 'no further process can be started for now',
};

const HINTS: Readonly<Record<string, string>> = {
  EMFILE: 'Raise the limit with `ulimit -n 65536` before this command, or give fewer connections.',
  ENFILE: 'Other programs of this machine hold the files; end some of them.',
  ENOSPC: 'Free some disk space.',
  EDQUOT: 'Free some disk space.',
  ENAMETOOLONG: 'Give a shorter path.',
  EAGAIN: 'Raise the limit of processes with `ulimit -u` before this command, or end some of them.',
  ENOMEM: 'End other programs of this machine, or use one with more memory.',
};
const USUAL_HINT = 'Look at the path, and at who owns it and may write to it.';
const GONE = 'The working folder was removed while the command ran, or before it began.';

/** Whether the system lacks something that no other file or command needs less of: files, processes or memory. */
export const isLack = (code: string): boolean => ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM'].includes(code);

/** A refusal of the operating system, told in words. */
export interface SystemFault {
  /** As `EACCES`. */
  readonly code: string;
  /** What was refused and why, as one sentence. */
  readonly message: string;
  /** The reason alone, as a part of a sentence. */
  readonly reason: string;
  readonly hint: string;
}

/** What the operating system has refused; null for any other error. */
export function systemFault(error: unknown): SystemFault | null {
  if (typeof error !== 'object' || error === null) return null;
  const field = (name: string): string | null => {
    const value: unknown = Reflect.get(error, name);
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const [code, syscall, path] = [field('code'), field('syscall'), field('path')];
  const reason = code === null ? undefined : MEANINGS[code];
  // A connection that fails has a code and a call as well, and is no matter of files.
  if (code === null || syscall === null || reason === undefined || field('address') !== null) return null;
  if (syscall === 'uv_cwd') {
    return { code, message: `The working folder can't be read: ${reason} (${code}).`, reason, hint: GONE };
  }
  const what = path === null ? 'The system refused a call' : `${path} can't be used`;
  return { code, message: `${what}: ${reason} (${code}, ${syscall}).`, reason, hint: HINTS[code] ?? USUAL_HINT };
}
