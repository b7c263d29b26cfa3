import { Cookie, CookieJar } from 'tough-cookie';

/**
 * The cookies of one user (RFC 6265). Nobody but the application under test sets them, so that public suffixes are not
 * looked up. Cookies marked `Secure` are sent over plain HTTP, too, as browsers do for localhost: behind an ingress that
 * ends TLS in production, an application marks them all.
 */
export class Cookies {
  #jar: CookieJar | null = null;
  /** What was found for a host and path since the last cookie was set. */
  readonly #headers = new Map<string, string>();

  /** Keeps what an answer sets. A cookie that makes no sense is left out, as by browsers. */
  set(host: string, path: string, setCookie: readonly string[]): void {
    if (setCookie.length === 0) return;
    this.#jar ??= new CookieJar(undefined, { rejectPublicSuffixes: false, looseMode: true });
    for (const text of setCookie) this.#jar.setCookieSync(text, urlOf(host, path), { ignoreError: true });
    this.#headers.clear();
  }

  /** The header of a request; empty without cookies for it. */
  header(host: string, path: string): string {
    if (this.#jar === null) return '';
    const url = urlOf(host, path);
    const known = this.#headers.get(url);
    if (known !== undefined) return known;
    const header = this.#jar.getCookieStringSync(url);
    if (this.#headers.size > MOST_HEADERS) this.#headers.clear();
    this.#headers.set(url, header);
    return header;
  }
}

/** Paths with values of their own would otherwise be remembered without end. */
const MOST_HEADERS = 100;

const urlOf = (host: string, path: string): string => `https://${host}${path.split('?')[0] ?? '/'}`;

/** The value that an answer sets a cookie to; undefined when it sets none of that name. */
export function cookieIn(setCookie: readonly string[], name: string): string | undefined {
  const cookies = setCookie.flatMap((text) => Cookie.parse(text, { loose: true }) ?? []);
  return cookies.findLast(({ key }) => key === name)?.value;
}
