/**
 * Proves that dist/ is what the source builds to: users run dist/, and reviewers read the source. And that each bundle
 * has the licences of what is in it.
 *
 *   npm run build       writes dist/
 *   npm run check:dist  builds and fails when that changes a file; names the command above
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

execFileSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'ignore', 'inherit'] });
// Not only changed files: a new chunk that was not committed would be missing for users.
const changed = execFileSync('git', ['status', '--porcelain', '--', 'dist'], { encoding: 'utf8' });
if (changed === '') {
  console.log('dist/ is what the source builds to');
} else {
  console.error(`dist/ is not what the source builds to:\n${changed}Run: npm run build, and commit dist/`);
  process.exitCode = 1;
}

const unlicensed = readdirSync('dist').filter((bundle) => !existsSync(join('dist', bundle, 'licenses.txt')));
if (unlicensed.length > 0) {
  console.error(
    `There is no licenses.txt in dist/ for ${unlicensed.join(', ')}: see the scripts build:… in package.json`,
  );
  process.exitCode = 1;
}
