import { linesOf } from '../../text/lines.ts';
import type { Shell } from './shell.ts';

/** The commit and branch that a folder of a git repository was checked out at. */
export interface Checkout {
  /** The full hash. */
  readonly commit: string;
  /** The branch or tag; null when git knows none, or several for the commit. */
  readonly branch: string | null;
  /** Whether tracked files of the folder differ from the commit. */
  readonly modified: boolean;
}

const DEADLINE_MS = 10_000;

/**
 * What git is given before its command. A folder of a branch may itself look like a repository without a work tree,
 * with a configuration of its own, which names programs that git starts.
 */
export const WITHOUT_OTHERS_PROGRAMS: readonly string[] = [
  '--no-optional-locks',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'safe.bareRepository=explicit',
];

/**
 * Asks git what a folder was checked out at. It runs no hooks and takes no locks.
 *
 * @returns null for a folder that is not a repository, or looks like one itself.
 * @throws CommandError when there is no git, no repository or no commit, or git does not trust the folder.
 */
export async function checkoutAt(shell: Shell, folder: string): Promise<Checkout | null> {
  const git = async (...args: string[]): Promise<string[]> => {
    const { stdout } = await shell.run('git', [...WITHOUT_OTHERS_PROGRAMS, '-C', folder, ...args], {
      deadlineMs: DEADLINE_MS,
    });
    return linesOf(stdout);
  };
  // For a git of before 2.38, which does not know that setting: no commit can hold a folder of this name.
  const [place = ''] = await git('rev-parse', '--absolute-git-dir');
  if (!place.split('/').includes('.git')) return null;
  const lines = await git(
    ...['status', '--porcelain=v2', '--branch', '--untracked-files=no', '--ignore-submodules=all', '--', '.'],
  );
  const header = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`# branch.${name} `))?.slice(`# branch.${name} `.length);
  const [commit, head] = [header('oid') ?? '', header('head')];
  if (!/^[0-9a-f]{40,64}$/.test(commit)) return null;
  const modified = lines.some((line) => !line.startsWith('#'));
  const branch = head === undefined || head === '(detached)' ? await nameOfCommit(git) : head;
  return { commit, branch, modified };
}

/** A tag, or the only remote branch, at the commit of a detached checkout. */
async function nameOfCommit(git: (...args: string[]) => Promise<string[]>): Promise<string | null> {
  const refs = await git('for-each-ref', '--points-at', 'HEAD', '--format=%(refname)', 'refs/tags', 'refs/remotes');
  const named = (kind: RegExp): string[] => refs.flatMap((ref) => kind.exec(ref)?.[1] ?? []);
  const tags = named(/^refs\/tags\/(.+)$/);
  // GitHub's refs of pull requests are not branches.
  const branches = [...new Set(named(/^refs\/remotes\/(?!pull\/)[^/]+\/(?!HEAD$)(.+)$/))];
  return tags.at(-1) ?? (branches.length === 1 ? (branches[0] ?? null) : null);
}
