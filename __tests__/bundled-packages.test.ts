import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
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

test('whoever runs the command line with npx installs nothing but the bundle', () => {
  const { dependencies, optionalDependencies, peerDependencies, scripts } = JSON.parse(
    readFileSync('package.json', 'utf8'),
  ) as Record<string, object | undefined>;
  expect({ dependencies, optionalDependencies, peerDependencies }).toEqual({});
  // Of a repository that has one of them npm installs all packages for development first.
  for (const name of ['preinstall', 'install', 'postinstall', 'build', 'prepack', 'prepare'])
    expect(Object.keys(scripts ?? {})).not.toContain(name);
});

test('the list of what is bundled has nothing else, and what it has is in the lockfile', () => {
  const component = (name: string, version: string, group?: string): object => ({
    ...(group === undefined ? {} : { group }),
    name,
    version,
    'bom-ref': `${name}@${version}`,
    properties: [{ name: 'cdx:npm:package:development', value: 'true' }],
  });
  const root = folder();
  mkdirSync(join(root, 'dist', 'main'), { recursive: true });
  writeFileSync(join(root, 'dist', 'main', 'licenses.txt'), licensesOf([ONE, { ...ONE, name: '@scope/two' }]));
  const sbom = (components: readonly object[]): unknown => {
    const whole = {
      metadata: { component: { 'bom-ref': 'root@1' } },
      components,
      dependencies: [
        { ref: 'root@1', dependsOn: ['one@1.0.0', 'jest@30.0.0'] },
        { ref: 'jest@30.0.0', dependsOn: [] },
        { ref: 'one@1.0.0' },
      ],
    };
    const script = join(import.meta.dirname, '..', 'scripts', 'bundled-sbom.js');
    const options = { cwd: root, input: JSON.stringify(whole), encoding: 'utf8', stdio: 'pipe' } as const;
    return JSON.parse(execFileSync(process.execPath, [script], options));
  };
  const [one, two] = [component('one', '1.0.0'), component('two', '1.0.0', '@scope')];
  expect(sbom([one, component('jest', '30.0.0'), two])).toMatchObject({
    components: [
      { ...one, properties: [] },
      { ...two, properties: [] },
    ],
    dependencies: [
      { ref: 'root@1', dependsOn: ['one@1.0.0'] },
      { ref: 'one@1.0.0', dependsOn: [] },
    ],
  });
  expect(() => sbom([one])).toThrow('package-lock.json has no @scope/two 1.0.0');
});
