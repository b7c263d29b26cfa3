import type { SettingsFile } from '../../model/run.ts';
import { oneLine } from '../../text/lines.ts';

/** What a settings file set, and which of its inputs did not count, each in a sentence. */
export function sourceSentences({ file, lines, replaced, leftOut }: SettingsFile): string[] {
  const names = Object.keys(lines);
  return [
    names.length === 0 ? `${file} sets no input of this run.` : `${file} gives ${names.join(', ')}.`,
    ...replaced.map(
      ({ input, text }) => `${file} has ${input}: ${oneLine(text)}; the value from outside the file is used instead.`,
    ),
    ...(leftOut.length === 0 ? [] : [`Not used by this command: ${leftOut.join(', ')} of ${file}.`]),
  ];
}

/** Where an input of a run came from, such as `load-test.yml:7`; null for a default. */
export function sourceOf(name: string, isStandard: boolean, found: SettingsFile | undefined): string | null {
  const line = found?.lines[name];
  if (found !== undefined && line !== undefined) return `${found.file}:${String(line)}`;
  return isStandard ? null : 'input';
}
