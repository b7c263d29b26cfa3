import { restartedDeployments, restartPatch, swappedNodes } from '../../cluster/sides/restart-patch.ts';
import { parsePods, parseWorkloads, type PodJson, type WorkloadJson } from '../../cluster/kubernetes-json.ts';
import { observeWorkloads } from '../../cluster/readiness.ts';
import { type Context, kubectlOf } from '../../context.ts';
import { type Side, SIDES } from '../../model/sides.ts';
import type { ComparedVersions } from '../../state.ts';
import type { Observation } from '../../wait.ts';
import { waitFor } from '../health/wait-for.ts';

/**
 * Restarts the Deployments of both versions: all pods are replaced, on the nodes of the other version if those differ.
 * What one start has by chance, the next one does not have. Nothing else is restarted, because other kinds could lose
 * data in their pods, such as a database in a StatefulSet.
 *
 * @returns how many Deployments were restarted; 0 when there are none.
 * @throws StageError `workload-not-ready` when a version does not come back.
 */
export async function startVersionsAgain(context: Context, { namespaces }: ComparedVersions): Promise<number> {
  const { clock } = context;
  const kubectl = kubectlOf(context);
  const found = {
    base: await readVersion(context, namespaces.base),
    head: await readVersion(context, namespaces.head),
  };
  const now = clock.date().toISOString();
  const restarted = SIDES.flatMap((side) => found[side].deployments.map((deployment) => ({ side, deployment })));
  for (const { side, deployment } of restarted) {
    const { reference } = deployment;
    const nodes = swappedNodes(reference.name, found[side].pods, found[otherOf(side)].pods);
    await kubectl.patch(reference, JSON.stringify(restartPatch(deployment, nodes, now)));
  }
  if (restarted.length === 0) return 0;
  await waitForPods(
    context,
    [...namespaces.base, ...namespaces.head],
    restarted.map(({ deployment }) => deployment.reference),
  );
  return restarted.length;
}

const otherOf = (side: Side): Side => (side === 'base' ? 'head' : 'base');

async function readVersion(
  context: Context,
  namespaces: readonly string[],
): Promise<{ deployments: ReturnType<typeof restartedDeployments>; pods: PodJson[] }> {
  const kubectl = kubectlOf(context);
  const each = await Promise.all(
    namespaces.map(async (namespace) => ({
      deployments: restartedDeployments(await kubectl.get('deployments', `--namespace=${namespace}`)),
      pods: parsePods(await kubectl.get('pods', `--namespace=${namespace}`)),
    })),
  );
  return { deployments: each.flatMap(({ deployments }) => deployments), pods: each.flatMap(({ pods }) => pods) };
}

/** Until all pods are new and no old one is left to use CPU. */
async function waitForPods(
  context: Context,
  namespaces: readonly string[],
  expected: Parameters<typeof observeWorkloads>[0],
): Promise<void> {
  const kubectl = kubectlOf(context);
  const look = async (): Promise<Observation<unknown>> => {
    const workloads: WorkloadJson[] = [];
    for (const namespace of namespaces) {
      const pods = parsePods(await kubectl.get('pods', `--namespace=${namespace}`));
      const ending = pods.find(({ metadata }) => metadata.deletionTimestamp !== undefined);
      if (ending !== undefined)
        return { ready: false, why: `pod ${namespace}/${ending.metadata.name} is still ending` };
      workloads.push(...parseWorkloads(await kubectl.get('deployments', `--namespace=${namespace}`)));
    }
    return observeWorkloads(expected, workloads);
  };
  await waitFor(context, look, {
    what: 'both versions to be ready after their restart',
    code: 'workload-not-ready',
  });
}
