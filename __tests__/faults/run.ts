import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runMatrix, type MatrixResult, type RowResult } from './matrix.ts';
import { KINDS, type Kind } from './row.ts';
import { ROWS } from './rows.ts';
import { soak } from './soak.ts';
import { DOCUMENT, withResults } from './table.ts';

const USAGE = `npm run faults [-- ID…] [--kind quick,slow] [--seeds 20] [--write-docs]

Runs the rows of the fault matrix against dist/: all of them, or those with these ids and kinds.
\`npm run faults -- soak [--runs 10] [--parallel 4]\` uses the action again and again on the real cluster.
FAULTS_VERBOSE in the environment shows the log of each step of a case that failed.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', default: false },
    kind: { type: 'string', default: KINDS.join(',') },
    seeds: { type: 'string', default: '1' },
    'write-docs': { type: 'boolean', default: false },
    runs: { type: 'string', default: '10' },
    parallel: { type: 'string', default: '4' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
if (positionals[0] === 'soak')
  process.exit((await soak({ runs: Number(values.runs), parallel: Number(values.parallel) })) ? 0 : 1);
const kinds = values.kind.split(',');
const seeds = Number(values.seeds);
const unknown = [
  ...positionals.filter((id) => !ROWS.some((row) => row.id === id)).map((id) => `There is no row ${id}.`),
  ...kinds
    .filter((kind) => !KINDS.includes(kind as Kind))
    .map((kind) => `There is no kind ${kind}; available are ${KINDS.join(', ')}.`),
  ...(Number.isInteger(seeds) && seeds >= 1 ? [] : [`--seeds is ${values.seeds}; allowed: a whole number from 1.`]),
];
if (unknown.length > 0) {
  console.error(unknown.join('\n'));
  process.exit(2);
}

const rows = ROWS.filter(
  ({ id, kind }) => (positionals.length === 0 || positionals.includes(id)) && kinds.includes(kind),
);
const result = await runMatrix(rows, { seeds, onRow: print });
if (values['write-docs']) writeFileSync(DOCUMENT, withResults(readFileSync(DOCUMENT, 'utf8'), ROWS, result.rows));
summarize(result);

function print({ row, ran, failures, notes, skipped, seconds }: RowResult): void {
  if (skipped !== null) {
    console.log(`skip  ${row.id.padEnd(4)}${row.kind.padEnd(8)}${row.fault}: ${skipped}`);
    return;
  }
  const verdict = failures.length === 0 ? 'pass' : 'FAIL';
  console.log(
    `${verdict}  ${row.id.padEnd(4)}${row.kind.padEnd(8)}${String(ran).padStart(4)} ${ran === 1 ? 'case ' : 'cases'}${seconds.toFixed(1).padStart(8)} s  ${row.fault}`,
  );
  for (const note of notes) console.log(`      ${note}`);
  for (const failure of failures) console.log(failure.replace(/^/gm, '      '));
}

function summarize({ rows: results, figures, leftovers, lostReports }: MatrixResult): void {
  const cases = results.reduce((sum, { ran }) => sum + ran, 0);
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  console.log(`\n${String(cases)} cases of ${String(results.length)} rows`);
  for (const [name, ms] of figures) console.log(`Longest ${name}: ${(ms / 1000).toFixed(2)} s`);
  console.log(`Leftovers: ${String(leftovers)}\nLost reports: ${String(lostReports)}`);
  console.log(`${String(results.length - failed)} passed, ${String(failed)} failed`);
  // A server of a case that failed may still hold the process.
  process.exit(failed === 0 ? 0 : 1);
}
