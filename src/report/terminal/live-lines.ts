import { cutTo, type StyledLine, type Tone } from '../../text/styled.ts';
import type { Progress } from '../words/progress.ts';

/** A stage as the terminal shows it. */
export interface ShownStage {
  readonly name: string;
  readonly elapsedMs: number;
  /** What is waited for, or the result: the stage's last log line. */
  readonly note: string;
  readonly progress: Progress | null;
}

const NAME_WIDTH = 21;
const BAR_WIDTH = 20;
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** The lines of a running stage: its time so far, and what it waits for or its progress. */
export function runningLines(stage: ShownStage, frame: number, width: number): StyledLine[] {
  const { name, elapsedMs, note, progress } = stage;
  const head = [
    { text: `${SPINNER[frame % SPINNER.length] ?? ''} `, tone: 'open' as const },
    { text: name.padEnd(NAME_WIDTH), tone: 'strong' as const },
    { text: elapsed(elapsedMs).padStart(8) },
  ];
  if (progress === null) return [cutTo([...head, { text: `  ${note}`, tone: 'dim' }], width)];
  return [
    cutTo([...head, { text: '  ' }, ...bar(progress.share)], width),
    ...progress.lines.map((text) => cutTo([{ text: `  ${text}`, tone: 'dim' }], width)),
  ];
}

/** The line of a stage that has ended. */
export function endedLine({ name, elapsedMs, note }: ShownStage, passed: boolean, width: number): StyledLine {
  const tone: Tone = passed ? 'good' : 'bad';
  return cutTo(
    [
      { text: passed ? '✓ ' : '✗ ', tone },
      { text: name.padEnd(NAME_WIDTH) },
      { text: elapsed(elapsedMs).padStart(8), tone: 'dim' },
      { text: `  ${note}`, tone: 'dim' },
    ],
    width,
  );
}

function bar(share: number | null): StyledLine {
  if (share === null) return [];
  const kept = Math.min(1, Math.max(0, share));
  const full = Math.round(kept * BAR_WIDTH);
  return [
    { text: '█'.repeat(full), tone: 'good' },
    { text: '░'.repeat(BAR_WIDTH - full), tone: 'dim' },
    { text: ` ${String(Math.floor(kept * 100)).padStart(3)} %` },
  ];
}

/** Whole seconds from ten on, because tenths only flicker. */
function elapsed(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.floor(seconds);
  return whole < 60
    ? `${String(whole)} s`
    : `${String(Math.floor(whole / 60))} min ${String(whole % 60).padStart(2, '0')}`;
}
