/**
 * preflight/ tells from the manifests alone what will not work, or not as its author thinks, before anything is made.
 * What a cluster says of pods that run already is in ../readiness.ts and ../lasting-problem.ts.
 */

/** Something to tell the user about the manifests. */
export interface Finding {
  /** Whether it can't work: nothing is made then. */
  readonly fatal: boolean;
  /** Whole sentences: which objects, what will happen, and what to paste. */
  readonly text: string;
}

export const fault = (text: string): Finding => ({ fatal: true, text });
export const doubt = (text: string): Finding => ({ fatal: false, text });

const MOST_SHOWN = 5;

/** A list as one reads it in a sentence, cut after the fifth. */
export const shortList = (items: readonly string[]): string =>
  items.length <= MOST_SHOWN
    ? items.join(', ')
    : `${items.slice(0, MOST_SHOWN).join(', ')} and ${String(items.length - MOST_SHOWN)} more`;
