import type { StartAgain } from '../../comparison/restarts.ts';
import { sideHeadings } from '../../comparison/sides.ts';
import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';
import type { LoadResult } from '../../model/load.ts';
import { type Side, SIDES } from '../../model/sides.ts';
import type { ComparedVersions } from '../../state.ts';
import { clusterIn } from '../../system.ts';
import { startVersionsAgain } from './start-versions-again.ts';
import { runPrepare } from './user-command.ts';

/**
 * After a restart, each version is loaded for at most this long until its answers are right: the ingress needs a moment
 * to find the new pods.
 */
const ANSWERS_AFTER_MS = 30_000;

/** How a comparison restarts its versions. */
export interface Restart {
  /**
   * Restarts what both versions are made of, waits until it is healthy, and returns how many parts that were; without
   * it, the Deployments of both versions are restarted where there is a cluster.
   */
  readonly startAgain: (() => Promise<number>) | undefined;
  /** What the log says of head before a restart, such as "looks slower". */
  readonly looks: (found: 'slower' | 'faster') => string;
  /** Loads one version for a moment. No figure counts it. */
  readonly load: (version: Side) => Promise<LoadResult>;
}

/**
 * Restarts both versions before a change is confirmed, and loads them for a moment afterwards, because the first
 * moments of new pods are those of their caches and compilers.
 *
 * @returns undefined where nothing can be restarted. Two controllers can't: each has a port of a node to itself, so
 *   there is no place for the next one beside it.
 */
export function restartOf(
  context: Context,
  versions: ComparedVersions,
  { startAgain, looks, load }: Restart,
): StartAgain | undefined {
  const { inputs, store, runner } = context;
  const onCluster = clusterIn(store.state.system) === null ? undefined : () => startPreparedAgain(context, versions);
  const start = startAgain ?? onCluster;
  if (!inputs['fresh-starts'] || versions.subject !== undefined || start === undefined) return undefined;
  return async (found) => {
    runner.info(
      `${sideHeadings(versions).head} ${looks(found)}: both versions are restarted, to see whether other starts show it too`,
    );
    if ((await start()) === 0) {
      runner.info("The versions can't be restarted, so the change is confirmed on the same start");
      return false;
    }
    for (const version of SIDES) await warm(context, version, load);
    return true;
  };
}

/** Data that a user's command wrote into the first pods may be lost with them. */
async function startPreparedAgain(context: Context, versions: ComparedVersions): Promise<number> {
  const restarted = await startVersionsAgain(context, versions);
  if (restarted > 0 && context.inputs.prepare !== null) await runPrepare(context);
  return restarted;
}

/**
 * Loads a version until no request fails. One that still fails some after a while is measured as it is.
 *
 * @throws StageError `route-not-ready` when nothing at all succeeds.
 */
async function warm({ clock }: Context, version: Side, load: Restart['load']): Promise<void> {
  const giveUp = clock.now() + ANSWERS_AFTER_MS;
  for (;;) {
    const { total } = await load(version);
    if (total.failed === 0 && total.succeeded > 0) return;
    if (clock.now() < giveUp) continue;
    if (total.succeeded > 0) return;
    throw new StageError('route-not-ready', `${version} has not given a single right answer since it was restarted.`, {
      hint: 'Its new pods may lack what was put into the first ones, such as data. Set fresh-starts: false to confirm a change on the first start alone.',
    });
  }
}
