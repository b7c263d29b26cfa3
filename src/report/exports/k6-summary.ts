import type { HostResult, LatencySummary, ThresholdResult } from '../../model/load.ts';
import type { MeasuredReport } from './rows.ts';

interface Metric {
  readonly type: 'counter' | 'gauge' | 'rate' | 'trend';
  readonly contains: 'default' | 'time' | 'data';
  readonly values: Readonly<Record<string, number | null>>;
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
}

/**
 * What k6 passes to `handleSummary()` (https://grafana.com/docs/k6/latest/results-output/end-of-test/custom-summary/).
 */
export interface K6Summary {
  readonly options: {
    readonly summaryTrendStats: readonly string[];
    readonly summaryTimeUnit: '';
    readonly noColor: false;
  };
  readonly state: { readonly isStdOutTTY: false; readonly isStdErrTTY: false; readonly testRunDurationMs: number };
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly root_group: {
    readonly name: '';
    readonly path: '';
    readonly id: string;
    readonly groups: readonly [];
    readonly checks: readonly [];
  };
}

const TREND_STATS = ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)', 'p(99)'];

/** The MD5 of the empty path, which is the id of k6's root group. */
const ROOT_GROUP = 'd41d8cd98f00b204e9800998ecf8427e';

/**
 * The load in the shape of the data of `handleSummary()` of k6 v0.30 to v1 (seen with v1.8.1), and not in
 * that of `--summary-export`: k6 advises against that one, and readers of summaries (k6-html-reporter,
 * k6-junit, k6-reporter) have left it.
 *
 * `http_req_duration` is the latency that the thresholds of the report are judged by, with the requests that timed out,
 * as k6 has them in it. Parts of a request that are not measured (`http_req_sending` and the like) are left out.
 * `http_req_tls_handshaking` is over handshakes; k6 has a 0 in it for each request that needed none.
 */
export function k6Summary({ load, thresholds }: MeasuredReport): K6Summary {
  const { total, hosts, durationSeconds, notSent, model, journeys, checks = [] } = load;
  const perSecond = (count: number): number => (durationSeconds > 0 ? count / durationSeconds : 0);
  const counter = (count: number): Metric => ({
    type: 'counter',
    contains: 'default',
    values: { count, rate: perSecond(count) },
  });
  const gauge = (value: number): Metric => ({
    type: 'gauge',
    contains: 'default',
    values: { value, min: value, max: value },
  });
  const requests = (result: HostResult, tags: string): [string, Metric][] => [
    [`http_reqs${tags}`, counter(result.sent)],
    ...(result.sent === 0
      ? []
      : ([
          [
            `http_req_failed${tags}`,
            {
              type: 'rate',
              contains: 'default',
              values: { rate: result.failed / result.sent, passes: result.failed, fails: result.succeeded },
            },
          ],
        ] as [string, Metric][])),
    ...(result.latencyMs === null
      ? []
      : [
          result.latencyWithTimeoutsMs === undefined
            ? trend(`http_req_duration${tags}`, result.latencyMs, result.latencyPercentilesMs)
            : trend(`http_req_duration${tags}`, result.latencyWithTimeoutsMs, result.latencyWithTimeoutsPercentilesMs),
        ]),
    ...(result.waitingMs === undefined
      ? []
      : [trend(`http_req_waiting${tags}`, result.waitingMs, result.waitingPercentilesMs)]),
    ...(result.tlsHandshakes === undefined
      ? []
      : [trend(`http_req_tls_handshaking${tags}`, result.tlsHandshakes.timeMs, result.tlsHandshakes.percentilesMs)]),
  ];
  const measured = new Map<string, Metric>([
    ...requests(total, ''),
    ...hosts.flatMap((result) => requests(result, tagsOf(result, hosts))),
    // An iteration is a whole walk.
    [
      'iterations',
      counter(journeys === undefined ? total.sent : journeys.reduce((sum, each) => sum + each.completed, 0)),
    ],
    ...checkRates(checks),
    ['dropped_iterations', counter(notSent)],
    ...(model.concurrency === null ? [] : ([['vus_max', gauge(model.concurrency)]] as [string, Metric][])),
  ]);
  return {
    options: { summaryTrendStats: TREND_STATS, summaryTimeUnit: '', noColor: false },
    state: { isStdOutTTY: false, isStdErrTTY: false, testRunDurationMs: durationSeconds * 1000 },
    metrics: Object.fromEntries(withThresholds(measured, thresholds)),
    root_group: { name: '', path: '', id: ROOT_GROUP, groups: [], checks: [] },
  };
}

/** k6's `checks`, over all of them and of each; nothing where nothing was checked. */
function checkRates(checks: NonNullable<MeasuredReport['load']['checks']>): [string, Metric][] {
  const rate = (name: string, of: typeof checks): [string, Metric][] => {
    const [passes, fails] = [
      of.reduce((sum, each) => sum + each.passed, 0),
      of.reduce((sum, each) => sum + each.failed, 0),
    ];
    return passes + fails === 0
      ? []
      : [[name, { type: 'rate', contains: 'default', values: { rate: passes / (passes + fails), passes, fails } }]];
  };
  return [...rate('checks', checks), ...checks.flatMap((check) => rate(`checks{check:${check.name}}`, [check]))];
}

function trend(
  name: string,
  { avg, min, p50, max, p90, p95, p99 }: LatencySummary,
  percentilesMs: Readonly<Record<string, number>> = {},
): [string, Metric] {
  const asked = Object.entries(percentilesMs).map(([percentile, value]) => [`p(${percentile})`, value] as const);
  const values = { avg, min, med: p50, max, 'p(90)': p90, 'p(95)': p95, 'p(99)': p99, ...Object.fromEntries(asked) };
  return [name, { type: 'trend', contains: 'time', values }];
}

/**
 * Tags in k6's notation for submetrics. A scenario's request has its name; otherwise the path is included only if the
 * host alone is ambiguous.
 */
const tagsOf = ({ name, host, path }: HostResult, all: readonly HostResult[]): string =>
  name !== undefined
    ? `{name:${name}}`
    : all.filter((other) => other.host === host).length === 1
      ? `{host:${host}}`
      : `{host:${host},path:${path}}`;

/**
 * A rule belongs to the metric that it is about. A rule on something that k6 does not have, such as the CPU of a
 * workload, adds its metric.
 */
function withThresholds(
  measured: ReadonlyMap<string, Metric>,
  thresholds: readonly ThresholdResult[],
): Map<string, Metric> {
  const metrics = new Map(measured);
  // k6 has no notion of a rule without a verdict.
  for (const { rule, measured: value, passed } of thresholds.filter((result) => result.withoutVerdict === undefined)) {
    // The report marks the thresholds of a script; in a k6 summary they need no mark.
    const [, name = rule, tags = '', condition = ''] =
      /^(?:k6: )?([^\s{:]*)\s*(\{[^}]*\})?\s*:?\s*(.*)$/s.exec(rule) ?? [];
    const key = `${name}${tags.replace(/\s*([{:,}])\s*/g, '$1')}`;
    const metric = metrics.get(key) ?? {
      type: 'gauge',
      contains: 'default',
      values: { value, min: value, max: value },
    };
    metrics.set(key, { ...metric, thresholds: { ...metric.thresholds, [condition]: { ok: passed } } });
  }
  return metrics;
}
