import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { messageOf } from '../errors.ts';
import { systemFault } from '../text/system-errors.ts';
import { whyNotWritable } from './files.ts';

/** In every folder that the program has taken for its own: only there it overwrites and removes. */
export const MARK = '.k8s-loadtest-ci';

const MARK_TEXT =
  'k8s-loadtest-ci made this folder for its reports, and overwrites and removes what it has written here.\n';

/** What stands in a folder that is empty for all who look. The program writes nothing of these names. */
const HARMLESS = new Set(['.gitkeep', '.gitignore', '.DS_Store', 'lost+found']);
const MOST_NAMES = 3;

/**
 * Takes a folder for the output of a run: one that can be made, is empty, or was taken by an earlier run.
 *
 * @returns why it is not the program's to write to, as a part of a sentence; null when it is.
 */
export function takeFolder(folder: string): string | null {
  const unwritable = whyNotWritable(folder);
  if (unwritable !== null) return unwritable;
  try {
    const names = readdirSync(folder);
    if (names.includes(MARK)) return null;
    const foreign = names.filter((name) => !HARMLESS.has(name)).sort();
    if (foreign.length > 0) return `it holds files of others: ${listed(foreign)}`;
    writeFileSync(join(folder, MARK), MARK_TEXT);
    return null;
  } catch (error) {
    return systemFault(error)?.reason ?? messageOf(error);
  }
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}

/**
 * Where a run reports that can't have its own folder: the usual one when there is nothing in it yet, else a new one for
 * temporary files.
 *
 * @throws Error when not even that can be made.
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
