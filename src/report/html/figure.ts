import type { Unit } from '../charts/chart.ts';
import type { Figure } from '../charts/figure.ts';
import { shownIn } from '../charts/units.ts';
import { unbroken } from '../../text/unbroken.ts';
import { figureColumn, type Table, textColumn } from '../sections/section.ts';
import { html, type Markup, NOTHING } from './html-text.ts';

/** The place of a chart in the page, with its content in words. */
export function printFigure({ title, note, chart }: Figure): Markup {
  const { id, lines, y } = chart;
  const summaries = lines.map(({ says, values }) => says ?? rangeOf(values, y.unit));
  const spoken = lines.map(({ name }, index) => `${name}: ${summaries[index] ?? ''}`).join('; ');
  return html`<figure id="${id}">
<figcaption><strong>${title}</strong>${note === '' ? NOTHING : html` <span class="note">${note}</span>`}
<span class="legend"><span class="where"></span>${lines.map(({ name }, index) => html`<span class="key line-${index + 1}"><svg viewBox="0 0 18 4" aria-hidden="true"><line x1="0" y1="2" x2="18" y2="2"/></svg>${name} <output>${unbroken(summaries[index] ?? '')}</output></span>`)}</span></figcaption>
<div class="plot" role="img" tabindex="0" aria-label="Chart: ${title}. ${spoken}. Arrow keys read single values."></div>
</figure>
`;
}

function rangeOf(values: readonly (number | null)[], unit: Unit): string {
  const measured = values.filter((value) => value !== null);
  if (measured.length === 0) return 'not measured';
  if (unit === 'share') return `up to ${shownIn(unit, Math.max(...measured))}`;
  const [low, high] = [shownIn(unit, Math.min(...measured)), shownIn(unit, Math.max(...measured))];
  return low === high ? low : `${low} to ${high}`;
}

const COLUMN: Partial<Record<Unit, string>> = { seconds: 'Time', tail: 'Percentile', round: 'Round' };

/** The values of charts with the same x as a table, without places where none of them has a value. */
export function chartTable(caption: string, figures: readonly Figure[]): Table {
  const { xs, x } = figures[0]?.chart ?? { xs: [], x: { unit: 'seconds' as const } };
  const columns = figures.flatMap(({ title, chart }) =>
    chart.lines.map(({ name, values }) => ({ head: `${title}, ${name}`, unit: chart.y.unit, values })),
  );
  const measured = xs
    .map((_, index) => index)
    .filter((index) => columns.some(({ values }) => (values[index] ?? null) !== null));
  return {
    kind: 'table',
    caption,
    columns: [textColumn(COLUMN[x.unit] ?? 'From'), ...columns.map(({ head }) => figureColumn(head))],
    rows: measured.map((index) => [
      shownIn(x.unit, xs[index] ?? null),
      ...columns.map(({ unit, values }) => shownIn(unit, values[index] ?? null)),
    ]),
  };
}
