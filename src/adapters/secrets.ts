import { Redaction } from '../text/redaction.ts';

/**
 * The secrets of this process. Every text that leaves it passes through here first: log, state, reports, diagnostics.
 */
const known = new Redaction();

/**
 * From now on, the text is replaced by `***` in all its usual forms wherever this process writes.
 *
 * @returns false for a text that is too short to be a secret, which is not replaced.
 */
export const keepSecret = (text: string): boolean => known.add(text);

export const withoutSecrets = (text: string): string => known.apply(text);

/** The same for every text in a value that JSON can hold. */
export const withoutSecretsDeep = <T>(value: T): T => known.applyDeep(value);
