/**
 * adapters/ has everything outside the program: files, processes, sockets, clocks and GitHub. An adapter makes no
 * decisions: it passes what it read to the floors below as data.
 */
import * as core from '@actions/core';
import { appendFileSync, statSync } from 'node:fs';
import type { Progress } from '../report/words/progress.ts';
import type { StyledLine } from '../text/styled.ts';
import { inertText } from '../text/inert-text.ts';
import { wrapLines } from '../text/wrapped.ts';
import { keepSecret, withoutSecrets } from './secrets.ts';
import { logLoss } from './log-streams.ts';

/** What may be printed of a text. Secrets first, because making a text inert may cut one in two. */
const shown = (text: string): string => inertText(withoutSecrets(text));

/** The program's connection to whoever started it: a GitHub runner or a person at a terminal. */
export interface Runner {
  /** One or more lines of log. The text can come from anywhere: it is made inert, and secrets in it are masked. */
  info(text: string): void;
  notice(text: string): void;
  warning(text: string): void;
  /** The one error of the run. */
  error(title: string, text: string): void;
  /** Runs a stage and folds its lines under its name. */
  group<T>(name: string, run: () => Promise<T>): Promise<T>;
  output(name: string, value: string): void;
  /** Keeps a value for the post step. */
  saveState(name: string, value: string): void;
  /** From now on, the text is masked in everything that leaves this process, and in the log by the runner, too. */
  secret(value: string): void;
  /** Why part of the log could not be written; null when it is complete. */
  logLoss(): string | null;
  /** Shows the progress of a stage; only where it can be drawn in place. */
  progress?(progress: Progress): void;
  /** Lines for a person, with what each part means; only at a terminal. */
  styled?(lines: readonly StyledLine[]): void;
  /** Whether the error of a stage is printed only at the end, because the lines of a stage are not folded. */
  readonly saysErrorsOnce?: true;
  /** Appends the output of `render` to the job summary; `render` gets the number of bytes already in it. */
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
    // The runner would mask even a single digit in every line of the log.
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

const WARNING = 'warning:';
const NO_WIDTHS = { lines: () => Infinity, error: () => Infinity };

/**
 * A terminal shows stages as headings; outputs and state mean nothing there.
 *
 * @param writeError prints the one error of the run.
 * @param widths of the terminal in columns, for lines and for the error; nothing is wrapped without one.
 */
export const terminalRunner = (
  write: (line: string) => void,
  writeError: (line: string) => void = write,
  paint: (line: StyledLine) => string = (line) => line.map(({ text }) => shown(text)).join(''),
  widths: { readonly lines: () => number; readonly error: () => number } = NO_WIDTHS,
): Runner => ({
  info: (text) => {
    write(wrapLines(shown(text), widths.lines()));
  },
  notice: (text) => {
    write(wrapLines(shown(text), widths.lines()));
  },
  warning: (text) => {
    const whole = wrapLines(`${WARNING} ${shown(text)}`, widths.lines());
    write(`${paint([{ text: WARNING, tone: 'open' }])}${whole.slice(WARNING.length)}`);
  },
  error: (title, text) => {
    writeError(`${paint([{ text: `error: ${title}`, tone: 'bad' }])}\n${wrapLines(shown(text), widths.error())}`);
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
