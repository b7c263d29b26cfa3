import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { runCase } from './matrix.ts';
import { ROWS } from './rows.ts';
import { described, DOCUMENT } from './table.ts';

const SOME_TIME = 120_000;

/** One of each letter that a quick one has; all rows are what `npm run faults` runs. */
const SOME_ROWS = ['P1', 'A5', 'G1', 'K1', 'T1', 'U1'];

const some = SOME_ROWS.map((id) => {
  const row = ROWS.find((one) => one.id === id && one.kind === 'quick');
  const [first] = Object.entries(row?.cases ?? {});
  if (first === undefined) throw new RangeError(`There is no quick row ${id}`);
  const [name, run] = first;
  return { title: `${id}: ${name}`, name: `${id} ${name}`, run };
});

// They wait for some of their time, so they do it side by side.
describe('a few cases of the fault matrix, against dist/', () => {
  test.concurrent.each(some)(
    '$title',
    async ({ name, run }) => {
      expect((await runCase(name, run, 1, new Map())).failure).toBeNull();
    },
    SOME_TIME,
  );
});

describe('the table of the fault matrix', () => {
  test('is the one that is published: otherwise run npm run faults -- --write-docs', () => {
    const document = readFileSync(DOCUMENT, 'utf8');
    expect(ROWS.map(described).filter((line) => !document.includes(line))).toEqual([]);
  });

  test('has each row once for each kind', () => {
    const keys = ROWS.map(({ id, kind }) => `${id} ${kind}`);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });
});
