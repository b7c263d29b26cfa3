import { measuredText } from '../../load/thresholds/measured-text.ts';
import type { CapacityStep } from '../../model/capacity.ts';
import type { CapacityPair } from '../../model/comparison.ts';
import type { HostResult, LatencySummary, LoadResult, ThresholdResult, Uncertainty } from '../../model/load.ts';
import type { EarlierRun, Report } from '../../model/report.ts';
import type { NodeResources, Resources, WorkloadResources } from '../../model/resources.ts';
import type { Failure, RunIdentity } from '../../model/run.ts';
import { approximate, milliseconds, NOT_MEASURED, percent, perSecond, range, seconds } from '../../text/numbers.ts';
import { AUTOSCALING_HEAD, autoscalingFigures, autoscalingTexts } from '../words/autoscaling-text.ts';
import { capacityText, inOrderOfRate, searchesOf, verdictOf, versionHeading } from '../words/capacity-text.ts';
import { clusterFacts } from '../words/cluster-facts.ts';
import { EARLIER_RUN_HEAD, earlierRunRows, earlierRunText } from '../words/earlier-run.ts';
import { hostLabel } from '../words/host-label.ts';
import { processorsAndMemory } from '../words/machine-text.ts';
import { nodeFigures, workloadFigures } from '../words/resource-figures.ts';
import { doubts, explanations, loadOfHead, resourcesOfBoth, weakPercentiles } from '../words/trust.ts';
import { renderCharts } from './charts.ts';
import { comparisonSection } from './comparison-markdown.ts';
import { code, fence, inline } from './markdown-text.ts';

const ICONS = { passed: '✅', failed: '❌', cancelled: '⚠️', invalid: '⚠️' } as const;

/**
 * The report as Markdown, in sections by importance: whoever has to shorten it leaves out the last
 * ones. Nothing that came from outside can become markup, a mention or a hidden comment in it.
 *
 * @param charts whether they are seen at once, as in a summary of their own page, or on demand.
 */
export function renderReport(report: Report, charts: 'open' | 'folded' = 'folded'): string[] {
  const { outcome, load, resources, comparison } = report;
  return [
    `## ${iconOf(report)} ${inline(outcome.summary)}`,
    ...(comparison === undefined ? [] : [comparisonSection(comparison, outcome.summary)]),
    ...(outcome.failure === null ? [] : [failureSection(outcome.failure, outcome)]),
    ...doubts(report).map((sentence) => `⚠️ ${inline(sentence)}`),
    ...(report.thresholds.length === 0 ? [] : [thresholdsSection(report.thresholds)]),
    ...capacitySection(report),
    ...(load === null
      ? []
      : loadSections(load, comparison === undefined ? [] : [`### ${inline(loadOfHead(comparison))}`])),
    ...autoscalingSection(report),
    ...(resources === null
      ? []
      : resourceSections(resources, comparison === undefined ? [] : [resourcesOfBoth(comparison)])),
    ...(report.earlier === undefined ? [] : [earlierSection(report.earlier)]),
    ...(report.warnings.length === 0 ? [] : [list('Warnings', report.warnings.map(inline))]),
    ...chartsSection(report, charts),
    ...repeatSection(report),
    runSection(report),
    stagesSection(report),
  ];
}

/** A comparison that could not tell has passed, but is no proof of anything. */
const iconOf = ({ outcome, comparison }: Report): string =>
  outcome.result === 'passed' && comparison?.verdict === 'cannot-tell' ? '❔' : ICONS[outcome.result];

/** What stands in the comment while a run is on its way. */
export const renderRunning = ({ sha, url }: RunIdentity): string =>
  [
    `## ⏳ Load test is running${sha === null ? '' : ` for ${code(sha.slice(0, 12))}`}`,
    ...link('Log of the run', url),
  ].join('\n\n');

/** The message once: the heading above holds all of a short one. */
function failureSection({ message, hint, tryThis, stage }: Failure, { summary, helpUrl }: Report['outcome']): string {
  return [
    ...(stage === null ? [] : [`**Stage:** ${code(stage)}`]),
    ...(summary.endsWith(message) ? [] : [fence(message)]),
    ...(hint === null ? [] : [`**What to do:** ${inline(hint)}`]),
    ...(tryThis === null ? [] : [fence(tryThis, 'sh')]),
    ...link('More about this outcome', helpUrl),
  ].join('\n\n');
}

const thresholdsSection = (thresholds: readonly ThresholdResult[]): string =>
  table(
    ['Threshold', 'Measured', ''],
    thresholds.map((result) => [code(result.rule), inline(measuredText(result)), signOfRule(result)]),
    false,
  );

/** No tick for a rule that no verdict rests on. */
const signOfRule = ({ passed, withoutVerdict }: ThresholdResult): string =>
  withoutVerdict !== undefined ? '❔' : passed ? '✅' : '❌';

function capacitySection(report: Report): string[] {
  const searched = searchesOf(report);
  if (searched.length === 0) return [];
  return [
    [
      '### Capacity',
      ...searched.flatMap(({ version, capacity }) => [
        `${version === '' ? '' : `**${versionHeading(version)}:** `}${inline(capacityText(capacity))}`,
        details(`Steps of the search${version === '' ? '' : ` in ${version}`}`, capacityTable(capacity.steps)),
      ]),
      ...pairsTable(report.comparison?.capacities?.pairs ?? []),
    ].join('\n\n'),
  ];
}

function capacityTable(steps: readonly CapacityStep[]): string {
  const rows = inOrderOfRate(steps).map((step) => [
    perSecond(step.ratePerSecond),
    signOf(step),
    String(step.sent),
    String(step.failed),
    ...(['p50', 'p95', 'p99'] as const).map((figure) => milliseconds(step.latencyMs?.[figure] ?? null)),
    inline(step.kept ? '' : verdictOf(step)),
  ]);
  return table(['Rate', 'Kept', 'Requests', 'Failed', 'p50', 'p95', 'p99', 'Why not'], rows);
}

const signOf = ({ kept, generatorLimited }: CapacityStep): string => (kept ? '✅' : generatorLimited ? '❔' : '❌');

function pairsTable(pairs: readonly CapacityPair[]): string[] {
  const cell = (step: CapacityStep): string => `${signOf(step)} ${perSecond(step.ratePerSecond)}`;
  const rows = pairs.map(({ base, head }, index) => [String(index + 1), cell(base), cell(head)]);
  return rows.length === 0
    ? []
    : [details('Fresh steps to confirm that head holds less', table(['Pair', 'Base', 'Head'], rows))];
}

function autoscalingSection({ autoscaling = [], load }: Report): string[] {
  if (load === null || autoscaling.length === 0) return [];
  const rows = autoscaling.map((workload) => [
    code(`${workload.namespace}/${workload.name}`),
    ...autoscalingFigures(workload),
  ]);
  return [
    [
      '### Autoscaling',
      autoscalingTexts(autoscaling, load)
        .map((sentence) => `- ${inline(sentence)}`)
        .join('\n'),
      table(AUTOSCALING_HEAD, rows),
    ].join('\n\n'),
  ];
}

function loadSections(load: LoadResult, heading: readonly string[]): string[] {
  const rows = [...load.hosts, load.total];
  return [
    [
      ...heading,
      table(
        ['Host', 'Requests', 'Succeeded', 'Throughput', 'avg', 'p50', 'p90', 'p95', 'p99', 'max'],
        [...rows.map(latencyRow), ...intervalRow(load.uncertainty)],
      ),
      ...explanations(load).map((sentence) => `<sub>${inline(sentence)}</sub>`),
    ].join('\n\n'),
    ...(load.total.failed === 0 ? [] : [failuresSection(rows)]),
  ];
}

const FIGURES = ['avg', 'p50', 'p90', 'p95', 'p99', 'max'] as const satisfies (keyof LatencySummary)[];

function latencyRow(result: HostResult): string[] {
  const { latencyMs: latency } = result;
  const weak: ReadonlySet<string> = weakPercentiles(result);
  const name = result.host === 'all' ? '**all**' : code(hostLabel(result));
  return [
    name,
    String(result.sent),
    percent(result.successRatio),
    perSecond(result.requestsPerSecond),
    ...FIGURES.map((figure) => approximate(milliseconds(latency?.[figure] ?? null), weak.has(figure))),
  ];
}

/** How far the figures of the row above can be trusted. */
function intervalRow(uncertainty: Uncertainty | undefined): string[][] {
  if (uncertainty === undefined || uncertainty.requestsPerSecond === null) return [];
  const { requestsPerSecond, p50Ms, p90Ms, p95Ms, p99Ms } = uncertainty;
  const latencies = [null, p50Ms, p90Ms, p95Ms, p99Ms, null].map((interval) => range(interval, milliseconds));
  return [
    [
      '<sub>95 % interval</sub>',
      '',
      '',
      ...[range(requestsPerSecond, perSecond), ...latencies].map((text) => (text === '' ? '' : `<sub>${text}</sub>`)),
    ],
  ];
}

function failuresSection(rows: readonly HostResult[]): string {
  const failed = rows.filter(({ failed: count }) => count > 0);
  return `### Failed requests\n\n${table(
    ['Host', 'Failed', 'By class', 'HTTP statuses'],
    failed.map((row) => [
      row.host === 'all' ? '**all**' : code(row.name ?? row.host),
      String(row.failed),
      counts(row.failures),
      counts(row.statuses),
    ]),
    false,
  )}`;
}

const counts = (record: Readonly<Record<string, number>>): string =>
  Object.entries(record)
    .map(([name, count]) => `${name}: ${String(count)}`)
    .join(', ') || NOT_MEASURED;

function resourceSections({ workloads, nodes, missing }: Resources, more: readonly string[]): string[] {
  const notes = [...missing, ...more].map((sentence) => `<sub>${inline(sentence)}</sub>`);
  if (workloads.length === 0 && nodes.length === 0) return [['### Resources during the load', ...notes].join('\n\n')];
  return [
    [
      '### Resources during the load',
      table(
        [
          'Workload',
          'Pods',
          'CPU cores',
          'of limit',
          'throttled',
          'Memory',
          'of limit',
          'Received',
          'Sent',
          'Restarts',
          'Samples',
        ],
        workloads.map(workloadRow),
      ),
      ...notes,
    ].join('\n\n'),
    details(
      'Resources of the nodes',
      table(['Node', 'CPU cores', 'Memory', 'Received', 'Sent', 'Samples'], nodes.map(nodeRow)),
    ),
  ];
}

const workloadRow = (workload: WorkloadResources): string[] => [
  code(`${workload.namespace}/${workload.name}`),
  ...workloadFigures(workload),
];

const nodeRow = (node: NodeResources): string[] => [code(node.name), ...nodeFigures(node)];

/** Folded: it is context, and must not be read as a result. */
function earlierSection(earlier: EarlierRun): string {
  const rows = earlierRunRows(earlier);
  const body = [
    inline(earlierRunText(earlier)),
    ...(rows.length === 0 ? [] : [table([...EARLIER_RUN_HEAD], rows)]),
    ...link('Log of that run', earlier.url),
  ];
  return details('An earlier run, for context', body.join('\n\n'));
}

function chartsSection(report: Report, charts: 'open' | 'folded'): string[] {
  const all = renderCharts(report);
  return all.length === 0 ? [] : [details('Charts', all.join('\n\n'), charts === 'open')];
}

const repeatSection = ({ repeatWith }: Report): string[] =>
  repeatWith === '' ? [] : [details('Repeat it on your machine', fence(repeatWith, 'sh'))];

function runSection(report: Report): string {
  const { environment, run } = report;
  const facts: [string, string][] = [
    ['k8s-loadtest-ci', report.tool.version],
    ...Object.entries(report.tools).map(([name, { version }]): [string, string] => [name, version]),
    ...clusterFacts(report).map(([name, value]): [string, string] => [name, value]),
    ...(report.load?.engine === undefined
      ? []
      : ([['load engine', `${report.load.engine.name} ${report.load.engine.version}`]] as [string, string][])),
    ...(report.load === null ? [] : ([['seed', report.load.seed]] as [string, string][])),
    ...(environment === null
      ? []
      : ([
          ['machine', `${environment.os}, ${environment.arch}, ${processorsAndMemory(environment)}`],
          ['Node.js', environment.nodeVersion],
          ...(environment.dockerVersion === null ? [] : [['Docker', environment.dockerVersion]]),
        ] as [string, string][])),
    ...(run.sha === null ? [] : ([['commit', run.sha]] as [string, string][])),
    ...report.images.map((image): [string, string] => ['image', image]),
  ];
  return details(
    'What was run',
    [
      table(
        ['What', 'Value'],
        facts.map(([name, value]) => [inline(name), code(value)]),
        false,
      ),
      ...link('Log of the run', run.url),
    ].join('\n\n'),
  );
}

function stagesSection({ stages }: Report): string {
  return details(
    'Time of each stage',
    table(
      ['Stage', 'Outcome', 'Time'],
      stages.map(({ name, outcome, durationMs }) => [code(name), outcome, seconds(durationMs)]),
    ),
  );
}

/** Only an address that can't end the link before its time. */
const link = (title: string, url: string | null): string[] =>
  url !== null && /^https?:\/\/[^\s()<>[\]\\]+$/.test(url) ? [`[${inline(title)}](${url})`] : [];

const details = (title: string, body: string, open = false): string =>
  `<details${open ? ' open' : ''}><summary>${inline(title)}</summary>\n\n${body}\n\n</details>`;

const list = (title: string, items: readonly string[]): string =>
  `### ${title}\n\n${items.map((item) => `- ${item}`).join('\n')}`;

/** Cells are Markdown already: they went through `inline` or `code`, or hold figures only. */
const table = (head: readonly string[], rows: readonly (readonly string[])[], figures = true): string =>
  [head, head.map((_, column) => (column === 0 || !figures ? '---' : '--:')), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
