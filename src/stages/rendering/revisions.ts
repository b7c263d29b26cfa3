import { dirname } from 'node:path';
import { checkoutAt } from '../../adapters/commands/git.ts';
import { isFolder } from '../../adapters/files.ts';
import { commitsOfEvent } from '../../adapters/github/github-run.ts';
import type { Context } from '../../context.ts';
import type { Revision } from '../../model/comparison.ts';
import type { Side } from '../../model/sides.ts';

/**
 * The commits that the manifests of each version were checked out at, as far as git knows, and the branch from git or
 * the event: an action checks out commits, and git does not know their branch.
 */
export async function revisionsOfSides(context: Context): Promise<Partial<Record<Side, Revision>>> {
  const { inputs } = context;
  const [base, head] = await Promise.all([
    revisionOf(context, inputs['baseline-manifests']),
    revisionOf(context, inputs.manifests),
  ]);
  return { ...(base === null ? {} : { base }), ...(head === null ? {} : { head }) };
}

async function revisionOf({ shell, signal }: Context, [entry]: readonly string[]): Promise<Revision | null> {
  if (entry === undefined) return null;
  const checkout = await checkoutAt(shell, isFolder(entry) ? entry : dirname(entry)).catch(() => {
    // No git, or no checkout: the version is named after its side of the comparison.
    signal.throwIfAborted();
    return null;
  });
  if (checkout === null) return null;
  const { commit, modified } = checkout;
  const named = commitsOfEvent().find(({ checkedOut }) => checkedOut === commit);
  const branch = named?.branch ?? checkout.branch ?? undefined;
  return {
    commit: named?.commit ?? commit,
    ...(branch === undefined ? {} : { branch }),
    ...(named === undefined || named.commit === commit ? {} : { mergeCommit: commit }),
    ...(modified ? { modified: true as const } : {}),
  };
}
