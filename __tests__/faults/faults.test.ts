import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { runCase } from './matrix.ts';
import { ROWS } from './rows.ts';
import { described, DOCUMENT } from './table.ts';

const SOME_TIME = 120_000;

const quick = ROWS.filter(({ kind }) => kind === 'quick').flatMap((row) =>
  Object.entries(row.cases).map(([name, run]) => ({ title: `${row.id}: ${name}`, name: `${row.id} ${name}`, run })),
);

// They wait for most of their time, so they do it side by side.
describe('the fault matrix, against dist/', () => {
  test.concurrent.each(quick)(
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
