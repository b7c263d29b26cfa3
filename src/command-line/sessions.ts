import { resolve } from 'node:path';
import type { Runner } from '../adapters/runner.ts';
import { commandLine } from '../addresses.ts';
import { type Context, warn } from '../context.ts';
import { StageError } from '../errors.ts';
import { InputError } from '../inputs/faults.ts';
import { goingOn } from '../inputs/going-on.ts';
import { parseInputs } from '../inputs/parse.ts';
import { definitionOf, type InputName, INPUTS, SECRET_VARIABLES, type Settings } from '../inputs/table.ts';
import { tooLate, tooLateForLoad, withoutMeaning } from '../inputs/without-meaning.ts';
import { MEASURE, PREPARE } from '../pipeline.ts';
import { openSession } from '../session.ts';
import { clusterIn, isLeft, madeIn } from '../system.ts';
import { REDACTED } from '../text/redaction.ts';
import { shellWord } from '../text/shell-word.ts';
import { loadTrustedState } from '../trusted-state.ts';

/** Inputs by name, as text; only those that were given. */
export type Given = Partial<Record<string, string>>;

const WHOLE_RUN = { hasCluster: true, compares: false };

/** What a command works with: a new run, or the one that an earlier command began in the same folder. */
export class CommandSessions {
  readonly #runner: Runner;
  readonly #signal: AbortSignal;

  constructor(runner: Runner, signal: AbortSignal) {
    this.#runner = runner;
    this.#signal = signal;
  }

  /**
   * A new run, with the given inputs and the defaults.
   *
   * @param isOfUse which inputs of a settings file the command can use; all without it.
   */
  begin(given: Given, isOfUse?: (name: InputName) => boolean): Context {
    return this.#begin(given, {}, isOfUse);
  }

  /**
   * A new run that takes over the inputs of a `validate` in this folder, if nothing else has happened there: `up`
   * creates what was validated.
   */
  beginAsValidated(given: Given): Context {
    return this.#begin(given, this.#validatedSettings(outputDirOf(given)));
  }

  #begin(given: Given, kept: Settings, isOfUse?: (name: InputName) => boolean): Context {
    refuseToForgetCluster(outputDirOf(given));
    const before = this.#carriedOn(kept, given);
    return openSession({
      runner: this.#runner,
      signal: this.#signal,
      read: (name) => given[name] ?? before[name] ?? fromEnvironment(name),
      ...(isOfUse === undefined ? {} : { isOfUse }),
    });
  }

  #validatedSettings(outputDir: string): Settings {
    const state = loadTrustedState(outputDir);
    const names = new Set(PREPARE.map(({ name }) => name));
    if (state === null || state.load !== null || !state.stages.every(({ name }) => names.has(name))) return {};
    // A settings file is read again, because it may have changed.
    const ofFile = state.settingsFile?.lines ?? {};
    const changed = Object.entries(state.settings).filter(
      ([name, text]) => text !== '' && text !== definitionOf(name as InputName).default && ofFile[name] === undefined,
    );
    const given = changed.filter(([, text]) => !text.includes(REDACTED));
    const incomplete = changed.filter(([, text]) => text.includes(REDACTED)).map(([name]) => `--${name}`);
    if (incomplete.length > 0)
      this.#runner.warning(
        `Not kept from the command validate, because secrets are not stored: ${incomplete.join(', ')}. Give it again if you need it.`,
      );
    if (given.length > 0)
      this.#runner.info(
        `Kept from the command validate: ${given.map(([name, text]) => optionText(name, text)).join(' ')}`,
      );
    return Object.fromEntries(given);
  }

  /**
   * The run that an earlier command began, with its inputs unless others are given now.
   *
   * @throws StageError `stage-order` when there is none; InputError when an input given now is wrong.
   */
  goOn(given: Given, until: AbortSignal = this.#signal): Context {
    const outputDir = outputDirOf(given);
    const state = loadTrustedState(outputDir);
    if (state === null) {
      throw new StageError('stage-order', `There is no run to continue in ${outputDir}.`, {
        hint: 'Start with the command `up` and the same --output-dir.',
      });
    }
    const settings = this.#carriedOn(state.settings, given);
    const read = (name: string): string => given[name] ?? settings[name] ?? fromEnvironment(name);
    this.#refuseGiven(given, read);
    return openSession({ runner: this.#runner, signal: until, state, read });
  }

  /** The run for a command that measures on a cluster that is up: a wrong input is never replaced by a guess. */
  measureOn(given: Given): Context {
    const context = this.goOn(given);
    if (context.faults.length > 0) throw new InputError(context.faults);
    for (const sentence of [
      ...tooLate(given as Settings),
      ...withoutMeaning(context.inputs, given as Settings, WHOLE_RUN),
    ])
      this.#runner.warning(sentence);
    return context;
  }

  /** The run for another load: an earlier failure to measure is not its outcome, but is logged. */
  measureAnew(given: Given): Context {
    const context = this.measureOn(given);
    for (const sentence of tooLateForLoad(given as Settings)) this.#runner.warning(sentence);
    const { failure } = context.store.state;
    if (failure !== null && MEASURE.some(({ name }) => name === failure.stage)) {
      context.store.update({ failure: null });
      if (failure.code !== 'cancelled')
        warn(context, `${failure.stage ?? ''} failed before this load: ${failure.message.split('\n', 1)[0] ?? ''}`);
    }
    return context;
  }

  /** The inputs of earlier commands without those that an input given now replaces, which is logged. */
  #carriedOn(stored: Settings, given: Given): Settings {
    const { settings, replaced } = goingOn(stored, given, parseInputs);
    for (const { input, text } of replaced)
      this.#runner.info(`${optionText(input, text)} of an earlier command is replaced by the option given now`);
    return settings;
  }

  /**
   * Before a session keeps the inputs for later commands. What an earlier command stored must not stop `down` or
   * `report` from working.
   */
  #refuseGiven(given: Given, read: (name: string) => string): void {
    const { faults, secrets } = parseInputs(read);
    // A refused text is printed.
    for (const secret of secrets) this.#runner.secret(secret);
    const refused = faults.filter(({ input }) => given[input] !== undefined);
    if (refused.length > 0) throw new InputError(refused);
  }
}

const optionText = (name: string, text: string): string => `--${name} ${shellWord(text)}`;

const outputDirOf = (given: Given): string => resolve(given['output-dir'] ?? INPUTS['output-dir'].default);

/** A new state would replace the one that knows how to remove the cluster. */
function refuseToForgetCluster(outputDir: string): void {
  const cluster = clusterIn(loadTrustedState(outputDir)?.system ?? null);
  if (cluster === null || !isLeft(cluster)) return;
  throw new StageError('stage-order', `${outputDir} belongs to the ${madeIn(cluster)}, which is still there.`, {
    hint: 'Delete it with the command `down` first, or use another --output-dir.',
    tryThis: commandLine('down', '--output-dir', shellWord(outputDir)),
  });
}

function fromEnvironment(name: string): string {
  const variable = SECRET_VARIABLES[name as InputName];
  return variable === undefined ? '' : (process.env[variable] ?? '');
}
