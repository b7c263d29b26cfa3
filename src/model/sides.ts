/** The two sides of a comparison. Their names have one length, so that no name favours either. */
export const VERSIONS = ['base', 'head'] as const;
export type Version = (typeof VERSIONS)[number];
