import type { Comparison } from '../../model/comparison.ts';
import { grouped, perSecond } from '../../text/numbers.ts';

/** The progress of a load or a comparison. */
export interface Progress {
  /** From 0 to 1; null while the end is unknown. */
  readonly share: number | null;
  /** What is known so far, one item per line. */
  readonly lines: readonly string[];
}

/** A load that ends after a number of answers or a time. */
export function loadProgress(
  { elapsedMs, sent, answered, failed }: { elapsedMs: number; sent: number; answered: number; failed: number },
  end: { readonly requests: number | null; readonly durationMs: number | null },
): Progress {
  const byTime = end.durationMs === null || end.durationMs === 0 ? null : elapsedMs / end.durationMs;
  const byCount = end.requests === null ? null : answered / end.requests;
  const rate = elapsedMs > 0 ? perSecond(answered / (elapsedMs / 1000)) : perSecond(null);
  return {
    share: byTime ?? byCount,
    lines: [`${grouped(sent)} requests sent, ${rate} answered, ${grouped(failed)} failed`],
  };
}

/** A comparison in rounds, with what can be told so far. */
export const roundsProgress = (
  { rounds, until, confirmation }: { rounds: number; until: number; confirmation: boolean },
  known: Pick<Comparison, 'summary'>,
): Progress => ({
  share: until === 0 ? null : rounds / until,
  lines: [
    `round ${String(rounds)} of ${String(until)}${confirmation ? ', to confirm what was found' : ' before the next look'}`,
    `so far: ${known.summary}`,
  ],
});
