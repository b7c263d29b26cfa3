import { probeRoute } from '../adapters/http.ts';
import { readTargets } from '../adapters/prometheus.ts';
import { parsePods, parseWorkloads, type PodJson } from '../cluster/kubernetes-json.ts';
import { WORKLOAD_KINDS, workloadsOf, type WorkloadReference } from '../cluster/manifests.ts';
import { firstProblem, observeWorkloads } from '../cluster/readiness.ts';
import { observeTargets } from '../cluster/scrape-targets.ts';
import { httpPortOf, kubectlOf, type Context } from '../context.ts';
import { StageError, lastLines } from '../errors.ts';
import { loadTargets } from '../load/targets.ts';
import type { Target } from '../load/plan.ts';
import { waitUntil, type Observation } from '../wait.ts';
import { waitForNodes } from './wait-for-nodes.ts';
import { renderedObjects } from './render-manifests.ts';

/** An ingress that has just reloaded may drop a connection: one good answer is not enough. */
const GOOD_ANSWERS_IN_A_ROW = 3;

/**
 * Waits until everything that the load will use is healthy: nodes, workloads, Prometheus with all
 * its targets, and every host through the ingress. Whatever does not need another thing is awaited
 * beside it.
 */
export async function checkHealth(context: Context): Promise<void> {
  const checks = await Promise.allSettled([
    waitForNodes(context),
    checkWorkloads(context).then(async () => {
      await checkIngressPlacement(context);
      await checkRoutes(context);
    }),
    checkPrometheus(context),
  ]);
  context.signal.throwIfAborted();
  // In the order of the list an earlier failure is the cause of a later one.
  for (const check of checks) if (check.status === 'rejected') throw await withPodProblem(context, check.reason);
}

async function checkWorkloads(context: Context): Promise<void> {
  const { inputs, clock, signal, runner } = context;
  const kubectl = kubectlOf(context);
  const expected = expectedWorkloads(context);
  const look = async (): Promise<Observation<readonly WorkloadReference[]>> =>
    observeWorkloads(expected, parseWorkloads(await kubectl.get(WORKLOAD_KINDS.join(','), '--all-namespaces')));
  await waitUntil(look, {
    what: 'every workload to be ready',
    deadlineMs: inputs.wait,
    everyMs: 1000,
    code: 'workload-not-ready',
    clock,
    signal,
    onChange: (why) => {
      runner.info(why);
    },
  });
  runner.info(`${String(expected.length)} workloads are ready`);
}

function expectedWorkloads(context: Context): WorkloadReference[] {
  return (['ingress-controller', 'prometheus', 'application'] as const).flatMap((part) => workloadsOf(renderedObjects(context, part)));
}

/**
 * Says which pod is the cause, and its last lines, instead of only what was waited for. That holds
 * for routes too: a container that crashes after a moment counts as ready in that moment.
 */
async function withPodProblem(context: Context, error: unknown): Promise<unknown> {
  if (!(error instanceof StageError)) return error;
  try {
    const namespaces = new Set(expectedWorkloads(context).map(({ namespace }) => namespace));
    const pods = parsePods(await kubectlOf(context).get('pods', '--all-namespaces'));
    const problem = firstProblem(pods.filter(({ metadata }) => namespaces.has(metadata.namespace)));
    if (problem === null) return error;
    const { namespace, pod, container } = problem;
    const log = container === null ? '' : await lastLogLines(context, namespace, pod, container);
    return new StageError(problem.code, `${problem.message}${log}`, {
      hint: `${error.message}. Events and logs are among the diagnostics.`,
      tryThis: `kubectl --namespace ${namespace} describe pod ${pod}`,
      cause: error,
    });
  } catch {
    return error;
  }
}

async function lastLogLines(context: Context, namespace: string, pod: string, container: string): Promise<string> {
  const kubectl = kubectlOf(context);
  const log = async (...more: string[]): Promise<string[]> =>
    lastLines(await kubectl.text('logs', pod, `--namespace=${namespace}`, `--container=${container}`, '--tail=20', ...more), 20);
  // A container that ended and was started again has what it said before it ended in its former log.
  const lines = await log('--previous').catch(() => log().catch(() => []));
  return lines.length === 0 ? '' : `\nIts last lines:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

/** The port of this machine leads to one node: a controller on another one is never reached. */
async function checkIngressPlacement(context: Context): Promise<void> {
  if (context.inputs['ingress-controller'] !== 'nginx') return;
  const kubectl = kubectlOf(context);
  const nodes = (await kubectl.text('get', 'nodes', '--selector=ingress-ready=true', '--output=name')).split('\n');
  const pods = parsePods(
    await kubectl.get('pods', '--namespace=ingress-nginx', '--selector=app.kubernetes.io/component=controller'),
  ).filter(({ metadata }: PodJson) => metadata.deletionTimestamp === undefined);
  const misplaced = pods.find(({ spec }) => !nodes.includes(`node/${spec.nodeName}`));
  if (misplaced === undefined) return;
  throw new StageError(
    'ingress-placement',
    `The ingress controller runs on node ${misplaced.spec.nodeName}, which has no port mapping to this machine.`,
    { hint: 'Give the node that has the port mapping the label ingress-ready=true in your kind configuration.' },
  );
}

async function checkRoutes(context: Context): Promise<void> {
  const port = httpPortOf(context);
  const targets = loadTargets(context.inputs);
  await Promise.all(targets.map((target) => checkRoute(context, port, target)));
  context.runner.info(`${String(targets.length)} hosts answer at 127.0.0.1:${String(port)}`);
}

async function checkRoute(context: Context, port: number, target: Target): Promise<void> {
  const { inputs, clock, signal } = context;
  const { host, path, expectedText } = target;
  let inARow = 0;
  const look = async (): Promise<Observation<undefined>> => {
    inARow += 1;
    const { status, text } = await probeRoute({ port, host, path, timeoutMs: inputs['request-timeout'], signal }).catch((error: unknown) => {
      inARow = 0;
      throw error;
    });
    const wrongText = expectedText !== undefined && !text.includes(expectedText);
    if (status >= 400 || wrongText) inARow = 0;
    if (inARow >= GOOD_ANSWERS_IN_A_ROW) return { ready: true, value: undefined };
    const what = wrongText && status < 400 ? `text ${JSON.stringify(text.slice(0, 80))} instead of ${JSON.stringify(expectedText)}` : `status ${String(status)}`;
    const soFar = inARow === 0 ? '' : `, ${String(inARow)} of ${String(GOOD_ANSWERS_IN_A_ROW)} times in a row`;
    return { ready: false, why: `it answers with ${what}${soFar}` };
  };
  try {
    await waitUntil(look, {
      what: `http://${host}${path} to answer as it should`,
      deadlineMs: inputs.wait,
      everyMs: 100,
      code: 'route-not-ready',
      clock,
      signal,
    });
  } catch (error) {
    if (!(error instanceof StageError) || error.code !== 'route-not-ready') throw error;
    throw new StageError('route-not-ready', error.message, {
      hint: 'No Ingress has a rule for this host, its Service has no endpoints, or the path answers with an error.',
      tryThis: `curl --include --header 'Host: ${host}' http://127.0.0.1:${String(port)}${path}`,
      cause: error,
    });
  }
}

async function checkPrometheus(context: Context): Promise<void> {
  const { inputs, clock, signal, runner } = context;
  if (!inputs.prometheus) return;
  const kubectl = kubectlOf(context);
  const targets = await waitUntil(async () => observeTargets(await readTargets(kubectl)), {
    what: 'Prometheus to have every target up with two samples',
    deadlineMs: inputs.wait,
    everyMs: 1000,
    code: 'prometheus-unavailable',
    clock,
    signal,
  });
  runner.info(`Prometheus scrapes ${String(targets)} targets`);
}
