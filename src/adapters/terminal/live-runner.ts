/**
 * terminal/ is the command line's talk with a terminal: what is rewritten in place while a run is on its way,
 * colours, and whether a terminal is there at all. What the lines say comes from report/terminal/.
 */
import type { createLogUpdate } from 'log-update';
import { endedLine, runningLines, type ShownStage } from '../../report/terminal/live-lines.ts';
import { oneLine } from '../../text/lines.ts';
import type { StyledLine } from '../../text/styled.ts';
import type { Runner } from '../runner.ts';
import { withoutSecrets } from '../secrets.ts';

type Screen = Pick<ReturnType<typeof createLogUpdate>, 'clear' | 'done'> & ((text: string) => void);

export interface LiveTerminal {
  /** Draws what is rewritten in place. */
  readonly screen: Screen;
  /** What of the program's talk to its user does not depend on a live terminal. */
  readonly plain: Runner;
  readonly width: () => number;
  readonly paint: (line: StyledLine) => string;
  /** In milliseconds. */
  readonly now: () => number;
}

const FRAME_MS = 100;

interface OpenStage {
  readonly name: string;
  readonly start: number;
  readonly lines: string[];
  progress: ShownStage['progress'];
}

/**
 * Shows a stage that runs on lines which are rewritten, and one that has ended on a line that stays. What a stage
 * writes meanwhile is its note; it is printed in full when the stage fails, and so are warnings at once.
 *
 * While a load is measured nothing is drawn but what the load itself reports, about once a second: a clock of our own
 * would take time from the thread that sends it.
 */
export function liveRunner({ screen, plain, width, paint, now }: LiveTerminal): Runner {
  let stage: OpenStage | null = null;
  let frame = 0;
  const shown = ({ name, start, lines, progress }: OpenStage): ShownStage => ({
    name,
    elapsedMs: now() - start,
    note: oneLine(lines.at(-1) ?? ''),
    progress,
  });
  const draw = (): void => {
    frame += 1;
    if (stage !== null) screen(runningLines(shown(stage), frame, width()).map(paint).join('\n'));
  };
  /** Above what is rewritten. */
  const above = (write: () => void): void => {
    screen.clear();
    write();
    draw();
  };
  return {
    ...plain,
    info: (text) => {
      if (stage === null) plain.info(text);
      // Here, as the last line is cut to the width of the terminal.
      else stage.lines.push(withoutSecrets(text));
    },
    notice: (text) => {
      above(() => {
        plain.notice(text);
      });
    },
    warning: (text) => {
      above(() => {
        plain.warning(text);
      });
    },
    error: (title, text) => {
      above(() => {
        plain.error(title, text);
      });
    },
    progress: (progress) => {
      if (stage === null) return;
      stage.progress = progress;
      draw();
    },
    styled: (lines) => {
      above(() => {
        plain.styled?.(lines);
      });
    },
    group: async (name, run) => {
      const own: OpenStage = { name, start: now(), lines: [], progress: null };
      stage = own;
      const timer = setInterval(() => {
        if (own.progress === null) draw();
      }, FRAME_MS);
      let passed = false;
      try {
        const value = await run();
        // A stage of the pipeline says by false that it has failed.
        passed = value !== false;
        return value;
      } finally {
        clearInterval(timer);
        stage = null;
        screen.clear();
        plain.styled?.([endedLine(shown(own), passed, width())]);
        if (!passed) for (const line of own.lines) plain.info(`  ${line}`);
      }
    },
  };
}
