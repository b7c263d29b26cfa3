import { visibleText } from '../../text/visible-text.ts';

/** Text that is already HTML. Only `html` creates it, so nothing else gets into the page as markup. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Markup | string | number | readonly Part[];

/**
 * A template for HTML: values in `${…}` are escaped, for elements and quoted attributes, unless they are Markup. Lists
 * are joined without a separator.
 */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  new Markup(strings.map((text, index) => text + (index < parts.length ? textOf(parts[index] ?? '') : '')).join(''));

export const NOTHING = html``;

function textOf(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === 'string') return escaped(part);
  return typeof part === 'number' ? String(part) : part.map(textOf).join('');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

const escaped = (text: string): string =>
  visibleText(text).replace(/[&<>"'`]/g, (character) => ESCAPES[character] ?? character);

/** Data for a script element: JSON in which nothing can end the element or begin a comment. */
export const embeddedJson = (data: unknown): Markup =>
  new Markup(
    JSON.stringify(data).replace(
      /[<>&\u2028\u2029]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  );

/** A link to the web; its title alone when the address is another one. */
export function link(title: string, url: string | null): Markup {
  if (url === null || !URL.canParse(url)) return html`${title}`;
  const { protocol, href } = new URL(url);
  return /^https?:$/.test(protocol) ? html`<a href="${href}" rel="noopener noreferrer">${title}</a>` : html`${title}`;
}
