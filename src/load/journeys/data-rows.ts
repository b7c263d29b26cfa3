import { parse } from 'csv-parse/sync';
import { messageOf } from '../../errors.ts';
import { createRandom } from '../random.ts';
import { parseExactJson } from './exact-json.ts';
import { scalarText } from './json-path.ts';

const MOST_ROWS = 100_000;
const COLUMN = /^[A-Za-z_]\w{0,63}$/;

/** Columns, and a text for each of them in every row. */
export interface DataTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * Reads the data of a journey: CSV (RFC 4180) whose first line has the names of the columns, or a JSON list of
 * objects with the same fields, each a string, number or boolean.
 *
 * @throws Error that says what is wrong and where, and never what a field holds.
 */
export function parseData(text: string, format: 'csv' | 'json'): DataTable {
  const table = format === 'csv' ? csvTable(text) : jsonTable(text);
  const wrong = table.columns.find((column) => !COLUMN.test(column));
  if (wrong !== undefined)
    throw new Error(
      `the column ${JSON.stringify(wrong)} can't be used as {{name}}: letters, digits and _ are allowed${/[;\t]/.test(wrong) ? '. Fields are separated by commas, not by semicolons or tabs' : ''}`,
    );
  if (new Set(table.columns).size < table.columns.length) throw new Error('two columns have the same name');
  if (table.rows.length === 0) throw new Error('there is no row after the column names');
  if (table.rows.length > MOST_ROWS) throw new Error(`there are more than ${String(MOST_ROWS)} rows`);
  return table;
}

function csvTable(text: string): DataTable {
  let records: string[][];
  try {
    records = parse(text, { bom: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    // The message of the library may quote the record.
    throw new Error(`it is not CSV: ${messageOf(error).replace(/(on line|at line) (\d+)[^]*$/, '$1 $2')}`, {
      cause: error,
    });
  }
  const [columns = [], ...rows] = records;
  return { columns, rows };
}

function jsonTable(text: string): DataTable {
  let value: unknown;
  try {
    value = parseExactJson(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new Error('it is not JSON', { cause: error });
  }
  if (!Array.isArray(value)) throw new Error('it is not a list of objects');
  const [first] = value as unknown[];
  const columns = isObject(first) ? Object.keys(first) : [];
  const rows = (value as unknown[]).map((item, index) => {
    const number = String(index + 1);
    if (!isObject(item)) throw new Error(`item ${number} is not an object`);
    const others = Object.keys(item).filter((key) => !columns.includes(key));
    const missing = columns.find((column) => !Object.hasOwn(item, column)) ?? others[0];
    if (missing !== undefined)
      throw new Error(
        `item ${number} and item 1 have different fields: only one of them has ${JSON.stringify(missing)}`,
      );
    return columns.map((column) => {
      const text = scalarText(item[column]);
      if (text === undefined)
        throw new Error(
          `item ${number} has no string, number or boolean in ${JSON.stringify(column)}: give each part of a nested value its own field`,
        );
      return text;
    });
  });
  return { columns, rows };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The order in which rows are taken: each once, by the seed, and then from the beginning again (Fisher and Yates;
 * Durstenfeld 1964, algorithm 235).
 *
 * @returns a function that gives the index of the row that number `turn` takes.
 */
export function rowOrder(rows: number, seed: string): (turn: number) => number {
  const random = createRandom(`${seed}/rows`);
  const order = Uint32Array.from({ length: rows }, (_, index) => index);
  for (let last = rows - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
  return (turn) => order[turn % rows] ?? 0;
}
