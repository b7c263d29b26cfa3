/** The meaning of a part of a line; a terminal gives it a colour. */
export type Tone = 'good' | 'bad' | 'open' | 'dim' | 'strong';

/** A part of a line. Its text can come from anywhere; whoever prints it makes it inert. */
export interface Styled {
  readonly text: string;
  readonly tone?: Tone;
  /** Its target, on a terminal that supports links. */
  readonly link?: string;
}

export type StyledLine = readonly Styled[];

/** The number of columns of a text; everything printed here has single width. */
export const widthOf = (line: StyledLine): number => line.reduce((sum, { text }) => sum + Array.from(text).length, 0);

/** A line that fits, with … for the rest. */
export function cutTo(line: StyledLine, width: number): StyledLine {
  if (widthOf(line) <= width) return line;
  let left = Math.max(0, width - 1);
  const kept = line.flatMap((part) => {
    const letters = Array.from(part.text).slice(0, left);
    left -= letters.length;
    return letters.length === 0 ? [] : [{ ...part, text: letters.join('') }];
  });
  return [...kept, { text: '…' }];
}
