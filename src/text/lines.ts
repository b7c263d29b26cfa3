/**
 * text/ handles text and numbers from any source: lines, YAML, numbers as reports show them, and making strangers' text
 * harmless. It knows nothing about loads, clusters or reports.
 */
/** The lines of a command's output, without empty ones. */
export const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** A line of an input with its number, starting at 1. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/** The lines of an input, trimmed and without empty ones. */
export const numberedLinesOf = (text: string): Line[] =>
  text
    .split('\n')
    .map((line, index) => ({ number: index + 1, text: line.trim() }))
    .filter((line) => line.text !== '');

const LONGEST_LINE = 300;

/** Text from outside as one log line of up to 300 characters, so it can't begin a workflow command. */
export const oneLine = (text: string): string =>
  text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_LINE);

/** Joins the lines of a text that arrives in arbitrary pieces. */
export class LineJoiner {
  #rest = '';

  /** @returns the lines that this piece completes, without their line ends. */
  push(piece: string): string[] {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines;
  }

  /** @returns the rest after the last line end, and forgets it. */
  end(): string {
    const rest = this.#rest;
    this.#rest = '';
    return rest;
  }
}
