import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package whose code is in a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** Null when the package ships none. */
  readonly licenseText: string | null;
  /** What its package.json says of licence, author and source, in one line. */
  readonly said: string;
}

/**
 * The packages in a bundle, by the modules that webpack has put into it, in the order of their names. ncc's own list of
 * licences lacks whatever is in a module that was joined with others.
 *
 * @param stats as `ncc build --stats-out` writes them.
 */
export function packagesIn(stats: unknown): BundledPackage[] {
  const folders = new Set<string>();
  collect(stats, folders);
  const packages = new Map([...folders].map(packageIn).map((one) => [`${one.name} ${one.version}`, one]));
  return [...packages.values()].sort((a, b) => `${a.name} ${a.version}`.localeCompare(`${b.name} ${b.version}`, 'en'));
}

/** The innermost package of each path: one may bring another of its own. */
const PACKAGE = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/** What script and style of report.html are made with by `npm run update`; its code is a text in this module. */
const MADE_WITH = [{ module: /^(.*)\/src\/report\/html\/html-assets\.ts$/, packages: ['uplot'] }];

function collect(value: unknown, folders: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, folders);
  } else if (typeof value === 'object' && value !== null) {
    const { identifier, modules } = value as { identifier?: unknown; modules?: unknown };
    // Loaders stand before the file, what was asked for behind it.
    for (const part of typeof identifier === 'string' ? (identifier.split('!').at(-1) ?? '').split(/[?|]/) : []) {
      const found = PACKAGE.exec(part)?.[1];
      const made = MADE_WITH.flatMap(({ module, packages }) => {
        const root = module.exec(part)?.[1];
        return root === undefined ? [] : packages.map((name) => join(root, 'node_modules', name));
      });
      for (const folder of [...(found === undefined ? [] : [found]), ...made])
        if (existsSync(join(folder, 'package.json'))) folders.add(folder);
    }
    collect(modules, folders);
  }
}

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string; readonly email?: string };
  readonly repository?: string | { readonly url: string };
}

function packageIn(folder: string): BundledPackage {
  const description = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson;
  const { name, version, license = 'no licence', author = 'no author', repository = 'no repository' } = description;
  const who =
    typeof author === 'string' ? author : [author.name, author.email].filter((part) => part !== undefined).join(' ');
  const where = typeof repository === 'string' ? repository : repository.url;
  return { name, version, licenseText: licenseTextIn(folder), said: [license, who, where].join(', ') };
}

const LICENSE_FILE = /^(licen[cs]e|copying)([.-].*)?$/i;
const README_FILE = /^readme(\..*)?$/i;
const LICENSE_IN_README = /^#*\s*licen[cs]e\b[\s\S]*?permission is hereby granted[\s\S]*/im;

function licenseTextIn(folder: string): string | null {
  const files = readdirSync(folder);
  const [license, readme] = [LICENSE_FILE, README_FILE].map((wanted) => files.find((file) => wanted.test(file)));
  if (license !== undefined) return readFileSync(join(folder, license), 'utf8');
  const text = readme === undefined ? '' : readFileSync(join(folder, readme), 'utf8');
  return LICENSE_IN_README.exec(text)?.[0] ?? null;
}

/** Those that are known to ship no text, so that what they say of themselves has to do. */
const WITHOUT_TEXT = new Set(['@nodable/entities', 'binary', 'buffers', 'chainsaw']);

/**
 * A file with the licence of each package.
 *
 * @throws Error with all packages that ship no text and are not known for it.
 */
export function licensesOf(packages: readonly BundledPackage[]): string {
  const unknown = packages.filter(({ name, licenseText }) => licenseText === null && !WITHOUT_TEXT.has(name));
  if (unknown.length > 0)
    throw new Error(
      `There is no text of a licence in ${unknown.map(({ name, version }) => `${name} ${version}`).join(', ')}: ` +
        'look whether it may be shipped, and add it to WITHOUT_TEXT in scripts/bundled-packages.ts',
    );
  return packages
    .map(
      ({ name, version, licenseText, said }) =>
        `${name} ${version}\n\n${licenseText?.replaceAll('\r\n', '\n').trim() ?? `It ships no text of its licence. Its package.json says: ${said}.`}\n`,
    )
    .join(`\n${'-'.repeat(80)}\n\n`);
}
