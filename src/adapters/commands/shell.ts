/**
 * commands/ runs other programs: the shell with its deadlines and process groups, and one file for each tool with its
 * commands. src/cluster/ and src/load/ interpret the output.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { CommandError, type CommandResult, messageOf, StageError } from '../../errors.ts';
import { shellWord } from '../../text/shell-word.ts';
import { isLack, systemFault } from '../../text/system-errors.ts';
import { withoutSecrets, withoutSecretsDeep } from '../secrets.ts';
import { commandEnvironment } from './environment.ts';
import { groupExists, identifyProcess, type ProcessIdentity, signalGroup, TAG_VARIABLE } from './process-groups.ts';

export interface RunOptions {
  /** The command is killed after this time. */
  readonly deadlineMs: number;
  readonly stdin?: string;
  /** A file that the command reads as its standard input, of any size; instead of `stdin`. */
  readonly stdinFile?: string;
  /** Called with the command's output as it comes; the result's `stdout` is empty then. */
  readonly onStdout?: (text: string) => void;
  /** Called with the bytes as they come, for output that is not text; instead of `onStdout`. */
  readonly onBytes?: (bytes: Buffer) => void;
  /** Called with the command's standard error as it comes; the result has it, too. */
  readonly onStderr?: (text: string) => void;
  /** Added to the environment of this process, without its secrets; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Stops the command early; the shell's own signal by default. `null`: nothing does. */
  readonly signal?: AbortSignal | null;
}

/** Starts commands without a shell, each in its own process group, and never without a deadline. */
export interface Shell {
  /**
   * Runs a command to its end.
   *
   * @throws CommandError when it can't be started, exits with a code other than 0, is killed by a signal or after its
   * deadline, or the signal was aborted; and whatever `onStdout`, `onBytes` or `onStderr` throws, after the command was
   * stopped.
   */
  run(command: string, args: readonly string[], options: RunOptions): Promise<CommandResult>;
}

export interface ShellSettings {
  readonly signal: AbortSignal;
  /** Told about every process group while it lives, so a later process can kill what was left. */
  readonly onStart?: (group: ProcessIdentity) => void;
  readonly onEnd?: (group: ProcessIdentity) => void;
}

/** More output than this is read and discarded; the commands that are run here print far less. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** How long a command may take to end after it was asked to. */
const GRACE_MS = 2000;
/** How long to wait for output that a child of the command may still hold open. */
const OUTPUT_GRACE_MS = 1000;

export const openShell = (settings: ShellSettings): Shell => ({
  run: (command, args, options) => runCommand(settings, command, args, options),
});

async function runCommand(
  settings: ShellSettings,
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<CommandResult> {
  const start = performance.now();
  const signal = options.signal === undefined ? settings.signal : options.signal;
  const stdout = new Capture();
  const stderr = new Capture();
  const resultOf = (exitCode: number | null, by: string | null): CommandResult => ({
    command: quoteCommand(command, args),
    exitCode,
    signal: by,
    durationMs: performance.now() - start,
    stdout: stdout.text(),
    // Only people read it.
    stderr: withoutSecrets(stderr.text()),
  });
  const notStarted = (error: unknown): never => {
    const fault = systemFault(error);
    // The message does not depend on the command: the next one would fail as well.
    if (fault !== null && isLack(fault.code))
      throw new StageError('system-refused', `${command} could not be started: ${fault.reason} (${fault.code}).`, {
        hint: fault.hint,
        cause: error,
      });
    throw new CommandError(withoutSecretsDeep(resultOf(null, null)), 'not-started', error);
  };
  if (signal?.aborted === true) throw new CommandError(resultOf(null, null), 'cancelled', signal.reason);

  const tag = randomUUID();
  const child = spawnGroup(command, args, tag, options);
  const closed = once(child, 'close') as Promise<[exitCode: number | null, by: NodeJS.Signals | null]>;
  // Without free descriptors there are no streams to listen to either.
  if (child.pid === undefined) return await closed.then(notStarted, notStarted);
  const group = identifyProcess(child.pid, tag);
  settings.onStart?.(group);

  const ending = new GroupEnding(group.pid);
  const onAbort = (): void => {
    ending.begin('cancelled');
  };
  const deadline = setTimeout(() => {
    ending.begin('timeout');
  }, options.deadlineMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  const refusals: unknown[] = [];
  // An error in the middle of an event would end this program; instead it ends the command.
  const guarded =
    <T>(take: (output: T) => void) =>
    (output: T): void => {
      if (refusals.length > 0) return;
      try {
        take(output);
      } catch (error) {
        refusals.push(error);
        ending.begin('cancelled');
      }
    };
  if (options.onBytes !== undefined) child.stdout.on('data', guarded(options.onBytes));
  else if (options.onStdout === undefined) keep(child.stdout, stdout);
  else handOn(child.stdout, guarded(options.onStdout));
  keep(child.stderr, stderr);
  if (options.onStderr !== undefined) handOn(child.stderr, guarded(options.onStderr));
  feed(child, options.stdin ?? '');
  releaseOutput(child);
  try {
    const [exitCode, by] = await closed.catch(notStarted);
    await ending.over();
    const result = resultOf(exitCode, by);
    if (refusals.length > 0) throw asError(refusals[0]);
    if (ending.reason === 'exit' && exitCode === 0) return result;
    // Here, because its message has the last lines, cut to a length: a partial secret would not be recognised.
    throw new CommandError(
      withoutSecretsDeep(result),
      ending.reason,
      ending.reason === 'cancelled' ? signal?.reason : undefined,
    );
  } finally {
    clearTimeout(deadline);
    ending.forget();
    signal?.removeEventListener('abort', onAbort);
    settings.onEnd?.(group);
  }
}

type Child = ChildProcessByStdio<Writable | null, Readable, Readable>;

/** A separate group, the only way to stop the children of the command with it. */
function spawnGroup(command: string, args: readonly string[], tag: string, { env, stdinFile }: RunOptions): Child {
  const input = stdinFile === undefined ? 'pipe' : openSync(stdinFile, 'r');
  try {
    return spawn(command, [...args], {
      detached: true,
      stdio: [input, 'pipe', 'pipe'],
      env: commandEnvironment({ ...env, [TAG_VARIABLE]: tag }),
    }) as Child;
  } finally {
    // The command now has its own descriptor.
    if (input !== 'pipe') closeSync(input);
  }
}

function keep(stream: Readable, capture: Capture): void {
  stream.on('data', (chunk: Buffer) => {
    capture.add(chunk);
  });
}

function handOn(stream: Readable, take: (text: string) => void): void {
  const decoder = new StringDecoder('utf8');
  stream.on('data', (chunk: Buffer) => {
    take(decoder.write(chunk));
  });
}

function feed(child: Child, input: string): void {
  // A command that ends without reading its input closes the pipe; its exit code is what counts.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
}

/** After the command exits, its output is awaited only for a while, because a child may hold it open forever. */
function releaseOutput(child: Child): void {
  child.once('exit', () => {
    setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, OUTPUT_GRACE_MS).unref();
  });
}

/** Stops a process group that does not end by itself: first it is asked to, and after a while it is killed. */
class GroupEnding {
  /** Why the group ends; `exit` while nobody has asked for it. */
  reason: 'exit' | 'timeout' | 'cancelled' = 'exit';
  readonly #pid: number;
  #killTimer: NodeJS.Timeout | undefined;
  #killed = false;
  #afterKill = (): void => undefined;

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** The first reason stays. */
  begin(reason: 'timeout' | 'cancelled'): void {
    if (this.reason !== 'exit') return;
    this.reason = reason;
    // kind leaves no containers behind on SIGINT to its whole group; it does on SIGTERM to itself.
    signalGroup(this.#pid, 'SIGINT');
    this.#killTimer = setTimeout(() => {
      signalGroup(this.#pid, 'SIGKILL');
      this.#killed = true;
      this.#afterKill();
    }, GRACE_MS);
  }

  /** Children that outlived their command still have the rest of their time. */
  async over(): Promise<void> {
    if (this.reason === 'exit' || this.#killed || !groupExists(this.#pid)) return;
    await new Promise<void>((resolve) => {
      this.#afterKill = resolve;
    });
  }

  forget(): void {
    clearTimeout(this.#killTimer);
  }
}

class Capture {
  private readonly chunks: Buffer[] = [];
  private size = 0;

  add(chunk: Buffer): void {
    if (this.size >= MAX_OUTPUT_BYTES) return;
    this.chunks.push(chunk);
    this.size += chunk.length;
  }

  text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(messageOf(thrown)));

/** A command, ready to paste into a POSIX shell. */
export const quoteCommand = (command: string, args: readonly string[]): string =>
  [command, ...args].map(shellWord).join(' ');
