import { commandLine } from '../addresses.ts';
import { type InputName, INPUTS } from '../inputs/table.ts';
import type { Failure } from '../model/run.ts';
import type { PipelineState } from '../state.ts';
import { clusterIn, kubectlContext, nameOf } from '../system.ts';
import { shellWord } from '../text/shell-word.ts';

/** These settings only make sense where the run was. */
const NOT_REPEATED = new Set<InputName>([
  'seed',
  'matrix',
  'comment',
  'comment-header',
  'pull-request',
  'job-id',
  'allow-pull-request-target',
  'artifact-name',
  'cluster-name',
  'output-dir',
  'history',
  'keep-cluster',
  'reuse-cluster',
  'http-port',
  'https-port',
]);

/**
 * The command that sends the same load on a laptop, in a checkout of what was tested. Inputs from a settings file are
 * in that checkout.
 *
 * @param others inputs that are set differently; `''` leaves one out.
 * @param name of the command, where the run was one of a cluster.
 */
export function repeatCommand(
  { settings, settingsFile, load, system }: PipelineState,
  others: Partial<Record<InputName, string>> = {},
  name: 'run' | 'validate' = 'run',
): string {
  const ofFile = settingsFile?.lines ?? {};
  const options = Object.entries({ ...settings, ...others }).flatMap(([input, text]) => {
    const known = input as InputName;
    const isInFile = ofFile[input] !== undefined && others[known] === undefined;
    if (NOT_REPEATED.has(known) || text === INPUTS[known].default || text === '' || isInFile) return [];
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => `--${input} ${shellWord(line.trimEnd())}`);
  });
  const seed = load === null ? [] : [`--seed ${shellWord(load.seed)}`];
  const command = system?.kind === 'echo' ? ['try', ...system.options] : [name];
  return commandLine(...command, ...options, ...seed);
}

/**
 * A failure as it reads after the run. Commands that ask the run's cluster no longer work, because the run has removed
 * it; a command that keeps the cluster replaces them.
 */
export function afterTheRun(failure: Failure, state: PipelineState): Failure {
  const { system, settings, endedAt } = state;
  const cluster = clusterIn(system);
  // A command of a single stage leaves the cluster for the next one.
  const isOver = endedAt !== null && settings['keep-cluster'] !== 'true';
  if (cluster === null || !isOver || (cluster.kind === 'own' && cluster.reused === true)) return failure;
  const { tryThis } = failure;
  const ofCluster = [cluster.kubeconfig, nameOf(cluster), kubectlContext(cluster), '127.0.0.1', '[::1]'];
  if (tryThis === null || !ofCluster.some((text) => text !== undefined && tryThis.includes(text))) return failure;
  const evidence =
    state.diagnostics.length === 0
      ? ''
      : ' Its diagnostics are in diagnostics/ in the output folder and in the artifact.';
  const kept = cluster.kind === 'own' ? 'the cluster' : 'the namespace';
  return {
    ...failure,
    hint: [failure.hint, `The run removes ${kept} when it ends.${evidence} To inspect it, repeat the run and keep it:`]
      .filter((text) => text !== null)
      .join(' '),
    tryThis: `${repeatCommand(state)} --keep-cluster true`,
  };
}
