/** The lines of what a command has printed, without the empty ones. */
export const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** Puts the lines of a text together that comes in pieces, each of which may end anywhere. */
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
