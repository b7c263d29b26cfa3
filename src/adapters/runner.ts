/**
 * adapters/ touches what is outside of the program: files, processes, sockets, clocks and GitHub. An adapter decides
 * nothing: what it read is handed to the floors below as data.
 */
import * as core from '@actions/core';
import { appendFileSync, statSync } from 'node:fs';
import type { Progress } from '../report/words/progress.ts';
import type { StyledLine } from '../text/styled.ts';
import { inertText } from '../text/inert-text.ts';
import { keepSecret, withoutSecrets } from './secrets.ts';
import { logLoss } from './log-streams.ts';

/** What may be printed of a text. Secrets first: what makes it inert may cut one in two. */
const shown = (text: string): string => inertText(withoutSecrets(text));

/** Where the program talks to the one who started it: a GitHub runner or a person at a terminal. */
export interface Runner {
  /** One or more lines of log. The text may come from anywhere: it is made inert, and secrets in it are replaced. */
  info(text: string): void;
  notice(text: string): void;
  warning(text: string): void;
  /** The one error of the run. */
  error(title: string, text: string): void;
  /** Runs a stage with its lines folded under its name. */
  group<T>(name: string, run: () => Promise<T>): Promise<T>;
  output(name: string, value: string): void;
  /** Keeps a value for the post step. */
  saveState(name: string, value: string): void;
  /** From now on the text is replaced in all that leaves this process, and in the log by the runner, too. */
  secret(value: string): void;
  /** Why a part of the log could not be written; null when it is whole. */
  logLoss(): string | null;
  /** Shows how far a stage has come; only where that can be drawn in place. */
  progress?(progress: Progress): void;
  /** Lines for a person, with what each part means; only at a terminal. */
  styled?(lines: readonly StyledLine[]): void;
  /** Whether the error of a stage is told at the end alone: nothing folds the lines of a stage away. */
  readonly saysErrorsOnce?: true;
  /** Appends to the job summary what `render` makes, knowing how many bytes are in it already. */
  summary(render: (bytesWritten: number) => string): void;
}

export const githubRunner: Runner = {
  info: (text) => {
    core.info(shown(text));
  },
  notice: (text) => {
    core.notice(shown(text));
  },
  warning: (text) => {
    core.warning(shown(text));
  },
  error: (title, text) => {
    core.error(shown(text), { title });
  },
  group: (name, run) => core.group(name, run),
  output: (name, value) => {
    core.setOutput(name, value);
  },
  saveState: (name, value) => {
    core.saveState(name, value);
  },
  secret: (value) => {
    // The runner would replace even a single digit in every line of the log.
    if (keepSecret(value)) core.setSecret(value);
  },
  logLoss,
  summary: (render) => {
    const file = process.env['GITHUB_STEP_SUMMARY'];
    if (file === undefined || file === '') return;
    appendFileSync(file, withoutSecrets(render(statSync(file, { throwIfNoEntry: false })?.size ?? 0)));
  },
};

/** A value that the main step saved; `''` when it saved none. */
export const savedState = (name: string): string => core.getState(name);

/** @actions/tool-cache prints debug lines for a runner; at a terminal they are noise. */
export function hideDebugCommands(stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream) as (chunk: string | Uint8Array, ...rest: unknown[]) => boolean;
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) =>
    typeof chunk === 'string' && chunk.startsWith('::debug::') ? true : write(chunk, ...rest);
}

/**
 * A terminal shows stages as headings; outputs and state mean nothing there.
 *
 * @param writeError takes the one error of the run.
 */
export const terminalRunner = (
  write: (line: string) => void,
  writeError: (line: string) => void = write,
  paint: (line: StyledLine) => string = (line) => line.map(({ text }) => shown(text)).join(''),
): Runner => ({
  info: (text) => {
    write(shown(text));
  },
  notice: (text) => {
    write(shown(text));
  },
  warning: (text) => {
    write(`${paint([{ text: 'warning:', tone: 'open' }])} ${shown(text)}`);
  },
  error: (title, text) => {
    writeError(`${paint([{ text: `error: ${title}`, tone: 'bad' }])}\n${shown(text)}`);
  },
  group: async (name, run) => {
    write(`\n${paint([{ text: `== ${name}`, tone: 'strong' }])}`);
    return await run();
  },
  output: () => undefined,
  saveState: () => undefined,
  secret: keepSecret,
  logLoss,
  summary: () => undefined,
  styled: (lines) => {
    for (const line of lines) write(paint(line));
  },
  saysErrorsOnce: true,
});
