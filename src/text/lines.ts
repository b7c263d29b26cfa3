/**
 * text/ has what is done with text and numbers of any origin: lines, YAML, numbers as the reports show them, and what
 * keeps text of strangers harmless. It knows nothing of loads, clusters or reports.
 */
/** The lines of what a command has printed, without the empty ones. */
export const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** A line of an input with its number, from 1. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/** The lines of an input, without the space around each and without the empty ones. */
export const numberedLinesOf = (text: string): Line[] =>
  text
    .split('\n')
    .map((line, index) => ({ number: index + 1, text: line.trim() }))
    .filter((line) => line.text !== '');

const LONGEST_LINE = 300;

/** What comes from outside as one line for the log, of up to 300 characters: no line of it may begin a workflow command. */
export const oneLine = (text: string): string =>
  text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_LINE);

/** Joins the lines of a text that comes in pieces, which may end anywhere. */
export class LineJoiner {
  #rest = '';

  /** @returns the lines that this piece ends, without their line ends. */
  push(piece: string): string[] {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines;
  }

  /** @returns what follows the last line end, and forgets it. */
  end(): string {
    const rest = this.#rest;
    this.#rest = '';
    return rest;
  }
}
