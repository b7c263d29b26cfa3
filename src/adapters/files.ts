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
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { messageOf, StageError } from '../errors.ts';
import { shellWord } from '../text/shell-word.ts';
import { systemFault } from '../text/system-errors.ts';

export interface WriteOptions {
  /** Permission bits, such as 0o600 for a file that only its owner may read. */
  readonly mode?: number;
}

/** Writes a whole file or nothing, and creates its folder if it is missing. */
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

/** A file that reserves disk space for what must be written at the end. */
export const reserveOf = (outputDir: string): string => join(outputDir, 'reserve');

/** Enough for the report and state of a usual run, and some diagnostics. */
const RESERVED_BYTES = 2 ** 20;

/** Reserves space on the disk of the output folder; a full disk has none. */
export function reserveRoom(outputDir: string): void {
  try {
    writeFileAtomically(reserveOf(outputDir), '0'.repeat(RESERVED_BYTES));
  } catch {
    // The first stage reports how much is free.
  }
}

/**
 * The content of a file. Anything else is refused at once: a pipe without a writer would block forever, and a device
 * never ends.
 *
 * @throws StageError `system-refused` for anything but a file; the system's error when it can't be read.
 */
function readBytes(file: string): Buffer {
  const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(handle);
    if (stats.isFile()) return readFileSync(handle);
    const found = stats.isDirectory() ? 'a folder' : stats.isFIFO() ? 'a pipe' : 'a device';
    throw new StageError('system-refused', `${file} can't be read: it is ${found}, not a file.`, {
      hint: 'Give the path of a file.',
      tryThis: `ls -ld ${shellWord(file)}`,
    });
  } finally {
    closeSync(handle);
  }
}

/** The SHA-256 of a file in hexadecimal, synchronously, for files that fit into memory. */
export const sha256OfFileNow = (file: string): string => createHash('sha256').update(readBytes(file)).digest('hex');

export const readText = (file: string): string => readBytes(file).toString('utf8');

/** A text in UTF-8, or in UTF-16 if it begins with that byte order mark, like files redirected by PowerShell. */
export function readTextOfAnyEncoding(file: string): string {
  const bytes = readBytes(file);
  const mark = bytes.subarray(0, 2).toString('latin1');
  const encoding = mark === '\xff\xfe' ? 'utf-16le' : mark === '\xfe\xff' ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

/** The same where a wrong character would be sent: what is not text in UTF-8 or UTF-16 is refused. */
function readExactText(file: string): string {
  const text = readTextOfAnyEncoding(file);
  const line = text.split('\n').findIndex((each) => each.includes('\uFFFD'));
  if (line >= 0)
    throw new Error(`line ${String(line + 1)} is not in UTF-8: save the file as UTF-8 ("CSV UTF-8" in Excel)`);
  return text;
}

/** Reads data files by their paths relative to the folder of another file. */
export const dataBeside =
  (file: string) =>
  (name: string): string => {
    const path = isAbsolute(name) ? name : join(dirname(file), name);
    if (!exists(path)) throw new Error(`there is no such file; expected it at ${path}`);
    if (statSync(path).size > LARGEST_DATA_BYTES) throw new Error('it is larger than 32 MiB');
    return readExactText(path);
  };

const LARGEST_DATA_BYTES = 32 * 1024 * 1024;

export const exists = (path: string): boolean => existsSync(path);
export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * Creates a folder and its missing parents; an existing one is fine. Returns its path. It does not use `mkdirSync` with
 * `recursive`, which loops forever on a file system such as /proc that answers ENOENT although the parent exists (seen
 * with Node.js 20.20 and 24).
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

/** Why nothing can be written to a folder, creating it if needed; null when it can. */
export function whyNotWritable(folder: string): string | null {
  try {
    accessSync(makeFolder(folder), constants.W_OK);
    return null;
  } catch (error) {
    return systemFault(error)?.reason ?? messageOf(error);
  }
}

/** Removes a file or folder; a missing one, or an impossible path, is fine. */
export const remove = (path: string): void => {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') throw error;
  }
};

/** Resolves a path inside a folder. */
export const inFolder = (folder: string, ...names: string[]): string => join(folder, ...names);

/** Whether a path leads to something below a folder; both are absolute. */
export const isInside = (folder: string, path: string): boolean => path.startsWith(`${folder}${sep}`);

export const parentOf = (path: string): string => dirname(path);

/** The started file, with links resolved. */
export const programFile = (): string => realpathSync(process.argv[1] ?? '');

/**
 * The folder with action.yml and manifests/, searched upwards from the started program: dist/main/index.js,
 * dist/cli/index.js, or a link to it.
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

/** Removes partial files that killed processes left below a folder. Files that a living process is writing stay. */
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
    // A process of another user can't be signalled, but exists.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Rewrites every text file below a folder that `change` changes. */
export function rewriteFiles(folder: string, change: (text: string) => string): void {
  for (const name of listFiles(folder)) rewriteFile(join(folder, name), change);
}

/** The same for one file. */
export function rewriteFile(file: string, change: (text: string) => string): void {
  const text = readText(file);
  const changed = change(text);
  if (changed !== text) writeFileSync(file, changed);
}

/** Truncates long files to their end, and removes the largest ones until the rest fits. */
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
