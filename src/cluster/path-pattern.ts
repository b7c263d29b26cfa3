/** Characters that mean something in a pattern and that no ordinary path has. */
const PATTERN = /[()[\]{}*|^$\\?+]/;
/** Kong's sign for a pattern. */
const KONG = /^\/~(?=\/)/;

/** Whether a path of a rule looks like a regular expression. */
export const isPattern = (path: string): boolean => PATTERN.test(path) || KONG.test(path);

/**
 * A short text that a pattern of a path matches from its beginning, as ingress controllers match (ingress-nginx and
 * Traefik with the Go or PCRE flavour of regular expressions, without regard to case). `/api(/|$)(.*)` gives `/api`,
 * `/users/[0-9]+` gives `/users/1`. `/cart/*`, which others read as a wildcard, gives `/cart/`, which fits both.
 *
 * @returns null when none was found, as for a pattern with a back reference, or for one that is not a pattern at all.
 */
export function textMatching(pattern: string): string | null {
  if (pattern.endsWith('/*') && !isPattern(pattern.slice(0, -1))) return pattern.slice(0, -1);
  const source = pattern
    .replace(KONG, '')
    .replace(/^\(\?[is]+\)/, '')
    .replaceAll(/\[:(\w+):\]/g, (_, name: string) => POSIX[name] ?? '');
  const text = new Sampler(source).sample();
  if (text === null) return null;
  try {
    const matcher = new RegExp(`^(?:${source})`, 'i');
    // The shortest text of `/?(.*)` is empty, and a path begins with a slash.
    return (text.startsWith('/') ? [text] : [`/${text}`, text]).find((each) => matcher.test(each)) ?? null;
  } catch {
    // A flavour that JavaScript does not have: what is not proved is not asked.
    return null;
  }
}

const POSIX: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  lower: 'a-z',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9a-fA-F',
};

/** Tried in this order where a pattern takes one of several characters. */
const CANDIDATES = ['a', '1', '-', '_', '.', '/', ...Array.from('bcdefghijklmnopqrstuvwxyz023456789~!@:;=,&')];

/** The shortest text by the letter of a pattern; whether it matches is for the caller to see. */
class Sampler {
  readonly #source: string;
  #position = 0;

  constructor(source: string) {
    this.#source = source;
  }

  sample(): string | null {
    const text = this.#alternatives();
    return this.#position === this.#source.length ? text : null;
  }

  #alternatives(): string | null {
    const texts: (string | null)[] = [this.#sequence()];
    while (this.#takeIf('|')) texts.push(this.#sequence());
    const possible = texts.filter((text) => text !== null).sort((a, b) => a.length - b.length);
    return possible[0] ?? null;
  }

  #sequence(): string | null {
    let text: string | null = '';
    while (this.#position < this.#source.length && !'|)'.includes(this.#next())) {
      const atom = this.#atom();
      const times = this.#times();
      if (times === 0) continue;
      text = text === null || atom === null ? null : text + atom.repeat(times);
    }
    return text;
  }

  /** How often the atom before must stand there at least. */
  #times(): number {
    const [whole, least] = /^(?:[*?]|\+|\{(\d+)(?:,\d*)?\})[?+]?/.exec(this.#source.slice(this.#position)) ?? [];
    if (whole === undefined) return 1;
    this.#position += whole.length;
    if (least !== undefined) return Math.min(Number(least), MAX_TIMES);
    return whole.startsWith('+') ? 1 : 0;
  }

  #atom(): string | null {
    const first = this.#take();
    switch (first) {
      case '(':
        return this.#group();
      case '[':
        return this.#class();
      case '\\':
        return this.#escape();
      case '.':
        return 'a';
      case '^':
      case '$':
        return '';
      default:
        return first;
    }
  }

  #group(): string | null {
    const [opening = ''] = /^\?(?:[:>=!]|<[=!]|P?<\w+>)/.exec(this.#source.slice(this.#position)) ?? [];
    this.#position += opening.length;
    const text = this.#alternatives();
    if (!this.#takeIf(')')) return null;
    // What only looks ahead or behind stands for no text of its own.
    return /[=!]$/.test(opening) ? '' : text;
  }

  #class(): string | null {
    const [whole] = /^\^?\]?(?:\\.|[^\\\]])*\]/.exec(this.#source.slice(this.#position)) ?? [];
    if (whole === undefined) return null;
    this.#position += whole.length;
    return firstMatching(`[${whole}`);
  }

  #escape(): string | null {
    const letter = this.#take();
    if (/[bBAzZ]/.test(letter)) return '';
    return /[a-zA-Z]/.test(letter) ? firstMatching(`\\${letter}`) : /\d/.test(letter) ? null : letter;
  }

  #next(): string {
    return this.#source.charAt(this.#position);
  }

  #take(): string {
    const character = this.#next();
    this.#position++;
    return character;
  }

  #takeIf(character: string): boolean {
    if (this.#next() !== character) return false;
    this.#position++;
    return true;
  }
}

/** More would be a path that nobody wants to ask. */
const MAX_TIMES = 100;

function firstMatching(characterClass: string): string | null {
  try {
    const pattern = new RegExp(`^${characterClass}$`, 'i');
    return CANDIDATES.find((character) => pattern.test(character)) ?? null;
  } catch {
    return null;
  }
}
