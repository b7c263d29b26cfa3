import { hasReadyEndpoint, type ServiceReference, servicesBehind } from '../cluster/api-services.ts';
import { inApplyOrder, type KubernetesObject } from '../cluster/manifests.ts';
import { PARTS } from '../cluster/parts.ts';
import { clusterOf, type Context, kubectlOf } from '../context.ts';
import { StageError } from '../errors.ts';
import { type Observation, waitUntil } from '../wait.ts';
import { applyFoundations, applyObjects, applyParts } from './nodes/apply-parts.ts';
import { renderedObjects } from './rendering/rendered-parts.ts';

const SERVER_DEADLINE_MS = 60_000;

/**
 * Applies everything that was not applied while the cluster was made: namespaces first, API services last. What it started is
 * awaited by the next stage.
 */
export async function deploy(context: Context): Promise<void> {
  const cluster = clusterOf(context);
  if (cluster.kind === 'own' && cluster.platformApplied === true) {
    await applyParts(context, ['application']);
  } else {
    await applyFoundations(context);
    await applyParts(context, PARTS);
  }
  await applyExtensions(
    context,
    PARTS.flatMap((part) => inApplyOrder(renderedObjects(context, part)).extensions),
  );
}

/**
 * An API that another server answers for, when that one is there: until then every list of what the API
 * server knows would fail. And before its node knows the address of a Service, whoever else has that address
 * may answer, on a connection that the API server keeps. What is not there after a minute is for the next stage to tell.
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
