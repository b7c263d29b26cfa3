/** The two sides of a comparison. Their names have the same length, so neither is favoured by a shorter name. */
export const SIDES = ['base', 'head'] as const;
export type Side = (typeof SIDES)[number];
