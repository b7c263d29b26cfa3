/**
 * The script of report.html: draws the charts from the data in the page. `npm run update` bundles it with uPlot into
 * ../html-assets.ts. Text from the data is only ever set as text.
 */
import uPlot from 'uplot';
import { momentText } from '../../../text/numbers.ts';
import { shownIn, tickText } from '../../charts/units.ts';
import type { Axis, Chart, Unit } from '../../charts/chart.ts';

const WIDE_AXIS = 62;
/** Of the labels of the axes, in pixels: an average character, and what is left and right of a label. */
const LABEL_CHARACTER = 6.4;
const LABEL_MARGIN = 10;
const PAPER_WIDTH = 960;
const POWERS_OF_TWO = Array.from({ length: 50 }, (_, power) => 2 ** power);
/** Units that are counted. */
const WHOLE_STEPS = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
const CLOCK = uPlot.sync('clock');

/** uPlot declares its kinds of scales as a const enum, which isolated modules can't read. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- 3 is Distr.Logarithmic
const LOGARITHMIC = { distr: 3 as uPlot.Scale.Distr.Logarithmic };

interface Drawn {
  readonly chart: Chart;
  readonly plot: uPlot;
  readonly holder: HTMLElement;
}

/** Colours come from the style sheet, so they follow the reader's colour scheme. */
const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const lineColour = (index: number): string => colour(`line-${String(index + 1)}`);
const DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3], [4, 4], [12, 4]];

function draw(chart: Chart): Drawn[] {
  const figure = document.getElementById(chart.id);
  const holder = figure?.querySelector<HTMLElement>('.plot');
  if (figure === null || holder === null || holder === undefined) return [];
  const values = [...figure.querySelectorAll<HTMLElement>('.legend output')];
  const where = figure.querySelector<HTMLElement>('.legend .where');
  const idle = values.map((value) => value.textContent);
  const readOff = (plot: uPlot): void => {
    const index = plot.cursor.idxs?.[1];
    const away = index === null || index === undefined || (plot.cursor.left ?? -1) < 0;
    if (where !== null) where.textContent = away ? '' : positionOf(chart, index);
    values.forEach((value, line) => {
      value.textContent = away ? (idle[line] ?? '') : shownIn(chart.y.unit, chart.lines[line]?.values[index] ?? null);
    });
  };
  const plot = new uPlot(
    optionsOf(chart, holder, readOff),
    [[...chart.xs], ...chart.lines.map((line) => [...line.values])],
    holder,
  );
  return [{ chart, plot, holder }];
}

/** Where a value is: at a point, or over a step. */
function positionOf({ x, xs, shape }: Chart, index: number): string {
  const text = (value: number | undefined): string =>
    x.unit === 'seconds' ? momentText(value ?? 0) : shownIn(x.unit, value ?? null);
  if (shape === 'points') return `round ${text(xs[index])}`;
  return shape === 'line' ? text(xs[index]) : `${text(xs[index])} – ${text(xs[index + 1])}`;
}

/** A step is under the cursor from its beginning to its end, and the last x ends the last step. */
const stepAt = (plot: uPlot, _line: number, nearest: number, x: number): number =>
  Math.max(0, Math.min(plot.data[0].length - 2, (plot.data[0][nearest] ?? 0) > x ? nearest - 1 : nearest));

function optionsOf(chart: Chart, holder: HTMLElement, readOff: (plot: uPlot) => void): uPlot.Options {
  return {
    width: holder.clientWidth,
    height: holder.clientHeight,
    legend: { show: false },
    padding: [14, 24, 0, 0],
    scales: {
      x: {
        time: false,
        ...(chart.x.scale === 'log' ? LOGARITHMIC : {}),
        range: (_plot, low, high) => (chart.shape === 'points' ? [low - 1, high + 1] : [low, high]),
      },
      y: { ...(chart.y.scale === 'log' ? LOGARITHMIC : { range: (_plot, low, high) => rangeOf(chart, low, high) }) },
    },
    axes: [axis(chart.x, 'x'), axis(chart.y, 'y')],
    series: [{}, ...chart.lines.map((_line, index) => series(chart, index))],
    cursor: {
      y: false,
      drag: { x: false, y: false },
      ...(chart.shape === 'steps' ? { dataIdx: stepAt, points: { show: false } } : { points: { size: 7 } }),
      ...(chart.clock ? { sync: { key: CLOCK.key, scales: ['x', null] as [string, null] } } : {}),
    },
    hooks: {
      setCursor: [readOff],
      drawAxes: [
        (plot) => {
          drawLevels(plot, chart);
        },
      ],
      draw: [
        (plot) => {
          drawMarks(plot, chart);
        },
      ],
    },
  };
}

/** Changes lie on both sides of zero; everything else begins at 0. */
function rangeOf({ y, levels = [] }: Chart, low: number, high: number): [number, number] {
  if (y.unit !== 'change') return [0, 1.08 * Math.max(high, ...levels) || 1];
  const furthest = 1.15 * Math.max(Math.abs(low), Math.abs(high), ...levels.map(Math.abs));
  return [-furthest, furthest];
}

function series(chart: Chart, index: number): uPlot.Series {
  if (chart.shape === 'points')
    return {
      stroke: () => lineColour(index),
      width: 0,
      paths: () => null,
      points: { show: true, size: 6, ...shapeOf(index) },
    };
  const alone = chart.lines.length === 1;
  return {
    stroke: () => lineColour(index),
    width: 1.75,
    dash: DASHES[index] ?? [],
    points: { show: true, size: 5, fill: () => lineColour(index), filter: isolated },
    ...(alone ? { fill: () => `${lineColour(index)}24` } : {}),
    ...(chart.shape === 'steps' && uPlot.paths.stepped !== undefined
      ? { paths: uPlot.paths.stepped({ align: 1 }) }
      : {}),
  };
}

/** The places of values with a gap on both sides: no line is drawn through them. */
function isolated(plot: uPlot, line: number): number[] {
  const values = plot.data[line] ?? [];
  const isGap = (index: number): boolean => (values[index] ?? null) === null;
  return Array.from(values, (_, index) => index).filter(
    (index) => !isGap(index) && isGap(index - 1) && isGap(index + 1),
  );
}

/** As wide as the longest label needs, so that none is cut. */
const widthOfLabels = (_plot: uPlot, labels: readonly string[] | null): number =>
  Math.max(WIDE_AXIS, ...(labels ?? []).map((label) => label.length * LABEL_CHARACTER + LABEL_MARGIN));

const axis = ({ unit, scale }: Axis, side: 'x' | 'y'): uPlot.Axis => ({
  stroke: () => colour('muted'),
  grid: { stroke: () => colour('grid'), width: 1 },
  ticks: { stroke: () => colour('grid'), width: 1, size: 4 },
  font: '12px system-ui, sans-serif',
  ...(side === 'y' ? { size: widthOfLabels, space: 28 } : { space: 64, size: 32 }),
  ...incrementsOf(unit),
  ...(scale === 'log'
    ? {
        splits: (plot: uPlot, _axis: number, low: number, high: number) =>
          roundNumbers(low, high, plot.bbox[side === 'x' ? 'width' : 'height'] / devicePixelRatio / LABEL[side], unit),
        filter: (_plot: uPlot, splits: number[]) => splits,
      }
    : {}),
  values: (_plot, splits) => splits.map((value) => tickText(unit, value)),
});

/** Labels between ticks; none where uPlot's own are good enough. */
const incrementsOf = (unit: Unit): { incrs?: number[] } =>
  unit === 'bytes' ? { incrs: POWERS_OF_TWO } : unit === 'pods' || unit === 'round' ? { incrs: WHOLE_STEPS } : {};

/** The room that a label takes along its axis. */
const LABEL = { x: 46, y: 20 };

/** Powers of ten for a logarithmic axis, with as many numbers in between as fit. */
function roundNumbers(low: number, high: number, room: number, unit: Unit): number[] {
  const decades = Math.log10(high / low);
  const first = Math.floor(Math.log10(low));
  const within = (steps: readonly number[]): number[] =>
    Array.from({ length: Math.ceil(decades) + 2 }, (_, index) =>
      steps.map((step) => Number((step * 10 ** (first + index)).toPrecision(3))),
    )
      .flat()
      .filter((value) => value >= low * 0.999 && value <= high * 1.001);
  const fits = (narrowest: number): boolean => (Math.log10(narrowest) / decades) * room >= 1;
  if (unit !== 'tail' && fits(7 / 5)) return within([1, 1.5, 2, 3, 5, 7]);
  return unit !== 'tail' && fits(2) ? within([1, 2, 5]) : within([1]);
}

/** Discs, and rings for the second line, to tell them apart without colour. */
const shapeOf = (index: number): { readonly width: number; readonly fill: () => string } =>
  index === 0 ? { width: 1, fill: () => lineColour(index) } : { width: 1.75, fill: () => colour('ground') };

function drawLevels(plot: uPlot, { levels = [] }: Chart): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour('muted');
  ctx.lineWidth = devicePixelRatio;
  for (const level of levels) {
    const top = Math.round(plot.valToPos(level, 'y', true));
    ctx.setLineDash(level === 0 ? [] : [6 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, top);
    ctx.lineTo(bbox.left + bbox.width, top);
    ctx.stroke();
  }
  ctx.restore();
}

function drawMarks(plot: uPlot, { marks }: Chart): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour('muted');
  ctx.lineWidth = devicePixelRatio;
  ctx.font = `${String(11 * devicePixelRatio)}px system-ui, sans-serif`;
  ctx.textAlign = 'center';
  let lastLabel = -Infinity;
  for (const { name, at } of marks) {
    const left = Math.round(plot.valToPos(at, 'x', true));
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
    // Labels that would overlap are left out; the table has all of them.
    if (left - lastLabel > 26 * devicePixelRatio)
      ctx.fillText(name, (lastLabel = left), bbox.top - 4 * devicePixelRatio);
  }
  ctx.restore();
}

/** Arrow keys move the cursor of a chart like the mouse; the values are then read out. */
function useKeys({ chart, plot, holder }: Drawn, drawn: readonly Drawn[], announce: (text: string) => void): void {
  holder.addEventListener('keydown', (event) => {
    const last = chart.xs.length - (chart.shape === 'steps' ? 2 : 1);
    const at = plot.cursor.idxs?.[1] ?? -1;
    const moves: Readonly<Record<string, number>> = {
      ArrowRight: Math.min(last, at + 1),
      ArrowLeft: Math.max(0, at - 1),
      Home: 0,
      End: last,
      Escape: -1,
    };
    const index = moves[event.key];
    if (index === undefined) return;
    event.preventDefault();
    const x = chart.xs[index];
    for (const other of chart.clock ? drawn.filter((one) => one.chart.clock) : [{ plot }]) {
      other.plot.setCursor(x === undefined ? { left: -10, top: -10 } : { left: other.plot.valToPos(x, 'x'), top: 10 });
    }
    if (x === undefined) return;
    announce(
      [
        positionOf(chart, index),
        ...chart.lines.map(({ name, values }) => `${name}: ${shownIn(chart.y.unit, values[index] ?? null)}`),
      ].join(', '),
    );
  });
}

const data = document.getElementById('charts')?.textContent ?? '[]';
const charts = (JSON.parse(data) as Chart[]).flatMap(draw);
const spoken = document.getElementById('spoken');
for (const one of charts) {
  useKeys(one, charts, (text) => {
    if (spoken !== null) spoken.textContent = text;
  });
}

/**
 * A click on a function of a flame graph widens it to the whole graph; a click on one that fills the graph resets it.
 */
function useZoom(graph: SVGSVGElement): void {
  const stacks = [...graph.querySelectorAll<SVGSVGElement>('svg')].map((stack) => ({
    stack,
    left: parseFloat(stack.getAttribute('x') ?? ''),
    width: parseFloat(stack.getAttribute('width') ?? ''),
  }));
  const show = (left: number, width: number): void => {
    for (const each of stacks) {
      const [from, to] = [each.left, each.left + each.width].map((end) =>
        Math.min(100, Math.max(0, ((end - left) / width) * 100)),
      ) as [number, number];
      each.stack.setAttribute('x', `${String(from)}%`);
      each.stack.setAttribute('width', `${String(to - from)}%`);
      each.stack.querySelector('text')?.classList.toggle('narrow', to - from < 2);
    }
  };
  let shown: Element | null = null;
  graph.addEventListener('click', ({ target }) => {
    const clicked = stacks.find(({ stack }) => target instanceof Node && stack.contains(target));
    if (clicked === undefined || clicked.stack === shown) {
      shown = null;
      show(0, 100);
      return;
    }
    shown = clicked.stack;
    show(clicked.left, clicked.width);
  });
}
document.querySelectorAll<SVGSVGElement>('.flame > svg').forEach(useZoom);

const redraw = (): void => {
  for (const { plot } of charts) plot.redraw(false, true);
};
/** Marks tables with more columns than fit, so a hint appears below them. */
const markWide = (): void => {
  for (const table of document.querySelectorAll<HTMLElement>('.scroll'))
    table.classList.toggle('wide', table.scrollWidth > table.clientWidth + 1);
};
const fit = (width?: number): void => {
  for (const { plot, holder } of charts)
    plot.setSize({ width: width ?? holder.clientWidth, height: holder.clientHeight });
};
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
addEventListener('resize', () => {
  fit();
  markWide();
});
addEventListener('beforeprint', () => {
  fit(PAPER_WIDTH);
});
addEventListener('afterprint', () => {
  fit();
});
// A folded table has no width until it is opened; the event does not bubble.
addEventListener('toggle', markWide, { capture: true });
markWide();
