/** Replaces a secret. */
export const REDACTED = '***';

/** Shorter texts occur in too many others to be replaced there, and are not secrets. */
const LEAST_LENGTH = 6;
/** A shorter part of a secret's Base64 form could be anything. */
const LEAST_BASE64_LENGTH = 8;

/** Any user and password in an address, known or not. */
const USER_OF_URL = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@:"']+:[^\s/@"']+@/gi;
/** What looks like a secret, known or not: no text has a use for it. Each begins with letters, which are found fast. */
const TELLTALE: readonly (readonly [pattern: RegExp, by: string])[] = [
  // GitHub tokens and JSON Web Tokens.
  [/\bgh[opsur]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}/g, REDACTED],
  [/\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/g, REDACTED],
  // The header that authenticates a client, and the keys of a kubeconfig and of a certificate.
  [/\b([Aa]uthorization['"]?[:=]\s*['"]?(?:[Bb]earer|[Bb]asic)\s+)[\w.~+/=-]{8,}/g, `$1${REDACTED}`],
  [/\b(client-key-data:\s*)[A-Za-z0-9+/=]{20,}/g, `$1${REDACTED}`],
  [/(-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----)[^-]+(?=-----END )/g, `$1${REDACTED}`],
];

/** A word of the program's own, such as a code: a weak password that equals it is no reason to lose the code. */
const BARE_WORD = /^[a-z-]{1,24}$/;

/** The known secrets, and texts without them. */
export class Redaction {
  readonly #forms = new Set<string>();
  #pattern: RegExp | null = null;

  /**
   * From now on the secret, each of its lines, and what they are encoded in JSON, in a URL and in Base64 are replaced.
   *
   * @returns false for a text that is too short to be a secret, and so stays.
   */
  add(secret: string): boolean {
    for (const text of [secret.trim(), ...secret.split(/\r?\n/).map((line) => line.trim())]) {
      if (text.length < LEAST_LENGTH) continue;
      for (const form of formsOf(text)) this.#forms.add(form);
    }
    this.#pattern = null;
    return secret.trim().length >= LEAST_LENGTH;
  }

  /** The text without any secret. */
  apply(text: string): string {
    const known = this.#forms.size === 0 ? text : text.replace(this.#known(), REDACTED);
    const withoutUsers = known.replace(USER_OF_URL, `$1${REDACTED}@`);
    return TELLTALE.reduce((left, [pattern, by]) => left.replace(pattern, by), withoutUsers);
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

  /** The longest first, so nothing remains of a secret that contains another. */
  #known(): RegExp {
    const escaped = [...this.#forms].sort((a, b) => b.length - a.length).map((form) => form.replace(/[^\w]/g, '\\$&'));
    return (this.#pattern ??= new RegExp(escaped.join('|'), 'g'));
  }
}

/** A secret in its possible notations. */
function formsOf(secret: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), ...base64FormsOf(secret)].filter(
    (form) => form.length >= LEAST_LENGTH,
  );
}

/**
 * In Base64 alone, and behind anything else, such as a user and a colon: three bytes are four characters, so that there
 * are three ways. At both ends the characters that neighbours have a part in are left out.
 */
function base64FormsOf(secret: string): string[] {
  const forms = [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    const encoded = bytes.toString('base64').replace(/=+$/, '');
    const whole = Math.floor((bytes.length * 8) / 6);
    return [encoded.slice(before === 0 ? 0 : before + 1, whole), ...(before === 0 ? [encoded] : [])];
  });
  return [...forms, ...forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))].filter(
    (form) => form.length >= LEAST_BASE64_LENGTH,
  );
}
