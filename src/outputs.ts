import { regressionConfirmed } from './model/comparison.ts';
import type { Report } from './model/report.ts';

/** Every output with its description. action.yml and docs/inputs.md are generated from this. */
export const OUTPUTS = {
  result: 'The whole result as JSON: outcome, load and resources.',
  outcome: 'How the run ended, as one of a fixed set of codes; see docs/troubleshooting.md.',
  'success-ratio': 'Share of requests that succeeded, from 0 to 1.',
  'requests-per-second': 'Answered requests per second over all hosts.',
  'latency-p50': 'Median latency in milliseconds.',
  'latency-p90': '90th percentile of the latency in milliseconds.',
  'latency-p95': '95th percentile of the latency in milliseconds.',
  'latency-p99': '99th percentile of the latency in milliseconds.',
  'latency-avg': 'Mean latency in milliseconds.',
  'latency-max': 'Maximum latency in milliseconds.',
  failures: 'Number of failed requests.',
  capacity: 'With `mode: capacity`: the highest rate in requests per second that keeps the thresholds.',
  'comparison-verdict': 'In a comparison: `slower`, `faster`, `no-difference` or `cannot-tell`.',
  'regression-confirmed':
    'In a comparison: whether fresh rounds confirmed that head is worse; empty when it did not look worse.',
  comparison: 'In a comparison: each metric as JSON, with base, head, ratio, interval and verdict.',
  'threshold-results': 'Each threshold as JSON: the rule, what was measured, and whether it holds.',
  'report-path': 'Path of report.json.',
  'summary-path': 'Path of the report in Markdown.',
  'html-path': 'Path of report.html, the report with its charts as one page.',
  'baseline-path': 'Path of baseline.json, when `save-baseline` wrote one.',
  kubeconfig: 'Path of the kubeconfig of the cluster, usable until the end of the job.',
  'cluster-name': 'Name of the kind cluster; with `kubeconfig` the namespace of the run.',
  'comment-url': 'Address of the comment on the pull request.',
  'artifact-url': 'Address of the uploaded artifact.',
} as const;

export type OutputName = keyof typeof OUTPUTS;

export interface Places {
  readonly report: string;
  readonly summary: string;
  readonly html: string;
  readonly kubeconfig: string;
  readonly baseline: string | null;
  readonly commentUrl: string | null;
  readonly artifactUrl: string | null;
}

/** The value of every output; empty where nothing was measured. */
export function outputsOf(report: Report, places: Places): Record<OutputName, string> {
  const total = report.load?.total;
  const latency = total?.latencyMs;
  const text = (value: number | boolean | null | undefined): string =>
    value === null || value === undefined ? '' : String(value);
  return {
    result: JSON.stringify({ outcome: report.outcome, load: report.load, resources: report.resources }),
    outcome: report.outcome.code,
    'success-ratio': text(total?.successRatio),
    'requests-per-second': text(total?.requestsPerSecond),
    'latency-p50': text(latency?.p50),
    'latency-p90': text(latency?.p90),
    'latency-p95': text(latency?.p95),
    'latency-p99': text(latency?.p99),
    'latency-avg': text(latency?.avg),
    'latency-max': text(latency?.max),
    failures: text(total?.failed),
    capacity: text(report.capacity?.ratePerSecond ?? report.capacity?.highestKept),
    'comparison-verdict': report.comparison?.verdict ?? '',
    'regression-confirmed': text(report.comparison === undefined ? null : regressionConfirmed(report.comparison)),
    comparison: report.comparison === undefined ? '' : JSON.stringify(report.comparison.metrics),
    'threshold-results': report.thresholds.length === 0 ? '' : JSON.stringify(report.thresholds),
    'report-path': places.report,
    'summary-path': places.summary,
    'html-path': places.html,
    'baseline-path': places.baseline ?? '',
    kubeconfig: places.kubeconfig,
    'cluster-name': report.cluster?.name ?? '',
    'comment-url': places.commentUrl ?? '',
    'artifact-url': places.artifactUrl ?? '',
  };
}
