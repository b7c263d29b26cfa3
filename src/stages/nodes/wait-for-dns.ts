import { parsePods } from '../../cluster/kubernetes-json.ts';
import { isReady, problemOf } from '../../cluster/readiness.ts';
import { type Context, kubectlOf } from '../../context.ts';
import { waitUntil } from '../../wait.ts';

/** Waits until the cluster's DNS answers: without it no pod finds another one by its name. */
export async function waitForDns(context: Context): Promise<void> {
  const { inputs, clock, signal } = context;
  const kubectl = kubectlOf(context);
  await waitUntil(
    async () => {
      const pods = parsePods(await kubectl.get('pods', '--namespace=kube-system', '--selector=k8s-app=kube-dns'));
      const waiting = pods.find((pod) => !isReady(pod));
      if (pods.length > 0 && waiting === undefined) return { ready: true, value: undefined };
      const problem = waiting === undefined ? null : problemOf(waiting);
      return { ready: false, why: problem?.message ?? 'its pods have not started' };
    },
    { what: "the cluster's DNS", deadlineMs: inputs.wait, everyMs: 500, code: 'node-not-ready', clock, signal },
  );
}
