import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemFault } from '../text/system-errors.ts';
import { readText } from './files.ts';

/** More files than these are not looked at. */
const MOST_FILES = 20_000;
/** A manifest that somebody wrote is shorter. */
const MOST_BYTES = 500_000;
const SKIPPED: ReadonlySet<string> = new Set(['.git', 'node_modules', 'vendor', 'target', 'dist', '.terraform']);

/**
 * The files of a repository by their paths, with slashes: what git knows of, or all files where git can't tell.
 *
 * @returns those of the first 20,000.
 */
export function repositoryFiles(root: string): string[] {
  return (gitFiles(root) ?? walk(root)).slice(0, MOST_FILES).sort();
}

/** Asks git, without its hooks and without a shell; null where there is no repository. */
function git(root: string, ...args: string[]): string | null {
  try {
    return execFileSync('git', ['-C', root, '-c', 'core.fsmonitor=false', ...args], {
      encoding: 'utf8',
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

/** The branch that pull requests go to, as the clone knows it; `main` when it does not. */
export function defaultBranch(root: string): string {
  const head = git(root, 'symbolic-ref', '--short', 'refs/remotes/origin/HEAD')
    ?.trim()
    .replace(/^origin\//, '');
  const current = git(root, 'symbolic-ref', '--short', 'HEAD')?.trim();
  return [head, current].find((name) => name !== undefined && name !== '') ?? 'main';
}

/** The text of a file of a repository; null for a link, something else than a file, and what is too long to be read. */
export function textInRepository(root: string, path: string): string | null {
  try {
    const stats = lstatSync(join(root, path));
    return stats.isFile() && stats.size <= MOST_BYTES ? readText(join(root, path)) : null;
  } catch {
    return null;
  }
}

/**
 * Writes a file that is not there yet, with its folders.
 *
 * @returns false when something of this name is there, which stays as it is.
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
