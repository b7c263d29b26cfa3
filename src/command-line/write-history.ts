import { dirname } from 'node:path';
import { exists, inFolder, readText, writeFileAtomically } from '../adapters/files.ts';
import { StageError } from '../errors.ts';
import { shellWord } from '../text/shell-word.ts';
import { readHistory } from '../report/history/history-of-report.ts';
import { historyGroups } from '../report/history/history-series.ts';
import { otavaFiles } from '../report/history/otava.ts';
import { renderHistory } from '../report/html/history-page.ts';

/**
 * Makes a page from the lines of history files, and the files for Apache Otava.
 *
 * @param folder where `history.html` and `otava/` are written.
 * @returns the paths of the written files.
 * @throws StageError `input-invalid` for a missing file, or when no line of any file can be read.
 */
export function writeHistory(files: readonly string[], folder: string): string[] {
  const missing = files.find((file) => !exists(file));
  if (missing !== undefined)
    throw new StageError('input-invalid', `There is no file ${missing}.`, {
      hint: 'Give history.jsonl from the artifacts of runs, or the file of input history.',
      tryThis: `ls -l ${shellWord(dirname(missing))}`,
    });
  const { lines, unread } = readHistory(files.map(readText).join('\n'));
  if (lines.length === 0)
    throw new StageError('input-invalid', `No line of ${files.join(', ')} is a line of a history.`, {
      hint: 'Give history.jsonl from the artifacts of runs, or the file of input history.',
    });
  const groups = historyGroups(lines);
  const written = { 'history.html': renderHistory(groups, unread), ...otavaFiles(groups) };
  return Object.entries(written).map(([name, text]) => {
    const path = inFolder(folder, ...name.split('/'));
    writeFileAtomically(path, text);
    return path;
  });
}
