import { z } from 'zod';
import type { Kubectl } from '../adapters/commands/kubectl.ts';
import { type ObjectReference, RUN_LABEL } from '../cluster/existing-cluster.ts';
import { type Context, existingClusterOf, kubectlCommand, kubectlOf, updateExistingCluster } from '../context.ts';
import { StageError } from '../errors.ts';
import { clusterIn } from '../system.ts';
import { type Observation, waitUntil } from '../wait.ts';
import { answerOf, jsonOf } from '../model/answer.ts';

/** Pods get half a minute to end, and controllers' finalizers come on top. */
const DELETE_DEADLINE_MS = 180_000;

/** After a run that was killed while creating objects, a request of its kubectl may still be in flight. */
const QUIET_AFTER_KILL_MS = 5000;

const foundObject = z.object({
  metadata: z.object({
    labels: z.record(z.string(), z.string()).default({}),
    deletionTimestamp: z.string().optional(),
  }),
});

/**
 * Removes what the run created in an existing cluster: its namespace, and what was created outside it. Only objects
 * with the label of the run are removed. Can be called repeatedly.
 *
 * @throws StageError `cleanup-incomplete` with what is left.
 */
export async function releaseNamespace(context: Context): Promise<void> {
  const { store, runner, clock, signal } = context;
  if (clusterIn(store.state.system)?.deletedAt !== null) {
    runner.info('The namespace of the run is gone already');
    return;
  }
  const { namespace, outside } = existingClusterOf(context);
  const kubectl = kubectlOf(context);
  // In reverse order of creation: users of something before what they use.
  const own: ObjectReference[] = [
    { resource: 'Namespace', namespace: null, name: namespace },
    ...[...outside].reverse(),
  ];
  const killed = !store.state.stages.some(({ name, outcome }) => name === 'claim-namespace' && outcome === 'ok');
  let quietSince = killed ? clock.now() : -Infinity;
  const look = async (): Promise<Observation<undefined>> => {
    const left = await stillThere(kubectl, own, namespace);
    if (left.length > 0) {
      if (killed) quietSince = clock.now();
      return { ready: false, why: `${left.join(', ')} still there` };
    }
    return clock.now() - quietSince >= QUIET_AFTER_KILL_MS
      ? { ready: true, value: undefined }
      : { ready: false, why: 'a request of the killed run may still be in flight' };
  };
  try {
    await waitUntil(look, {
      what: `everything that the run created to be gone`,
      deadlineMs: DELETE_DEADLINE_MS,
      everyMs: 1000,
      code: 'cleanup-incomplete',
      clock,
      signal,
    });
  } catch (error) {
    if (!(error instanceof StageError)) throw error;
    throw new StageError('cleanup-incomplete', error.message, {
      hint: "The API server may be unreachable, or a controller's finalizer is blocking the deletion. Everything has the label of the run.",
      tryThis: kubectlCommand(context, 'delete', 'namespace', namespace),
      cause: error,
    });
  }
  updateExistingCluster(context, { deletedAt: clock.date().toISOString() });
  runner.info(`Namespace ${namespace} is gone; nothing else of the cluster was touched`);
}

/** Deletes the objects with the label, and names them, because kubectl says "deleted" too early. */
async function stillThere(
  kubectl: Kubectl,
  references: readonly ObjectReference[],
  namespace: string,
): Promise<string[]> {
  const left: string[] = [];
  for (const { resource, name, namespace: of } of references) {
    const text = await kubectl.text(
      'get',
      resource,
      name,
      ...(of === null ? [] : [`--namespace=${of}`]),
      '--ignore-not-found',
      '--output=json',
    );
    if (text.trim() === '') continue;
    const { labels, deletionTimestamp } = answerOf(
      `kubectl get ${resource} ${name}`,
      foundObject,
      jsonOf(`kubectl get ${resource} ${name}`, text),
    ).metadata;
    if (labels[RUN_LABEL] !== namespace) continue;
    if (deletionTimestamp === undefined) await kubectl.delete(resource, name, of);
    left.push(`${resource} ${name}`);
  }
  return left;
}
