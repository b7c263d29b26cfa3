import type { LoadResult, ThresholdResult } from '../../model/load.ts';

type Figures = Readonly<Record<string, unknown>>;

/**
 * The thresholds of a script from what k6 writes with `--summary-export`, in their order. There, a
 * threshold is true when it was crossed. A text that is not a summary has none.
 */
export function scriptThresholds(summaryExport: string): ThresholdResult[] {
  const metrics = objectOf(objectOf(parse(summaryExport))['metrics']);
  return Object.entries(metrics).flatMap(([metric, given]) => {
    const figures = objectOf(given);
    return Object.entries(objectOf(figures['thresholds'])).map(([condition, crossed]) =>
      resultOf(metric, condition, figures, crossed === false),
    );
  });
}

/**
 * The thresholds of a script that several runners share, from the summary of each. k6 judges them on the
 * runner's own share, so that one is kept when every runner has kept it; the figure is that of a runner
 * that has not, or else of the first.
 */
export function scriptThresholdsOfAll(summaryExports: readonly string[]): ThresholdResult[] {
  const rules = new Map<string, ThresholdResult>();
  for (const result of summaryExports.flatMap(scriptThresholds)) {
    const known = rules.get(result.rule);
    if (known === undefined || (known.passed && !result.passed)) rules.set(result.rule, result);
  }
  return [...rules.values()].map((result) => ({ ...result, rule: `${result.rule} (by each runner)` }));
}

/** What stands for the thresholds when k6 says that some were crossed, but not which. */
export const UNNAMED_CROSSING: ThresholdResult = {
  rule: 'k6: the thresholds of the script',
  metric: 'k6',
  measured: null,
  unit: 'number',
  passed: false,
  missing: 'k6 reports that at least one was crossed; its log names it.',
};

/**
 * The thresholds of a script that ended it before its time, by what k6 said: "thresholds on metrics 'http_req_failed'
 * were crossed; at least one has abortOnFail enabled, stopping test prematurely". Which of several it was k6 does not
 * say.
 */
export function endedByScript(log: string, results: readonly ThresholdResult[]): Pick<LoadResult, 'endedBy'> {
  const [, names] = /thresholds on metrics '([^'\n]*)' were crossed; at least one has abortOnFail/.exec(log) ?? [];
  if (names === undefined) return {};
  const metrics = names.split(',').map((name) => name.trim());
  const crossed = results.filter(
    ({ rule, passed }) => !passed && metrics.some((metric) => rule.startsWith(`k6: ${metric}: `)),
  );
  const endedBy = crossed.map(({ rule, measured }) => ({ rule, measured, afterSeconds: null }));
  return { endedBy: endedBy.length > 0 ? endedBy : [{ rule: names, measured: null, afterSeconds: null }] };
}

function resultOf(metric: string, condition: string, figures: Figures, passed: boolean): ThresholdResult {
  const aggregation = /^\s*([a-z]+(?:\([\d.]+\))?)/.exec(condition)?.[1] ?? '';
  const figure = figures[aggregation] ?? (aggregation === 'rate' ? figures['value'] : undefined);
  const measured = typeof figure === 'number' && Number.isFinite(figure) ? figure : null;
  return {
    rule: `k6: ${metric}: ${condition}`,
    metric: metric.replace(/\{.*/s, ''),
    measured,
    unit: unitOf(metric, aggregation, figures),
    passed,
    missing:
      measured === null ? `The summary of k6 does not hold ${aggregation === '' ? 'the figure' : aggregation}.` : null,
  };
}

function unitOf(metric: string, aggregation: string, figures: Figures): ThresholdResult['unit'] {
  if (aggregation === 'rate') return 'count' in figures ? 'per second' : 'share';
  if (/^(http_req_(?!failed)|iteration_duration|group_duration)/.test(metric)) return 'ms';
  return /^http_reqs\b/.test(metric) ? 'requests' : 'number';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
