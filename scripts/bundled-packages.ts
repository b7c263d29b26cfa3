import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package whose code is in a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** Null when the package ships none. */
  readonly licenseText: string | null;
}

const LICENSE_FILE = /^(licen[cs]e|copying)([.-].*)?$/i;

/**
 * The packages in a bundle, by the modules that webpack has put into it. Not by what the licence plugin has found, which
 * is what is to be checked.
 *
 * @param stats as `ncc build --stats-out` writes them.
 */
export function packagesIn(stats: unknown): BundledPackage[] {
  const folders = new Set<string>();
  collect(stats, folders);
  return [...folders].sort().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as BundledPackage;
    const file = readdirSync(folder).find((entry) => LICENSE_FILE.test(entry));
    return { name, version, licenseText: file === undefined ? null : readFileSync(join(folder, file), 'utf8') };
  });
}

/** The innermost package of each path: one may bring another of its own. */
const PACKAGE = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//;

function collect(value: unknown, folders: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, folders);
  } else if (typeof value === 'object' && value !== null) {
    const { identifier, modules } = value as { identifier?: unknown; modules?: unknown };
    // Loaders stand before the file, what was asked for behind it.
    const path = typeof identifier === 'string' ? (identifier.split('!').at(-1) ?? '').split(/[?|]/) : [];
    for (const part of path) {
      const folder = PACKAGE.exec(part)?.[1];
      if (folder !== undefined && existsSync(join(folder, 'package.json'))) folders.add(folder);
    }
    collect(modules, folders);
  }
}

/**
 * What a file of licences lacks: packages that it does not name, and texts that are not in it whole.
 *
 * @param licenses as the licence plugin of ncc writes it: name, identifier and text of each package.
 */
export function missingLicenses(packages: readonly BundledPackage[], licenses: string): string[] {
  const lines = new Set(licenses.split('\n').map((line) => line.trim()));
  const whole = words(licenses);
  return packages.flatMap(({ name, version, licenseText }) => {
    if (!lines.has(name)) return [`${name} ${version} is not named`];
    if (licenseText === null) return [`${name} ${version} ships no licence: its text has to be put into licenses/`];
    return whole.includes(words(licenseText)) ? [] : [`the text of ${name} ${version} is missing`];
  });
}

const words = (text: string): string => text.split(/\s+/).join(' ').trim();
