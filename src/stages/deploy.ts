import type { Kubectl } from '../adapters/kubectl.ts';
import { hasReadyEndpoint, servicesBehind, type ServiceReference } from '../cluster/api-services.ts';
import { inApplyOrder, toYaml, type KubernetesObject } from '../cluster/manifests.ts';
import { namespacesOf } from '../cluster/namespaces.ts';
import { pullSecretObjects } from '../cluster/pull-secret.ts';
import { kubectlOf, outputPath, type Context } from '../context.ts';
import { CommandError, StageError, lastLines } from '../errors.ts';
import { sideBySide } from '../side-by-side.ts';
import { waitUntil, type Observation } from '../wait.ts';
import { PARTS, renderedObjects } from './render-manifests.ts';

const APPLY_DEADLINE_MS = 60_000;
/** The documentation of ingress-nginx gives its webhook up to two minutes. */
const WEBHOOK_DEADLINE_MS = 120_000;
const SERVER_DEADLINE_MS = 60_000;

/**
 * Applies everything: namespaces and custom resource definitions first, then all parts at the same
 * time, so that their images are pulled side by side, and API services last. What it started is awaited by the next stage.
 */
export async function deploy(context: Context): Promise<void> {
  const parts = PARTS.map((part) => ({ part, ...inApplyOrder(renderedObjects(context, part)) }));
  const foundations = parts.flatMap((each) => each.foundations);
  await apply(context, 'namespaces', foundations);
  await waitForDefinitions(kubectlOf(context), foundations);
  await applyPullSecret(context);
  await sideBySide(context, ...parts.map(({ part, rest }) => (each: Context) => apply(each, part, rest)));
  await applyExtensions(context, parts.flatMap(({ extensions }) => extensions));
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
    const slices = await kubectl.get('endpointslices.discovery.k8s.io', `--namespace=${namespace}`, `--selector=kubernetes.io/service-name=${name}`);
    return hasReadyEndpoint(slices) ? { ready: true, value: undefined } : { ready: false, why: 'none of its pods is ready' };
  };
  for (const service of servicesBehind(objects)) {
    await waitUntil(() => look(service), { what: `Service ${service.namespace}/${service.name}`, deadlineMs: SERVER_DEADLINE_MS, everyMs: 500, code: 'workload-not-ready', clock, signal }).catch((error: unknown) => {
      if (!(error instanceof StageError)) throw error;
      runner.info(error.message);
    });
  }
  await apply(context, 'API services', objects);
}

/**
 * Before any pod: it takes the login of its service account when it is made. The secret goes straight to the
 * cluster, since the rendered manifests are files.
 */
async function applyPullSecret(context: Context): Promise<void> {
  const secret = context.inputs['pull-secret'];
  if (secret === null) return;
  const objects = renderedObjects(context, 'application');
  await apply(context, 'the pull secret', [...pullSecretObjects(secret, namespacesOf(objects)), ...objects.filter(({ kind }) => kind === 'ServiceAccount')]);
}

async function apply(context: Context, what: string, objects: readonly KubernetesObject[]): Promise<void> {
  if (objects.length === 0) return;
  const kubectl = kubectlOf(context);
  const yaml = toYaml(objects);
  await waitUntil(
    async () => {
      try {
        await kubectl.apply(yaml, APPLY_DEADLINE_MS);
        return { ready: true, value: undefined };
      } catch (error) {
        const why = webhookFailure(error);
        if (why === null) throw applyError(context, what, error);
        return { ready: false, why };
      }
    },
    {
      what: `Kubernetes to take the manifests of ${what}`,
      deadlineMs: WEBHOOK_DEADLINE_MS,
      everyMs: 2000,
      code: 'apply-failed',
      clock: context.clock,
      signal: context.signal,
      retryOn: (error) => !(error instanceof StageError || error instanceof CommandError),
    },
  );
  context.runner.info(`${what}: ${String(objects.length)} objects applied`);
}

/** A webhook whose pod is not up yet refuses what it will let pass later. */
function webhookFailure(error: unknown): string | null {
  if (!(error instanceof CommandError) || error.reason !== 'exit') return null;
  return /failed calling webhook/.test(error.result.stderr) ? (lastLines(error.result.stderr, 1)[0] ?? '') : null;
}

function applyError(context: Context, what: string, error: unknown): unknown {
  if (!(error instanceof CommandError) || error.reason !== 'exit') return error;
  return new StageError('apply-failed', `Kubernetes refused a manifest of ${what}: ${lastLines(error.result.stderr, 5).join('\n')}`, {
    hint: 'The message above is from the API server and names the object and the field.',
    tryThis: `kubectl apply --server-side --dry-run=server --filename=${outputPath(context, 'manifests')}`,
    cause: error,
  });
}

async function waitForDefinitions(kubectl: Kubectl, foundations: readonly KubernetesObject[]): Promise<void> {
  const definitions = foundations.filter(({ kind }) => kind === 'CustomResourceDefinition').map(({ metadata }) => `crd/${metadata.name}`);
  if (definitions.length === 0) return;
  await kubectl.text('wait', '--for=condition=Established', '--timeout=25s', ...definitions);
}
