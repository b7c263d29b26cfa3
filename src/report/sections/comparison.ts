import { sideHeadings, sideNames } from '../../comparison/sides.ts';
import {
  changeText,
  comparisonDoubts,
  comparisonNotes,
  detectableText,
  figureText,
  headline,
  intervalText,
  isChange,
  rangeText,
  metricName,
  requestLabel,
  spreadText,
  timeLabel,
  toleranceText,
  verdictWord,
} from '../../comparison/words.ts';
import type { ComparedVersion, Comparison, MetricComparison, Revision } from '../../model/comparison.ts';
import type { Report } from '../../model/report.ts';
import type { Side } from '../../model/sides.ts';
import { milliseconds, NOT_MEASURED, percent, signed, signedDigits } from '../../text/numbers.ts';
import { comparisonFigures } from '../charts/rounds.ts';
import { chartBlocks, chartData } from './chart-blocks.ts';
import {
  type Block,
  type Cell,
  type FactGroup,
  figureColumn,
  type Graphic,
  graphicColumn,
  type Mark,
  notes,
  paragraph,
  type Section,
  textColumn,
} from './section.ts';

/** Head against base, before all other figures; with the verdict, unless the heading of the report already has it. */
export function comparison({ comparison: compared, outcome }: Report): Section | null {
  if (compared === undefined) return null;
  const verdict = headline(compared);
  const title = `${sideHeadings(compared).head} against ${sideNames(compared).base}`;
  return {
    id: 'comparison',
    title,
    inMarkdown: 'bare',
    blocks: [
      ...(verdict === outcome.summary ? [] : [paragraph({ strong: verdict })]),
      ...comparisonDoubts(compared).map((sentence) => paragraph(sentence, 'doubt')),
      ...metricsTables(compared, title),
      ...requestsTable(compared, `${title} by request`),
      ...timesTable(compared, `${title} by journey`),
      ...workloadsTable(compared, `CPU per request by workload`),
      ...startsTable(compared, `${title} by start`),
      {
        kind: 'facts',
        facts: [
          { name: 'Base', groups: sideFacts(compared.base, 'base') },
          { name: 'Head', groups: sideFacts(compared.head, 'head') },
        ],
      },
      ...notes(comparisonNotes(compared)),
      ...charts(compared),
    ],
  };
}

/** Metrics that changed or can't be told are open; the others are folded and named. */
function metricsTables(compared: Comparison, title: string): Block[] {
  const { metrics } = compared;
  const settled = metrics.filter(({ verdict }) => verdict === 'no-difference');
  return [
    metricsTable(
      compared,
      metrics.filter(({ verdict }) => verdict !== 'no-difference'),
      `${title} by metric`,
    ),
    {
      kind: 'folded',
      summary: `No difference in ${settled.map(metricName).join(', ')}`,
      blocks: [metricsTable(compared, settled, `${title} by metric, where there is no difference`)],
    },
  ];
}

function metricsTable(compared: Comparison, metrics: readonly MetricComparison[], caption: string): Block {
  const { confidence, tolerance } = compared;
  const sides = sideHeadings(compared);
  const widest = widestChange(compared);
  return {
    kind: 'table',
    caption,
    columns: [
      textColumn('Metric'),
      textColumn('Verdict'),
      figureColumn('Change'),
      figureColumn(`${percent(confidence)} interval`),
      { ...graphicColumn(`Grey: within ${toleranceText(compared)}`), scale: widest },
      ...[sides.base, sides.head, 'Seen from'].map(figureColumn),
    ],
    rows: metrics.map((metric): Cell[] => [
      metricName(metric),
      { mark: MARKS[metric.verdict], text: verdictWord(metric) },
      isChange(metric) ? { strong: changeText(metric) } : changeText(metric),
      intervalText(metric, compared),
      intervalGraphic(metric, tolerance, widest),
      figureText(metric, metric.base),
      figureText(metric, metric.head),
      detectableText(metric),
    ]),
  };
}

/** The JSON report has the remaining workloads. */
const MOST_WORKLOADS = 20;
/** The JSON report has the remaining requests. */
const MOST_REQUESTS = 20;

function requestsTable(compared: Comparison, caption: string): Block[] {
  const { requests = [], confidence } = compared;
  if (requests.length === 0) return [];
  const sides = sideHeadings(compared);
  const more = requests.length - MOST_REQUESTS;
  const table: Block = {
    kind: 'table',
    caption,
    columns: [
      textColumn('Request'),
      ...['Asked', sides.base, sides.head, 'Change', `${percent(confidence)} interval`, 'Share of the change'].map(
        figureColumn,
      ),
      textColumn('Verdict'),
    ],
    rows: requests.slice(0, MOST_REQUESTS).map((request): Cell[] => {
      const { latency, shareOfRequests, shareOfChange } = request;
      return [
        { code: requestLabel(request) },
        percent(shareOfRequests),
        figureText(latency, latency.base),
        figureText(latency, latency.head),
        isChange(latency) ? { strong: changeText(latency) } : changeText(latency),
        intervalText(latency, compared),
        shareOfChange === null ? NOT_MEASURED : `${String(Math.round(shareOfChange * 100))} %`,
        { mark: MARKS[latency.verdict], text: verdictWord(latency) },
      ];
    }),
  };
  return [table, ...(more > 0 ? [paragraph(`${String(more)} more requests are in report.json.`)] : [])];
}

/** Journeys with several steps, and WebSocket round trips. */
function timesTable(compared: Comparison, caption: string): Block[] {
  const { times = [], confidence } = compared;
  if (times.length === 0) return [];
  const sides = sideHeadings(compared);
  return [
    {
      kind: 'table',
      caption,
      columns: [
        textColumn('Time'),
        ...[sides.base, sides.head, 'Change', `${percent(confidence)} interval`].map(figureColumn),
        textColumn('Verdict'),
      ],
      rows: times.map((time): Cell[] => [
        timeLabel(time),
        figureText(time.latency, time.latency.base),
        figureText(time.latency, time.latency.head),
        isChange(time.latency) ? { strong: changeText(time.latency) } : changeText(time.latency),
        intervalText(time.latency, compared),
        { mark: MARKS[time.latency.verdict], text: verdictWord(time.latency) },
      ]),
    },
  ];
}

/** Where CPU time is spent. With a single workload, the table of metrics already has it. */
function workloadsTable(compared: Comparison, caption: string): Block[] {
  const { workloads = [] } = compared;
  if (workloads.length < 2) return [];
  const sides = sideHeadings(compared);
  const ms = (seconds: number): string => milliseconds(seconds * 1000);
  return [
    {
      kind: 'table',
      caption,
      columns: [
        textColumn('CPU per request'),
        ...[sides.base, sides.head, 'Change', '95 % interval, of each alone', 'Share of the change'].map(figureColumn),
      ],
      rows: workloads
        .slice(0, MOST_WORKLOADS)
        .map(({ workload, base, head, estimate, interval, shareOfChange }): Cell[] => [
          { code: workload },
          ms(base),
          ms(head),
          signed(estimate - 1),
          interval === null ? NOT_MEASURED : `${signedDigits(interval.low - 1)} … ${signed(interval.high - 1)}`,
          shareOfChange === null ? NOT_MEASURED : `${String(Math.round(shareOfChange * 100))} %`,
        ]),
    },
    ...(workloads.length > MOST_WORKLOADS
      ? [paragraph(`${String(workloads.length - MOST_WORKLOADS)} more workloads are in report.json.`)]
      : []),
  ];
}

/** Each start of both versions: how much figures vary from start to start. */
function startsTable(compared: Comparison, caption: string): Block[] {
  const { starts = [], metrics } = compared;
  if (starts.length < 2) return [];
  const shown = metrics.filter(
    ({ metric, verdict, confirmation }) =>
      metric === 'latency-p50' || verdict === 'slower' || verdict === 'faster' || confirmation !== null,
  );
  const changes = (metric: MetricComparison): string[] =>
    starts.map(({ estimates }) =>
      changeText(metric, estimates.find((each) => each.metric === metric.metric)?.estimate ?? null),
    );
  return [
    {
      kind: 'table',
      caption,
      columns: [
        textColumn('Change by start'),
        ...starts.map(({ start, rounds }) => figureColumn(startText(start, rounds))),
        ...['Spread', 'By starts'].map(figureColumn),
      ],
      rows: shown.map((metric): Cell[] => [
        metricName(metric),
        ...changes(metric),
        spreadText(metric, starts),
        rangeText(metric, metric.confirmation?.byStarts ?? null),
      ]),
    },
  ];
}

const startText = (start: number, rounds: number): string =>
  `${start === 0 ? 'First' : `Again ${String(start)}`}, ${String(rounds)} rounds`;

const MARKS: Readonly<Record<MetricComparison['verdict'], Mark>> = {
  slower: 'bad',
  faster: 'good',
  'no-difference': 'even',
  'cannot-tell': 'open',
};

/** The end of the axis of all graphics: beyond the widest interval and the tolerance band. */
function widestChange({ metrics, tolerance }: Comparison): number {
  const ends = metrics.flatMap(({ scale, interval }) =>
    scale === 'ratio' && interval !== null ? [Math.abs(interval.low - 1), Math.abs(interval.high - 1)] : [],
  );
  // One wild metric must not flatten all others.
  const sorted = [...ends].sort((a, b) => a - b);
  return roundedUp(Math.max(2 * tolerance, sorted[Math.floor(0.8 * sorted.length)] ?? 0, 0.01));
}

/** Rounded up to a share that is easy to read on a scale. */
function roundedUp(share: number): number {
  const power = 10 ** Math.floor(Math.log10(share));
  const step = [1, 1.5, 2, 3, 5, 10].find((digit) => share <= digit * power * 1.001) ?? 10;
  return Number((step * power).toPrecision(2));
}

function intervalGraphic(
  { scale, interval, estimate, verdict }: MetricComparison,
  tolerance: number,
  widest: number,
): Graphic {
  if (scale !== 'ratio' || interval === null || estimate === null) return { graphic: 'none' };
  return {
    graphic: 'interval',
    low: interval.low - 1,
    high: interval.high - 1,
    estimate: estimate - 1,
    tolerance,
    widest,
    mark: MARKS[verdict],
  };
}

const sideFacts = ({ label, revision, manifests, images, hosts }: ComparedVersion, side: Side): FactGroup[] => [
  { values: label === side ? [] : [label] },
  { values: revision === undefined ? [] : revisionFacts(revision) },
  { values: manifests },
  { values: images },
  { values: hosts, only: 'html' },
];

/** Details of the checkout that the label does not have. */
const revisionFacts = ({ mergeCommit, modified }: Revision): string[] => [
  ...(mergeCommit === undefined ? [] : [`merge commit ${mergeCommit.slice(0, 12)}`]),
  ...(modified === true ? ['manifests with uncommitted changes'] : []),
];

function charts(compared: Comparison): Block[] {
  const figures = comparisonFigures(compared);
  return [...chartBlocks(figures, SIDE_BY_SIDE), ...figures.map((figure) => chartData(figure.title, [figure]))];
}

/** The first charts share a line. */
const SIDE_BY_SIDE = 2;
