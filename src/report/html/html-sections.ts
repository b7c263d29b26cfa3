import { measuredText } from '../../load/thresholds/measured-text.ts';
import type { CapacityResult, CapacityStep } from '../../model/capacity.ts';
import type { CapacityPair } from '../../model/comparison.ts';
import type { HostResult, LoadResult } from '../../model/load.ts';
import type { Report } from '../../model/report.ts';
import type { NodeResources, WorkloadResources } from '../../model/resources.ts';
import type { StageRecord } from '../../model/run.ts';
import {
  approximate,
  grouped,
  milliseconds,
  NOT_MEASURED,
  percent,
  perSecond,
  range,
  seconds,
} from '../../text/numbers.ts';
import { inOrderOfRate, verdictOf } from '../words/capacity-text.ts';
import { clusterFacts } from '../words/cluster-facts.ts';
import { EARLIER_RUN_HEAD, earlierRunRows, earlierRunText } from '../words/earlier-run.ts';
import { hostLabel } from '../words/host-label.ts';
import { processorsAndMemory } from '../words/machine-text.ts';
import { nodeFigures, workloadFigures } from '../words/resource-figures.ts';
import { doubts, explanations, type Percentile, resourcesOfBoth, weakPercentiles } from '../words/trust.ts';
import { html, link, type Markup, NOTHING, table } from './html-text.ts';

const VERDICTS = {
  passed: { word: 'Passed', sign: '✓' },
  failed: { word: 'Failed', sign: '✗' },
  cancelled: { word: 'Cancelled', sign: '–' },
  invalid: { word: 'No verdict', sign: '?' },
  undecided: { word: 'Not decided', sign: '?' },
} as const;

/** A comparison that could not tell has passed, but is no proof of anything. */
const toneOf = ({ outcome, comparison }: Report): keyof typeof VERDICTS =>
  outcome.result === 'passed' && comparison?.verdict === 'cannot-tell' ? 'undecided' : outcome.result;

/** How the run ended, why, and its main figures. */
export function verdictSection(report: Report): Markup {
  const { outcome, run, load, comparison } = report;
  const tone = toneOf(report);
  const { word, sign } = VERDICTS[tone];
  const { failure } = outcome;
  const where = [
    run.repository,
    run.pullRequest === null ? null : `pull request ${String(run.pullRequest)}`,
    run.sha?.slice(0, 12),
  ].filter((text) => typeof text === 'string');
  return html`<header class="verdict ${tone}">
<p class="result"><span class="badge"><span aria-hidden="true">${sign}</span> ${word}</span>${where.length === 0 ? NOTHING : html` <span class="note">${where.join(' · ')}</span>`}${run.url === null ? NOTHING : html` <span class="note">${link('log of the run', run.url)}</span>`}</p>
<h1>${outcome.summary}</h1>
${failure === null ? NOTHING : failureDetails(failure, outcome)}
</header>
${doubtsList(report)}
${load === null || comparison !== undefined ? NOTHING : tiles(load)}`;
}

function failureDetails(
  { stage, message, hint, tryThis }: NonNullable<Report['outcome']['failure']>,
  { summary, helpUrl }: Report['outcome'],
): Markup {
  return html`${stage === null ? NOTHING : html`<p>Stage: <code>${stage}</code></p>`}
${summary.endsWith(message) ? NOTHING : html`<pre>${message}</pre>`}
${hint === null ? NOTHING : html`<p><strong>What to do:</strong> ${hint}</p>`}
${tryThis === null ? NOTHING : html`<pre>${tryThis}</pre>`}
${helpUrl === null ? NOTHING : html`<p>${link('More about this outcome', helpUrl)}</p>`}`;
}

/** The main figures, each with its interval where there is one. */
function tiles({ total, uncertainty }: LoadResult): Markup {
  const weak = weakPercentiles(total);
  const { latencyMs } = total;
  const percentile = (name: Percentile): Markup =>
    tile(
      name,
      approximate(milliseconds(latencyMs?.[name] ?? null), weak.has(name)),
      range(uncertainty?.[`${name}Ms`], milliseconds),
    );
  return html`<dl class="tiles">
${tile('Requests', grouped(total.sent), '')}
${tile('Succeeded', percent(total.successRatio), total.failed === 0 ? '' : `${grouped(total.failed)} failed`)}
${tile('Throughput', perSecond(total.requestsPerSecond), range(uncertainty?.requestsPerSecond, perSecond))}
${percentile('p50')}
${percentile('p95')}
${percentile('p99')}
</dl>`;
}

const tile = (name: string, value: string, below: string): Markup =>
  html`<div><dt>${name}</dt><dd>${value}${below === '' ? NOTHING : html`<small>${below}</small>`}</dd></div>
`;

export function thresholdsSection({ thresholds }: Report): Markup {
  if (thresholds.length === 0) return NOTHING;
  const rows = thresholds.map((result) => [
    html`<code>${result.rule}</code>`,
    measuredText(result),
    result.withoutVerdict !== undefined
      ? html`<span class="even">? no verdict</span>`
      : result.passed
        ? html`<span class="good">✓ kept</span>`
        : html`<span class="bad">✗ broken</span>`,
  ]);
  return section(
    'thresholds',
    'Thresholds',
    table({ caption: 'Thresholds', head: ['Rule', 'Measured', 'Result'], rows, textColumns: 3 }),
  );
}

/** Every step of a search for the capacity, by rate; `version` when two were searched. */
export function capacitySteps({ steps }: CapacityResult, version: string): Markup {
  const head = ['Rate', 'Result', 'Requests', 'Failed', 'p50', 'p95', 'p99'];
  const rows = inOrderOfRate(steps).map((step) => [
    perSecond(step.ratePerSecond),
    stepVerdict(step),
    grouped(step.sent),
    grouped(step.failed),
    ...(['p50', 'p95', 'p99'] as const).map((figure) => milliseconds(step.latencyMs?.[figure] ?? null)),
  ]);
  return table({
    caption: `Steps of the search${version === '' ? '' : ` in ${version}`} by rate`,
    head,
    rows,
    textColumns: 2,
  });
}

const stepVerdict = (step: CapacityStep): Markup =>
  step.kept ? html`<span class="good">✓ kept</span>` : html`<span class="bad">✗ ${verdictOf(step)}</span>`;

/** The steps that were made only to confirm that head holds less. */
export function capacityPairs(pairs: readonly CapacityPair[]): Markup {
  const rows = pairs.flatMap(({ base, head }, index) =>
    [base, head].map((step, place) => [
      `${String(index + 1)}, ${place === 0 ? 'base' : 'head'}`,
      perSecond(step.ratePerSecond),
      stepVerdict(step),
    ]),
  );
  return table({
    caption: 'Fresh steps to confirm that head holds less',
    head: ['Pair', 'Rate', 'Result'],
    rows,
    textColumns: 1,
  });
}

/** What speaks against the figures stands before them. */
const doubtsList = (report: Report): Markup =>
  html`${doubts(report).map((sentence) => html`<p class="doubt">${sentence}</p>`)}`;

const FIGURES = ['avg', 'p50', 'p90', 'p95', 'p99', 'max'] as const;

export function hostsSection(load: LoadResult, title = 'Hosts'): Markup {
  const { uncertainty } = load;
  const intervals = {
    requestsPerSecond: range(uncertainty?.requestsPerSecond, perSecond),
    avg: '',
    p50: range(uncertainty?.p50Ms, milliseconds),
    p90: range(uncertainty?.p90Ms, milliseconds),
    p95: range(uncertainty?.p95Ms, milliseconds),
    p99: range(uncertainty?.p99Ms, milliseconds),
    max: '',
  };
  const row = (result: HostResult, below: Partial<typeof intervals>): (Markup | string)[] => {
    const weak: ReadonlySet<string> = weakPercentiles(result);
    return [
      nameOf(result),
      grouped(result.sent),
      percent(result.successRatio),
      withInterval(perSecond(result.requestsPerSecond), below.requestsPerSecond),
      ...FIGURES.map((figure) =>
        withInterval(approximate(milliseconds(result.latencyMs?.[figure] ?? null), weak.has(figure)), below[figure]),
      ),
    ];
  };
  const rows = [...load.hosts.map((host) => row(host, {})), row(load.total, intervals)];
  return section(
    'hosts',
    title,
    html`${table({ caption: 'Requests and latency by host', head: ['Host', 'Requests', 'Succeeded', 'Throughput', ...FIGURES], rows, textColumns: 1 })}
<ul class="explanations">${explanations(load).map((sentence) => html`<li>${sentence}</li>`)}</ul>`,
  );
}

const withInterval = (text: string, interval: string | undefined): Markup | string =>
  interval === undefined || interval === '' ? text : html`${text}<small>${interval}</small>`;

const nameOf = (result: HostResult): Markup =>
  result.host === 'all' && result.path === '' ? html`All` : html`<code>${hostLabel(result)}</code>`;

export function failedRequests({ hosts, total }: LoadResult): Markup {
  if (total.failed === 0) return NOTHING;
  const counts = (record: Readonly<Record<string, number>>): string =>
    Object.entries(record)
      .map(([name, count]) => `${name}: ${String(count)}`)
      .join(', ') || NOT_MEASURED;
  const rows = [...hosts, total]
    .filter(({ failed }) => failed > 0)
    .map((row) => [nameOf(row), grouped(row.failed), counts(row.failures), counts(row.statuses)]);
  return section(
    'failed',
    'Failed requests',
    table({
      caption: 'Failed requests by host',
      head: ['Host', 'Failed', 'By class', 'HTTP statuses'],
      rows,
      textColumns: 4,
    }),
  );
}

export function resourcesSection({ resources, comparison }: Report): Markup {
  if (resources === null) return NOTHING;
  const { workloads, nodes, missing } = resources;
  const workloadHead = [
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
  ];
  const nodeHead = ['Node', 'CPU cores', 'Memory', 'Received', 'Sent', 'Samples'];
  return section(
    'resources',
    'Resources during the load',
    html`${workloads.length === 0 ? NOTHING : table({ caption: 'Resources by workload', head: workloadHead, rows: workloads.map(workloadRow), textColumns: 1 })}
${nodes.length === 0 ? NOTHING : table({ caption: 'Resources by node', head: nodeHead, rows: nodes.map(nodeRow), textColumns: 1 })}
${[...missing, ...(comparison === undefined ? [] : [resourcesOfBoth(comparison)])].map((sentence) => html`<p class="note">${sentence}</p>`)}`,
  );
}

const workloadRow = (workload: WorkloadResources): (Markup | string)[] => [
  html`<code>${`${workload.namespace}/${workload.name}`}</code>`,
  ...workloadFigures(workload),
];

const nodeRow = (node: NodeResources): (Markup | string)[] => [html`<code>${node.name}</code>`, ...nodeFigures(node)];

/** Behind the figures of this run: it is context, and must not be read as a result. */
export function earlierRunSection({ earlier }: Report): Markup {
  if (earlier === undefined) return NOTHING;
  const rows = earlierRunRows(earlier);
  return section(
    'earlier',
    'An earlier run, for context',
    html`<p>${earlierRunText(earlier)}</p>
${rows.length === 0 ? NOTHING : table({ caption: 'An earlier run beside this one', head: [...EARLIER_RUN_HEAD], rows, textColumns: 1 })}
${earlier.url === null ? NOTHING : html`<p class="note">${link('Log of that run', earlier.url)}</p>`}`,
  );
}

export const repeatSection = ({
  repeatWith,
  warnings,
  diagnostics,
}: Report): Markup => html`${listSection('warnings', 'Warnings', warnings)}
${listSection('evidence', 'Files of evidence', diagnostics)}
${section('repeat', 'Repeat it on your machine', html`<pre class="command">${repeatWith}</pre>`)}`;

const listSection = (id: string, title: string, items: readonly string[]): Markup =>
  items.length === 0 ? NOTHING : section(id, title, html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`);

/** Versions, machine, load and inputs, as they were in this run. */
export function runSection(report: Report): Markup {
  const { environment, run, load, tool, tools, images, settings } = report;
  const facts: (readonly [string, string])[] = [
    [tool.name, tool.version],
    ...Object.entries(tools).map(([name, { version }]) => [name, version] as const),
    ...clusterFacts(report),
    ...(load === null
      ? []
      : ([
          ['seed', load.seed],
          ['threads of the generator', String(load.workers)],
        ] as const)),
    ...generatorFacts(load),
    ...(environment === null
      ? []
      : ([
          ['machine', `${environment.os}, ${environment.arch}, ${processorsAndMemory(environment)}`],
          ['Node.js', environment.nodeVersion],
        ] as const)),
    ...(typeof environment?.dockerVersion === 'string' ? [['Docker', environment.dockerVersion] as const] : []),
    ...(run.sha === null ? [] : [['commit', run.sha] as const]),
    ...images.map((image) => ['image', image] as const),
  ];
  return section(
    'run',
    'What was run',
    html`${factsTable('What was run', ['What', 'Value'], facts)}
<details><summary>Inputs</summary>
${factsTable(
  'Inputs',
  ['Input', 'Value'],
  Object.entries(settings).filter(([, value]) => value !== ''),
)}
</details>`,
  );
}

function generatorFacts(load: LoadResult | null): (readonly [string, string])[] {
  const generator = load?.generator ?? null;
  if (generator === null) return [];
  const { cpuShare, eventLoopUtilization, eventLoopDelayMs, sendDelayMs } = generator;
  return [
    ['CPU of the generator', `${percent(cpuShare)} of a core for each thread`],
    [
      'its event loop',
      `had work for ${percent(eventLoopUtilization)} of the time; late by ${milliseconds(eventLoopDelayMs.p99)} (p99), ${milliseconds(eventLoopDelayMs.max)} (max)`,
    ],
    ...(sendDelayMs === null
      ? []
      : [
          [
            'its requests',
            `left late by ${milliseconds(sendDelayMs.p99)} (p99), ${milliseconds(sendDelayMs.max)} (max)`,
          ] as const,
        ]),
  ];
}

const factsTable = (caption: string, head: readonly string[], facts: readonly (readonly [string, string])[]): Markup =>
  table({ caption, head, rows: facts.map(([name, value]) => [name, html`<code>${value}</code>`]), textColumns: 2 });

export function stagesSection({ stages, startedAt }: Report): Markup {
  if (stages.length === 0) return NOTHING;
  const begin = Date.parse(startedAt);
  const endOf = ({ startedAt: start, durationMs }: StageRecord): number =>
    Date.parse(start) - begin + (durationMs ?? 0);
  const whole = Math.max(1, ...stages.map(endOf));
  const rows = stages.map((stage) => [
    html`<code>${stage.name}</code>`,
    stage.outcome,
    seconds(stage.durationMs),
    bar((Date.parse(stage.startedAt) - begin) / whole, (stage.durationMs ?? 0) / whole),
  ]);
  return section(
    'stages',
    'Time of each stage',
    table({
      caption: 'Time of each stage',
      head: ['Stage', 'Outcome', 'Time', 'From the beginning of the run to its end'],
      rows,
      textColumns: 2,
    }),
  );
}

/** A stretch of the run; its length is in the table as text too. */
const bar = (from: number, share: number): Markup =>
  html`<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="1000" height="10"/><rect x="${Math.round(1000 * Math.max(0, from))}" width="${Math.max(3, Math.round(1000 * share))}" height="10"/></svg>`;

const section = (id: string, title: string, body: Markup): Markup => html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${body}
</section>`;
