import { askPrometheus, readTargets } from '../adapters/prometheus.ts';
import { AUTOSCALERS, autoscalersIn, observeAutoscalers, parseAutoscalers } from '../cluster/autoscalers.ts';
import { type IngressController, ingressControllers } from '../cluster/ingress-controller.ts';
import { INGRESS_OF, INGRESS_READY } from '../cluster/kind-config.ts';
import { type EventJson, parsePods, parseWorkloads, type PodJson } from '../cluster/kubernetes-json.ts';
import { LastingProblems } from '../cluster/lasting-problem.ts';
import { kindsToAskFor, type WorkloadReference, workloadsOf } from '../cluster/manifests.ts';
import { PARTS } from '../cluster/parts.ts';
import { prometheusService } from '../cluster/prometheus-service.ts';
import { type RefusedPods, refusedPods } from '../cluster/pod-events.ts';
import { firstProblem, type PodProblem, problemOf } from '../cluster/pod-problem.ts';
import { failedJob, isReady, observeWorkloads } from '../cluster/readiness.ts';
import { observeTargets } from '../cluster/scrape-targets.ts';
import { clusterOf, type Context, kubectlCommand, kubectlOf, namespaceFlag } from '../context.ts';
import { lastLines, messageOf, StageError } from '../errors.ts';
import type { Side } from '../model/sides.ts';
import { withSignal } from '../side-by-side.ts';
import type { Observation } from '../wait.ts';
import { checkRoutes } from './health/check-routes.ts';
import { MissingObjects } from './health/missing-objects.ts';
import { problemError } from './health/pod-problem.ts';
import { readEvents } from './health/read-events.ts';
import { RemovedJobs } from './health/removed-jobs.ts';
import { waitFor } from './health/wait-for.ts';
import { runHooks } from './nodes/run-hooks.ts';
import { waitForDns } from './nodes/wait-for-dns.ts';
import { waitForNodes } from './nodes/wait-for-nodes.ts';
import { renderedObjects } from './rendering/rendered-parts.ts';

/** How often to check for pod problems that will not heal with time. */
const LOOK_FOR_HOPELESS_EVERY_MS = 3000;

/**
 * Waits until everything that the load uses is healthy: nodes, DNS, workloads, Prometheus with all its targets, and
 * every host through the ingress. Independent checks run in parallel. All of them end early when a pod will never
 * become ready.
 */
export async function checkHealth(context: Context): Promise<void> {
  const over = new AbortController();
  const each = withSignal(context, over.signal);
  const watch = watchForHopeless(each, (error) => {
    over.abort(error);
  });
  const checks = await Promise.allSettled([
    ...(clusterOf(context).kind === 'own' ? [waitForNodes(each), waitForDns(each)] : []),
    checkWorkloads(each).then(async () => {
      await runHooks(each, 'post-install');
      await Promise.all(
        controllersOf(each).map(([side, controller]) => checkIngressController(each, side, controller)),
      );
      await checkRoutes(each);
    }),
    checkPrometheus(each),
    checkAutoscalers(each),
  ]);
  const hopeless: unknown = over.signal.reason;
  over.abort();
  await watch;
  context.signal.throwIfAborted();
  const failed = checks.filter((check) => check.status === 'rejected');
  if (failed.length > 0 && hopeless instanceof StageError) throw hopeless;
  // Ordered so that an earlier failure is the cause of a later one.
  for (const { reason } of failed) throw await withPodProblem(context, reason);
}

/**
 * Watches pods while the checks wait, and reports one that will never become ready, once. A failed look counts as
 * nothing seen, because the checks have their own deadlines.
 */
async function watchForHopeless(context: Context, tell: (error: StageError) => void): Promise<void> {
  const { inputs, clock, signal, runner } = context;
  const missing = new MissingObjects(context);
  const problems = new LastingProblems((object) => missing.neverComes(object));
  const told = new Set<string>();
  const start = clock.now();
  // Workloads first, then routes.
  while (clock.now() - start < 2 * inputs.wait) {
    try {
      await clock.sleep(LOOK_FOR_HOPELESS_EVERY_MS, signal);
      const [pods, events] = [await ownPods(context), await readEvents(context)];
      for (const { message } of pods.flatMap((pod) => probeProblem(pod, events))) {
        if (!told.has(message)) runner.info(message);
        told.add(message);
      }
      const refused = refusedPods(ownNamespaces(context), events).find(
        (one) => one.missing === undefined || missing.neverComes(one.missing),
      );
      if (refused !== undefined && !(await missing.isThere(refused.missing))) {
        tell(refusedError(context, refused));
        return;
      }
      const problem = problems.look(pods, clock.now(), events);
      if (problem === null || (await missing.isThere(problem.missing))) continue;
      tell(
        await problemError(
          context,
          problem,
          'The run stopped waiting before the time of input wait was over: this problem is unlikely to go away by itself.',
        ),
      );
      return;
    } catch {
      if (signal.aborted) return;
    }
  }
}

/** A failing probe may recover, so it is logged, and the wait goes on. */
function probeProblem(pod: PodJson, events: readonly EventJson[]): PodProblem[] {
  const problem = problemOf(pod, events);
  return problem?.probe === undefined ? [] : [problem];
}

const refusedError = (context: Context, { message, missing }: RefusedPods): StageError =>
  new StageError('workload-not-ready', message, {
    hint:
      missing === undefined
        ? 'The pods violate the policy of their namespace (label pod-security.kubernetes.io/enforce): change the pods or the label.'
        : `Add the ${missing.resource} ${missing.namespace}/${missing.name} to the manifests; nothing in them creates it.`,
    tryThis: kubectlCommand(context, 'get', 'events', '--all-namespaces', '--field-selector=reason=FailedCreate'),
  });

async function checkWorkloads(context: Context): Promise<void> {
  const kubectl = kubectlOf(context);
  const expected = expectedWorkloads(context);
  const jobs = new RemovedJobs(context);
  const look = async (): Promise<Observation<readonly WorkloadReference[]>> => {
    const found = parseWorkloads(await kubectl.get(kindsToAskFor(expected).join(','), namespaceFlag(context)));
    const failed = failedJob(expected, found);
    if (failed !== null) throw new StageError('workload-not-ready', failed);
    await jobs.look(expected, found);
    return observeWorkloads(expected, found, (reference) => jobs.isDone(reference));
  };
  await waitFor(context, look, { what: 'every workload to be ready', code: 'workload-not-ready' });
  context.runner.info(`${String(expected.length)} workloads are ready`);
}

function expectedWorkloads(context: Context): WorkloadReference[] {
  return PARTS.flatMap((part) => workloadsOf(renderedObjects(context, part)));
}

/**
 * Names the pod at fault and its last lines, instead of only what was waited for. This applies to routes, too: a
 * container that crashes after a moment counts as ready in that moment.
 */
async function withPodProblem(context: Context, error: unknown): Promise<unknown> {
  if (!(error instanceof StageError)) return error;
  try {
    const problem = firstProblem(await ownPods(context), await readEvents(context));
    return problem === null ? error : await problemError(context, problem, `${error.message}.`, error);
  } catch {
    return error;
  }
}

/** Each controller of the run, with the side of a comparison that it serves. */
const controllersOf = ({ inputs }: Context): [Side, IngressController][] =>
  Object.entries(ingressControllers(inputs)) as [Side, IngressController][];

/** The namespaces of the workloads that are waited for. */
const ownNamespaces = (context: Context): ReadonlySet<string> =>
  new Set(
    [...expectedWorkloads(context), ...Object.values(ingressControllers(context.inputs))].map(
      ({ namespace }) => namespace,
    ),
  );

/** The pods in these namespaces. */
async function ownPods(context: Context): Promise<PodJson[]> {
  const namespaces = ownNamespaces(context);
  const pods = parsePods(await kubectlOf(context).get('pods', namespaceFlag(context)));
  return pods.filter(({ metadata }) => namespaces.has(metadata.namespace));
}

/**
 * The pods of the controller are ready, and one is on the node that this machine's port maps to: a controller on other
 * nodes is never reached.
 */
async function checkIngressController(
  context: Context,
  side: Side,
  { namespace, selector }: IngressController,
): Promise<void> {
  const { inputs } = context;
  const kubectl = kubectlOf(context);
  const pods = await waitFor(
    context,
    async () => {
      const all = parsePods(await kubectl.get('pods', `--namespace=${namespace}`, `--selector=${selector}`));
      const live = all.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      if (live.length === 0)
        return { ready: false, why: `no pod of namespace ${namespace} has the labels ${selector}` };
      const waiting = live.find((pod) => !isReady(pod));
      return waiting === undefined
        ? { ready: true, value: live }
        : { ready: false, why: `pod ${waiting.metadata.name} is not ready` };
    },
    { what: 'the pods of the ingress controller to be ready', code: 'workload-not-ready' },
  );
  const labels = [
    `${INGRESS_READY}=true`,
    ...(inputs['baseline-ingress-controller'] === null ? [] : [`${INGRESS_OF}=${side}`]),
  ];
  const nodes = await kubectl.nodesWith(...labels);
  if (pods.some(({ spec }) => nodes.includes(spec.nodeName))) return;
  throw new StageError(
    'ingress-placement',
    `The ingress controller of namespace ${namespace} runs on node ${pods.map(({ spec }) => spec.nodeName).join(', ')}, which has no port mapping to this machine.`,
    {
      hint: `Give the node that has the port mapping the label ${labels.join(' and ')} in your kind configuration. If you bring your own controller, give its pods a nodeSelector for that label and a toleration of node-role.kubernetes.io/control-plane.`,
    },
  );
}

async function checkPrometheus(context: Context): Promise<void> {
  const { inputs, signal, runner } = context;
  const service = prometheusService(inputs);
  if (service === null) return;
  const kubectl = kubectlOf(context);
  const cluster = clusterOf(context);
  if (cluster.kind === 'existing') {
    // Whether the targets of someone else's Prometheus are up is not our concern.
    await askPrometheus(kubectl, service).catch((error: unknown) => {
      signal.throwIfAborted();
      throw unknownPrometheus(inputs['prometheus-service'] ?? '', error);
    });
    return;
  }
  const nodes = cluster.nodes.map(({ name }) => name);
  const targets = await waitFor(context, async () => observeTargets(await readTargets(kubectl, service), nodes), {
    what: 'Prometheus to have scraped every target',
    code: 'prometheus-unavailable',
    // While it starts, something else may answer in its place.
    retryOn: () => true,
  });
  runner.info(`Prometheus scrapes ${String(targets)} targets`);
}

/**
 * An autoscaler without metrics at the start of the load would add pods later than in a cluster that has been up for a
 * while.
 */
async function checkAutoscalers(context: Context): Promise<void> {
  const { inputs, runner } = context;
  if (!inputs.autoscaling) return;
  const expected = autoscalersIn(renderedObjects(context, 'application'));
  const kubectl = kubectlOf(context);
  try {
    await waitFor(
      context,
      async () =>
        observeAutoscalers(expected, parseAutoscalers(await kubectl.get(AUTOSCALERS, namespaceFlag(context)))),
      { what: 'every HorizontalPodAutoscaler to have metrics', code: 'autoscaler-not-ready', everyMs: 1000 },
    );
  } catch (error) {
    if (!(error instanceof StageError) || error.code !== 'autoscaler-not-ready') throw error;
    throw new StageError('autoscaler-not-ready', error.message, {
      hint: 'Each container of its pods needs a request for the resource it scales on, such as resources.requests.cpu. Metrics other than CPU and memory need their own adapter in manifests.',
      tryThis: `${kubectlCommand(context, 'describe', 'hpa', '--all-namespaces')} && ${kubectlCommand(context, 'get', 'apiservice', 'v1beta1.metrics.k8s.io')}`,
      cause: error,
    });
  }
  runner.info(`${String(expected.length)} autoscalers have metrics`);
}

const unknownPrometheus = (service: string, cause: unknown): StageError =>
  new StageError(
    'prometheus-unavailable',
    `Input prometheus-service is ${service}, but Prometheus does not answer there: ${lastLines(messageOf(cause), 1)[0] ?? ''}`,
    {
      hint: 'Check the namespace, name and port, and that the user of the kubeconfig may get its services/proxy (docs/existing-cluster.md). Without this input the load test runs, but resources are not measured.',
      cause,
    },
  );
