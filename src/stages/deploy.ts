import { hasReadyEndpoint, type ServiceReference, servicesBehind } from '../cluster/api-services.ts';
import { inApplyOrder, type KubernetesObject } from '../cluster/manifests.ts';
import { PARTS } from '../cluster/parts.ts';
import { clusterOf, type Context, kubectlOf } from '../context.ts';
import { StageError } from '../errors.ts';
import { type Observation, waitUntil } from '../wait.ts';
import { sideBySide } from '../side-by-side.ts';
import { applyFoundations, applyObjects, applyParts, applyPullSecret } from './nodes/apply-parts.ts';
import { runHooks } from './nodes/run-hooks.ts';
import { renderedObjects } from './rendering/rendered-parts.ts';

const SERVER_DEADLINE_MS = 60_000;

/**
 * Applies everything that was not applied while the cluster was created: namespaces first, API services last. The next
 * stage waits for it, except for Helm hooks that run before the rest of the application.
 */
export async function deploy(context: Context): Promise<void> {
  const cluster = clusterOf(context);
  if (cluster.kind === 'own' && cluster.platformApplied === true) {
    await applyApplication(context);
  } else {
    await applyFoundations(context);
    const others = PARTS.filter((part) => part !== 'application');
    await sideBySide(context, (each) => applyParts(each, others), applyApplication);
  }
  await applyExtensions(
    context,
    PARTS.flatMap((part) => inApplyOrder(renderedObjects(context, part)).extensions),
  );
}

async function applyApplication(context: Context): Promise<void> {
  await applyPullSecret(context);
  await runHooks(context, 'pre-install');
  await applyParts(context, ['application']);
}

/**
 * An API service is applied once its server is up: until then, every API discovery would fail. Also, before its node
 * knows the address of a Service, whoever has that address may answer, on a connection that the API server keeps. If it
 * is not there after a minute, the next stage reports that.
 */
async function applyExtensions(context: Context, objects: readonly KubernetesObject[]): Promise<void> {
  const { clock, signal, runner } = context;
  const kubectl = kubectlOf(context);
  const look = async ({ namespace, name }: ServiceReference): Promise<Observation<undefined>> => {
    const slices = await kubectl.get(
      'endpointslices.discovery.k8s.io',
      `--namespace=${namespace}`,
      `--selector=kubernetes.io/service-name=${name}`,
    );
    return hasReadyEndpoint(slices)
      ? { ready: true, value: undefined }
      : { ready: false, why: 'none of its pods is ready' };
  };
  for (const service of servicesBehind(objects)) {
    await waitUntil(() => look(service), {
      what: `Service ${service.namespace}/${service.name}`,
      deadlineMs: SERVER_DEADLINE_MS,
      everyMs: 500,
      code: 'workload-not-ready',
      clock,
      signal,
    }).catch((error: unknown) => {
      if (!(error instanceof StageError)) throw error;
      runner.info(error.message);
    });
  }
  await applyObjects(context, 'API services', objects);
}
