import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { CommandError, messageOf, type CommandResult } from '../errors.ts';
import { shellWord } from '../report/shell-word.ts';
import { TAG_VARIABLE, groupExists, identifyProcess, signalGroup, type ProcessIdentity } from './process-groups.ts';

export interface RunOptions {
  /** The command is ended after this time. */
  readonly deadlineMs: number;
  readonly stdin?: string;
  /** A file that the command reads as its standard input, of whatever size; in the place of `stdin`. */
  readonly stdinFile?: string;
  /** Called with what the command prints while it prints it; the result's `stdout` is empty then. */
  readonly onStdout?: (text: string) => void;
  /** Called with what the command prints to its standard error while it prints it; the result has it too. */
  readonly onStderr?: (text: string) => void;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the command early; without it the shell's own signal does. `null`: nothing does. */
  readonly signal?: AbortSignal | null;
}

/** Starts commands without a shell, each in a process group of its own, and never without a deadline. */
export interface Shell {
  /**
   * Runs a command to its end.
   *
   * @throws CommandError when it can't be started, ends with another exit code than 0, by a signal,
   * after its deadline, or because the signal was aborted; and whatever `onStdout` or `onStderr` throws,
   * after the command was ended.
   */
  run(command: string, args: readonly string[], options: RunOptions): Promise<CommandResult>;
}

export interface ShellSettings {
  readonly signal: AbortSignal;
  /** Told about every process group while it lives, so that a later process can end what was left. */
  readonly onStart?: (group: ProcessIdentity) => void;
  readonly onEnd?: (group: ProcessIdentity) => void;
}

/** More output than this is read and thrown away; the commands that are run here print far less. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** How long a command may take to end after it was asked to. */
const GRACE_MS = 2000;
/** How long output is awaited that a child of the command may still hold open. */
const OUTPUT_GRACE_MS = 1000;

export const openShell = (settings: ShellSettings): Shell => ({
  run: (command, args, options) => runCommand(settings, command, args, options),
});

function runCommand(
  settings: ShellSettings,
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<CommandResult> {
  const start = performance.now();
  const shown = quoteCommand(command, args);
  const stdout = new Capture();
  const stderr = new Capture();
  const signal = options.signal === undefined ? settings.signal : options.signal;

  return new Promise((resolve, reject) => {
    const result = (exitCode: number | null, by: string | null): CommandResult => ({
      command: shown,
      exitCode,
      signal: by,
      durationMs: performance.now() - start,
      stdout: stdout.text(),
      stderr: stderr.text(),
    });
    if (signal?.aborted === true) {
      reject(new CommandError(result(null, null), 'cancelled', signal.reason));
      return;
    }
    let reason: 'exit' | 'timeout' | 'cancelled' = 'exit';
    let unwanted: unknown;
    const tag = randomUUID();
    const input = options.stdinFile === undefined ? 'pipe' : openSync(options.stdinFile, 'r');
    // A group of its own: only so can the children of the command be ended together with it.
    const child = spawn(command, [...args], {
      detached: true,
      stdio: [input, 'pipe', 'pipe'],
      env: { ...process.env, ...options.env, [TAG_VARIABLE]: tag },
    }) as ChildProcessByStdio<Writable | null, Readable, Readable>;
    // The command has a descriptor of its own now.
    if (input !== 'pipe') closeSync(input);
    if (child.pid === undefined) {
      // Without descriptors left there are no streams to listen to either.
      child.once('error', (error) => {
        reject(new CommandError(result(null, null), 'not-started', error));
      });
      return;
    }
    const group = identifyProcess(child.pid, tag);
    settings.onStart?.(group);

    let killTimer: NodeJS.Timeout | undefined;
    let killed = false;
    let afterKill = (): void => undefined;
    const end = (why: 'timeout' | 'cancelled'): void => {
      if (reason !== 'exit') return;
      reason = why;
      // kind leaves no containers behind on SIGINT to its whole group; it does on SIGTERM to itself.
      signalGroup(group.pid, 'SIGINT');
      killTimer = setTimeout(() => {
        signalGroup(group.pid, 'SIGKILL');
        killed = true;
        afterKill();
      }, GRACE_MS);
    };
    const onAbort = (): void => {
      end('cancelled');
    };
    // An error in the middle of an event would end this program: it ends the command.
    const handOn = (take: (text: string) => void, text: string): void => {
      if (unwanted !== undefined) return;
      try {
        take(text);
      } catch (error) {
        unwanted = error;
        end('cancelled');
      }
    };
    const deadline = setTimeout(() => {
      end('timeout');
    }, options.deadlineMs);
    signal?.addEventListener('abort', onAbort, { once: true });

    const settle = (): void => {
      clearTimeout(deadline);
      clearTimeout(killTimer);
      signal?.removeEventListener('abort', onAbort);
      settings.onEnd?.(group);
    };
    const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
    child.stdout.on('data', (chunk: Buffer) => {
      if (options.onStdout === undefined) stdout.add(chunk);
      else handOn(options.onStdout, decoders.stdout.write(chunk));
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr.add(chunk);
      if (options.onStderr !== undefined) handOn(options.onStderr, decoders.stderr.write(chunk));
    });
    // A command that ends without reading its input closes the pipe: its exit code tells the story.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.stdin ?? '');
    child.once('error', (error) => {
      settle();
      reject(new CommandError(result(null, null), 'not-started', error));
    });
    child.once('exit', () => {
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, OUTPUT_GRACE_MS).unref();
    });
    child.once('close', (exitCode, by) => {
      const finish = (): void => {
        settle();
        const outcome = result(exitCode, by);
        if (unwanted !== undefined) reject(asError(unwanted));
        else if (reason === 'exit' && exitCode === 0) resolve(outcome);
        else reject(new CommandError(outcome, reason, reason === 'cancelled' ? signal?.reason : undefined));
      };
      // Children that did not end with the command they belong to still have the rest of their time.
      if (reason !== 'exit' && !killed && groupExists(group.pid)) afterKill = finish;
      else finish();
    });
  });
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

/** A command as one can paste it into a POSIX shell. */
export const quoteCommand = (command: string, args: readonly string[]): string => [command, ...args].map(shellWord).join(' ');
