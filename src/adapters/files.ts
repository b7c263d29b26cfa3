import { createHash } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { messageOf, StageError } from '../errors.ts';
import { shellWord } from '../text/shell-word.ts';
import { systemFault } from '../text/system-errors.ts';

export interface WriteOptions {
  /** Permission bits, such as 0o600 for a file that only its owner may read. */
  readonly mode?: number;
}

/** Writes a whole file or nothing, making its folder if it is missing. */
export function writeFileAtomically(file: string, content: string | Uint8Array, options: WriteOptions = {}): void {
  makeFolder(dirname(file));
  const part = `${file}.${String(process.pid)}.part`;
  try {
    writeFileSync(part, content, { mode: options.mode ?? 0o644 });
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** A file that holds room on the disk for what must be written in the end. */
export const reserveOf = (outputDir: string): string => join(outputDir, 'reserve');

/** Report and state of a usual run, and some files of evidence. */
const RESERVED_BYTES = 2 ** 20;

/** Takes room on the disk of the output folder; a disk that is full already has none to take. */
export function reserveRoom(outputDir: string): void {
  try {
    writeFileAtomically(reserveOf(outputDir), '0'.repeat(RESERVED_BYTES));
  } catch {
    // The first stage says how much is free.
  }
}

/**
 * The content of a file. What only looks like one is refused at once: a pipe that nobody writes to would be waited for
 * for ever, and a device never ends.
 *
 * @throws StageError `system-refused` for anything but a file; the system's error when it can't be read.
 */
function readBytes(file: string): Buffer {
  const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(handle);
    if (stats.isFile()) return readFileSync(handle);
    const found = stats.isDirectory() ? 'a folder' : stats.isFIFO() ? 'a pipe' : 'a device';
    throw new StageError('system-refused', `${file} can't be read: it is ${found}, where a file is needed.`, {
      hint: 'Give the path of a file.',
      tryThis: `ls -ld ${shellWord(file)}`,
    });
  } finally {
    closeSync(handle);
  }
}

/** The SHA-256 of a file in hexadecimal, at once; for files that fit into memory. */
export const sha256OfFileNow = (file: string): string => createHash('sha256').update(readBytes(file)).digest('hex');

export const readText = (file: string): string => readBytes(file).toString('utf8');

/** A text in UTF-8, or in UTF-16 when it begins with the byte order mark of it, as what PowerShell redirects to a file does. */
export function readTextOfAnyEncoding(file: string): string {
  const bytes = readBytes(file);
  const mark = bytes.subarray(0, 2).toString('latin1');
  const encoding = mark === '\xff\xfe' ? 'utf-16le' : mark === '\xfe\xff' ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

/** The same where a wrong character would be sent: what is no text in UTF-8 or UTF-16 is refused. */
function readExactText(file: string): string {
  const text = readTextOfAnyEncoding(file);
  const line = text.split('\n').findIndex((each) => each.includes('\uFFFD'));
  if (line >= 0)
    throw new Error(`line ${String(line + 1)} is not in UTF-8: save the file as UTF-8 ("CSV UTF-8" in Excel)`);
  return text;
}

/** Reads files of data by their paths from the folder of another file. */
export const dataBeside =
  (file: string) =>
  (name: string): string => {
    const path = isAbsolute(name) ? name : join(dirname(file), name);
    if (!exists(path)) throw new Error(`there is no such file; it is looked for at ${path}`);
    if (statSync(path).size > LARGEST_DATA_BYTES) throw new Error('it is larger than 32 MiB');
    return readExactText(path);
  };

const LARGEST_DATA_BYTES = 32 * 1024 * 1024;

export const exists = (path: string): boolean => existsSync(path);
export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * Makes a folder, and those above it that are missing; one that is there is fine. Returns its path.
 *
 * `mkdirSync` with `recursive` is not used: where a file system answers ENOENT although the folder above is there, as
 * /proc does, it asks for ever (seen with Node.js 20.20 and 24).
 */
export function makeFolder(path: string): string {
  const above = dirname(path);
  if (!existsSync(above)) makeFolder(above);
  try {
    mkdirSync(path);
  } catch (error) {
    if (!isFolder(path)) throw error;
  }
  return path;
}

/** Why nothing can be written to a folder that is made if it is missing; null when it can. */
export function whyNotWritable(folder: string): string | null {
  try {
    accessSync(makeFolder(folder), constants.W_OK);
    return null;
  } catch (error) {
    return systemFault(error)?.reason ?? messageOf(error);
  }
}

/** Removes a file or folder; one that is gone, or that can't be where it is named, is fine. */
export const remove = (path: string): void => {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') throw error;
  }
};

/** Resolves a path inside a folder. */
export const inFolder = (folder: string, ...names: string[]): string => join(folder, ...names);

export const parentOf = (path: string): string => dirname(path);

/** The file that was started, behind any links to it. */
export const programFile = (): string => realpathSync(process.argv[1] ?? '');

/**
 * The folder that holds action.yml and manifests/, found upwards from the program that was started:
 * dist/main/index.js, dist/cli/index.js, or a link to it.
 *
 * @param program the real path of the started file.
 */
export function actionRoot(program: string): string {
  for (let folder = dirname(program); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'action.yml'))) return folder;
    if (folder === dirname(folder)) throw new Error(`No action.yml above ${program}`);
  }
}

/** Paths of all files below a folder, relative to it, sorted; none when it does not exist. */
export function listFiles(folder: string): string[] {
  if (!isFolder(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/**
 * Removes what processes that were killed have left of files which they were writing below a folder. What a process that
 * lives is writing stays.
 */
export function removeLeftParts(folder: string): void {
  for (const name of listFiles(folder)) {
    const pid = /\.(\d+)\.part$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) remove(join(folder, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // One of another user may not be asked, and is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Rewrites every text file below a folder that `change` makes another text of. */
export function rewriteFiles(folder: string, change: (text: string) => string): void {
  for (const name of listFiles(folder)) {
    const text = readText(join(folder, name));
    const changed = change(text);
    if (changed !== text) writeFileSync(join(folder, name), changed);
  }
}

/** Cuts long files to their end, and removes the largest ones until the rest fits. */
export function limitFolder(folder: string, maxFileBytes: number, maxTotalBytes: number): void {
  const files = listFiles(folder).map((name) => {
    const file = join(folder, name);
    return { file, size: cutToEnd(file, maxFileBytes) };
  });
  let total = files.reduce((sum, { size }) => sum + size, 0);
  for (const { file, size } of files.sort((a, b) => b.size - a.size)) {
    if (total <= maxTotalBytes) return;
    remove(file);
    total -= size;
  }
}

function cutToEnd(file: string, maxBytes: number): number {
  const { size } = statSync(file);
  if (size <= maxBytes) return size;
  const end = Buffer.alloc(maxBytes);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, end, 0, maxBytes, size - maxBytes);
  } finally {
    closeSync(handle);
  }
  writeFileSync(file, end);
  return maxBytes;
}
