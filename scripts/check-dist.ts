/**
 * Proves that dist/ is what the source builds to: users run dist/, and reviewers read the source. The licences
 * of all packages in each bundle are a part of it: the build fails when one has none.
 *
 *   npm run bundle      writes dist/
 *   npm run check:dist  builds and fails when that changes a file; names the command above
 */
import { execFileSync } from 'node:child_process';

execFileSync('npm', ['run', '--silent', 'bundle'], { stdio: ['ignore', 'ignore', 'inherit'] });
// Not only changed files: a new chunk that was not committed would be missing for users.
const changed = execFileSync('git', ['status', '--porcelain', '--', 'dist'], { encoding: 'utf8' });
if (changed === '') {
  console.log('dist/ is what the source builds to');
} else {
  console.error(`dist/ is not what the source builds to:\n${changed}Run: npm run bundle, and commit dist/`);
  process.exitCode = 1;
}
