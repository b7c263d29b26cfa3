const CREDENTIAL =
  /^(.*[-_.])?(api[-_]?key|apikey|access[-_]?key|auth|authorization|jwt|key|pass|passwd|password|pwd|secret|session|sessionid|sid|sig|signature|token)$/i;

/**
 * As `CREDENTIAL`, without words such as `key` and `session`, by which most settings are no credentials.
 */
const SECRET_SETTING =
  /^(.*[-_.])?(api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key|jwt|passphrase|passwd|password|pwd|secret|token)$/i;
/** The last word begins with a capital letter. */
const IN_CAPITALS = /[a-z\d](Password|Passphrase|Token|ApiKey|AccessKey|SecretKey|PrivateKey)$/;

/** Words such as `application` or `enabled`, which are no secrets. */
const WORD = /^[a-z]{1,12}$/i;

/** Whether a parameter of a query or a column of data is called as credentials are: `api_key`. */
export const isCredentialName = (name: string): boolean => CREDENTIAL.test(name);

/** Whether a setting of an application is: `DB_PASSWORD`, `auth.adminPassword`. */
export const isSecretSetting = (name: string): boolean => SECRET_SETTING.test(name) || IN_CAPITALS.test(name);

/** Whether a value may be a secret: not one that is empty, or a plain word. */
export const mayBeSecret = (value: string): boolean => value !== '' && !WORD.test(value);
