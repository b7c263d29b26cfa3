/**
 * k6-operator/ sends a load from pods of the cluster: it creates a TestRun, follows its runners and removes them. The
 * objects are defined in src/cluster/k6/, and src/load/k6/ reads the output of the runners.
 */
import { withoutSecrets } from '../../adapters/secrets.ts';
import { RUNNER_NAMESPACE, RUNNER_VERSION, runnerNames, testRunName } from '../../cluster/k6/test-run.ts';
import { type Context, kubectlCommand, warn } from '../../context.ts';
import { lastLines, StageError } from '../../errors.ts';
import type { LoadProgress } from '../../load/engine/generate.ts';
import { exceptionsWarning } from '../../load/k6/k6-exceptions.ts';
import { K6RunnerLogs, summaryIn } from '../../load/k6/k6-runner-logs.ts';
import { K6Samples } from '../../load/k6/k6-samples.ts';
import { k6DeadlineMs } from '../../load/k6/k6-script.ts';
import { endedByScript, scriptThresholdsOfAll } from '../../load/k6/k6-summary.ts';
import type { LoadPlan } from '../../load/requests/plan.ts';
import type { LoadResult, LoadRunner } from '../../model/load.ts';
import { asK6Trusts } from '../loading/k6-trust.ts';
import { checkK6Script, SCRIPT_DEADLINE_MS } from '../loading/run-load-k6.ts';
import { createTestRun } from './create-test-run.ts';
import { FollowedRunners } from './follow-runners.ts';
import { keepInside } from './keep-inside.ts';
import { removeLoads } from './remove-loads.ts';
import { serveIngress } from './serve-ingress.ts';

const LOG_LINES = 20;

/**
 * Sends a load with several k6 instances in pods of the cluster, each with an equal share, and adds up what they
 * measured. The load is that of a plan or of the script in the inputs. Whatever happens to a runner, its measurements
 * are kept and nothing is left in the cluster.
 *
 * @throws StageError `load-failed` when the runners could not start, one did not finish, or some measurements did not
 * arrive.
 */
export async function sendLoadWithK6Operator(
  context: Context,
  plan: LoadPlan,
  onProgress: (progress: LoadProgress) => void,
): Promise<LoadResult> {
  checkK6Script(context);
  const { inputs, store, clock, signal } = context;
  const script = inputs['k6-script'];
  const testRun = testRunName(clock.date());
  const samples = new K6Samples(plan, script !== null);
  const logs = new K6RunnerLogs(samples, runnerNames(testRun, inputs.parallelism), script !== null);
  const runners = new FollowedRunners(context, {
    testRun,
    logs,
    deadlineMs: script === null ? inputs.wait + k6DeadlineMs(plan) : SCRIPT_DEADLINE_MS,
    onText: () => {
      onProgress(logs.progress());
    },
  });
  let load: LoadResult;
  await removeLoads(context);
  await keepInside(context);
  try {
    await createTestRun(context, testRun, plan, asK6Trusts(context, await serveIngress(context, plan), true));
    await runners.waitForStart();
    await runners.waitForBeginning();
    await runners.waitForEnd();
  } finally {
    await runners.stop();
    const accounts = runners.accounts();
    load = resultOf(samples, logs, accounts, script);
    if (runners.anySeen) store.update({ load });
    tellLogs(context, accounts, logs);
    const texts = accounts.flatMap(({ name }) => logs.account(name).texts).join('\n');
    const exceptions = script === null ? null : exceptionsWarning(texts);
    if (exceptions !== null) warn(context, exceptions);
    await removeLoads(context);
  }
  signal.throwIfAborted();
  refusePartial(context, load.runners ?? []);
  return load;
}

/** The combined measurements of all runners. */
function resultOf(samples: K6Samples, logs: K6RunnerLogs, runners: LoadRunner[], script: string | null): LoadResult {
  const whole = runners.every(({ problem }) => problem === null);
  const texts = runners.map(({ name }) => logs.account(name).texts);
  const scriptThresholds = scriptThresholdsOfAll(texts.map(summaryIn));
  return {
    ...(script === null ? samples.result(whole) : samples.scriptResult(script)),
    workers: runners.length,
    engine: { name: 'k6-operator', version: RUNNER_VERSION },
    runners,
    ...(script === null ? {} : { scriptThresholds, ...endedByScript(texts.flat().join('\n'), scriptThresholds) }),
  };
}

function refusePartial(context: Context, runners: readonly LoadRunner[]): void {
  const lost = runners.filter(({ problem }) => problem !== null);
  if (lost.length === 0) return;
  throw new StageError(
    'load-failed',
    [
      `Part of the load is missing from ${String(lost.length)} of ${String(runners.length)} k6 runners.`,
      ...lost.map(({ name, problem }) => `${name}: ${problem ?? ''}`),
    ].join('\n'),
    {
      hint: 'The report has what was measured, but judges no threshold, because the load was not the requested one. Usually memory ran out: each virtual user of k6 takes a few megabytes.',
      tryThis: kubectlCommand(context, 'get', 'events', `--namespace=${RUNNER_NAMESPACE}`),
    },
  );
}

/** A user's script may print something worth reading; the generated one only prints errors. */
function tellLogs({ inputs, runner }: Context, runners: readonly LoadRunner[], logs: K6RunnerLogs): void {
  for (const { name, problem } of runners) {
    if (inputs['k6-script'] === null && problem === null) continue;
    const { texts } = logs.account(name);
    const summary = summaryIn(texts).split('\n');
    const said = lastLines(withoutSecrets(texts.filter((line) => !summary.includes(line)).join('\n')), LOG_LINES);
    if (said.length > 0) runner.info([`The last lines of ${name}:`, ...said].join('\n'));
  }
}
