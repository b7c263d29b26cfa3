import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, StageError } from '../errors.ts';
import { type PipelineState, pipelineState, STATE_VERSION } from '../state.ts';
import { shellWord } from '../text/shell-word.ts';
import { originHere } from './origin.ts';
import { readText, writeFileAtomically } from './files.ts';
import { withoutSecretsDeep } from './secrets.ts';

/** The state of a run in memory and, after every change, on disk. */
export interface StateStore {
  readonly outputDir: string;
  readonly state: Readonly<PipelineState>;
  update(change: Partial<PipelineState>): void;
}

export const stateFile = (outputDir: string): string => join(outputDir, 'state.json');

/**
 * Opens a store on a state. A change that can't be written (a full disk) is kept in memory, as the
 * run is worth more than its record.
 */
export function openStore(
  outputDir: string,
  initial: PipelineState,
  onWriteError: (error: unknown) => void,
): StateStore {
  let state = initial;
  const writtenBy = originHere();
  const save = (): void => {
    try {
      writeFileAtomically(
        stateFile(outputDir),
        `${JSON.stringify({ ...withoutSecretsIn(state), writtenBy }, null, 2)}\n`,
      );
    } catch (error) {
      onWriteError(error);
    }
  };
  save();
  return {
    outputDir,
    get state() {
      return state;
    },
    update(change) {
      state = { ...state, ...change };
      save();
    },
  };
}

/** Paths, names and addresses that are used again as they are. All else may hold texts of others, or of the user. */
const USED_AGAIN = [
  'tool',
  'run',
  'environment',
  'tools',
  'system',
  'loadedNodeImage',
  'comparedVersions',
  'images',
  'foundTargets',
  'routeSchemes',
  'ownCertificates',
  'httpsHosts',
  'redirects',
  'restartsAtStart',
  'stages',
  'replicaRecords',
  'countedLoads',
  'diagnostics',
  'temporary',
  'processGroups',
] as const satisfies readonly (keyof PipelineState)[];

const withoutSecretsIn = (state: PipelineState): PipelineState => ({
  ...withoutSecretsDeep(state),
  ...Object.fromEntries(USED_AGAIN.flatMap((name) => (name in state ? [[name, state[name]]] : []))),
});

/** @throws StageError `state-invalid` when the file is there but is not a state that this version wrote. */
export function loadState(outputDir: string): PipelineState | null {
  const file = stateFile(outputDir);
  let text: string;
  try {
    text = readText(file);
  } catch (error) {
    // A part of its path may be a file: that is told where the folder is to be made.
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
  try {
    const json: unknown = JSON.parse(text);
    refuseOtherVersion(file, json);
    return pipelineState.parse(json);
  } catch (error) {
    if (error instanceof StageError) throw error;
    const why = error instanceof z.ZodError ? `${placeOf(error)} is not valid` : messageOf(error);
    throw new StageError('state-invalid', `${file} is not a state of this version of the tool: ${why}`, {
      hint: 'It was truncated, edited by hand, or written by another version. Remove it and start again with `up` or `run`.',
      tryThis: `rm ${shellWord(file)}`,
      cause: error,
    });
  }
}

const placeOf = ({ issues: [issue] }: z.ZodError): string => (issue?.path ?? []).map(String).join('.') || 'the whole';

const versioned = z.object({ version: z.number() });

/** A state of another version may belong to a cluster that is still there, which only that version can remove. */
function refuseOtherVersion(file: string, json: unknown): void {
  const version = versioned.safeParse(json).data?.version ?? STATE_VERSION;
  if (version === STATE_VERSION) return;
  throw new StageError(
    'state-invalid',
    `${file} has state version ${String(version)}, but this version of the tool reads version ${String(STATE_VERSION)}.`,
    {
      hint: 'If its cluster is still there, remove it first with the command `down` of the version that wrote the file. Then remove the file and start again with `up` or `run`.',
      tryThis: `rm ${shellWord(file)}`,
    },
  );
}
