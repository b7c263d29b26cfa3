import { parsePods } from '../../cluster/kubernetes-json.ts';
import { problemOf } from '../../cluster/pod-problem.ts';
import { isReady } from '../../cluster/readiness.ts';
import { type Context, kubectlOf } from '../../context.ts';
import { waitFor } from '../health/wait-for.ts';

/** Waits until the cluster's DNS answers: without it, pods can't find one another by name. */
export async function waitForDns(context: Context): Promise<void> {
  const kubectl = kubectlOf(context);
  await waitFor(
    context,
    async () => {
      const pods = parsePods(await kubectl.get('pods', '--namespace=kube-system', '--selector=k8s-app=kube-dns'));
      const waiting = pods.find((pod) => !isReady(pod));
      if (pods.length > 0 && waiting === undefined) return { ready: true, value: undefined };
      const problem = waiting === undefined ? null : problemOf(waiting);
      return { ready: false, why: problem?.message ?? 'its pods have not started' };
    },
    { what: "the cluster's DNS", code: 'node-not-ready' },
  );
}
