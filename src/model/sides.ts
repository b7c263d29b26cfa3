/** The two sides of a comparison. Their names have one length, so that no name favours either. */
export const SIDES = ['base', 'head'] as const;
export type Side = (typeof SIDES)[number];
