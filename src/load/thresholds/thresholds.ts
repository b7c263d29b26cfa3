/**
 * thresholds/ reads the rules for a load, in k6's syntax, and checks the measurements against them. The limits come
 * from inputs; nothing here has its own.
 */
import { parseDuration } from '../../text/durations.ts';
import { numberedLines, rulesOfLine } from './pasted-rules.ts';

/** A rule in k6's syntax, such as `http_req_duration{host:foo.localhost}: p(95)<500`. */
export interface Threshold {
  /** The rule as it was written, without white space at its ends. */
  readonly rule: string;
  readonly metric: MetricName;
  readonly tags: Readonly<Record<string, string>>;
  readonly aggregation: Aggregation;
  readonly operator: Operator;
  readonly limit: number;
  /** Breaking it ends the load (k6's `abortOnFail`); missing otherwise. */
  readonly abort?: AbortOnFail | undefined;
}

interface AbortOnFail {
  /** It is not evaluated before this time, in milliseconds after the measured window began (k6's `delayAbortEval`). */
  readonly delayMs: number;
}

type Aggregation =
  | { readonly kind: 'avg' | 'min' | 'med' | 'max' | 'rate' | 'count' }
  | { readonly kind: 'percentile'; readonly p: number };

export type Operator = '<' | '<=' | '>' | '>=' | '==' | '!=';

/** An invalid line: its text and what is allowed. */
export interface ThresholdFault {
  /** Number of the line, starting at 1. */
  readonly line: number;
  readonly got: string;
  /** Whole sentences that teach. */
  readonly message: string;
}

interface Metric {
  readonly aggregations: readonly string[];
  readonly tags: readonly string[];
  /** Exactly one of its tags must be given. */
  readonly needsTag: boolean;
  /** The unit of limits, for messages. */
  readonly limits: string;
}

const TREND = ['avg', 'min', 'med', 'max', 'p(N)'];
const SHARE = 'a share between 0 and 1';

/** The metrics that rules can use: with k6's names if k6 has the metric. */
const METRICS = {
  http_req_duration: {
    aggregations: TREND,
    tags: ['host', 'name', 'stage', 'expected_response'],
    needsTag: false,
    limits: 'milliseconds',
  },
  http_req_waiting: { aggregations: TREND, tags: ['host', 'name'], needsTag: false, limits: 'milliseconds' },
  http_req_tls_handshaking: { aggregations: TREND, tags: ['host', 'name'], needsTag: false, limits: 'milliseconds' },
  http_req_failed: {
    aggregations: ['rate'],
    tags: ['host', 'name', 'stage'],
    needsTag: false,
    limits: SHARE,
  },
  http_reqs: {
    aggregations: ['rate', 'count'],
    tags: ['host', 'name', 'stage', 'expected_response'],
    needsTag: false,
    limits: 'requests (per second)',
  },
  checks: { aggregations: ['rate'], tags: ['check'], needsTag: false, limits: SHARE },
  journey_duration: { aggregations: TREND, tags: ['journey'], needsTag: false, limits: 'milliseconds' },
  journey_failed: { aggregations: ['rate'], tags: ['journey'], needsTag: false, limits: SHARE },
  journeys: {
    aggregations: ['rate', 'count'],
    tags: ['journey'],
    needsTag: false,
    limits: 'finished journeys (per second)',
  },
  stream_first_byte: { aggregations: TREND, tags: ['name'], needsTag: true, limits: 'milliseconds' },
  stream_first_event: { aggregations: TREND, tags: ['name'], needsTag: true, limits: 'milliseconds' },
  stream_between_events: { aggregations: TREND, tags: ['name'], needsTag: true, limits: 'milliseconds' },
  stream_events: { aggregations: ['rate', 'count'], tags: ['name'], needsTag: true, limits: 'events (per second)' },
  grpc_req_duration: { aggregations: TREND, tags: [], needsTag: false, limits: 'milliseconds' },
  ws_connecting: { aggregations: TREND, tags: ['name'], needsTag: false, limits: 'milliseconds' },
  ws_session_duration: { aggregations: TREND, tags: ['name'], needsTag: false, limits: 'milliseconds' },
  ws_round_trip: { aggregations: TREND, tags: ['name'], needsTag: false, limits: 'milliseconds' },
  ws_ping: { aggregations: TREND, tags: [], needsTag: false, limits: 'milliseconds' },
  ws_sessions: {
    aggregations: ['rate', 'count'],
    tags: ['name'],
    needsTag: false,
    limits: 'sessions (per second)',
  },
  ws_msgs_sent: {
    aggregations: ['rate', 'count'],
    tags: ['name'],
    needsTag: false,
    limits: 'messages (per second)',
  },
  ws_msgs_received: {
    aggregations: ['rate', 'count'],
    tags: ['name'],
    needsTag: false,
    limits: 'messages (per second)',
  },
  dropped_iterations: {
    aggregations: ['count'],
    tags: ['stage'],
    needsTag: false,
    limits: 'requests that were never sent',
  },
  resource_cpu: { aggregations: ['avg', 'max'], tags: ['workload', 'node'], needsTag: true, limits: 'cores' },
  resource_memory: { aggregations: ['max'], tags: ['workload', 'node'], needsTag: true, limits: 'bytes' },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;

const OPERATORS: Readonly<Record<string, Operator>> = {
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  '==': '==',
  '===': '==',
  '!=': '!=',
};

/**
 * Reads thresholds, one per line; empty lines and lines that begin with # are skipped. Every fault of
 * every line is collected; no text whatever makes it throw.
 *
 * The grammar is k6's (https://grafana.com/docs/k6/latest/using-k6/thresholds/): metric, tags in
 * braces, a colon, aggregation, operator and number. Durations are in milliseconds.
 */
export function parseThresholds(text: string): { thresholds: Threshold[]; faults: ThresholdFault[] } {
  const thresholds: Threshold[] = [];
  const faults: ThresholdFault[] = [];
  for (const { line, text: got } of numberedLines(text)) {
    for (const each of rulesOfLine(got)) {
      const read = 'fault' in each ? each.fault : parseThreshold(each.rule);
      if (typeof read === 'string') faults.push({ line, got, message: read });
      else thresholds.push(read);
    }
  }
  return { thresholds, faults };
}

/** The percentiles that the result must hold for these thresholds: `percentiles` of the LoadPlan. */
export function percentilesOf(thresholds: readonly Threshold[]): number[] {
  const percentiles = thresholds.flatMap(({ aggregation }) =>
    aggregation.kind === 'percentile' ? [aggregation.p] : [],
  );
  return [...new Set(percentiles)].sort((a, b) => a - b);
}

/** A rule, or what is wrong with it. */
function parseThreshold(rule: string): Threshold | string {
  const [, name = '', , tagText, expression = ''] = /^([^\s{:]*)\s*(\{([^}]*)\})?\s*:\s*(.*)$/.exec(rule) ?? [];
  if (expression === '')
    return 'A rule has the form metric: aggregation operator number, such as http_req_duration: p(95)<500.';
  if (!isMetric(name))
    return `There is no metric ${JSON.stringify(name)}; available are ${Object.keys(METRICS).join(', ')}.`;
  const tags = parseTags(tagText, name);
  if (typeof tags === 'string') return tags;
  const { before, abort } = parseAbort(expression);
  if (typeof abort === 'string') return abort;
  if (abort !== null && UNKNOWN_BEFORE_THE_END.has(name))
    return `${name} is not known before the load is over, so it can't have abortOnFail.`;
  const condition = parseCondition(before, name);
  return typeof condition === 'string'
    ? condition
    : { rule, metric: name, tags, ...condition, ...(abort === null ? {} : { abort }) };
}

/** Read from Prometheus, or counted when the load is over. */
const UNKNOWN_BEFORE_THE_END: ReadonlySet<MetricName> = new Set([
  'resource_cpu',
  'resource_memory',
  'dropped_iterations',
]);

/** Behind a condition may stand `abortOnFail`, and behind that `delayAbortEval=10s`; null when neither does. */
function parseAbort(expression: string): { readonly before: string; readonly abort: AbortOnFail | string | null } {
  const [whole, before = '', behind = ''] = /^(.*?)\s(\s*(?:abortOnFail|delayAbortEval)\b.*)$/s.exec(expression) ?? [];
  if (whole === undefined) return { before: expression, abort: null };
  const [, given, delay = '0s'] = /^(abortOnFail)(?:\s+delayAbortEval\s*[=:]\s*(\S+))?$/.exec(behind.trim()) ?? [];
  const delayMs = parseDuration(delay);
  return {
    before,
    abort:
      given === undefined || delayMs === null
        ? `Only abortOnFail, alone or with a time as in p(95)<500 abortOnFail delayAbortEval=10s, can follow a condition, not ${JSON.stringify(behind.trim())}.`
        : { delayMs },
  };
}

function isMetric(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}

function parseTags(text: string | undefined, name: MetricName): Record<string, string> | string {
  const metric: Metric = METRICS[name];
  const tags = new Map<string, string>();
  for (const part of text === undefined ? [] : text.split(',')) {
    const [, tag = '', value = ''] = /^\s*([^:]*?)\s*:\s*(.*?)\s*$/.exec(part) ?? [];
    if (!metric.tags.includes(tag)) {
      const allowed = metric.tags.length === 0 ? 'has no tags' : `has the tags ${inWords(metric.tags)}`;
      return `The tag ${JSON.stringify(part.trim())} is not known: ${name} ${allowed}${metric.tags[0] === undefined ? '' : `, written as {${metric.tags[0]}:NAME}`}.`;
    }
    if (value === '') return `The tag ${tag} has no value: write {${tag}:NAME}.`;
    if (tag === 'expected_response' && value !== 'true')
      return `The tag expected_response can only be true, for right answers; use http_req_failed for the others.`;
    if (tag === 'stage' && !/^[1-9]\d{0,2}$/.test(value))
      return `The tag stage is the number of a stage, starting at 1, such as {stage:3}.`;
    if (tags.has(tag)) return `The tag ${tag} is given twice.`;
    tags.set(tag, value);
  }
  if (tags.has('stage') && (tags.has('host') || tags.has('name')))
    return "The tag stage can't be combined with host and name: a stage covers all requests.";
  if (metric.needsTag && tags.size !== 1)
    return `${name} needs one of the tags ${metric.tags.join(' and ')}, such as ${name}{${metric.tags[0] ?? ''}:foo}: max<1.`;
  return Object.fromEntries(tags);
}

function parseCondition(
  expression: string,
  name: MetricName,
): Pick<Threshold, 'aggregation' | 'operator' | 'limit'> | string {
  const metric: Metric = METRICS[name];
  const [, before = '', symbol = '', after = ''] = /^([^<>=!]*)([<>=!]+)(.*)$/.exec(expression) ?? [];
  const operator = Object.hasOwn(OPERATORS, symbol) ? OPERATORS[symbol] : undefined;
  if (operator === undefined)
    return `The condition ${JSON.stringify(expression)} needs one of the operators ${Object.keys(OPERATORS).join(' ')}, such as ${exampleOf(name)}.`;
  const aggregation = parseAggregation(before.trim(), metric, name);
  if (typeof aggregation === 'string') return aggregation;
  const limit = after.trim();
  if (!/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,2})?$/i.test(limit)) {
    return `The limit ${JSON.stringify(limit)} is not a number: write it without a unit, in ${metric.limits}, such as ${exampleOf(name)}.`;
  }
  if (metric.limits === SHARE && !(Number(limit) >= 0 && Number(limit) <= 1))
    return `The limit ${limit} is not a share: ${name} is between 0 and 1, so that ${percentExample(Number(limit))}. A rule with ${limit} would end the same way whatever was measured.`;
  return { aggregation, operator, limit: Number(limit) };
}

/**
 * A percentage as a share, as in `5 % is 0.05`; a number that is not a percentage either has no other meaning than 1 %.
 */
const percentExample = (limit: number): string =>
  limit > 1 && limit <= 100 ? `${String(limit)} % is ${String(Number((limit / 100).toPrecision(6)))}` : '1 % is 0.01';

/** The rules that hold unless everything fails, each in a sentence: whoever wrote 1 most likely meant 1 %. */
export const toothlessRules = (thresholds: readonly Threshold[]): string[] =>
  thresholds
    .filter(
      ({ metric, operator, limit }) =>
        (metric === 'http_req_failed' || metric === 'journey_failed') &&
        limit === 1 &&
        (operator === '<' || operator === '<='),
    )
    .map(({ rule, metric, operator }) => {
      const unless = operator === '<' ? 'unless everything fails' : 'whatever fails';
      return `The rule ${rule} holds ${unless}: ${metric} is a share between 0 and 1, so that 1 % is 0.01.`;
    });

function parseAggregation(text: string, metric: Metric, name: MetricName): Aggregation | string {
  const percentile = /^p\(\s*(\d{1,3}(?:\.\d{1,6})?)\s*\)$/.exec(text)?.[1];
  if (percentile !== undefined && metric.aggregations.includes('p(N)')) {
    const p = Number(percentile);
    return p <= 100
      ? { kind: 'percentile', p }
      : `p(${percentile}) is not possible: a percentile is between 0 and 100.`;
  }
  if (isPlainAggregation(text) && metric.aggregations.includes(text)) return { kind: text };
  return `${JSON.stringify(text)} is not an aggregation of ${name}; available are ${metric.aggregations.join(', ')}, such as ${exampleOf(name)}.`;
}

const inWords = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;

type PlainAggregation = Exclude<Aggregation['kind'], 'percentile'>;

function isPlainAggregation(text: string): text is PlainAggregation {
  return ['avg', 'min', 'med', 'max', 'rate', 'count'].includes(text);
}

function exampleOf(name: MetricName): string {
  return {
    http_req_duration: 'http_req_duration: p(95)<500',
    http_req_waiting: 'http_req_waiting: p(95)<300',
    http_req_tls_handshaking: 'http_req_tls_handshaking: p(95)<50',
    http_req_failed: 'http_req_failed: rate<0.01',
    http_reqs: 'http_reqs: rate>100',
    checks: 'checks: rate>0.99',
    journey_duration: 'journey_duration{journey:buy}: p(95)<2000',
    journey_failed: 'journey_failed: rate<0.01',
    journeys: 'journeys: rate>10',
    stream_first_byte: 'stream_first_byte{name:news}: p(95)<200',
    stream_first_event: 'stream_first_event{name:news}: p(95)<500',
    stream_between_events: 'stream_between_events{name:news}: p(99)<2000',
    stream_events: 'stream_events{name:news}: rate>10',
    grpc_req_duration: 'grpc_req_duration: p(95)<100',
    ws_connecting: 'ws_connecting: p(95)<100',
    ws_session_duration: 'ws_session_duration: p(95)<10000',
    ws_round_trip: 'ws_round_trip: p(95)<100',
    ws_ping: 'ws_ping: p(95)<50',
    ws_sessions: 'ws_sessions: rate>1',
    ws_msgs_sent: 'ws_msgs_sent: rate>10',
    ws_msgs_received: 'ws_msgs_received: rate>10',
    dropped_iterations: 'dropped_iterations: count<1',
    resource_cpu: 'resource_cpu{workload:foo}: max<0.5',
    resource_memory: 'resource_memory{workload:foo}: max<64000000',
  }[name];
}
