import { originHere, whyOfOthers } from './adapters/origin.ts';
import { inFolder, sha256OfFileNow } from './adapters/files.ts';
import { runIdentity } from './adapters/github/github-run.ts';
import { toolPlatform } from './adapters/machine.ts';
import type { Runner } from './adapters/runner.ts';
import { loadState, stateFile } from './adapters/state-file.ts';
import { type ToolName, TOOLS } from './cluster/pinned-versions.ts';
import { messageOf, StageError } from './errors.ts';
import type { Inputs } from './inputs/table.ts';
import { sha256For } from './stages/preflight/check-checksums.ts';
import type { InstalledTool, PipelineState } from './state.ts';
import { shellWord } from './text/shell-word.ts';

/**
 * The state of an earlier step or command of this run. It decides what is run and removed, and a file with that name
 * could also be part of a branch or come from another machine.
 *
 * @returns null when there is none.
 * @throws StageError `state-invalid` when it is from another version, machine, user or run, or names files that are not
 * its own.
 */
export function loadTrustedState(outputDir: string): PipelineState | null {
  const state = loadState(outputDir);
  if (state === null) return null;
  const file = stateFile(outputDir);
  const why = whyNotBelieved(state, outputDir) ?? whyOfOthers(file);
  if (why === null) return state;
  throw new StageError('state-invalid', `${file} is not used: ${why}.`, {
    hint: 'A state file decides what is run and removed, so it must come from this machine, user and run. If its cluster is still up, remove it where it was made. Then remove the file and start again with `up` or `run`.',
    tryThis: `rm ${shellWord(file)}`,
  });
}

function whyNotBelieved({ writtenBy, run, system, diagnostics }: PipelineState, outputDir: string): string | null {
  const [here, now] = [originHere(), runIdentity()];
  if (writtenBy?.machine !== here.machine || writtenBy.user !== here.user)
    return 'it was written on another machine or by another user';
  if (run.onGitHub !== now.onGitHub || run.id !== now.id || run.attempt !== now.attempt)
    return `it belongs to another run (${run.id}, attempt ${String(run.attempt)})`;
  if (system?.kind === 'own' && system.kubeconfig !== inFolder(outputDir, 'kubeconfig'))
    return `its kubeconfig is not in this folder (${system.kubeconfig})`;
  const outside = diagnostics.find((name) => !name.startsWith('diagnostics/') || name.split('/').includes('..'));
  return outside === undefined ? null : `its evidence is not in this folder (${outside})`;
}

/**
 * The tools of a state that are unchanged since they were installed. The others are not run; the clean-up can work
 * without them.
 */
export function trustedTools(tools: PipelineState['tools'], inputs: Inputs, runner: Runner): PipelineState['tools'] {
  const trusted = Object.entries(tools).filter(([name, tool]) => {
    if (tool === undefined) return false;
    const why = whyNotRun(name as ToolName, tool, inputs);
    if (why !== null) runner.warning(`${name} at ${tool.path} is not run: ${why}.`);
    return why === null;
  });
  return Object.fromEntries(trusted);
}

function whyNotRun(name: ToolName, { version, path, sha256 }: InstalledTool, inputs: Inputs): string | null {
  try {
    const given = inputs[`${name}-sha256`];
    const platform = toolPlatform();
    // A file from a pinned archive has the checksum that was computed when it was unpacked.
    const unpacked = given === null && platform !== undefined && TOOLS[name].archive?.(version, platform) !== undefined;
    const wanted = unpacked ? sha256 : sha256For(name, version, given);
    return sha256OfFileNow(path) === wanted ? null : `its checksum is not ${wanted.slice(0, 16)}… any more`;
  } catch (error) {
    return messageOf(error);
  }
}
