import type { EarlyEnd } from '../../model/load.ts';
import { windowLength } from '../../text/numbers.ts';

/** Why a load is shorter than intended, in a sentence. */
export function endedEarlyText(endedBy: readonly EarlyEnd[], durationSeconds: number): string {
  const rules = endedBy.map(({ rule }) => rule).join(' and ');
  return `A broken rule ended the load after ${windowLength(durationSeconds)} (abortOnFail): ${rules}. The figures cover the part that ran.`;
}
