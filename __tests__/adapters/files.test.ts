import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  actionRoot,
  dataBeside,
  exists,
  isFolder,
  limitFolder,
  listFiles,
  makeFolder,
  readTextOfAnyEncoding,
  remove,
  removeLeftParts,
  whyNotWritable,
  writeFileAtomically,
} from '../../src/adapters/files.ts';
import { originHere } from '../../src/adapters/origin.ts';
import { loadState, openStore, stateFile } from '../../src/adapters/state-file.ts';
import { temporaryFolders } from '../fakes/folder.ts';
import { CLUSTER, ENDINGS, state } from '../fakes/state.ts';

const folder = temporaryFolders();

describe('a file of data', () => {
  test.each<[string, Buffer]>([
    ['UTF-8', Buffer.from('name\nŽofia\n')],
    ['UTF-16 with its mark', Buffer.from('\uFEFFname\nŽofia\n', 'utf16le')],
  ])('in %s is read from beside the scenario', (_, bytes) => {
    const place = folder();
    writeFileSync(join(place, 'users.csv'), bytes);
    expect(dataBeside(join(place, 'scenario.yaml'))('users.csv').replace('\uFEFF', '')).toBe('name\nŽofia\n');
  });

  test('in another encoding is refused with the line, as other names would be sent', () => {
    const place = folder();
    writeFileSync(join(place, 'users.csv'), Buffer.from('name\nann\nJos\xe9\n', 'latin1'));
    expect(() => dataBeside(join(place, 'scenario.yaml'))('users.csv')).toThrow(
      'line 3 is not in UTF-8: save the file as UTF-8',
    );
  });
});

describe('writing a file', () => {
  test('makes its folder and leaves nothing else in it', () => {
    const place = join(folder(), 'a', 'b');
    writeFileAtomically(join(place, 'x.txt'), 'one');
    writeFileAtomically(join(place, 'x.txt'), 'two');
    expect(readFileSync(join(place, 'x.txt'), 'utf8')).toBe('two');
    expect(readdirSync(place)).toEqual(['x.txt']);
  });

  test('may be for its owner alone', () => {
    const file = join(folder(), 'x');
    writeFileAtomically(file, 'x', { mode: 0o600 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('that fails leaves no part behind', () => {
    const place = folder();
    // A folder of that name can't be replaced by a file.
    mkdirSync(join(place, 'taken', 'inside'), { recursive: true });
    expect(() => {
      writeFileAtomically(join(place, 'taken'), 'x');
    }).toThrow();
    expect(readdirSync(place)).toEqual(['taken']);
  });
});

test('what a killed process was writing is removed, and what a living one is writing is not', () => {
  const place = folder();
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  mkdirSync(join(place, 'below'));
  const [left, own, other] = [`kubeconfig.${String(dead)}.part`, `state.json.${String(process.pid)}.part`, 'a.part'];
  for (const name of [left, `below/${left}`, own, other]) writeFileSync(join(place, name), '');
  removeLeftParts(place);
  expect(readdirSync(place).sort()).toEqual([other, 'below', own].sort());
  expect(readdirSync(join(place, 'below'))).toEqual([]);
});

describe('files and folders', () => {
  const encodings = [
    { name: 'UTF-8', bytes: Buffer.from('a: ä😀\n') },
    { name: 'UTF-8 with its mark', bytes: Buffer.from('\ufeffa: ä😀\n') },
    { name: 'UTF-16 of PowerShell', bytes: Buffer.from('\ufeffa: ä😀\n', 'utf16le') },
    { name: 'UTF-16, the other way round', bytes: Buffer.from('\ufeffa: ä😀\n', 'utf16le').swap16() },
  ];
  test.each(encodings)('a text in $name', ({ bytes }) => {
    const file = join(folder(), 'x');
    writeFileSync(file, bytes);
    expect(readTextOfAnyEncoding(file)).toBe('a: ä😀\n');
  });

  const unusable = [
    { name: 'where nothing can be made', path: '/proc/nope/artifacts', why: /no such file or folder/ },
    { name: 'below a file', path: join('package.json', 'artifacts'), why: /is a file, not a folder|already/ },
  ];
  test.each(unusable)('a folder $name is told, and not waited for', ({ path, why }) => {
    expect(whyNotWritable(path)).toMatch(why);
  });

  test('a folder that can be made is', () => {
    const place = join(folder(), 'a', 'b');
    expect(whyNotWritable(place)).toBeNull();
    expect(isFolder(place)).toBe(true);
  });

  test('are told apart', () => {
    const place = makeFolder(join(folder(), 'a', 'b'));
    writeFileSync(join(place, 'x'), '');
    expect([isFolder(place), isFolder(join(place, 'x')), isFolder(join(place, 'none'))]).toEqual([true, false, false]);
    expect([exists(join(place, 'x')), exists(join(place, 'none'))]).toEqual([true, false]);
  });

  test('are removed, and may be gone', () => {
    const place = makeFolder(join(folder(), 'a'));
    writeFileSync(join(place, 'x'), '');
    remove(place);
    remove(place);
    expect(exists(place)).toBe(false);
  });

  test('below a folder are listed in order, folders not among them', () => {
    const place = folder();
    for (const name of ['b.txt', 'a/c.txt', 'a/b/d.txt']) writeFileAtomically(join(place, name), '');
    mkdirSync(join(place, 'empty'));
    expect(listFiles(place)).toEqual(['a/b/d.txt', 'a/c.txt', 'b.txt']);
    expect(listFiles(join(place, 'none'))).toEqual([]);
  });
});

describe('a folder of diagnostics', () => {
  const sizes = (place: string): Record<string, number> =>
    Object.fromEntries(listFiles(place).map((name) => [name, statSync(join(place, name)).size]));

  test('keeps the end of a long file, where the failure is', () => {
    const place = folder();
    writeFileSync(join(place, 'long'), `${'x'.repeat(1000)}the end`);
    writeFileSync(join(place, 'short'), 'all of it');
    limitFolder(place, 100, 1_000_000);
    expect(sizes(place)).toEqual({ long: 100, short: 9 });
    expect(readFileSync(join(place, 'long'), 'utf8')).toMatch(/^x{93}the end$/);
  });

  test('gives up its largest files until the rest fits', () => {
    const place = folder();
    for (const [name, size] of [
      ['a', 50],
      ['b', 90],
      ['c', 10],
      ['d', 70],
    ] as const)
      writeFileSync(join(place, name), 'x'.repeat(size));
    limitFolder(place, 100, 130);
    expect(sizes(place)).toEqual({ a: 50, c: 10, d: 70 });
  });

  test('that does not exist is fine', () => {
    expect(() => {
      limitFolder(join(folder(), 'none'), 1, 1);
    }).not.toThrow();
  });
});

describe("the action's own folder", () => {
  test('is found above the program', () => {
    const root = folder();
    writeFileSync(join(root, 'action.yml'), '');
    mkdirSync(join(root, 'dist', 'main'), { recursive: true });
    expect(actionRoot(join(root, 'dist', 'main', 'index.js'))).toBe(root);
  });

  test('is missed with a clear error', () => {
    const program = join(folder(), 'index.js');
    expect(() => actionRoot(program)).toThrow(`No action.yml above ${program}`);
  });
});

describe('the state of a run', () => {
  const ignore = (): undefined => undefined;

  test('is on disk after every change', () => {
    const place = folder();
    const store = openStore(place, state(), ignore);
    expect(loadState(place)).toEqual({ ...state(), writtenBy: originHere() });
    store.update({ system: CLUSTER });
    expect(loadState(place)).toEqual({ ...state({ system: CLUSTER }), writtenBy: originHere() });
    expect(store.state.system).toEqual(CLUSTER);
  });

  test.each(Object.entries(ENDINGS))('that ended as "%s" is read back as it was', (_, ending) => {
    const place = folder();
    openStore(place, ending, ignore);
    expect(loadState(place)).toEqual({ ...ending, writtenBy: originHere() });
  });

  test('that can’t be written is kept in memory, and said', () => {
    const place = folder();
    const errors: unknown[] = [];
    writeFileSync(join(place, 'file'), '');
    const store = openStore(join(place, 'file', 'below'), state(), (error) => errors.push(error));
    store.update({ system: CLUSTER });
    expect(store.state.system).toEqual(CLUSTER);
    expect(errors).toHaveLength(2);
  });

  test('is none where no run was', () => {
    expect(loadState(folder())).toBeNull();
  });

  const broken = [
    { name: 'was cut off', text: JSON.stringify(state()).slice(0, 100) },
    { name: 'is empty', text: '' },
    { name: 'is of another version', text: JSON.stringify({ ...state(), version: 99 }) },
    { name: 'has a field that this version does not know', text: JSON.stringify({ ...state(), more: 1 }) },
    { name: 'lacks a field', text: JSON.stringify({ ...state(), stages: undefined }) },
    { name: 'is something else', text: '[]' },
  ];
  test.each(broken)('that $name is refused, with what to do', ({ text }) => {
    const place = folder();
    writeFileSync(stateFile(place), text);
    const thrown = ((): unknown => {
      try {
        return loadState(place);
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toMatchObject({ code: 'state-invalid', tryThis: `rm ${stateFile(place)}` });
  });

  test.each([1, 99])('of version %i says which version reads it, and thinks of the cluster', (version) => {
    const place = folder();
    writeFileSync(stateFile(place), JSON.stringify({ version, cluster: { name: 'lt-1' } }));
    expect(() => loadState(place)).toThrow(
      `${stateFile(place)} has state version ${String(version)}, but this version of the tool reads version 2.`,
    );
  });

  test('that can’t be read is an error of its own', () => {
    const place = folder();
    mkdirSync(stateFile(place));
    expect(() => loadState(place)).toThrow(/it is a folder, not a file/);
  });
});
