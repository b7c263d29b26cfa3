import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { messageOf } from '../errors.ts';
import { systemFault } from '../text/system-errors.ts';
import { whyNotWritable } from './files.ts';

/** Marks every folder that the program has taken for its own: it only overwrites and removes files there. */
export const MARK = '.k8s-loadtest-ci';

const MARK_TEXT =
  'k8s-loadtest-ci created this folder for its reports. It overwrites and removes the files that it wrote here.\n';

/** Names that may exist in a folder that looks empty to users. The program writes none of these. */
const HARMLESS = new Set(['.gitkeep', '.gitignore', '.DS_Store', 'lost+found']);
const MOST_NAMES = 3;

/**
 * Takes a folder for the output of a run: one that can be created, is empty, or was taken by an earlier run.
 *
 * @returns why the program may not write to it, as part of a sentence; null when it may.
 */
export function takeFolder(folder: string): string | null {
  const unwritable = whyNotWritable(folder);
  if (unwritable !== null) return unwritable;
  try {
    const names = readdirSync(folder);
    if (names.includes(MARK)) return whyNotOwn(folder);
    const foreign = names.filter((name) => !HARMLESS.has(name)).sort();
    if (foreign.length > 0) return `it has other files: ${listed(foreign)}`;
    writeFileSync(join(folder, MARK), MARK_TEXT);
    return null;
  } catch (error) {
    return systemFault(error)?.reason ?? messageOf(error);
  }
}

/**
 * The program makes no links. A branch can bring the mark, and with it a link through which files elsewhere would be
 * written.
 */
function whyNotOwn(folder: string): string | null {
  const link = linkIn(folder);
  return link === null ? null : `${link} in it is a link, through which files elsewhere would be overwritten`;
}

/**
 * The path of a link in a folder; null when there is none. What kind has copied from its nodes is removed before a run.
 */
function linkIn(folder: string, below = ''): string | null {
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const path = join(below, entry.name);
    if (entry.isSymbolicLink()) return path;
    const found = entry.isDirectory() && path !== 'diagnostics' ? linkIn(folder, path) : null;
    if (found !== null) return found;
  }
  return null;
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}

/**
 * Where a run without a usable folder reports: the default folder if it is empty or missing, otherwise a new temporary
 * one.
 *
 * @throws Error when even that can't be created.
 */
export function folderInstead(usual: string, env: NodeJS.ProcessEnv = process.env): string {
  const folder = resolve(usual);
  if (isEmpty(folder) && takeFolder(folder) === null) return folder;
  const made = mkdtempSync(join(env['RUNNER_TEMP'] ?? tmpdir(), 'k8s-loadtest-ci-'));
  writeFileSync(join(made, MARK), MARK_TEXT);
  return made;
}

function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).every((name) => HARMLESS.has(name));
  } catch (error) {
    return systemFault(error)?.code === 'ENOENT';
  }
}
