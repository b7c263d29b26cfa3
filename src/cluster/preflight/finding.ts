/**
 * preflight/ finds out from the manifests alone what will not work, or not as intended, before anything is created.
 * ../readiness.ts and ../lasting-problem.ts evaluate pods that already run.
 */

/** Something to tell the user about the manifests. */
export interface Finding {
  /** Whether it can't work, so nothing is created. */
  readonly fatal: boolean;
  /** Whole sentences: which objects, what will happen, and what to paste. */
  readonly text: string;
}

export const fault = (text: string): Finding => ({ fatal: true, text });
export const doubt = (text: string): Finding => ({ fatal: false, text });

const MOST_SHOWN = 5;

/** A list for a sentence, cut after the fifth item. */
export const shortList = (items: readonly string[]): string =>
  items.length <= MOST_SHOWN
    ? items.join(', ')
    : `${items.slice(0, MOST_SHOWN).join(', ')} and ${String(items.length - MOST_SHOWN)} more`;
