import { Redaction } from '../text/redaction.ts';

/** The secrets of this process. What leaves it as a text goes through here first: log, state, reports, evidence. */
const known = new Redaction();

/**
 * From now on the text, in whatever usual form, is replaced by `***` wherever this process writes.
 *
 * @returns false for a text that is too short to be a secret, and so stays.
 */
export const keepSecret = (text: string): boolean => known.add(text);

export const withoutSecrets = (text: string): string => known.apply(text);

/** The same for every text in a value that JSON can hold. */
export const withoutSecretsDeep = <T>(value: T): T => known.applyDeep(value);
