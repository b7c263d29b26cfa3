/**
 * Proves that dist/ is what the source builds to: users run dist/, and reviewers read the source. And that each bundle
 * has the text of the licence of every package that is in it, by the modules that it was built from.
 *
 *   npm run build       writes dist/
 *   npm run check:dist  builds and fails when that changes a file; names the command above
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingLicenses, packagesIn } from './bundled-packages.ts';

execFileSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'ignore', 'inherit'] });
// Not only changed files: a new chunk that was not committed would be missing for users.
const changed = execFileSync('git', ['status', '--porcelain', '--', 'dist'], { encoding: 'utf8' });
if (changed === '') {
  console.log('dist/ is what the source builds to');
} else {
  console.error(`dist/ is not what the source builds to:\n${changed}Run: npm run build, and commit dist/`);
  process.exitCode = 1;
}

for (const bundle of readdirSync('dist')) {
  const stats: unknown = JSON.parse(readFileSync(join('node_modules', '.cache', 'bundles', `${bundle}.json`), 'utf8'));
  const file = join('dist', bundle, 'licenses.txt');
  const packages = packagesIn(stats);
  const missing = missingLicenses(packages, existsSync(file) ? readFileSync(file, 'utf8') : '');
  if (missing.length === 0) {
    console.log(`dist/${bundle}: the licences of all ${String(packages.length)} packages`);
    continue;
  }
  console.error(`${file} is not complete:\n${missing.join('\n')}`);
  process.exitCode = 1;
}
