import { z } from 'zod';
import {
  controllerService,
  ingressController,
  type IngressController,
  podPortOf,
} from '../../cluster/ingress-controller.ts';
import { INGRESS_HTTPS_PORT, INGRESS_PORT } from '../../cluster/kind-config.ts';
import { parsePods } from '../../cluster/kubernetes-json.ts';
import { toJson } from '../../cluster/manifests.ts';
import { ingressOf, kubectlCommand, kubectlOf, type Context } from '../../context.ts';
import { StageError } from '../../errors.ts';
import type { LoadPlan } from '../../load/requests/plan.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import { answerOf } from '../../model/answer.ts';

/** The Service that is created for the load. */
export const LOAD_SERVICE = 'k8s-loadtest-ci-load';

const APPLY_DEADLINE_MS = 30_000;
const service = z.object({ spec: z.object({ clusterIP: z.string().min(1) }) });

/**
 * Creates a Service for the controller's pods.
 *
 * @param plan of the load, which may need HTTPS.
 * @throws StageError `load-failed` when no pod declares which port is that of the ingress.
 */
export async function serveIngress(context: Context, plan: LoadPlan): Promise<Endpoint> {
  const controller = controllerOf(context);
  const kubectl = kubectlOf(context);
  const { namespace, selector } = controller;
  const pods = parsePods(await kubectl.get('pods', `--namespace=${namespace}`, `--selector=${selector}`));
  const [port] = pods.flatMap((pod) => podPortOf(pod, INGRESS_PORT) ?? []);
  const [httpsPort = null] = pods.flatMap((pod) => podPortOf(pod, INGRESS_HTTPS_PORT) ?? []);
  const needsHttps = plan.targets.some(({ scheme }) => scheme === 'https');
  if (port === undefined || (needsHttps && httpsPort === null)) {
    const wanted = port === undefined ? INGRESS_PORT : INGRESS_HTTPS_PORT;
    throw new StageError(
      'load-failed',
      `No pod of namespace ${namespace} with the labels ${selector} has a port that maps to port ${String(wanted)} of its node.`,
      {
        hint: `Declare a container port with hostPort: ${String(wanted)}; a Service leads the runners to the same port.`,
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
  await kubectl.apply(toJson([controllerService(controller, LOAD_SERVICE, port, httpsPort)]), APPLY_DEADLINE_MS);
  const { spec } = answerOf(
    'The API server, asked for a Service,',
    service,
    await kubectl.get('service', LOAD_SERVICE, `--namespace=${namespace}`),
  );
  const { tls } = ingressOf(context);
  const trusted = httpsPort === null || tls === undefined ? {} : { tls: { ...tls, port: INGRESS_HTTPS_PORT } };
  return { address: spec.clusterIP, port: INGRESS_PORT, ...trusted };
}

/** The controller that the load goes through. */
export function controllerOf({ inputs }: Context): IngressController {
  const controller = ingressController(inputs);
  if (controller === null) throw new Error('the inputs let no run without a controller of its own pass');
  return controller;
}
