import type { Comparison } from '../model/comparison.ts';

type Sides = Readonly<Record<'base' | 'head', string>>;

/** How the two sides of a comparison are called in a sentence: base and head, or two controllers by their own names. */
export const sideNames = ({ subject, base, head }: Pick<Comparison, 'subject' | 'base' | 'head'>): Sides =>
  subject === 'ingress-controllers' ? { base: base.label, head: head.label } : { base: 'base', head: 'head' };

/** The same at the beginning of a sentence and as headings; a name of its own is not written in another way. */
export const sideHeadings = (comparison: Pick<Comparison, 'subject' | 'base' | 'head'>): Sides =>
  comparison.subject === 'ingress-controllers' ? sideNames(comparison) : { base: 'Base', head: 'Head' };
