const CREDENTIAL =
  /^(.*[-_.])?(api[-_]?key|apikey|access[-_]?key|auth|authorization|jwt|key|pass|passwd|password|pwd|secret|session|sessionid|sid|sig|signature|token)$/i;

/** Words such as `application` or `enabled`, which are no secrets. */
const WORD = /^[a-z]{1,12}$/i;

/** Whether a parameter, a column or a setting is called as credentials are: `api_key`, `DB_PASSWORD`. */
export const isCredentialName = (name: string): boolean => CREDENTIAL.test(name);

/** Whether a value may be a secret: not one that is empty, or a plain word. */
export const mayBeSecret = (value: string): boolean => value !== '' && !WORD.test(value);
