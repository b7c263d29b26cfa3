import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSettings } from '../../src/adapters/settings-file.ts';
import { settingsBehind } from '../../src/settings-behind.ts';

const before = process.cwd();
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'));
  mkdirSync(join(folder, 'workspace', '.github'), { recursive: true });
  process.chdir(join(folder, 'workspace'));
});

afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

describe('the file of settings', () => {
  test('is none where none is', () => {
    expect(findSettings('')).toBeNull();
  });

  test('is found at the root, or in .github', () => {
    writeFileSync('.github/load-test.yml', 'load: {}');
    expect(findSettings('')).toMatchObject({ file: '.github/load-test.yml', text: 'load: {}', other: null });
    writeFileSync('load-test.yml', '');
    expect(findSettings('')).toMatchObject({ file: 'load-test.yml', other: '.github/load-test.yml' });
  });

  test('that is named is not looked for elsewhere', () => {
    writeFileSync('load-test.yml', '');
    expect(findSettings('other.yml')).toMatchObject({
      file: 'other.yml',
      text: { refused: expect.stringContaining('no such file') as unknown },
    });
  });

  test('is no link that leads out of the repository', () => {
    writeFileSync(join(folder, 'secret'), 'password: hunter2');
    symlinkSync(join(folder, 'secret'), 'load-test.yml');
    expect(findSettings('')?.text).toEqual({ refused: 'it is a link that leads out of the repository' });
    symlinkSync('../../secret', join('.github', 'load-test.yml'));
    expect(JSON.stringify(settingsBehind(() => ''))).not.toContain('hunter2');
  });

  test.each(['a folder', 'a link to nothing', 'a large file'])('is no %s', (what) => {
    if (what === 'a folder') mkdirSync('load-test.yml');
    else if (what === 'a link to nothing') symlinkSync('nothing', 'load-test.yml');
    else writeFileSync('load-test.yml', '#'.repeat(1_000_001));
    expect(typeof findSettings('')?.text).toBe('object');
    expect(settingsBehind(() => '').faults).toHaveLength(1);
  });
});

describe('what it adds to a run', () => {
  test('of another tool is nothing, which is told', () => {
    writeFileSync('load-test.yml', 'config: { target: http://x }\nscenarios: []\n');
    expect(settingsBehind(() => '')).toMatchObject({
      behind: null,
      faults: [],
      notes: [expect.stringContaining("taken for another tool's file")],
    });
    expect(settingsBehind((name) => (name === 'file' ? 'load-test.yml' : '')).faults).not.toEqual([]);
  });

  test('leaves out what the command has no use for', () => {
    writeFileSync('load-test.yml', 'load: { rate: 5 }\ncluster: { nodes: 2 }\n');
    const { behind, leftOut } = settingsBehind(
      () => '',
      (name) => name !== 'nodes',
    );
    expect(Object.keys(behind?.entries ?? {})).toEqual(['rate']);
    expect(leftOut).toEqual(['nodes']);
  });
});
