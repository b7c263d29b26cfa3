import { Cookie, CookieJar } from 'tough-cookie';

/**
 * The cookies of one user (RFC 6265). Nobody but the application under test sets them, so that public suffixes are not
 * looked up. Cookies marked `Secure` are sent over plain HTTP, too, as browsers do for localhost: behind an ingress
 * that ends TLS in production, an application marks them all.
 */
export class Cookies {
  readonly #nowMs: () => number;
  #jar: CookieJar | null = null;
  /** What was found for a host and path since the last cookie was set, and until when it holds. */
  readonly #headers = new Map<string, Header>();

  /** @param nowMs the calendar time, in milliseconds since 1970: cookies expire. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Keeps what an answer sets. A cookie that makes no sense is left out, as by browsers. */
  set(host: string, path: string, setCookie: readonly string[]): void {
    if (setCookie.length === 0) return;
    const jar = (this.#jar ??= new CookieJar(undefined, { rejectPublicSuffixes: false, looseMode: true }));
    for (const text of setCookie) {
      const cookie = Cookie.parse(text, { loose: true });
      if (cookie !== undefined)
        jar.setCookieSync(withExpiry(cookie, this.#nowMs()), urlOf(host, path), { ignoreError: true });
    }
    this.#headers.clear();
  }

  /** The header of a request; empty without cookies for it. */
  header(host: string, path: string): string {
    if (this.#jar === null) return '';
    const url = urlOf(host, path);
    const nowMs = this.#nowMs();
    const known = this.#headers.get(url);
    if (known !== undefined && nowMs < known.untilMs) return known.text;
    const cookies = this.#jar
      .getCookiesSync(url, { expire: false, sort: true })
      .filter((cookie) => expiryMs(cookie) > nowMs);
    const text = cookies.map((cookie) => cookie.cookieString()).join('; ');
    if (this.#headers.size > MOST_HEADERS) this.#headers.clear();
    this.#headers.set(url, { text, untilMs: Math.min(...cookies.map(expiryMs), Infinity) });
    return text;
  }
}

interface Header {
  readonly text: string;
  readonly untilMs: number;
}

/** Paths with values of their own would otherwise be remembered without end. */
const MOST_HEADERS = 100;

const urlOf = (host: string, path: string): string => `https://${host}${path.split('?')[0] ?? '/'}`;

/**
 * The library counts Max-Age from the last use on: a session that is used would never end. It counts from when it was
 * set on.
 */
function withExpiry(cookie: Cookie, nowMs: number): Cookie {
  const { maxAge } = cookie;
  if (maxAge === null) return cookie;
  const seconds = typeof maxAge === 'number' ? maxAge : maxAge === 'Infinity' ? Infinity : 0;
  cookie.maxAge = null;
  // A date holds no more than this, and nobody waits for it.
  cookie.expires = seconds <= 0 ? new Date(0) : new Date(Math.min(nowMs + seconds * 1000, 8.64e15));
  return cookie;
}

const expiryMs = ({ expires }: Cookie): number => (expires instanceof Date ? expires.getTime() : Infinity);

/** The value of a cookie that an answer sets; undefined when it sets none with that name. */
export function cookieIn(setCookie: readonly string[], name: string): string | undefined {
  const cookies = setCookie.flatMap((text) => Cookie.parse(text, { loose: true }) ?? []);
  return cookies.findLast(({ key }) => key === name)?.value;
}
