import { type K6Ending, runK6 } from '../../adapters/commands/k6.ts';
import { exists, readText } from '../../adapters/files.ts';
import { withoutSecrets } from '../../adapters/secrets.ts';
import { trustedRoots } from '../../adapters/trusted-roots.ts';
import { type Context, outputPath, toolOf, warn } from '../../context.ts';
import { lastLines, StageError } from '../../errors.ts';
import type { LoadProgress } from '../../load/engine/generate.ts';
import { K6CsvReader } from '../../load/k6/k6-csv.ts';
import { exceptionsWarning } from '../../load/k6/k6-exceptions.ts';
import { k6Exit, THRESHOLDS_CROSSED } from '../../load/k6/k6-exit.ts';
import { K6Samples } from '../../load/k6/k6-samples.ts';
import { connectionOptions, k6DeadlineMs, k6Script, scriptVariables } from '../../load/k6/k6-script.ts';
import { endedByScript, scriptThresholds, UNNAMED_CROSSING } from '../../load/k6/k6-summary.ts';
import type { LoadPlan } from '../../load/requests/plan.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { LoadResult, ThresholdResult } from '../../model/load.ts';
import { asK6Trusts } from './k6-trust.ts';

/** A script decides itself when it ends; no GitHub job lasts longer. */
export const SCRIPT_DEADLINE_MS = 6 * 3_600_000;
const LOG_LINES = 40;
/** A ConfigMap can have up to a mebibyte; multi-byte characters are rare in scripts. */
const LARGEST_SCRIPT = 900_000;

/**
 * Sends a load with k6: the load of a plan, or the script in the inputs. What was measured until k6 ended is kept,
 * however it ended.
 *
 * @throws StageError `load-failed` when k6 did not end normally.
 */
export async function sendLoadWithK6(
  context: Context,
  plan: LoadPlan,
  ingress: Endpoint,
  onProgress: (progress: LoadProgress) => void,
): Promise<LoadResult> {
  checkK6Script(context);
  const { inputs, store, runner, shell, clock, signal } = context;
  const endpoint = asK6Trusts(context, ingress, false);
  const script = inputs['k6-script'];
  const tool = toolOf(context, 'k6');
  const samples = new K6Samples(plan, script !== null);
  const reader = new K6CsvReader(samples.metrics, (sample) => {
    samples.add(sample);
  });
  const run = {
    script: script === null ? { text: k6Script(plan, endpoint) } : { path: script },
    connection: connectionOptions(plan, endpoint),
    authorities: endpoint.tls === undefined ? [] : [...trustedRoots(), ...endpoint.tls.authorities],
    variables: script === null ? {} : scriptVariables(plan, endpoint),
    folder: outputPath(context, 'k6'),
    deadlineMs: script === null ? k6DeadlineMs(plan) : SCRIPT_DEADLINE_MS,
    onCsv: (text: string): void => {
      reader.push(text);
      onProgress(samples.progress());
    },
  };
  if (run.connection.insecureSkipTLSVerify === true)
    runner.info('k6 verifies no certificate: it has one switch for all hosts, and one of them is not to be verified');
  const ending = await runK6(tool.path, run, { shell, clock, signal });
  // The summary of k6 itself counts the warm-up of the generated script too.
  const said = lastLines(
    script === null ? ending.stderr : withoutSecrets(`${ending.stdout}\n${ending.stderr}`),
    LOG_LINES,
  );
  if (said.length > 0) runner.info(said.join('\n'));
  const exceptions = script === null ? null : exceptionsWarning(ending.stderr);
  if (exceptions !== null) warn(context, exceptions);
  const load: LoadResult = {
    ...(script === null
      ? samples.result(ending.ended === null && ending.exitCode === 0)
      : samples.scriptResult(script)),
    engine: { name: 'k6', version: tool.version },
    ...(script === null ? {} : { scriptThresholds: thresholdsOf(ending) }),
  };
  store.update({ load: { ...load, ...endedEarly(ending, load) } });
  refuseIrregularEnd(ending, signal);
  return { ...load, ...endedEarly(ending, load) };
}

/** @throws StageError `input-invalid` when the script does not exist or does not fit into a ConfigMap. */
export function checkK6Script({ inputs }: Pick<Context, 'inputs'>): void {
  const script = inputs['k6-script'];
  if (script === null) return;
  // Checked for every engine; otherwise only k6 would trip over a folder or a pipe, when everything is up.
  if (exists(script) && (readText(script).length <= LARGEST_SCRIPT || inputs.engine === 'k6')) return;
  if (exists(script)) {
    throw new StageError(
      'input-invalid',
      `Input k6-script is ${JSON.stringify(script)}, which is too large for a Kubernetes ConfigMap.`,
      {
        hint: `With engine k6-operator it can have up to ${String(LARGEST_SCRIPT)} characters: move data out of the script, or fetch it at run time.`,
      },
    );
  }
  throw new StageError('input-invalid', `Input k6-script is ${JSON.stringify(script)}, but there is no such file.`, {
    hint: 'Give a path relative to the working directory. In a workflow, check the repository out first (actions/checkout).',
  });
}

function endedEarly(
  { exitCode, stderr }: K6Ending,
  { scriptThresholds: results = [] }: LoadResult,
): Pick<LoadResult, 'endedBy'> {
  return exitCode === THRESHOLDS_CROSSED ? endedByScript(stderr, results) : {};
}

function thresholdsOf(ending: K6Ending): ThresholdResult[] {
  const thresholds = scriptThresholds(ending.summary);
  const named = ending.exitCode !== THRESHOLDS_CROSSED || thresholds.some(({ passed }) => !passed);
  return named ? thresholds : [...thresholds, UNNAMED_CROSSING];
}

/** Crossed thresholds of a script are judged with the others, after the report. */
function refuseIrregularEnd(ending: K6Ending, signal: AbortSignal): void {
  signal.throwIfAborted();
  const { exitCode, ended, stderr, command } = ending;
  if (ended === null && (exitCode === 0 || exitCode === THRESHOLDS_CROSSED)) return;
  const { message, hint } =
    ended === 'timeout'
      ? { message: 'k6 took longer than the load can take.', hint: 'The system under test may have stopped answering.' }
      : k6Exit(exitCode, stderr);
  throw new StageError('load-failed', [message, ...lastLines(stderr, 5)].join('\n'), { hint, tryThis: command });
}
