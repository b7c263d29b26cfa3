import { exactJsonText, parseExactJson } from '../journeys/exact-json.ts';
import { credentialsInQuery } from '../requests/scenario-secrets.ts';

/** Replaces a removed value. It is not a placeholder, because somebody has to read the file first. */
export const REDACTED = 'REDACTED';

const EMAIL = /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}.-]{1,190}\.\p{L}{2,20}/gu;
/** Three parts of Base64url, as JSON Web Tokens have (RFC 7519). */
const WEB_TOKEN = /eyJ[\w-]{4,1000}\.[\w-]{4,}\.[\w-]*/g;
/** A long text of letters and digits mixed, as keys and tokens are. Hexadecimal and UUIDs are among them. */
const KEY = /(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{24,}(?![\w-])/g;
const PHONE = /(?<![\w.])\+\d[\d ()/-]{7,18}\d(?!\w)/g;

/** A text without what looks like personal data or a credential by its form. */
const withoutPersons = (text: string): string =>
  [EMAIL, WEB_TOKEN, KEY, PHONE].reduce((rest, pattern) => rest.replace(pattern, REDACTED), text);

/** Names of fields that say who somebody is, or prove it. */
const PRIVATE =
  /^(.*[-_.])?(api[-_]?key|apikey|access[-_]?key|auth|authorization|jwt|key|pass|passwd|password|passphrase|pwd|secret|session|sessionid|sid|sig|signature|token|otp|pin|cvv|cvc|iban|ssn|e?mail|user[-_]?name|login|phone|mobile|address|street|birthday|birthdate|first[-_]?name|last[-_]?name|full[-_]?name|card[-_]?number|credential|credentials|code|nonce|state)$/i;

/** Also in joined words such as `firstName` and `accessToken`. */
export const isPrivateName = (name: string): boolean =>
  PRIVATE.test(name) || PRIVATE.test(name.replace(/([a-z\d])([A-Z])/g, '$1_$2'));

/** A path whose query has no values that look private, by name or by form. */
export function redactPath(path: string): string {
  const at = path.indexOf('?');
  if (at < 0) return withoutPersons(path);
  const credentials = new Set(credentialsInQuery(path));
  const query = path
    .slice(at + 1)
    .split('&')
    .map((part) => {
      const [name = '', ...value] = part.split('=');
      const isPrivate = isPrivateName(decoded(name)) || credentials.has(decoded(name));
      return isPrivate && value.join('=') !== '' ? `${name}=${REDACTED}` : redactEncoded(part);
    })
    .join('&');
  return `${withoutPersons(path.slice(0, at))}?${query}`;
}

/** An address of mail may stand there with its @ encoded. */
function redactEncoded(part: string): string {
  const plain = decoded(part);
  return withoutPersons(plain) === plain ? part : withoutPersons(plain).replace(/[^!"$-~]+/g, encodeURIComponent);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A body without values of fields with private names, and without what looks private by its form. */
export function redactBody(body: string, contentType: string): string {
  if (/x-www-form-urlencoded/i.test(contentType)) return redactPath(`?${body}`).slice(1);
  // Browsers send JSON as plain text where a preflight is to be avoided.
  if (/[/+]json\b/i.test(contentType) || /^\s*[[{]/.test(body)) {
    try {
      return exactJsonText(redactJson(parseExactJson(body)));
    } catch {
      return withoutPersons(body);
    }
  }
  return withoutPersons(body);
}

/** An example from a description, or a body. Deeper levels are not checked. */
const DEEPEST = 100;

function redactJson(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return withoutPersons(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return null;
  if (Array.isArray(value)) return value.map((item) => redactJson(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      isPrivateName(name) && (typeof inner === 'string' || typeof inner === 'number' || typeof inner === 'bigint')
        ? REDACTED
        : redactJson(inner, depth + 1),
    ]),
  );
}

/** Headers that decide the answer and say nothing about the client. */
const KEPT_HEADERS = new Set(['accept', 'accept-language', 'content-type', 'x-requested-with']);

export const isKeptHeader = (name: string): boolean => KEPT_HEADERS.has(name.toLowerCase());

/** Headers that a scenario does not set: the generator, the connection or the browser does. */
const OWN_HEADERS =
  /^(?::|host$|connection$|content-length$|transfer-encoding$|accept-encoding$|user-agent$|referer$|origin$|cache-control$|pragma$|dnt$|te$|upgrade|if-|sec-|priority$|range$|keep-alive$)/i;

export const isOfTheConnection = (name: string): boolean => OWN_HEADERS.test(name);
