import { describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderInstead, MARK, takeFolder } from '../../src/adapters/output-folder.ts';
import { temporaryFolders } from '../fakes/folder.ts';

const folder = temporaryFolders();

describe('a folder for the output', () => {
  test.each([
    { name: 'one that is not there', prepare: () => join(folder(), 'a', 'b') },
    { name: 'an empty one', prepare: folder },
    {
      name: 'one that only Git sees something in',
      prepare: () => {
        const place = folder();
        writeFileSync(join(place, '.gitkeep'), '');
        return place;
      },
    },
  ])('$name is taken', ({ prepare }) => {
    const place = prepare();
    expect(takeFolder(place)).toBeNull();
    expect(existsSync(join(place, MARK))).toBe(true);
    writeFileSync(join(place, 'report.json'), '');
    expect(takeFolder(place)).toBeNull();
  });

  test('one that holds something of others is left as it is', () => {
    const place = folder();
    for (const name of ['d', 'c', 'b', 'a']) writeFileSync(join(place, name), '');
    expect(takeFolder(place)).toBe('it has other files: a, b, c and 1 more');
    expect(readdirSync(place)).toEqual(['a', 'b', 'c', 'd']);
  });

  test.each([
    { name: 'a folder', path: ['manifests'] },
    { name: 'the kubeconfig', path: ['kubeconfig'] },
    { name: 'a folder in a folder', path: ['k6', 'of', 'it'] },
    { name: 'the evidence', path: ['diagnostics'] },
  ])('one with the mark and a link to $name elsewhere is left as it is', ({ path }) => {
    const [place, elsewhere] = [folder(), folder()];
    expect(takeFolder(place)).toBeNull();
    mkdirSync(join(place, ...path.slice(0, -1)), { recursive: true });
    symlinkSync(elsewhere, join(place, ...path));
    expect(takeFolder(place)).toBe(
      `${join(...path)} in it is a link, through which files elsewhere would be overwritten`,
    );
  });

  test('the usual one stands in for it only while nothing is in it', () => {
    const usual = join(folder(), 'artifacts');
    expect(folderInstead(usual)).toBe(usual);
    mkdirSync(join(usual, 'diagnostics'));
    const temp = folder();
    const other = folderInstead(usual, { RUNNER_TEMP: temp });
    expect(other.startsWith(temp)).toBe(true);
    expect(takeFolder(other)).toBeNull();
  });
});
