import { z } from 'zod';
import { deadlineOf } from '../adapters/cancellation.ts';
import { readText, writeFileAtomically } from '../adapters/files.ts';
import { addressText, type IngressAddress } from '../cluster/ingress-address.ts';
import { controllerService, httpPortOf, ingressController, type IngressController } from '../cluster/ingress-controller.ts';
import { INGRESS_PORT } from '../cluster/kind-config.ts';
import { parsePods, type PodJson } from '../cluster/kubernetes-json.ts';
import { toYaml } from '../cluster/manifests.ts';
import { INITIALIZER, JOB_LABEL, RUNNER_NAMESPACE, RUNNER_VERSION, TEST_RUN, TEST_RUN_RESOURCE, TEST_RUN_SELECTOR, runnerNames, runnerPhase, runnerProblem, testRunObjects } from '../cluster/test-run.ts';
import { problemOf } from '../cluster/readiness.ts';
import { kubectlOf, outputPath, warn, type Context } from '../context.ts';
import { CommandError, StageError, lastLines, messageOf } from '../errors.ts';
import type { LoadProgress } from '../load/generate.ts';
import { K6RunnerLogs, missingRows, summaryIn } from '../load/k6-runner-logs.ts';
import { K6Samples } from '../load/k6-samples.ts';
import { hostTable, k6DeadlineMs, k6Script } from '../load/k6-script.ts';
import { scriptThresholdsOfAll } from '../load/k6-summary.ts';
import type { LoadPlan } from '../load/plan.ts';
import type { LoadResult, LoadRunner } from '../report/model.ts';
import { untilAborted } from '../side-by-side.ts';
import { waitUntil, type Observation } from '../wait.ts';
import { checkK6Script, SCRIPT_DEADLINE_MS } from './run-load-k6.ts';

const IN_NAMESPACE = `--namespace=${RUNNER_NAMESPACE}`;
const APPLY_DEADLINE_MS = 30_000;
const POLL_EVERY_MS = 1000;
/** How long the API server may take to tell of a pod that has ended. */
const SETTLE_MS = 15_000;
const REMOVE_MS = 60_000;
/** The rest of a cancelled run's time is the report's. */
const REMOVE_CANCELLED_MS = 3000;
const LOG_LINES = 20;

/** The stages of a TestRun in which its runners wait for the word to begin. */
const BEFORE_THE_START: ReadonlySet<string> = new Set(['', 'initialization', 'initialized', 'created']);

/** What is known of one runner. */
interface Runner {
  readonly name: string;
  /** As it was last seen; null when it was seen and is gone, undefined before. */
  pod: PodJson | null | undefined;
  /** Reads its log until it ends; undefined before it runs. */
  following: Promise<void> | undefined;
  /** Why its log was not read to its end. */
  logError: unknown;
}

/**
 * Sends the load of a plan, or that of the script that the inputs name, with several k6 in pods of the
 * cluster, each an equal share of it, and adds up what all of them have measured.
 *
 * What was measured is kept, whatever happens to a runner, and nothing of the load is left in the cluster.
 *
 * @throws StageError `load-failed` when the runners could not begin, when one did not come to its end, or
 * when not everything that it has measured arrived.
 */
export async function sendLoadWithK6Operator(context: Context, plan: LoadPlan, onProgress: (progress: LoadProgress) => void): Promise<LoadResult> {
  checkK6Script(context);
  const { inputs, store, signal } = context;
  const script = inputs['k6-script'];
  const samples = new K6Samples(plan, script !== null);
  const names = runnerNames(inputs.parallelism);
  const logs = new K6RunnerLogs(samples, names, script !== null);
  const runners = names.map((name): Runner => ({ name, pod: undefined, following: undefined, logError: null }));
  const resultNow = (): LoadResult => {
    const accounts = runners.map((runner) => accountOf(runner, logs));
    const whole = accounts.every(({ problem }) => problem === null);
    return {
      ...(script === null ? samples.result(whole) : samples.scriptResult(script)),
      workers: runners.length,
      engine: { name: 'k6-operator', version: RUNNER_VERSION },
      runners: accounts,
      ...(script === null ? {} : { scriptThresholds: scriptThresholdsOfAll(names.map((name) => summaryIn(logs.account(name).texts))) }),
    };
  };
  const givenUp = new AbortController();
  await removeTestRun(context);
  try {
    await createTestRun(context, plan, await serviceAddress(context));
    await waitForRunners(context, runners, follower(untilAborted(context, givenUp.signal), plan, logs, onProgress));
    await waitForTheEnd(context, runners, givenUp);
  } finally {
    givenUp.abort();
    await Promise.all(runners.flatMap(({ following }) => following ?? []));
    logs.endAll();
    if (runners.some(({ pod }) => pod !== undefined)) store.update({ load: resultNow() });
    tellLogs(context, runners, logs);
    await removeTestRun(context);
  }
  signal.throwIfAborted();
  const load = resultNow();
  refusePartial(load.runners ?? []);
  return load;
}

/** Makes a Service for the controller's pods, and says where it leads from. */
async function serviceAddress(context: Context): Promise<IngressAddress> {
  const controller = controllerOf(context);
  const kubectl = kubectlOf(context);
  const { namespace, selector } = controller;
  const pods = parsePods(await kubectl.get('pods', `--namespace=${namespace}`, `--selector=${selector}`));
  const [port] = pods.flatMap((pod) => httpPortOf(pod) ?? []);
  if (port === undefined) {
    throw new StageError('load-failed', `No pod of namespace ${namespace} with the labels ${selector} has a port that port ${String(INGRESS_PORT)} of its node leads to.`, {
      hint: 'Declare it among the ports of the container, with hostPort: 80: the runners are led to the same port by a Service.',
      tryThis: `kubectl --namespace ${namespace} get pods --selector ${selector} --output yaml`,
    });
  }
  await kubectl.apply(toYaml([controllerService(controller, SERVICE, port)]), APPLY_DEADLINE_MS);
  const { spec } = service.parse(await kubectl.get('service', SERVICE, `--namespace=${namespace}`));
  return { address: spec.clusterIP, port: INGRESS_PORT };
}

const SERVICE = 'k8s-loadtest-ci-load';
const service = z.object({ spec: z.object({ clusterIP: z.string().min(1) }) });

function controllerOf({ inputs }: Context): IngressController {
  const controller = ingressController(inputs);
  if (controller === null) throw new Error('the inputs let no run without a controller of its own pass');
  return controller;
}

async function createTestRun(context: Context, plan: LoadPlan, ingress: IngressAddress): Promise<void> {
  const { inputs, runner } = context;
  const { parallelism, 'k6-script': script } = inputs;
  const address = addressText(ingress);
  const objects = testRunObjects({
    parallelism,
    // Each runner sends the warm-up of its script.
    script: script === null ? k6Script({ ...plan, warmupRequests: Math.ceil(plan.warmupRequests / parallelism) }, address, 'lines') : readText(script),
    hosts: hostTable(plan, address),
    variables: script === null ? {} : { LOADTEST_PORT: String(ingress.port), LOADTEST_HOSTS: plan.targets.map(({ host }) => host).join(','), LOADTEST_SEED: plan.seed },
    samples: script !== null,
  });
  writeFileAtomically(outputPath(context, 'k6', 'test-run.yaml'), toYaml(objects));
  await kubectlOf(context).apply(toYaml(objects), APPLY_DEADLINE_MS);
  runner.info(`${String(parallelism)} k6 in pods of namespace ${RUNNER_NAMESPACE} send the load to ${address}`);
}

/** Reads the log of a runner from its beginning to its end, beside everything else. */
function follower(context: Context, plan: LoadPlan, logs: K6RunnerLogs, onProgress: (progress: LoadProgress) => void): (runner: Runner, pod: PodJson) => void {
  const deadlineMs = context.inputs['k6-script'] === null ? context.inputs.wait + k6DeadlineMs(plan) : SCRIPT_DEADLINE_MS;
  return (runner, { metadata }) => {
    const take = (text: string): void => {
      logs.push(runner.name, text);
      onProgress(logs.progress());
    };
    runner.following ??= kubectlOf(context)
      .followLog(metadata.name, RUNNER_NAMESPACE, deadlineMs, take)
      .catch((error: unknown) => {
        runner.logError = error;
      })
      .finally(() => {
        logs.end(runner.name);
      });
  };
}

/** Waits until every runner runs, or has run. Their logs are followed from the first moment on. */
async function waitForRunners(context: Context, runners: readonly Runner[], follow: (runner: Runner, pod: PodJson) => void): Promise<void> {
  const { inputs, clock, signal, runner } = context;
  const look = async (): Promise<Observation<undefined>> => {
    const pods = await lookAtPods(context, runners);
    const initializer = pods.find((pod) => jobOf(pod) === INITIALIZER);
    if (initializer?.status.phase === 'Failed') throw await initializerError(context, initializer);
    for (const each of runners) if (each.pod !== null && each.pod !== undefined && runnerPhase(each.pod) !== 'waiting') follow(each, each.pod);
    const waiting = runners.filter(({ pod }) => pod === undefined || runnerPhase(pod) === 'waiting');
    if (waiting.length === 0) return { ready: true, value: undefined };
    const why = pods.map(problemOf).find((problem) => problem !== null)?.message;
    return { ready: false, why: `${String(runners.length - waiting.length)} of ${String(runners.length)} run${why === undefined ? '' : `; ${why}`}` };
  };
  try {
    await waitUntil(look, {
      what: 'the k6 runners to start',
      deadlineMs: inputs.wait,
      everyMs: POLL_EVERY_MS,
      code: 'load-failed',
      clock,
      signal,
      retryOn: (error) => !(error instanceof StageError),
      onChange: (why) => {
        runner.info(why);
      },
    });
  } catch (error) {
    if (!(error instanceof StageError) || error.hint !== undefined) throw error;
    throw new StageError('load-failed', `${error.message.replace(/\.+$/, '')}. No request was sent: all begin together, or none does.`, {
      hint: 'A runner that fits on no node needs fewer runners (parallelism) or more nodes (nodes); one that pulls its image for long needs more time (wait). Pods and events are among the diagnostics.',
      tryThis: `kubectl ${IN_NAMESPACE} describe pods`,
      cause: error,
    });
  }
}

/** The operator lets k6 look at the script before it starts a runner. */
async function initializerError(context: Context, { metadata }: PodJson): Promise<StageError> {
  const said = await kubectlOf(context).text('logs', metadata.name, IN_NAMESPACE, `--tail=${String(LOG_LINES)}`).catch((error: unknown) => messageOf(error));
  return new StageError('load-failed', ['k6 does not accept the script.', ...lastLines(said, LOG_LINES)].join('\n'), {
    hint: 'The lines above are from k6. A script of your own must be a single file, without imports of other files and without extensions.',
  });
}

/** Waits until every log is read to its end. A runner that is lost before the others were told to begin ends the wait: they never will be. */
async function waitForTheEnd(context: Context, runners: readonly Runner[], givenUp: AbortController): Promise<void> {
  const { clock, signal, runner } = context;
  runner.info('All of them run; the operator lets them begin together');
  await Promise.all(
    runners.map(async ({ following }) => {
      await following;
      if (!signal.aborted && !givenUp.signal.aborted && (await isBeforeTheStart(context))) givenUp.abort();
    }),
  );
  signal.throwIfAborted();
  const settled = async (): Promise<Observation<undefined>> => {
    await lookAtPods(context, runners);
    const running = runners.filter(({ pod }) => pod !== undefined && runnerPhase(pod) === 'running');
    return running.length === 0 ? { ready: true, value: undefined } : { ready: false, why: `${running.map(({ name }) => name).join(', ')} still run` };
  };
  await waitUntil(settled, { what: 'the runners to end', deadlineMs: SETTLE_MS, everyMs: POLL_EVERY_MS, code: 'load-failed', clock, signal }).catch((error: unknown) => {
    // Which of them runs on is told of with the others.
    if (!(error instanceof StageError)) throw error;
  });
}

const testRun = z.object({ status: z.object({ stage: z.string().default('') }).prefault({}) });

async function isBeforeTheStart(context: Context): Promise<boolean> {
  try {
    return BEFORE_THE_START.has(testRun.parse(await kubectlOf(context).get(TEST_RUN_RESOURCE, TEST_RUN, IN_NAMESPACE)).status.stage);
  } catch {
    // Without an answer the others are waited for, as long as their load may take.
    return false;
  }
}

/** @returns all pods of the TestRun. */
async function lookAtPods(context: Context, runners: readonly Runner[]): Promise<PodJson[]> {
  const pods = parsePods(await kubectlOf(context).get('pods', IN_NAMESPACE, `--selector=${TEST_RUN_SELECTOR}`));
  for (const runner of runners) {
    const pod = pods.find((each) => jobOf(each) === runner.name);
    const before = runner.pod;
    // How one has ended is no longer told once it is gone.
    if (pod === undefined && before !== undefined && before !== null && runnerPhase(before) === 'ended') continue;
    runner.pod = pod ?? (before === undefined ? undefined : null);
  }
  return pods;
}

const jobOf = ({ metadata }: PodJson): string | undefined => metadata.labels[JOB_LABEL];

function accountOf({ name, pod, logError }: Runner, logs: K6RunnerLogs): LoadRunner {
  const account = logs.account(name);
  const brokeOff = logError === null ? null : `Its log broke off: ${lastLines(messageOf(logError), 1)[0] ?? ''}`;
  return {
    name,
    node: pod === undefined || pod === null || pod.spec.nodeName === '' ? null : pod.spec.nodeName,
    startedAt: account.firstMs === null ? null : new Date(account.firstMs).toISOString(),
    measured: account.rows,
    problem: pod === undefined ? 'It never started.' : (runnerProblem(pod) ?? brokeOff ?? missingRows(account)),
  };
}

function refusePartial(runners: readonly LoadRunner[]): void {
  const lost = runners.filter(({ problem }) => problem !== null);
  if (lost.length === 0) return;
  throw new StageError('load-failed', [`Of ${String(lost.length)} of ${String(runners.length)} k6 runners a part of the load is missing.`, ...lost.map(({ name, problem }) => `${name}: ${problem ?? ''}`)].join('\n'), {
    hint: 'What was measured is in the report, but no threshold is judged by it: the load was not the one that was asked for. Memory is the usual reason: each virtual user of k6 takes some megabytes.',
    tryThis: `kubectl ${IN_NAMESPACE} get events`,
  });
}

/** A script of the user's own prints what may be worth reading; the generated one only when something is wrong. */
function tellLogs({ inputs, runner }: Context, runners: readonly Runner[], logs: K6RunnerLogs): void {
  for (const each of runners) {
    if (inputs['k6-script'] === null && accountOf(each, logs).problem === null) continue;
    const { texts } = logs.account(each.name);
    const summary = summaryIn(texts).split('\n');
    const said = lastLines(texts.filter((line) => !summary.includes(line)).join('\n'), LOG_LINES);
    if (said.length > 0) runner.info([`The last lines of ${each.name}:`, ...said].join('\n'));
  }
}

/** Removes the TestRun, and with it all of its pods, and what was made for it; a cancelled run does so, too. */
async function removeTestRun(context: Context): Promise<void> {
  const over = deadlineOf(context.signal, REMOVE_MS, REMOVE_CANCELLED_MS);
  const shell: Context['shell'] = { run: (command, args, options) => context.shell.run(command, args, { ...options, signal: over }) };
  const kubectl = kubectlOf({ ...context, shell });
  const { namespace } = controllerOf(context);
  try {
    await Promise.all([
      kubectl.delete(TEST_RUN_RESOURCE, TEST_RUN, RUNNER_NAMESPACE),
      kubectl.delete('ConfigMap', TEST_RUN, RUNNER_NAMESPACE),
      kubectl.delete('Service', SERVICE, namespace),
    ]);
    const look = async (): Promise<Observation<undefined>> => {
      const left = parsePods(await kubectl.get('pods', IN_NAMESPACE, `--selector=${TEST_RUN_SELECTOR}`));
      return left.length === 0 ? { ready: true, value: undefined } : { ready: false, why: `${left.map(({ metadata }) => metadata.name).join(', ')} still there` };
    };
    await waitUntil(look, { what: 'the pods of the load to be gone', deadlineMs: REMOVE_MS, everyMs: 500, code: 'cleanup-incomplete', clock: context.clock, signal: over });
  } catch (error) {
    if (over.aborted || error instanceof StageError || error instanceof CommandError) {
      warn(context, `The k6 runners may not be gone: ${lastLines(messageOf(error), 1)[0] ?? ''} They end with the cluster.`);
      return;
    }
    throw error;
  }
}
