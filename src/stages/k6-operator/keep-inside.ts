import { refuseUnknownServices, serviceSubnetsIn } from '../../cluster/service-subnets.ts';
import { type Context, dockerOf, kubectlOf, ownClusterOf } from '../../context.ts';
import { lastLines, messageOf } from '../../errors.ts';

const EXEC_MS = 15_000;

/**
 * Lets no request to a Service leave the cluster. The operator asks the Services of the runners while kube-proxy learns
 * of them: a question that leaves the cluster waits for 30 s, or is answered by a proxy on the way with an error, and
 * is then repeated over the same connection without end.
 *
 * Where this can't be done, the operator is started again when it is stuck.
 */
export async function keepInside(context: Context): Promise<void> {
  const docker = dockerOf(context);
  const { runner, signal } = context;
  try {
    const config = await kubectlOf(context).get('configmap', 'kubeadm-config', '--namespace=kube-system');
    const commands = serviceSubnetsIn(config).map(refuseUnknownServices);
    await Promise.all(
      ownClusterOf(context).nodes.map(async ({ name }) => {
        for (const command of commands) await docker.exec(name, command, { deadlineMs: EXEC_MS });
      }),
    );
  } catch (error) {
    signal.throwIfAborted();
    runner.info(
      `The nodes could not be told to keep requests to Services inside the cluster: ${lastLines(messageOf(error), 1)[0] ?? ''}`,
    );
  }
}
