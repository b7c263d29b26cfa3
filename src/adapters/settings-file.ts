import { lstatSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import { messageOf } from '../errors.ts';
import { systemFault } from '../text/system-errors.ts';
import { readText } from './files.ts';

/** Where a settings file is searched when none is named, relative to the workspace. */
const USUAL_PLACES = ['load-test.yml', '.github/load-test.yml'];

/** Settings files are written by hand. */
const MOST_BYTES = 1_000_000;

export interface FoundSettings {
  /** The path as given, or where it was found. */
  readonly file: string;
  /** Why it can't be read; otherwise its text. */
  readonly text: string | { readonly refused: string };
  readonly named: boolean;
  /** Another one in a default place, which is not read. */
  readonly other: string | null;
}

/**
 * Finds the settings file of a workspace, which is the current folder.
 *
 * @param named the given path; `''` searches the default places.
 * @returns null when none was named and none exists.
 */
export function findSettings(named: string): FoundSettings | null {
  const places = named === '' ? USUAL_PLACES.filter(isThere) : [named];
  const [file, other = null] = places;
  if (file === undefined) return null;
  return { file, text: contentOf(file, named !== ''), named: named !== '', other };
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

function contentOf(file: string, named: boolean): FoundSettings['text'] {
  try {
    return read(file, named);
  } catch (error) {
    return { refused: systemFault(error)?.reason ?? messageOf(error) };
  }
}

function read(file: string, named: boolean): FoundSettings['text'] {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined)
    return { refused: 'there is no such file; in a workflow, check the repository out first (actions/checkout)' };
  if (!stats.isFile()) return { refused: 'it is not a file' };
  if (stats.size > MOST_BYTES) return { refused: `it is larger than ${String(MOST_BYTES / 1e6)} MB` };
  // A pull request could bring a link whose faults reveal the content of a file elsewhere on the machine.
  if (!named && leadsOut(file)) return { refused: 'it is a link that leads out of the repository' };
  return readText(file);
}

function leadsOut(file: string): boolean {
  const path = relative(realpathSync('.'), realpathSync(file));
  return path.startsWith('..') || isAbsolute(path);
}
