import { withoutPrivateKeys } from './private-keys.ts';
import { FormTree, writtenAs } from './written-forms.ts';

/** Replaces a secret. */
export const REDACTED = '***';

/** Shorter texts occur in too many others to be replaced there, and are not secrets. */
const LEAST_LENGTH = 6;
/** A shorter part of a secret's Base64 form could be anything. */
const LEAST_BASE64_LENGTH = 8;

/**
 * Whatever stands for user and password in an address, known or not. A user alone is one where it is as long as tokens
 * are; a digest stands behind the @ of an image.
 */
const USER_OF_URL = /\b([a-z][a-z0-9+.-]{0,30}:\\?\/\\?\/)(?:[^\s/@:"']*:[^\s/"']+|[^\s/@:"'.]{16,})@(?!sha\d{3}:)/gi;
/** The same in an address that is a parameter of another one. */
const USER_OF_ENCODED_URL = /\b([a-z][a-z0-9+.-]{0,30}%3A%2F%2F)[^\s%&"']*%3A(?:(?!%40)[^\s&"'])+%40/gi;

/**
 * What is secret by its looks, known or not: no text has a use for it. Each begins with letters, which are found fast.
 */
const TELLTALE: readonly (readonly [pattern: RegExp, by: string])[] = [
  // GitHub tokens and JSON Web Tokens.
  [/\bgh[opsur]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}/g, REDACTED],
  [/\beyJ[\w-]{10,1000}\.eyJ[\w-]{10,}\.[\w-]{10,}/g, REDACTED],
  // The header by which a client shows who it is, as programs print it, and the key of a kubeconfig.
  [
    /(\bauthorization[\\'"]{0,4}\s{0,4}[:=][\s\\'"[(]{0,9}(?:bearer|basic|token|digest|apikey)\s{1,9})[\w.~+/=-]{8,}/gi,
    `$1${REDACTED}`,
  ],
  [/\b(client-key-data:\s{0,9})[A-Za-z0-9+/=]{20,}/g, `$1${REDACTED}`],
];

/** A word of the program's own, such as a code: a weak password that equals it is no reason to lose the code. */
const BARE_WORD = /^[a-z-]{1,24}$/;

/** The known secrets, and texts without them. */
export class Redaction {
  readonly #secrets = new Set<string>();
  #patterns: readonly RegExp[] | null = null;

  /**
   * From now on the secret, each of its lines, and what they are encoded in JSON, HTML, Markdown, a URL and in Base64
   * are replaced.
   *
   * @returns false for a text that is too short to be a secret, and so stays.
   */
  add(secret: string): boolean {
    for (const text of [secret.trim(), ...secret.split(/\r?\n/).map((line) => line.trim())])
      if (text.length >= LEAST_LENGTH) this.#secrets.add(text);
    this.#patterns = null;
    return secret.trim().length >= LEAST_LENGTH;
  }

  /** The text without any secret. */
  apply(text: string): string {
    this.#patterns ??= patternsOf([...this.#secrets]);
    const known = this.#patterns.reduce((left, pattern) => left.replace(pattern, REDACTED), text);
    const withoutUsers = known.replace(USER_OF_URL, `$1${REDACTED}@`).replace(USER_OF_ENCODED_URL, `$1${REDACTED}%40`);
    const withoutTokens = TELLTALE.reduce((left, [pattern, by]) => left.replace(pattern, by), withoutUsers);
    return withoutPrivateKeys(withoutTokens, REDACTED);
  }

  /** Like `without`, for every text in a JSON value; keys, numbers and shape stay. */
  applyDeep<T>(value: T): T {
    return this.#deep(value) as T;
  }

  #deep(value: unknown): unknown {
    if (typeof value === 'string') return BARE_WORD.test(value) ? value : this.apply(value);
    if (Array.isArray(value)) return value.map((each) => this.#deep(each));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.#deep(each)]));
  }
}

/** More would make a regular expression that is too large. */
const TEXTS_OF_A_PATTERN = 500;

/** The longest first, so nothing remains of a secret that contains another. */
function patternsOf(secrets: readonly string[]): RegExp[] {
  const sorted = [...secrets].sort((a, b) => b.length - a.length);
  return Array.from({ length: Math.ceil(sorted.length / TEXTS_OF_A_PATTERN) }, (_, index) => {
    const tree = new FormTree();
    for (const secret of sorted.slice(index * TEXTS_OF_A_PATTERN, (index + 1) * TEXTS_OF_A_PATTERN))
      for (const form of [Array.from(secret, writtenAs), ...base64FormsOf(secret)]) tree.add(form);
    return new RegExp(tree.toString(), 'gu');
  });
}

/**
 * In Base64 alone, and behind anything else, such as a user and a colon: three bytes are four characters, so that there
 * are three ways. At both ends the characters that neighbours have a part in are left out.
 */
function base64FormsOf(secret: string): string[][] {
  const forms = [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    const encoded = bytes.toString('base64').replace(/=+$/, '');
    const whole = Math.floor((bytes.length * 8) / 6);
    return [encoded.slice(before === 0 ? 0 : before + 1, whole), ...(before === 0 ? [encoded] : [])];
  });
  return forms.filter((form) => form.length >= LEAST_BASE64_LENGTH).map((form) => Array.from(form, inBase64));
}

/** Two of the characters are others in the Base64 of URLs. */
function inBase64(character: string): string {
  const other = { '+': '-', '/': '_' }[character];
  return other === undefined ? character : `(?:${writtenAs(character)}|${writtenAs(other)})`;
}
