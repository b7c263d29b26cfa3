import type { Diagram, DiagramAxis, DiagramLine } from '../charts/diagram.ts';
import { code, inline } from './markdown-text.ts';

/**
 * Colours that stand out on light and dark, each with the symbol that names it in the legend below the chart, because
 * Mermaid has no legend.
 */
const COLOURS = [
  ['#3b82f6', '🟦'],
  ['#f97316', '🟧'],
  ['#22c55e', '🟩'],
  ['#a855f7', '🟪'],
  ['#ef4444', '🟥'],
  ['#eab308', '🟨'],
] as const;

/** A diagram with its title and legend. It only has figures and our own words; names are in the legend, as Markdown. */
export function mermaid({ title, x, yTitle, yScale, lines, without }: Diagram): string {
  const logarithmic = yScale === 'log';
  const drawn = lines.map(({ values }) => (logarithmic ? values.map(exponent) : values));
  const all = drawn.flat();
  const highest = Math.max(...all);
  const [from, to] = logarithmic
    ? [Math.floor(Math.min(...all)), Math.ceil(highest)]
    : [0, highest > 0 ? highest * 1.05 : 1];
  const diagram = [
    '---',
    'config:',
    '  xyChart:',
    '    width: 900',
    '    height: 300',
    '  themeVariables:',
    '    xyChart:',
    `      plotColorPalette: "${COLOURS.map(([colour]) => colour).join(', ')}"`,
    '---',
    'xychart-beta',
    `    x-axis ${axis(x)}`,
    `    y-axis "${logarithmic ? exponentTitle(yTitle) : yTitle}" ${figure(from)} --> ${figure(to)}`,
    ...drawn.map((values) => `    line [${values.map(figure).join(', ')}]`),
  ];
  const legend = [
    ...lines.map(({ name }, index) => `${COLOURS[index]?.[1] ?? ''} ${shown(name)}`),
    ...(without.length === 0 ? [] : [`not measured throughout: ${without.map(shown).join(', ')}`]),
  ];
  return `**${inline(title)}**${logarithmic ? ' (logarithmic)' : ''}\n\n\`\`\`mermaid\n${diagram.join('\n')}\n\`\`\`\n\n${legend.join('   ')}`;
}

/** Mermaid has no logarithmic axis, so the exponents are drawn, and the title explains them. */
const exponentTitle = (unit: string): string => `0 is 1 ${unit}, 1 is 10 ${unit}, 2 is 100 ${unit}`;

/** Values that are not above 0 have no exponent; they are drawn at the bottom. */
const exponent = (value: number): number => Math.log10(Math.max(1e-3, value));

/** A diagram with few points as one sentence. */
export function mermaidSentence({ title, x, yTitle, lines }: Diagram): string {
  const where =
    'at' in x ? `${x.at.map(figure).join(', ')} ${x.title}` : `${x.title} ${figure(x.from)} to ${figure(x.to)}`;
  const values = lines.map(({ name, values: all }) => `${shown(name)} ${all.map(figure).join(', ')} ${inline(yTitle)}`);
  return `**${inline(title)}** (${inline(where)}): ${values.join('; ')}.`;
}

function axis(x: DiagramAxis): string {
  return 'at' in x
    ? `"${x.title}" [${x.at.map(figure).join(', ')}]`
    : `"${x.title}" ${figure(x.from)} --> ${figure(x.to)}`;
}

const shown = (name: DiagramLine['name']): string => (typeof name === 'string' ? inline(name) : code(name.code));

/** Four significant digits, never with an exponent, which Mermaid can't read. */
const figure = (value: number): string => {
  const digits = Math.max(0, Math.min(6, 3 - Math.floor(Math.log10(Math.max(1e-6, Math.abs(value))))));
  return String(Number(value.toFixed(digits)));
};
