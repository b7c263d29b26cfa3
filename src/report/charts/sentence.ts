import type { Chart } from './chart.ts';
import type { Figure } from './figure.ts';
import { momentText } from '../../text/numbers.ts';
import { shownIn } from './units.ts';

/** With fewer points than this, the values themselves say more than a line. */
export const FEWEST_POINTS = 5;

/** The places of a chart that have a value; the last place of steps only ends the step before. */
function pointsOf({ xs, lines, shape }: Chart): number[] {
  const places = [...xs.keys()].slice(0, shape === 'steps' ? -1 : undefined);
  return places.filter((index) => lines.some(({ values }) => (values[index] ?? null) !== null));
}

/**
 * Whether a chart has so few points that a sentence says more. For pods, each change is a point and the number is known
 * at all times.
 */
export const isSentence = ({ chart }: Figure): boolean =>
  chart.y.unit !== 'pods' && pointsOf(chart).length < FEWEST_POINTS;

/** The values of a chart with few points, each with its place. */
export function valuesText({ chart }: Figure): string {
  const { x, y, lines } = chart;
  const points = pointsOf(chart);
  const texts = lines.map(({ name, values }) => {
    const shown = points.flatMap((index) => {
      const value = values[index] ?? null;
      // The empty buckets of a distribution say nothing.
      return value === null || (y.unit === 'share' && x.unit === 'ms' && value === 0)
        ? []
        : [`${shownIn(y.unit, value)} ${placeOf(chart, index)}`];
    });
    return `${name} ${shown.length === 0 ? 'not measured' : shown.join(', ')}`;
  });
  return `${texts.join('; ')}.`;
}

function placeOf({ x, xs, shape }: Chart, index: number): string {
  const text = (place: number): string =>
    x.unit === 'seconds' ? momentText(xs[place] ?? 0) : shownIn(x.unit, xs[place] ?? null);
  if (x.unit === 'round') return `in round ${text(index)}`;
  return shape === 'steps' ? `from ${text(index)} to ${text(index + 1)}` : `at ${text(index)}`;
}
