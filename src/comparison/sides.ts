import type { Comparison, Revision } from '../model/comparison.ts';
import { type Side, SIDES } from '../model/sides.ts';
import { visibleText } from '../text/visible-text.ts';

export type Sides = Readonly<Record<Side, string>>;

/** Names that say no more than the side. */
export const BY_SIDE: Sides = { base: 'base', head: 'head' };

/** The names of the two sides of a comparison in a sentence: their labels, or base and head if the labels are equal. */
export const sideNames = ({ base, head }: Pick<Comparison, 'base' | 'head'>): Sides =>
  base.label === head.label ? BY_SIDE : { base: base.label, head: head.label };

/** The names at the beginning of a sentence and in headings; labels are never capitalised. */
export const sideHeadings = (comparison: Pick<Comparison, 'base' | 'head'>): Sides => headingsOf(sideNames(comparison));

/** Names of sides as they begin a sentence. */
export function headingsOf(names: Sides): Sides {
  const heading = (side: Side): string => (names[side] === side ? HEADINGS[side] : names[side]);
  return { base: heading('base'), head: heading('head') };
}

const HEADINGS: Sides = { base: 'Base', head: 'Head' };

/**
 * The labels of two versions; a version with an unknown commit, or the same commit as the other, is named after its
 * side.
 */
export function labelsOf(revisions: Readonly<Partial<Record<Side, Revision>>>): Sides {
  const label = (side: Side): string => {
    const known = revisions[side];
    return known === undefined ? side : revisionLabel(known);
  };
  const labels = { base: label('base'), head: label('head') };
  return labels.base === labels.head ? BY_SIDE : labels;
}

/** As many digits of a commit as git and GitHub show. */
const SHORT_COMMIT = 7;
/** A longer branch name makes a table too wide. */
const LONGEST_BRANCH = 30;
const END_OF_BRANCH = 12;

const LETTERS = new Intl.Segmenter('en');

/** Right-to-left letters, which would reverse the words around them. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * `main 1a2b3c4`. The middle of a long branch name is left out, because generated names begin alike and end
 * differently.
 */
export function revisionLabel({ branch = '', commit }: Pick<Revision, 'branch' | 'commit'>): string {
  const short = commit.slice(0, SHORT_COMMIT);
  const name = visibleText(branch).replace(/\s+/g, ' ').trim();
  if (name === '' || RIGHT_TO_LEFT.test(name)) return short;
  const letters = Array.from(LETTERS.segment(name), ({ segment }) => segment);
  const start = LONGEST_BRANCH - END_OF_BRANCH - 1;
  const cut =
    letters.length <= LONGEST_BRANCH
      ? name
      : `${letters.slice(0, start).join('')}…${letters.slice(-END_OF_BRANCH).join('')}`;
  return `${cut} ${short}`;
}

/** Whether both have the same commit, which then says nothing about their difference. */
export const areOneCommit = (revisions: Readonly<Partial<Record<Side, Revision>>>): boolean =>
  new Set(SIDES.map((side) => revisions[side]?.commit)).size === 1;
