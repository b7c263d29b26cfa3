import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutAt } from '../../../src/adapters/commands/git.ts';
import { openShell } from '../../../src/adapters/commands/shell.ts';
import { temporaryFolders } from '../../fakes/folder.ts';

const folder = temporaryFolders();

/** A repository with a folder of manifests in one commit. */
function repository(): { home: string; manifests: string; git: (...args: string[]) => string } {
  const home = folder();
  const git = (...args: string[]): string =>
    execFileSync(
      'git',
      [
        '-C',
        home,
        '-c',
        'user.name=Someone',
        '-c',
        'user.email=someone@example.com',
        '-c',
        'commit.gpgsign=false',
        ...args,
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    ).trim();
  const manifests = join(home, 'deploy');
  mkdirSync(manifests);
  writeFileSync(join(manifests, 'app.yaml'), 'replicas: 1\n');
  writeFileSync(join(home, 'README'), 'one\n');
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '.');
  git('commit', '--quiet', '--message', 'first');
  return { home, manifests, git };
}
const at = async (path: string) => await checkoutAt(openShell({ signal: new AbortController().signal }), path);

describe('a checkout', () => {
  test('of a branch has its name, and the commit as a whole', async () => {
    const { manifests, git } = repository();
    expect(await at(manifests)).toEqual({ commit: git('rev-parse', 'HEAD'), branch: 'main', modified: false });
  });

  test('is modified by what stands in its folder, and not by other files or new ones', async () => {
    const { home, manifests } = repository();
    writeFileSync(join(home, 'README'), 'two\n');
    writeFileSync(join(manifests, 'new.yaml'), 'new: true\n');
    expect(await at(manifests)).toMatchObject({ modified: false });
    writeFileSync(join(manifests, 'app.yaml'), 'replicas: 2\n');
    expect(await at(manifests)).toMatchObject({ modified: true });
  });

  test.each([
    { name: 'at a tag', refs: ['refs/tags/v1.2.3', 'refs/remotes/origin/main'], expected: 'v1.2.3' },
    { name: 'at the branch of a remote', refs: ['refs/remotes/origin/feature/cart'], expected: 'feature/cart' },
    {
      name: 'at one branch of two remotes',
      refs: ['refs/remotes/origin/main', 'refs/remotes/mine/main'],
      expected: 'main',
    },
    { name: 'at two branches', refs: ['refs/remotes/origin/main', 'refs/remotes/origin/next'], expected: null },
    { name: "at GitHub's merge of a pull request", refs: ['refs/remotes/pull/12/merge'], expected: null },
    { name: 'at nothing else', refs: [], expected: null },
  ])('of a commit $name', async ({ refs, expected }) => {
    const { manifests, git } = repository();
    const commit = git('rev-parse', 'HEAD');
    for (const ref of refs) git('update-ref', ref, commit);
    git('checkout', '--quiet', '--detach');
    expect(await at(manifests)).toEqual({ commit, branch: expected, modified: false });
  });

  test('without a commit has no name', async () => {
    const home = folder();
    execFileSync('git', ['init', '--quiet', home]);
    expect(await at(home)).toBeNull();
  });

  test('is none without a repository', async () => {
    await expect(at(folder())).rejects.toThrow();
  });

  test('runs no program that the repository names', async () => {
    const { home, manifests, git } = repository();
    const trace = join(home, 'trace');
    writeFileSync(join(home, 'monitor'), `#!/bin/sh\ntouch ${trace}\n`, { mode: 0o755 });
    git('config', 'core.fsmonitor', join(home, 'monitor'));
    await at(manifests);
    expect(() => execFileSync('cat', [trace], { stdio: 'ignore' })).toThrow();
  });

  test('is none where a folder of the branch looks like a repository that starts a program', async () => {
    const { home, manifests, git } = repository();
    const trace = join(home, 'evil-was-run');
    git('init', '--quiet', '--bare', manifests);
    writeFileSync(
      join(manifests, 'config'),
      `[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n[filter "evil"]\n\tclean = touch '${trace}'; cat\n`,
    );
    writeFileSync(join(manifests, '.gitattributes'), '* filter=evil\n');
    const inside = (...args: string[]): string => git('--git-dir', manifests, '--work-tree', manifests, ...args);
    inside('add', '--force', 'app.yaml');
    inside('commit', '--quiet', '--message', 'a trap');
    rmSync(trace);
    writeFileSync(join(manifests, 'app.yaml'), 'replicas: 3\n');
    await expect(at(manifests)).rejects.toThrow(/safe\.bareRepository/);
    // A git that does not know the setting is not asked any further.
    expect(existsSync(trace)).toBe(false);
  });
});
