import { z } from 'zod';
import {
  controllerService,
  httpPortOf,
  ingressController,
  type IngressController,
} from '../../cluster/ingress-controller.ts';
import { INGRESS_PORT } from '../../cluster/kind-config.ts';
import { parsePods } from '../../cluster/kubernetes-json.ts';
import { toJson } from '../../cluster/manifests.ts';
import { kubectlCommand, kubectlOf, type Context } from '../../context.ts';
import { StageError } from '../../errors.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import { answerOf } from '../../model/answer.ts';

/** The Service that is made for the load. */
export const LOAD_SERVICE = 'k8s-loadtest-ci-load';

const APPLY_DEADLINE_MS = 30_000;
const service = z.object({ spec: z.object({ clusterIP: z.string().min(1) }) });

/**
 * Makes a Service for the controller's pods, and says where it leads from.
 *
 * @throws StageError `load-failed` when none of the pods says which of its ports is that of the ingress.
 */
export async function serveIngress(context: Context): Promise<Endpoint> {
  const controller = controllerOf(context);
  const kubectl = kubectlOf(context);
  const { namespace, selector } = controller;
  const pods = parsePods(await kubectl.get('pods', `--namespace=${namespace}`, `--selector=${selector}`));
  const [port] = pods.flatMap((pod) => httpPortOf(pod) ?? []);
  if (port === undefined) {
    throw new StageError(
      'load-failed',
      `No pod of namespace ${namespace} with the labels ${selector} has a port that port ${String(INGRESS_PORT)} of its node leads to.`,
      {
        hint: 'Declare it among the ports of the container, with hostPort: 80: the runners are led to the same port by a Service.',
        tryThis: kubectlCommand(
          context,
          'get',
          'pods',
          `--namespace=${namespace}`,
          `--selector=${selector}`,
          '--output=yaml',
        ),
      },
    );
  }
  await kubectl.apply(toJson([controllerService(controller, LOAD_SERVICE, port)]), APPLY_DEADLINE_MS);
  const { spec } = answerOf(
    'The API server, asked for a Service,',
    service,
    await kubectl.get('service', LOAD_SERVICE, `--namespace=${namespace}`),
  );
  return { address: spec.clusterIP, port: INGRESS_PORT };
}

/** The controller that the load goes through. */
export function controllerOf({ inputs }: Context): IngressController {
  const controller = ingressController(inputs);
  if (controller === null) throw new Error('the inputs let no run without a controller of its own pass');
  return controller;
}
