import { measuredText } from '../load/junit.ts';
import { loadModelText } from './load-model-text.ts';
import type { Failure, HostResult, LoadResult, NodeResources, Report, Resources, RunIdentity, ThresholdResult, WorkloadResources } from './model.ts';
import { bytes, bytesPerSecond, cores, milliseconds, NOT_MEASURED, percent, perSecond, seconds } from './numbers.ts';

const ICONS = { passed: '✅', failed: '❌', cancelled: '⚠️', invalid: '⚠️' } as const;

/**
 * The report as Markdown, in sections by importance: whoever has to shorten it leaves out the last
 * ones. Nothing that came from outside can become markup, a mention or a hidden comment in it.
 */
export function renderReport(report: Report): string[] {
  const { outcome, load, resources } = report;
  return [
    `## ${ICONS[outcome.result]} ${inline(outcome.summary)}`,
    ...(outcome.failure === null ? [] : [failureSection(outcome.failure, outcome.helpUrl)]),
    ...(report.thresholds.length === 0 ? [] : [thresholdsSection(report.thresholds)]),
    ...(load === null ? [] : loadSections(load)),
    ...(resources === null ? [] : resourceSections(resources)),
    ...(report.warnings.length === 0 ? [] : [list('Warnings', report.warnings.map(inline))]),
    repeatSection(report),
    runSection(report),
    stagesSection(report),
  ];
}

/** What stands in the comment while a run is on its way. */
export const renderRunning = ({ sha, url }: RunIdentity): string =>
  [`## ⏳ Load test is running${sha === null ? '' : ` for ${code(sha.slice(0, 12))}`}`, ...link('Log of the run', url)].join('\n\n');

function failureSection({ message, hint, tryThis, stage }: Failure, helpUrl: string | null): string {
  return [
    ...(stage === null ? [] : [`**Stage:** ${code(stage)}`]),
    fence(message),
    ...(hint === null ? [] : [`**What to do:** ${inline(hint)}`]),
    ...(tryThis === null ? [] : [fence(tryThis, 'sh')]),
    ...link('More about this outcome', helpUrl),
  ].join('\n\n');
}

const thresholdsSection = (thresholds: readonly ThresholdResult[]): string =>
  table(
    ['Threshold', 'Measured', ''],
    thresholds.map((result) => [code(result.rule), inline(measuredText(result)), result.passed ? '✅' : '❌']),
    false,
  );

function loadSections(load: LoadResult): string[] {
  const rows = [...load.hosts, load.total];
  return [
    [
      table(
        ['Host', 'Requests', 'Succeeded', 'Throughput', 'avg', 'p50', 'p90', 'p95', 'p99', 'max'],
        rows.map(latencyRow),
      ),
      ...caveats(load).map((sentence) => `<sub>${inline(sentence)}</sub>`),
    ].join('\n\n'),
    ...(load.total.failed === 0 ? [] : [failuresSection(rows)]),
  ];
}

function latencyRow(result: HostResult): string[] {
  const { latencyMs: latency } = result;
  const name = result.host === 'all' ? '**all**' : code(result.path === '/' ? result.host : `${result.host}${result.path}`);
  return [
    name,
    String(result.sent),
    percent(result.successRatio),
    perSecond(result.requestsPerSecond),
    ...(['avg', 'p50', 'p90', 'p95', 'p99', 'max'] as const).map((figure) => milliseconds(latency?.[figure] ?? null)),
  ];
}

/** A percentile says little when only a handful of requests lie beyond it. */
const ENOUGH_BEYOND = 10;

function caveats(load: LoadResult): string[] {
  const answered = Object.values(load.total.statuses).reduce((sum, count) => sum + count, 0);
  const weak = [90, 95, 99].filter((p) => (answered * (100 - p)) / 100 < ENOUGH_BEYOND);
  return [
    `${load.durationSeconds.toFixed(1)} s after ${String(load.warmupRequests)} warm-up requests. ${loadModelText(load)}`,
    ...(weak.length === 0 || answered === 0
      ? []
      : [
          `With ${String(answered)} answers, ${weak.map((p) => `p${String(p)}`).join(' and ')} rest${weak.length === 1 ? 's' : ''} on fewer than ${String(ENOUGH_BEYOND)} of them: take ${weak.length === 1 ? 'it' : 'them'} as a hint.`,
        ]),
  ];
}

function failuresSection(rows: readonly HostResult[]): string {
  const failed = rows.filter(({ failed: count }) => count > 0);
  return `### Failed requests\n\n${table(
    ['Host', 'Failed', 'By class', 'HTTP statuses'],
    failed.map((row) => [row.host === 'all' ? '**all**' : code(row.host), String(row.failed), counts(row.failures), counts(row.statuses)]),
    false,
  )}`;
}

const counts = (record: Readonly<Record<string, number>>): string =>
  Object.entries(record)
    .map(([name, count]) => `${name}: ${String(count)}`)
    .join(', ') || NOT_MEASURED;

function resourceSections({ workloads, nodes, missing }: Resources): string[] {
  const notes = missing.map((sentence) => `<sub>${inline(sentence)}</sub>`);
  if (workloads.length === 0 && nodes.length === 0) return [['### Resources during the load', ...notes].join('\n\n')];
  return [
    [
      '### Resources during the load',
      table(
        ['Workload', 'Pods', 'CPU cores', 'of limit', 'throttled', 'Memory', 'of limit', 'Received', 'Sent', 'Restarts', 'Samples'],
        workloads.map(workloadRow),
      ),
      ...notes,
    ].join('\n\n'),
    details('Resources of the nodes', table(['Node', 'CPU cores', 'Memory', 'Received', 'Sent', 'Samples'], nodes.map(nodeRow))),
  ];
}

const workloadRow = (workload: WorkloadResources): string[] => [
  code(`${workload.namespace}/${workload.name}`),
  String(workload.pods),
  cores(workload.cpuCores.value),
  percent(workload.cpuShareOfLimit),
  percent(workload.cpuThrottledShare.value),
  bytes(workload.memoryBytes.value),
  percent(workload.memoryShareOfLimit),
  bytesPerSecond(workload.networkReceivedBytesPerSecond.value),
  bytesPerSecond(workload.networkSentBytesPerSecond.value),
  workload.restarts === null ? NOT_MEASURED : String(workload.restarts),
  String(workload.cpuCores.samples),
];

const nodeRow = (node: NodeResources): string[] => [
  code(node.name),
  cores(node.cpuCores.value),
  bytes(node.memoryBytes.value),
  bytesPerSecond(node.networkReceivedBytesPerSecond.value),
  bytesPerSecond(node.networkSentBytesPerSecond.value),
  String(node.cpuCores.samples),
];

const repeatSection = ({ repeatWith }: Report): string => details('Repeat it on your machine', fence(repeatWith, 'sh'));

function runSection(report: Report): string {
  const { environment, cluster, run } = report;
  const facts: [string, string][] = [
    ['k8s-loadtest-ci', report.tool.version],
    ...Object.entries(report.tools).map(([name, { version }]): [string, string] => [name, version]),
    ...(cluster === null ? [] : ([['node image', cluster.nodeImage], ['nodes', String(cluster.nodes.length)]] as [string, string][])),
    ...(report.load?.engine === undefined ? [] : ([['load engine', `${report.load.engine.name} ${report.load.engine.version}`]] as [string, string][])),
    ...(report.load === null ? [] : ([['seed', report.load.seed]] as [string, string][])),
    ...(environment === null
      ? []
      : ([
          ['machine', `${environment.os}, ${environment.arch}, ${String(environment.cpus)} × ${environment.cpuModel}, ${bytes(environment.memoryBytes)}`],
          ['Node.js', environment.nodeVersion],
          ...(environment.dockerVersion === null ? [] : [['Docker', environment.dockerVersion]]),
        ] as [string, string][])),
    ...(run.sha === null ? [] : ([['commit', run.sha]] as [string, string][])),
    ...report.images.map((image): [string, string] => ['image', image]),
  ];
  return details('What was run', [table(['What', 'Value'], facts.map(([name, value]) => [inline(name), code(value)]), false), ...link('Log of the run', run.url)].join('\n\n'));
}

function stagesSection({ stages }: Report): string {
  return details(
    'Time of each stage',
    table(['Stage', 'Outcome', 'Time'], stages.map(({ name, outcome, durationMs }) => [code(name), outcome, seconds(durationMs)])),
  );
}

/** Only an address that can't end the link before its time. */
const link = (title: string, url: string | null): string[] =>
  url !== null && /^https?:\/\/[^\s()<>[\]\\]+$/.test(url) ? [`[${inline(title)}](${url})`] : [];

const details = (title: string, body: string): string => `<details><summary>${inline(title)}</summary>\n\n${body}\n\n</details>`;

const list = (title: string, items: readonly string[]): string => `### ${title}\n\n${items.map((item) => `- ${item}`).join('\n')}`;

/** Cells are Markdown already: they went through `inline` or `code`, or hold figures only. */
const table = (head: readonly string[], rows: readonly (readonly string[])[], figures = true): string =>
  [head, head.map((_, column) => (column === 0 || !figures ? '---' : '--:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** Text of any origin as plain text of one line: no markup, no mention, no reference. */
export const inline = (text: string): string =>
  withoutControls(text)
    .replace(/\s+/g, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]|~!]/g, (character) => `\\${character}`)
    // A word joiner after these keeps GitHub from making a mention or a reference of it.
    .replace(/[@#]/g, (character) => `${character}\u2060`);

/** Text of any origin as a code span, safe in a table too. */
export function code(text: string): string {
  // GitHub splits table cells before it reads code spans; an entity would be shown as it is written.
  const line = withoutControls(text).replace(/\s+/g, ' ').replace(/\|/g, '\\|');
  const ticks = '`'.repeat(longestRun(line) + 1);
  const space = /^`|`$|^ .* $/.test(line) || line === '' ? ' ' : '';
  return `${ticks}${space}${line}${space}${ticks}`;
}

/** Text of any origin as a code block that nothing in it can end. */
export function fence(text: string, language = 'text'): string {
  // First the controls go: a run of backticks may only come together then.
  const body = withoutControls(text);
  const ticks = '`'.repeat(Math.max(3, longestRun(body) + 1));
  return `${ticks}${language}\n${body}\n${ticks}`;
}

const longestRun = (text: string): number => (text.match(/`+/g) ?? []).reduce((longest, { length }) => Math.max(longest, length), 0);

const withoutControls = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, '');
