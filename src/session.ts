import { resolve } from 'node:path';
import { systemClock } from './adapters/clock.ts';
import { openShell } from './adapters/commands/shell.ts';
import { folderInstead, takeFolder } from './adapters/output-folder.ts';
import { actionRoot, dataBeside, inFolder, programFile, readText, whyNotWritable } from './adapters/files.ts';
import { runIdentity } from './adapters/github/github-run.ts';
import { openRendered } from './adapters/rendered-manifests.ts';
import type { Runner } from './adapters/runner.ts';
import { openStore, type StateStore } from './adapters/state-file.ts';
import type { Context } from './context.ts';
import { describeError } from './errors.ts';
import { parseInputs } from './inputs/parse.ts';
import { type InputName, INPUTS, type Settings } from './inputs/table.ts';
import { parseScenario } from './load/requests/scenario.ts';
import { secretsOfScenario } from './load/requests/scenario-secrets.ts';
import { type SettingsBehind, settingsBehind } from './settings-behind.ts';
import type { SavedExistingCluster } from './stages/claim-namespace.ts';
import type { RunIdentity } from './model/run.ts';
import { initialState, type PipelineState } from './state.ts';
import { loadTrustedState, trustedTools } from './trusted-state.ts';
import { clusterIn, nameOf, type OwnCluster } from './system.ts';

export interface SessionOptions {
  readonly runner: Runner;
  /** The text of an input, `''` when not given. */
  readonly read: (name: string) => string;
  readonly signal: AbortSignal;
  /** The state to continue with; without it a new run begins. */
  readonly state?: PipelineState | null;
  /** Which inputs of a settings file the command can use; all without it. */
  readonly isOfUse?: (name: InputName) => boolean;
}

const TOOL = 'k8s-loadtest-ci';

/** Assembles what the stages work with: inputs, state on disk, runner, shell and clock. */
export function openSession({ runner, read, signal, state = null, isOfUse }: SessionOptions): Context {
  const root = actionRoot(programFile());
  // A run that continues has in its state what the settings file said when it began.
  const file = state === null ? settingsBehind(read, isOfUse) : null;
  for (const note of file?.notes ?? []) runner.warning(note);
  const { inputs, settings, faults, secrets } = parseInputs(read, file?.behind ?? null);
  for (const secret of [...secrets, ...secretsOfGivenScenario(inputs.scenario)]) runner.secret(secret);
  const initial =
    state === null
      ? { ...newState(root, settings), ...settingsFileOf(file) }
      : { ...state, tools: trustedTools(state.tools, inputs, runner) };
  const asked = resolve(inputs['output-dir']);
  const unusable = state === null ? takeFolder(asked) : whyNotWritable(asked);
  // A run that can't use its folder still needs one, to report exactly that.
  const outputDir = state === null && unusable !== null ? folderInstead(INPUTS['output-dir'].default) : asked;
  const outputFaults =
    unusable === null
      ? []
      : [
          {
            input: 'output-dir',
            got: inputs['output-dir'],
            allowed: `a writable folder that is new, empty, or from an earlier run (${unusable})`,
          },
        ];
  let told = false;
  const run = aboutPullRequest(initial.run, inputs['pull-request'], inputs['job-id']);
  const store = openStore(outputDir, { ...initial, run, settings }, (error) => {
    // With a full disk every command would warn, and GitHub shows only ten warnings per step.
    if (!told) runner.warning(`The state could not be written: ${String(error)}`);
    told = true;
  });
  return {
    inputs,
    faults: [...(file?.faults ?? []), ...faults, ...outputFaults],
    actionRoot: root,
    store,
    rendered: openRendered(outputDir, (value) => {
      runner.secret(value);
    }),
    runner,
    clock: systemClock,
    signal,
    shell: openShell({ signal, ...recordGroups(store) }),
  };
}

/** What the user says about the pull request overrides the event; its head commit is then looked up again. */
function aboutPullRequest(run: RunIdentity, pullRequest: number | null, jobId: number | null): RunIdentity {
  return {
    ...run,
    ...(jobId === null ? {} : { jobId }),
    ...(pullRequest === null || pullRequest === run.pullRequest ? {} : { pullRequest, headSha: null }),
  };
}

/** Where each input came from, for the log and the report. */
function settingsFileOf(found: SettingsBehind | null): Pick<PipelineState, 'settingsFile' | 'warnings'> {
  const { behind = null, replaced = [], leftOut = [], notes = [] } = found ?? {};
  if (behind === null) return { warnings: [...notes] };
  const lines = Object.fromEntries(Object.entries(behind.entries).map(([name, { line }]) => [name, line]));
  return {
    warnings: [...notes],
    settingsFile: { file: behind.file, lines, replaced: replaced.map((each) => ({ ...each })), leftOut: [...leftOut] },
  };
}

/** Before anything is read with them: a header value is as secret as a secret input. */
function secretsOfGivenScenario(file: string | null): string[] {
  try {
    return file === null ? [] : secretsOfScenario(parseScenario(readText(file), dataBeside(file)));
  } catch {
    // The first stage reports what is wrong with it.
    return [];
  }
}

/** Keeps the running process groups in the state, so the post step can kill what a killed main step left behind. */
function recordGroups(store: StateStore): Pick<Parameters<typeof openShell>[0], 'onStart' | 'onEnd'> {
  return {
    onStart: (group) => {
      store.update({ processGroups: [...store.state.processGroups, group] });
    },
    onEnd: (group) => {
      store.update({ processGroups: store.state.processGroups.filter(({ pid }) => pid !== group.pid) });
    },
  };
}

export interface ReopenOptions extends Pick<SessionOptions, 'runner' | 'read'> {
  /** What the main step saved. */
  readonly outputDir: string;
  readonly clusterName: string;
  /** What `claim-namespace` saved, as JSON; `''` when the run created its own cluster. */
  readonly existingCluster: string;
  /** Whether an earlier step created the cluster; only that step may remove it. */
  readonly reusedCluster: boolean;
  /** Whether the network `kind` did not exist before and was created for this cluster. */
  readonly madeNetwork: boolean;
  /** Whether the main step has published its report. */
  readonly reported: boolean;
}

/**
 * The session of the post step. It continues with the state on disk. If that is missing, damaged or from another run,
 * only the cluster's name says what to remove.
 */
export function reopenSession({
  runner,
  read,
  outputDir,
  clusterName,
  existingCluster,
  reusedCluster,
  madeNetwork,
  reported,
}: ReopenOptions): Context {
  const root = actionRoot(programFile());
  const saved = existingCluster === '' ? null : (JSON.parse(existingCluster) as SavedExistingCluster);
  const name = saved?.namespace ?? clusterName;
  const left = stateOfRun(runner, outputDir, name, reusedCluster);
  const ofFile = left === null ? textsOfFile(read) : textsOfState(left);
  const readHere = (input: string): string =>
    input === 'output-dir' ? outputDir : read(input) || (ofFile[input] ?? '');
  const { settings } = parseInputs(readHere);
  const state = left ?? {
    ...newState(root, settings),
    endedAt: reported ? systemClock.date().toISOString() : null,
    ...(saved !== null
      ? lostNamespace(saved)
      : name === ''
        ? {}
        : { system: lostCluster({ outputDir, name, settings, madeNetwork, reusedCluster }) }),
  };
  return openSession({ runner, read: readHere, signal: new AbortController().signal, state });
}

/** What the main step took from a settings file, even if later steps changed the file. */
const textsOfState = ({ settings, settingsFile }: PipelineState): Settings =>
  Object.fromEntries(Object.keys(settingsFile?.lines ?? {}).map((name) => [name, settings[name] ?? '']));

/** Like above, when the state is lost: the best guess is the file's current content. */
function textsOfFile(read: (name: string) => string): Settings {
  try {
    const entries = Object.entries(settingsBehind(read).behind?.entries ?? {});
    return Object.fromEntries(entries.map(([name, { text }]) => [name, text]));
  } catch {
    return {};
  }
}

function stateOfRun(runner: Runner, outputDir: string, clusterName: string, reused: boolean): PipelineState | null {
  try {
    const state = loadTrustedState(outputDir);
    const cluster = clusterIn(state?.system ?? null);
    if (state === null || clusterName === '' || cluster === null) return state;
    // A later step that reused the cluster in the same folder has overwritten the state of the step that created it.
    const isReused = cluster.kind === 'own' && cluster.reused === true;
    if (nameOf(cluster) === clusterName && isReused === reused) return state;
    runner.warning(`${outputDir} has the state of another run.`);
  } catch (error) {
    runner.warning(describeError(error).message);
  }
  return null;
}

const lostCluster = ({
  outputDir,
  name,
  settings,
  madeNetwork,
  reusedCluster,
}: Pick<ReopenOptions, 'outputDir' | 'madeNetwork' | 'reusedCluster'> & {
  readonly name: string;
  readonly settings: Settings;
}): OwnCluster => ({
  kind: 'own',
  name,
  nodeImage: settings['node-image'] ?? '',
  kubeconfig: inFolder(outputDir, 'kubeconfig'),
  ingress: null,
  nodes: [],
  networkExisted: !madeNetwork,
  deletedAt: null,
  ...(reusedCluster ? { reused: true } : {}),
});

/** What was created outside the namespace is no longer known, but its label is. */
const lostNamespace = ({
  kubeconfig,
  context,
  namespace,
  kubectl,
}: SavedExistingCluster): Pick<PipelineState, 'system' | 'tools'> => ({
  system: { kind: 'existing', kubeconfig, context, namespace, ingress: null, outside: [], deletedAt: null },
  tools: { kubectl },
});

const newState = (root: string, settings: Settings): PipelineState =>
  initialState({
    tool: { name: TOOL, version: versionOf(root) },
    run: runIdentity(),
    settings,
    startedAt: systemClock.date(),
  });

/** The version of this program. */
export const toolVersion = (): string => versionOf(actionRoot(programFile()));

function versionOf(root: string): string {
  const { version } = JSON.parse(readText(inFolder(root, 'package.json'))) as { version: string };
  return version;
}
