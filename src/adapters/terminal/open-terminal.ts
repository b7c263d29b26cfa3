import { inertText } from '../../text/inert-text.ts';
import type { StyledLine } from '../../text/styled.ts';
import { type Runner, terminalRunner } from '../runner.ts';
import { withoutSecrets } from '../secrets.ts';
import { liveRunner } from './live-runner.ts';
import { COLOUR_CHOICES, type ColourChoice, hasColour, paint } from './paint.ts';

/** What a person at a terminal sees, or what is read from a pipe. */
export interface Terminal {
  readonly runner: Runner;
  /** In columns; 80 when nothing is known of it. */
  readonly width: () => number;
}

const USUAL_WIDTH = 80;

/** Lines are wrapped for a person at a terminal; programs that read a pipe get them whole. */
const wrapsAt = ({ isTTY, columns }: NodeJS.WriteStream): number => (isTTY ? columns || USUAL_WIDTH : Infinity);
const WIDTHS = { lines: () => wrapsAt(process.stdout), error: () => wrapsAt(process.stderr) };

/** Where lines go that are only lines. */
export function plainTerminal(colour: ColourChoice = 'auto'): Terminal {
  const { stdout, stderr } = process;
  const width = (): number => (stdout.isTTY ? stdout.columns : USUAL_WIDTH) || USUAL_WIDTH;
  const painted = paintedFor(hasColour(colour, stdout.isTTY), false);
  const runner = terminalRunner(
    (line) => stdout.write(`${line}\n`),
    (line) => stderr.write(`${line}\n`),
    painted,
    WIDTHS,
  );
  return { runner, width };
}

/** The terminal of this process: one that is drawn on where that can be done, plain lines elsewhere. */
export async function openTerminal(colour: ColourChoice): Promise<Terminal> {
  const { stdout, env } = process;
  const plain = plainTerminal(colour);
  if (!stdout.isTTY || env['TERM'] === 'dumb' || env['GITHUB_ACTIONS'] === 'true') return plain;
  // Only a terminal needs them.
  const [{ createLogUpdate }, { default: hyperlinks }] = await Promise.all([
    import('log-update'),
    import('supports-hyperlinks'),
  ]);
  const painted = paintedFor(hasColour(colour, true), hyperlinks.stdout);
  const lines = terminalRunner(
    (line) => stdout.write(`${line}\n`),
    (line) => process.stderr.write(`${line}\n`),
    painted,
    WIDTHS,
  );
  const runner = liveRunner({
    screen: createLogUpdate(stdout),
    plain: lines,
    width: plain.width,
    paint: painted,
    now: () => performance.now(),
  });
  return { runner, width: plain.width };
}

const paintedFor =
  (colour: boolean, links: boolean) =>
  (line: StyledLine): string =>
    paint(line, { colour, links }, (text) => inertText(withoutSecrets(text)));

/**
 * The choice of `--color`, which is needed before the command line is read as a whole; a wrong one is refused there.
 */
export function colourAsked(args: readonly string[]): ColourChoice {
  const at = args.findIndex((arg) => arg === '--color' || arg.startsWith('--color='));
  const text = args[at]?.includes('=') === true ? args[at].slice('--color='.length) : args[at + 1];
  return at < 0 ? 'auto' : (COLOUR_CHOICES.find((choice) => choice === text) ?? 'auto');
}
