import type { RowResult } from './matrix.ts';
import type { Row } from './row.ts';

/** Where the table is published. */
export const DOCUMENT = 'docs/reliability.md';

const START = '<!-- faults:start -->';
const END = '<!-- faults:end -->';
const NOT_RUN = '–';

/** The first columns of a row: what does not depend on a run. */
export const described = ({ id, kind, fault, expected }: Row): string =>
  `| ${id} | ${cell(fault)} | ${cell(expected)} | ${kind} |`;

/** The document with the rows as they are now; a row that was not run keeps the result of its last run. */
export function withResults(text: string, rows: readonly Row[], results: readonly RowResult[]): string {
  const [from, to] = [text.indexOf(START), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`The marks ${START} and ${END} are missing in ${DOCUMENT}`);
  const before = text.slice(from, to).split('\n');
  const lines = rows.map((row) => {
    const result = results.find((one) => one.row === row);
    const former = before
      .map((line) => line.split(' | '))
      .find(([id, , , kind]) => id === `| ${row.id}` && kind === row.kind)
      ?.at(-1)
      ?.replace(/ \|$/, '');
    return `${described(row)} ${result === undefined || result.skipped !== null ? (former ?? NOT_RUN) : shown(result)} |`;
  });
  const head = ['| Row | Fault | What the action does | Kind | Last run |', '| --- | --- | --- | --- | --- |'];
  return `${text.slice(0, from + START.length)}\n${[...head, ...lines].join('\n')}\n${text.slice(to)}`;
}

const shown = ({ ran, failures, seconds }: RowResult): string =>
  `${failures.length === 0 ? 'passed' : `**${String(failures.length)} failed**`}, ${String(ran)} ${ran === 1 ? 'case' : 'cases'}, ${seconds.toFixed(0)} s`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
