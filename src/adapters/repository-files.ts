import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemFault } from '../text/system-errors.ts';
import { commandEnvironment } from './commands/environment.ts';
import { WITHOUT_OTHERS_PROGRAMS } from './commands/git.ts';
import { readText } from './files.ts';

/** The maximum number of files. */
const MOST_FILES = 20_000;
/** Hand-written manifests are shorter. */
const MOST_BYTES = 500_000;
const SKIPPED: ReadonlySet<string> = new Set(['.git', 'node_modules', 'vendor', 'target', 'dist', '.terraform']);

/**
 * The files of a repository by path, with slashes: those that git tracks, or all files without git.
 *
 * @returns the first 20,000.
 */
export function repositoryFiles(root: string): string[] {
  return (gitFiles(root) ?? walk(root)).slice(0, MOST_FILES).sort();
}

/** Asks git, without its hooks and without a shell; null when there is no repository. */
function git(root: string, ...args: string[]): string | null {
  try {
    return execFileSync('git', [...WITHOUT_OTHERS_PROGRAMS, '-C', root, ...args], {
      encoding: 'utf8',
      env: commandEnvironment(),
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 30_000,
    });
  } catch {
    return null;
  }
}

function gitFiles(root: string): string[] | null {
  const listed = git(root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard');
  return listed === null ? null : listed.split('\0').filter((path) => path !== '');
}

function walk(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry): string[] => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : walk(root, path);
    return entry.isFile() ? [path] : [];
  });
}

/** The branch that pull requests target, according to the clone; `main` if unknown. */
export function defaultBranch(root: string): string {
  const head = git(root, 'symbolic-ref', '--short', 'refs/remotes/origin/HEAD')
    ?.trim()
    .replace(/^origin\//, '');
  const current = git(root, 'symbolic-ref', '--short', 'HEAD')?.trim();
  return [head, current].find((name) => name !== undefined && name !== '') ?? 'main';
}

/** The text of a file of a repository; null for a link, anything other than a file, and files that are too long. */
export function textInRepository(root: string, path: string): string | null {
  try {
    const stats = lstatSync(join(root, path));
    return stats.isFile() && stats.size <= MOST_BYTES ? readText(join(root, path)) : null;
  } catch {
    return null;
  }
}

/**
 * Writes a new file, with its folders.
 *
 * @returns false when something with this name exists; it is not changed.
 */
export function writeNewFile(file: string, text: string): boolean {
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemFault(error)?.code === 'EEXIST') return false;
    throw error;
  }
}
