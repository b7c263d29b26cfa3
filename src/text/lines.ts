import { cut } from './cut.ts';

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

/**
 * What comes from outside as one line for the log, of up to 300 characters: no line of it may begin a workflow command.
 */
export const oneLine = (text: string): string => cut(text.replace(/[\s\p{Cc}]+/gu, ' ').trim(), LONGEST_LINE);

/** More of a line is not kept: a program may print for ever without ending one. */
const MOST_OF_A_LINE = 16 * 1024 * 1024;

/** Joins the lines of a text that arrives in arbitrary pieces. */
export class LineJoiner {
  #parts: string[] = [];
  #length = 0;

  /** @returns the lines that this piece completes, without their line ends. */
  push(piece: string): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', start)) {
      this.#keep(piece.slice(start, end));
      lines.push(this.end());
      start = end + 1;
    }
    this.#keep(piece.slice(start));
    return lines;
  }

  /** @returns the rest after the last line end, and forgets it. */
  end(): string {
    const line = this.#parts.join('');
    this.#parts = [];
    this.#length = 0;
    return line;
  }

  #keep(part: string): void {
    if (part === '' || this.#length >= MOST_OF_A_LINE) return;
    this.#parts.push(part);
    this.#length += part.length;
  }
}
