import { expect, test } from '@jest/globals';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { licensesOf, packagesIn } from '../scripts/bundled-packages.ts';
import { temporaryFolders } from './fakes/folder.ts';

const folder = temporaryFolders();

function install(root: string, name: string, files: Readonly<Record<string, string>>, version = '1.0.0'): string {
  const home = join(root, 'node_modules', name);
  mkdirSync(join(home, 'lib'), { recursive: true });
  writeFileSync(
    join(home, 'package.json'),
    JSON.stringify({
      name,
      version,
      license: 'MIT',
      author: { name: 'Some Body', email: 'a@x.example' },
      repository: 'https://x.example',
    }),
  );
  for (const [file, text] of Object.entries(files)) writeFileSync(join(home, file), text);
  return home;
}

test('the packages of a bundle are those of its modules, also of modules in modules and of packages in packages', () => {
  const root = folder();
  const one = install(root, 'one', { LICENSE: 'MIT\n\nOne' });
  const scoped = install(root, '@scope/two', { 'licence.md': 'Two' });
  const inner = install(one, 'two', {}, '2.0.0');
  const last = install(scoped, 'two', { 'README.md': '# Two\n\n## License\nPermission is hereby granted' }, '3.0.0');
  const stats = {
    modules: [
      { identifier: `${one}/lib/a.js` },
      { identifier: `/loader/node_modules/ncc/l.js!${scoped}/lib/a.js|0123` },
      {
        identifier: 'concatenated',
        modules: [{ identifier: `${inner}/lib/b.js` }, { identifier: `${root}/src/x.ts` }],
      },
      { identifier: `${last}/lib/c.js` },
      { identifier: 'external "node:fs"' },
    ],
  };
  expect(packagesIn(stats)).toEqual([
    { name: '@scope/two', version: '1.0.0', licenseText: 'Two', said: 'MIT, Some Body a@x.example, https://x.example' },
    { name: 'one', version: '1.0.0', licenseText: 'MIT\n\nOne', said: 'MIT, Some Body a@x.example, https://x.example' },
    { name: 'two', version: '2.0.0', licenseText: null, said: 'MIT, Some Body a@x.example, https://x.example' },
    {
      name: 'two',
      version: '3.0.0',
      licenseText: '## License\nPermission is hereby granted',
      said: 'MIT, Some Body a@x.example, https://x.example',
    },
  ]);
});

const ONE = { name: 'one', version: '1.0.0', licenseText: 'Copyright (c) One\r\n\nDo what you want.\n', said: 'MIT' };

test('the file of licences has the text of each package', () => {
  const two = { name: 'binary', version: '0.3.0', licenseText: null, said: 'MIT, Some Body, https://x.example' };
  expect(licensesOf([ONE, two])).toBe(
    `one 1.0.0\n\nCopyright (c) One\n\nDo what you want.\n\n${'-'.repeat(80)}\n\nbinary 0.3.0\n\n` +
      'It ships no text of its licence. Its package.json says: MIT, Some Body, https://x.example.\n',
  );
});

test('a package without a text, of which nobody knows that, ends the build', () => {
  expect(() => licensesOf([ONE, { ...ONE, name: 'new', licenseText: null }])).toThrow(
    'There is no text of a licence in new 1.0.0',
  );
});

test('the bundles of dist have the licences of what this file knows them to have', () => {
  // Of each bundle one that ncc joins with other modules, and one that it does not.
  for (const [bundle, names] of Object.entries({
    main: ['zod', 'undici', '@actions/artifact', 'uplot'],
    post: ['zod', '@actions/cache'],
    cli: ['commander', 'yaml', 'uplot'],
    relay: ['yauzl', 'pend', '@octokit/core'],
  })) {
    const lines = readFileSync(join('dist', bundle, 'licenses.txt'), 'utf8').split('\n');
    for (const name of names) expect(lines).toContainEqual(expect.stringMatching(`^${name} \\d+\\.`));
  }
});
