import { basename } from 'node:path';
import { commandLine } from '../addresses.ts';
import { inFolder } from '../adapters/files.ts';
import { defaultBranch, repositoryFiles, textInRepository, writeNewFile } from '../adapters/repository-files.ts';
import type { Runner } from '../adapters/runner.ts';
import { firstFiles, SETTINGS_FILE, WORKFLOW_FILE } from '../init/first-files.ts';
import { isOfInterest, surveyOf } from '../init/survey.ts';

/**
 * Writes a workflow and a settings file that fit a repository, and says what they are based on. Existing files are left
 * unchanged.
 *
 * @param root the folder of the repository.
 */
export function initRepository(runner: Pick<Runner, 'info' | 'warning'>, root: string): void {
  const files = repositoryFiles(root).map((path) => {
    const text = isOfInterest(path) ? textInRepository(root, path) : null;
    return text === null ? { path } : { path, text };
  });
  const { settings, workflow, found, leftOut, builds } = firstFiles(
    surveyOf(files, basename(root)),
    defaultBranch(root),
  );
  for (const sentence of found) runner.info(sentence);
  if (leftOut.length > 0) runner.info('\nLeft out');
  for (const sentence of leftOut) runner.info(`- ${sentence}`);
  runner.info('');
  const written = [
    { file: SETTINGS_FILE, text: settings },
    { file: WORKFLOW_FILE, text: workflow },
  ].map(({ file, text }) => ({ file, isNew: writeNewFile(inFolder(root, file), text) }));
  for (const { file, isNew } of written) {
    if (isNew) runner.info(`Wrote ${file}`);
    else runner.warning(`${file} already exists and was left unchanged.`);
  }
  runner.info('\nNext, on a machine with Docker, before you commit them:');
  for (const command of [...builds, commandLine('validate'), commandLine('run')]) runner.info(`  ${command}`);
}
