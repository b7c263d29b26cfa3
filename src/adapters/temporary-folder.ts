import { lstatSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { makeFolder, remove } from './files.ts';

const PREFIX = 'k8s-loadtest-ci-';

/** Where temporary files of this machine go. */
const temporaryPlace = (env: NodeJS.ProcessEnv = process.env): string => resolve(env['RUNNER_TEMP'] ?? tmpdir());

/** Makes a folder for temporary files, which only this user can look into. */
export const makeTemporaryFolder = (): string => mkdtempSync(join(makeFolder(temporaryPlace()), PREFIX));

/**
 * Removes a folder that `makeTemporaryFolder` has made, maybe in an earlier process. Any other path is left as it is:
 * what names it may be a file that somebody has changed.
 */
export function removeTemporaryFolder(path: string): void {
  if (dirname(path) !== temporaryPlace() || !basename(path).startsWith(PREFIX)) return;
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === true && found.uid === process.getuid?.()) remove(path);
}
