import { dataBeside } from './adapters/files.ts';
import { findSettings } from './adapters/settings-file.ts';
import { behindGiven, type Replaced, without } from './inputs/going-on.ts';
import type { Fault } from './inputs/faults.ts';
import type { Behind } from './inputs/parse.ts';
import { looksLikeSettings, readSettingsFile } from './inputs/settings-file.ts';
import type { InputName } from './inputs/table.ts';

/** What a settings file adds to the inputs of a run. */
export interface SettingsBehind {
  readonly behind: Behind | null;
  readonly replaced: readonly Replaced[];
  /** Inputs that the command has no use for. */
  readonly leftOut: readonly InputName[];
  readonly faults: readonly Fault[];
  /** Files that exist but were not read, each in a sentence. */
  readonly notes: readonly string[];
}

const NOTHING: SettingsBehind = { behind: null, replaced: [], leftOut: [], faults: [], notes: [] };

/**
 * Reads the file that input `file` names, or the default one if it exists.
 *
 * @param read gives the text of an input, `''` when not given.
 * @param isOfUse whether the command can use an input of the file; the others are left out and reported.
 */
export function settingsBehind(
  read: (name: string) => string,
  isOfUse: (name: InputName) => boolean = () => true,
): SettingsBehind {
  const found = findSettings(read('file').trim());
  if (found === null) return NOTHING;
  const { file, text, named, other } = found;
  const notes = other === null ? [] : [`${other} also exists and is not read: ${file} is.`];
  if (typeof text !== 'string') return { ...NOTHING, notes, faults: [refused(found, text.refused)] };
  if (!named && !looksLikeSettings(text)) {
    const note = `${file} has none of the topics of this tool, so it is taken for another tool's file and not read. If it is meant, name it with input file.`;
    return { ...NOTHING, notes: [...notes, note] };
  }
  const { entries, faults } = readSettingsFile(text, file, dataBeside(file));
  const leftOut = (Object.keys(entries) as InputName[]).filter((name) => !isOfUse(name));
  const { behind, replaced } = behindGiven(without({ file, entries }, new Set(leftOut)), read);
  return { behind, replaced, leftOut, faults, notes };
}

const refused = ({ file, named }: { file: string; named: boolean }, why: string): Fault =>
  named
    ? { input: 'file', got: file, allowed: `the path of a settings file (${why})` }
    : { place: { file, line: 1, key: '' }, message: `can't be read: ${why}` };
