import type { Docker } from '../adapters/commands/docker.ts';
import { remove } from '../adapters/files.ts';
import { type Context, dockerOf, kindOf, updateOwnCluster } from '../context.ts';
import { messageOf, StageError } from '../errors.ts';
import type { OwnCluster } from '../system.ts';

const DELETE_DEADLINE_MS = 120_000;
const LOOK_EVERY_MS = 1000;
/**
 * A killed `kind create` may have sent requests that Docker still carries out: containers were seen to appear up to
 * five seconds later.
 */
const QUIET_AFTER_KILL_MS = 10_000;
const QUIET_MS = 1000;

/**
 * Removes the cluster and everything that belongs to it: containers, kubeconfig, and Docker's network `kind` if it was
 * created for this cluster and nothing else uses it. Can be called repeatedly.
 *
 * @throws StageError `cleanup-incomplete` with the names of what is left.
 */
export async function deleteCluster(context: Context): Promise<void> {
  const { store, runner, clock } = context;
  const { system: cluster } = store.state;
  if (cluster?.kind !== 'own') {
    runner.info('No cluster to delete');
    return;
  }
  const docker = dockerOf(context);
  await deleteWithKind(context, cluster);
  await removeContainers(context, docker, cluster.name);
  remove(cluster.kubeconfig);
  // kind holds this lock while it writes, and never removes the lock of a killed kind.
  remove(`${cluster.kubeconfig}.lock`);
  if (!cluster.networkExisted && (await docker.removeNetwork('kind'))) runner.info("Docker's network kind was removed");
  if (cluster.deletedAt === null) updateOwnCluster(context, { deletedAt: clock.date().toISOString() });
  runner.info(`Cluster ${cluster.name} is gone`);
}

function incomplete(name: string, left: readonly string[] | null, cause: unknown): StageError {
  const hint = 'Docker may be overloaded or broken.';
  if (left === null || left.length === 0) {
    return new StageError('cleanup-incomplete', `Docker does not say whether containers of cluster ${name} are left.`, {
      hint,
      tryThis: `docker ps --all --filter label=io.x-k8s.kind.cluster=${name}`,
      cause,
    });
  }
  return new StageError(
    'cleanup-incomplete',
    `These containers of cluster ${name} could not be removed: ${left.join(', ')}`,
    {
      hint,
      tryThis: `docker rm --force --volumes ${left.join(' ')}`,
      cause,
    },
  );
}

/** kind deletes first; whatever it leaves is removed below. */
async function deleteWithKind(context: Context, { name, kubeconfig }: OwnCluster): Promise<void> {
  if (context.store.state.tools.kind === undefined) return;
  try {
    await kindOf(context).delete({ name, kubeconfig });
  } catch (error) {
    context.runner.info(`kind could not delete the cluster: ${messageOf(error)}`);
  }
}

/** Removes the containers of a cluster until none has been seen for a while. */
async function removeContainers(context: Context, docker: Docker, name: string): Promise<void> {
  const { clock, signal, store, runner } = context;
  const killed = store.state.stages.some(({ name: stage, outcome }) => stage === 'create-cluster' && outcome !== 'ok');
  const quietMs = killed ? QUIET_AFTER_KILL_MS : QUIET_MS;
  const start = clock.now();
  let quietSince = start;
  let last: unknown = null;
  for (;;) {
    // A busy engine may fail even to list what is there.
    const left = await docker.containersOfCluster(name).catch((error: unknown) => {
      last = error;
      return null;
    });
    if (left?.length === 0 && clock.now() - quietSince >= quietMs) return;
    if (left === null || left.length > 0) quietSince = clock.now();
    if (left !== null && left.length > 0) {
      runner.info(`Removing what is left of ${name}: ${left.join(', ')}`);
      last = await docker.removeContainers(left).catch((error: unknown) => error);
    }
    if (clock.now() - start > DELETE_DEADLINE_MS) throw incomplete(name, left, last);
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}
