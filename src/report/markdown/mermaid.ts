import type { Diagram, DiagramAxis, DiagramLine } from '../charts/diagram.ts';
import { code, inline } from './markdown-text.ts';

/** Colours that stand out on light and dark, each with the sign that names it in the legend below the chart: it has none. */
const COLOURS = [
  ['#3b82f6', '🟦'],
  ['#f97316', '🟧'],
  ['#22c55e', '🟩'],
  ['#a855f7', '🟪'],
  ['#ef4444', '🟥'],
  ['#eab308', '🟨'],
] as const;

/** A diagram with its title and legend. Only figures and our own words get into it: names stand in the legend, as Markdown. */
export function mermaid({ title, x, yTitle, lines, without }: Diagram): string {
  const highest = Math.max(...lines.flatMap(({ values }) => values));
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
    `    y-axis "${yTitle}" 0 --> ${figure(highest > 0 ? highest * 1.05 : 1)}`,
    ...lines.map(({ values }) => `    line [${values.map(figure).join(', ')}]`),
  ];
  const legend = [
    ...lines.map(({ name }, index) => `${COLOURS[index]?.[1] ?? ''} ${shown(name)}`),
    ...(without.length === 0 ? [] : [`not measured throughout: ${without.map(shown).join(', ')}`]),
  ];
  return `**${inline(title)}**\n\n\`\`\`mermaid\n${diagram.join('\n')}\n\`\`\`\n\n${legend.join('   ')}`;
}

function axis(x: DiagramAxis): string {
  if ('names' in x) return `[${x.names.join(', ')}]`;
  return 'at' in x
    ? `"${x.title}" [${x.at.map(figure).join(', ')}]`
    : `"${x.title}" ${figure(x.from)} --> ${figure(x.to)}`;
}

const shown = (name: DiagramLine['name']): string => (typeof name === 'string' ? inline(name) : code(name.code));

/** Four significant digits, never with an exponent, which Mermaid does not read. */
const figure = (value: number): string => {
  const digits = Math.max(0, Math.min(6, 3 - Math.floor(Math.log10(Math.max(1e-6, Math.abs(value))))));
  return String(Number(value.toFixed(digits)));
};
