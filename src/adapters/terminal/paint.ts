import type { StyledLine, Tone } from '../../text/styled.ts';

/** Whether and when a terminal shows colours; `auto` on one that can, unless NO_COLOR is set (https://no-color.org). */
export const COLOUR_CHOICES = ['auto', 'always', 'never'] as const;
export type ColourChoice = (typeof COLOUR_CHOICES)[number];

type Environment = Readonly<Record<string, string | undefined>>;

export function hasColour(choice: ColourChoice, isTerminal: boolean, env: Environment = process.env): boolean {
  if (choice !== 'auto') return choice === 'always';
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false';
  return isTerminal && env['TERM'] !== 'dumb';
}

/** Codes of ECMA-48 that begin a tone; the terminal decides what its colours look like. */
const CODES: Readonly<Record<Tone, string>> = { good: '32', bad: '31', open: '33', dim: '2', strong: '1' };

/**
 * A line as it is written to a terminal.
 *
 * @param can what the terminal shows; a link is OSC 8.
 * @param inert makes the text of a part harmless; the codes around it are our own.
 */
export const paint = (
  line: StyledLine,
  can: { readonly colour: boolean; readonly links: boolean },
  inert: (text: string) => string,
): string =>
  line
    .map((part) =>
      linked(toned(inert(part.text), can.colour ? part.tone : undefined), can.links ? part.link : undefined),
    )
    .join('')
    .trimEnd();

const toned = (text: string, tone: Tone | undefined): string =>
  tone === undefined || text === '' ? text : `\u001b[${CODES[tone]}m${text}\u001b[0m`;

const linked = (text: string, address: string | undefined): string =>
  address === undefined ? text : `\u001b]8;;${address.replace(/\p{Cc}/gu, '')}\u0007${text}\u001b]8;;\u0007`;
