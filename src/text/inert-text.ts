import { visibleText } from './visible-text.ts';

/** One that is not ended ends with its line: it must not hide the lines behind it. */
const ESCAPE_SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b\r\n]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
const MAX_LINE_LENGTH = 2000;

/**
 * Makes text of unknown origin safe to print in a workflow's log: no terminal sequences, control characters,
 * bidirectional overrides or endless lines, and nothing that the runner would take for a workflow command. The runner
 * reads `::command::` at the start of a line and `##[command]` anywhere in it.
 */
export function inertLines(text: string): string[] {
  return text
    .replace(ESCAPE_SEQUENCE, '')
    .split(/\r\n|\n|\r/)
    .map((line) => visibleText(line).replaceAll('##[', '# #['))
    .map((line) => (line.length > MAX_LINE_LENGTH ? `${line.slice(0, MAX_LINE_LENGTH)}… (cut)` : line))
    .map((line) => (/^\s*::/.test(line) ? `|${line}` : line));
}

/** As one text. */
export const inertText = (text: string): string => inertLines(text).join('\n');
