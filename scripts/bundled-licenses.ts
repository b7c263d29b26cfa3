/**
 * Writes licenses.txt of each bundle in dist/, from what ncc says is in it. `npm run bundle` does so at its end.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { licensesOf, packagesIn } from './bundled-packages.ts';

for (const bundle of readdirSync('dist')) {
  const stats: unknown = JSON.parse(readFileSync(join('node_modules', '.cache', 'bundles', `${bundle}.json`), 'utf8'));
  const packages = packagesIn(stats);
  writeFileSync(join('dist', bundle, 'licenses.txt'), licensesOf(packages));
  console.log(`dist/${bundle}/licenses.txt: ${String(packages.length)} packages`);
}
