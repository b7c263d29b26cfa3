import { conditionOf } from '../../cluster/conditions.ts';
import { type HookDeletePolicy, type InstallPhase, isDeleted } from '../../cluster/helm/hooks.ts';
import { parsePods, parseWorkloads, type PodJson } from '../../cluster/kubernetes-json.ts';
import { LastingProblems } from '../../cluster/lasting-problem.ts';
import { describeObject } from '../../cluster/manifest-entries.ts';
import { type KubernetesObject, toJson } from '../../cluster/manifests.ts';
import { problemOf } from '../../cluster/pod-problem.ts';
import { whyNotReady } from '../../cluster/readiness.ts';
import { type Context, kubectlCommand, kubectlOf } from '../../context.ts';
import { StageError } from '../../errors.ts';
import type { Observation } from '../../wait.ts';
import { lastLogLines, problemError } from '../health/pod-problem.ts';
import { waitFor } from '../health/wait-for.ts';
import { renderedHooks } from '../rendering/rendered-parts.ts';
import { applyObjects } from './apply-parts.ts';

const DELETE_DEADLINE_MS = 60_000;

/**
 * Runs the hooks of Helm charts like `helm install`: one after the other by weight, each to its end, and removed
 * according to its delete policy. When two versions are compared, both run theirs. A phase that has run in this cluster
 * is not run again.
 *
 * @throws StageError `hook-failed` when a Job or Pod fails or does not end in time, with its last lines.
 */
export async function runHooks(context: Context, phase: InstallPhase): Promise<void> {
  const { runner, store } = context;
  const hooks = renderedHooks(context, phase);
  const ran = store.state.hooksRun ?? [];
  if (hooks.length === 0 || ran.includes(phase)) return;
  const done: KubernetesObject[] = [];
  const deleteAfter = async (some: readonly KubernetesObject[], policy: HookDeletePolicy): Promise<void> => {
    for (const hook of some) if (isDeleted(hook, policy)) await remove(context, hook);
  };
  for (const hook of hooks) {
    const what = `${phase} hook ${describeObject(hook)}`;
    await deleteAfter([hook], 'before-hook-creation');
    await applyObjects(context, what, [hook]);
    try {
      await waitForEnd(context, what, hook);
    } catch (error) {
      // Nothing is removed before the error is created, because evidence is collected from what is still there.
      if (!context.signal.aborted) await deleteAfter([hook], 'hook-failed');
      throw error;
    }
    done.unshift(hook);
  }
  await deleteAfter(done, 'hook-succeeded');
  store.update({ hooksRun: [...ran, phase] });
  runner.info(`${String(hooks.length)} ${phase} Helm hooks have run`);
}

const remove = (context: Context, hook: KubernetesObject): Promise<void> =>
  kubectlOf(context).remove(toJson([hook]), DELETE_DEADLINE_MS);

/** Other kinds need no waiting. */
async function waitForEnd(context: Context, what: string, hook: KubernetesObject): Promise<void> {
  if (hook.kind !== 'Job' && hook.kind !== 'Pod') return;
  const { clock } = context;
  const problems = new LastingProblems();
  let seen = false;
  const look = async (): Promise<Observation<undefined>> => {
    const pods = await podsOf(context, hook);
    const { there, why, failed } = hook.kind === 'Job' ? await lookAtJob(context, hook) : lookAtPod(pods);
    if (failed !== null) throw await hookError(context, `The ${what} failed: ${failed}`, pods);
    if (why === null) return { ready: true, value: undefined };
    // It removed itself some time after its end.
    if (seen && !there) return { ready: true, value: undefined };
    seen ||= there;
    // The Job decides how often its containers may fail.
    const lasting = problems.look(pods, clock.now());
    if (lasting !== null && lasting.code !== 'crash-loop')
      throw await problemError(context, lasting, `The ${what} can't run, so nothing after it can.`);
    return { ready: false, why };
  };
  try {
    await waitFor(context, look, { what: `the ${what} to end`, code: 'hook-failed' });
  } catch (error) {
    if (!(error instanceof StageError) || error.hint !== undefined) throw error;
    throw await hookError(context, `${error.message}.`, await podsOf(context, hook), error);
  }
}

interface Look {
  readonly there: boolean;
  /** Null when it has succeeded. */
  readonly why: string | null;
  /** Why it failed for good; null otherwise. */
  readonly failed: string | null;
}

async function lookAtJob(context: Context, { metadata }: KubernetesObject): Promise<Look> {
  const jobs = parseWorkloads(await kubectlOf(context).get('jobs.batch', `--namespace=${namespaceOf(metadata)}`));
  const job = jobs.find(({ metadata: { name } }) => name === metadata.name);
  if (job === undefined) return { there: false, why: `Job ${metadata.name} is not there`, failed: null };
  const failed = conditionOf(job.status, 'Failed');
  // Not every API answer includes the kind of each item.
  return { there: true, why: whyNotReady({ ...job, kind: 'Job' }), failed: failed?.message ?? null };
}

function lookAtPod([pod]: readonly PodJson[]): Look {
  if (pod === undefined) return { there: false, why: 'its pod is not there', failed: null };
  const { phase } = pod.status;
  const why = phase === 'Succeeded' ? null : `pod ${pod.metadata.name} is ${phase === '' ? 'not started' : phase}`;
  return { there: true, why, failed: phase === 'Failed' ? endOf(pod) || 'its phase is Failed' : null };
}

const namespaceOf = ({ namespace }: KubernetesObject['metadata']): string => namespace ?? 'default';

async function podsOf(context: Context, { kind, metadata }: KubernetesObject): Promise<PodJson[]> {
  const pods = parsePods(await kubectlOf(context).get('pods', `--namespace=${namespaceOf(metadata)}`));
  return pods.filter(({ metadata: pod }) =>
    kind === 'Pod'
      ? pod.name === metadata.name
      : pod.ownerReferences.some((owner) => owner.kind === 'Job' && owner.name === metadata.name),
  );
}

/** How the containers of a pod failed, for example because of a missing program; empty when all succeeded. */
const endOf = ({ status }: PodJson): string =>
  [...status.initContainerStatuses, ...status.containerStatuses]
    .flatMap(({ name, state: { terminated } }) =>
      terminated === undefined || terminated.exitCode === 0
        ? []
        : [
            `container ${name} ended with exit code ${String(terminated.exitCode)} (${[terminated.reason, terminated.message.trim()].filter((part) => part !== '').join(': ')})`,
          ],
    )
    .join(', ');

async function hookError(
  context: Context,
  message: string,
  pods: readonly PodJson[],
  cause?: unknown,
): Promise<StageError> {
  const hint =
    'Helm runs hooks before (pre-install) or after (post-install) everything else in a chart, so what a hook uses must exist by then. Input wait is its time limit. Events and logs are among the diagnostics.';
  const pod = pods.at(-1);
  if (pod === undefined) return new StageError('hook-failed', message, { hint, cause });
  const { name, namespace } = pod.metadata;
  const container = problemOf(pod)?.container ?? pod.spec.containers[0]?.name;
  const log = container === undefined ? '' : await lastLogLines(context, namespace, name, container);
  const end = hookEnd(pod, message);
  return new StageError('hook-failed', `${message}${end}${log}`, {
    hint,
    tryThis: kubectlCommand(context, 'describe', 'pod', name, `--namespace=${namespace}`),
    cause,
  });
}

const hookEnd = (pod: PodJson, message: string): string => {
  const end = endOf(pod);
  return end === '' || message.includes(end) ? '' : `\nPod ${pod.metadata.name}: ${end}`;
};
