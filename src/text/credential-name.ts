const CREDENTIAL =
  /^(.*[-_.])?(api[-_]?key|apikey|access[-_]?key|auth|authorization|jwt|key|pass|passwd|password|pwd|secret|session|sessionid|sid|sig|signature|token)$/i;

/** As `CREDENTIAL`, without words such as `key` and `session`, which usually name settings that are not credentials. */
const SECRET_SETTING =
  /^(.*[-_.])?((?:api|access|account|encryption|master|private|secret|signing)[-_]?key|secret[-_]key[-_]base|app[-_]key|erlang[-_]cookie|jwt|pass|pwd|requirepass|secret|token)$/i;
/** Also behind a word without anything between: PGPASSWORD. */
const PASSWORD = /(?:password|passphrase|passwd)$/i;
/** The last word begins with a capital letter. */
const IN_CAPITALS =
  /[a-z\d](?:Pass|Pwd|Token|(?:Api|Access|Account|Encryption|Master|Private|Secret|Signing)Key)$|(?:^|[^a-z])(?:admin|api|app|auth|client|consumer|cookie|encryption|hmac|jwt|oauth|session|shared|signing|webhook)Secret$/;

/** Words such as `application` or `enabled`, which are not secrets. */
const WORD = /^[a-z]{1,12}$/i;

/** Whether a query parameter or data column has the name of a credential: `api_key`. */
export const isCredentialName = (name: string): boolean => CREDENTIAL.test(name) || isSecretSetting(name);

/** Whether an application's setting has: `DB_PASSWORD`, `auth.adminPassword`. */
export const isSecretSetting = (name: string): boolean =>
  SECRET_SETTING.test(name) || PASSWORD.test(name) || IN_CAPITALS.test(name);

/** Whether a value may be a secret: not an empty one, or a plain word. */
export const mayBeSecret = (value: string): boolean => value !== '' && !WORD.test(value);
