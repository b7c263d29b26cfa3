/** Widths of a letter and a line of the picture, in pixels. */
const LETTER = 8.4;
const LINE = 20;
const MARGIN = 16;

/** How the tones look that the program uses, in the light and in the dark. */
const COLOURS = {
  text: ['#1f2328', '#e6edf3'],
  dim: ['#59636e', '#9198a1'],
  bad: ['#cf222e', '#f85149'],
  good: ['#1a7f37', '#3fb950'],
  open: ['#9a6700', '#d29922'],
} as const;
const GROUND = ['#f6f8fa', '#151b23'] as const;

/** The classes that a code of ECMA-48 begins; 0 ends all of them. */
const CLASSES: Readonly<Record<string, string>> = { 1: 'strong', 2: 'dim', 31: 'bad', 32: 'good', 33: 'open' };

const LETTERS = new Intl.Segmenter('en');

interface Run {
  readonly text: string;
  readonly classes: readonly string[];
}

/** A line in runs of one look each. */
function runsOf(line: string, before: readonly string[]): { runs: Run[]; after: readonly string[] } {
  const runs: Run[] = [];
  let classes = before;
  for (const part of line.split(/(\u001b\[[\d;]*m|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\))/)) {
    const codes = /^\u001b\[([\d;]*)m$/.exec(part)?.[1];
    if (codes === undefined) {
      if (part !== '' && !part.startsWith('\u001b')) runs.push({ text: part, classes });
      continue;
    }
    for (const code of codes.split(';')) {
      const found = CLASSES[code];
      if (found !== undefined) classes = [...classes, found];
      // 22 and 39 are how tmux writes the end of a weight and of a colour.
      else if (code === '' || code === '0') classes = [];
      else if (code === '22') classes = classes.filter((name) => name !== 'strong' && name !== 'dim');
      else if (code === '39') classes = classes.filter((name) => name === 'strong' || name === 'dim');
    }
  }
  return { runs, after: classes };
}

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/**
 * A screen of a terminal as SVG, which follows the reader's colour scheme.
 *
 * @param screen its lines, with codes for bold, dim, red, green and yellow.
 * @param columns its width in letters.
 */
export function drawTerminal(screen: string, columns: number): string {
  let classes: readonly string[] = [];
  const lines = screen.split('\n').map((line, index) => {
    const { runs, after } = runsOf(line, classes);
    classes = after;
    let column = 0;
    const spans = runs.map(({ text, classes: look }) => {
      const x = MARGIN + column * LETTER;
      const letters = Array.from(LETTERS.segment(text)).length;
      const width = letters * LETTER;
      column += letters;
      if (text.trim() === '') return '';
      const name = look.length === 0 ? '' : ` class="${look.join(' ')}"`;
      return `<tspan x="${x.toFixed(1)}" textLength="${width.toFixed(1)}"${name}>${escaped(text)}</tspan>`;
    });
    return `<text y="${String(MARGIN + (index + 0.75) * LINE)}">${spans.join('')}</text>`;
  });
  const [width, height] = [2 * MARGIN + columns * LETTER, 2 * MARGIN + lines.length * LINE];
  const colours = (scheme: 0 | 1): string =>
    [
      `rect{fill:${GROUND[scheme]}}`,
      ...Object.entries(COLOURS).map(
        ([name, both]) => `${name === 'text' ? 'text' : `.${name}`}{fill:${both[scheme]}}`,
      ),
    ].join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width.toFixed(0)}" height="${height.toFixed(0)}" viewBox="0 0 ${width.toFixed(0)} ${height.toFixed(0)}">
<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;white-space:pre}.strong{font-weight:700}${colours(0)}@media(prefers-color-scheme:dark){${colours(1)}}</style>
<rect width="100%" height="100%" rx="8"/>
${lines.filter((line) => !line.endsWith('"></text>')).join('\n')}
</svg>
`;
}
