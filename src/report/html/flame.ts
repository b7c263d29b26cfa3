import type { Flame } from '../../model/profiles.ts';
import type { FlameGraph } from '../sections/section.ts';
import { profileValue, shortFunction } from '../words/profile-text.ts';
import { html, type Markup, NOTHING } from './html-text.ts';

/** A stack in its place: left edge and width in percent of the whole. */
interface Placed {
  readonly depth: number;
  readonly name: string;
  readonly base: number;
  readonly head: number;
  readonly left: number;
  readonly width: number;
}

const ROW = 18;
/** Narrower ones would be invisible. */
const LEAST_PERCENT = 0.05;
/** At the maximum width of the page, a letter takes about this much. */
const PERCENT_PER_LETTER = 0.64;

/**
 * A flame graph with the outermost function on top. Positions are in percent, so it is as wide as the page. A click on
 * a function widens it to the whole (client.ts); its title has its name and figures.
 */
export function printFlame({ title, flame, unit, shows, names }: FlameGraph): Markup {
  const placed = place(flame, shows === 'base' ? 'base' : 'head');
  if (placed.length === 0) return NOTHING;
  const rows = 1 + Math.max(...placed.map(({ depth }) => depth));
  const most = Math.max(...placed.map(({ base, head }) => Math.abs(head - base)));
  return html`<figure class="flame"><figcaption>${title}</figcaption><svg width="100%" height="${rows * ROW}" role="img" aria-label="${title}">${placed.map(
    (each) =>
      html`<svg x="${percent(each.left)}%" y="${each.depth * ROW}" width="${percent(each.width)}%" height="${ROW - 1}" class="${shows === 'difference' ? shade(each, most) : hue(each.name)}"><title>${each.name}: ${profileValue(each.head, unit)} in ${names.head}, ${profileValue(each.base, unit)} in ${names.base}</title><rect width="100%" height="100%"/>${label(each)}</svg>`,
  )}</svg></figure>
`;
}

const percent = (value: number): number => Math.round(value * 1000) / 1000;

/** The box of its function cuts the name off; a wider box shows more of it. */
const label = ({ name, width }: Placed): Markup =>
  html`<text x="3" y="13"${width < 3 * PERCENT_PER_LETTER ? NARROW : NOTHING}>${shortFunction(name)}</text>`;

const NARROW = html` class="narrow"`;

function place({ names, nodes }: Flame, side: 'base' | 'head'): Placed[] {
  const all = nodes.filter(({ depth }) => depth === 0).reduce((sum, node) => sum + node[side], 0);
  if (all === 0) return [];
  // Where the next child of the node at each depth begins.
  const next: number[] = [0];
  return nodes.flatMap(({ depth, name, base, head }): Placed[] => {
    const width = (100 * (side === 'base' ? base : head)) / all;
    const left = next[depth] ?? 0;
    next[depth] = left + width;
    next[depth + 1] = left;
    return width < LEAST_PERCENT ? [] : [{ depth, name: names[name] ?? '', base, head, left, width }];
  });
}

/** Functions of one package have one colour. */
function hue(name: string): string {
  const packageName = name.replace(/\.[^/]*$/, '');
  let hash = 0;
  for (const character of packageName) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 997;
  return `hue-${String(hash % 4)}`;
}

/** Differences below a hundredth of the largest are not worth showing. */
function shade({ base, head }: Placed, most: number): string {
  const share = most === 0 ? 0 : Math.abs(head - base) / most;
  if (share < 0.01) return 'same';
  return `${head > base ? 'more' : 'less'}-${String(share > 0.5 ? 3 : share > 0.1 ? 2 : 1)}`;
}
