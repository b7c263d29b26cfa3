import { expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingLicenses, packagesIn } from '../scripts/bundled-packages.ts';
import { temporaryFolders } from './fakes/folder.ts';

const folder = temporaryFolders();

function install(root: string, name: string, files: Readonly<Record<string, string>>, version = '1.0.0'): string {
  const home = join(root, 'node_modules', name);
  mkdirSync(join(home, 'lib'), { recursive: true });
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name, version }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(home, file), text);
  return home;
}

test('the packages of a bundle are those of its modules, also of modules in modules and of packages in packages', () => {
  const root = folder();
  const one = install(root, 'one', { LICENSE: 'MIT\n\nOne' });
  const scoped = install(root, '@scope/two', { 'licence.md': 'Two' });
  const inner = install(one, 'two', {}, '2.0.0');
  const stats = {
    modules: [
      { identifier: `${one}/lib/a.js` },
      { identifier: `/loader/node_modules/ncc/l.js!${scoped}/lib/a.js|0123` },
      { identifier: 'concatenated', modules: [{ identifier: `${inner}/lib/b.js` }, { identifier: `${root}/src/x.ts` }] },
      { identifier: 'external "node:fs"' },
    ],
  };
  expect(packagesIn(stats)).toEqual([
    { name: '@scope/two', version: '1.0.0', licenseText: 'Two' },
    { name: 'one', version: '1.0.0', licenseText: 'MIT\n\nOne' },
    { name: 'two', version: '2.0.0', licenseText: null },
  ]);
});

const ONE = { name: 'one', version: '1.0.0', licenseText: 'Copyright (c) One\n\nDo what you want.\n' };
const table = [
  { name: 'whole', licenses: 'one\nMIT\nCopyright (c) One\r\n\r\nDo what   you want.\n', missing: [] },
  { name: 'a package that is not there', licenses: 'two\nMIT\n', missing: ['one 1.0.0 is not named'] },
  { name: 'a name alone', licenses: 'one\nMIT\n', missing: ['the text of one 1.0.0 is missing'] },
  {
    name: 'the text of somebody else',
    licenses: 'one\nMIT\nCopyright (c) Two\n\nDo what you want.',
    missing: ['the text of one 1.0.0 is missing'],
  },
  { name: 'a name in the middle of a sentence', licenses: 'the one\n', missing: ['one 1.0.0 is not named'] },
];
test.each(table)('licences are held against the packages: $name', ({ licenses, missing }) => {
  expect(missingLicenses([ONE], licenses)).toEqual(missing);
});

test('a package without a licence of its own is told', () => {
  expect(missingLicenses([{ ...ONE, licenseText: null }], 'one\nMIT\n')).toEqual([
    'one 1.0.0 ships no licence: its text has to be put into licenses/',
  ]);
});
