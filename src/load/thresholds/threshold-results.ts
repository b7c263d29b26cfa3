import { isOfProtocol } from '../k6/k6-protocols.ts';
import { answeredOf, isSupported } from '../counts/uncertainty.ts';
import type { HostResult, LatencySummary, LoadResult, StageResult, ThresholdResult } from '../../model/load.ts';
import type { Measurement, NodeResources, Resources, WorkloadResources } from '../../model/resources.ts';
import { durationFigure, type Figure } from './figure.ts';
import {
  isOfJourneys,
  isOfSockets,
  isOfStreams,
  journeyFigure,
  protocolFigure,
  streamFigure,
} from './journey-figures.ts';
import type { Operator, Threshold } from './thresholds.ts';

/** What rules can be about; null when it was not measured. */
export interface Measured {
  readonly load: LoadResult | null;
  readonly resources: Resources | null;
}

/** Checks every rule, in order. A rule on something that was not measured fails. */
export function evaluateThresholds(thresholds: readonly Threshold[], measured: Measured): ThresholdResult[] {
  return thresholds.map((threshold) => {
    const figure = figureOf(threshold, measured);
    const value = typeof figure === 'number' && Number.isFinite(figure) ? figure : null;
    return {
      rule: threshold.rule,
      metric: threshold.metric,
      measured: value,
      unit: unitOf(threshold),
      passed: value !== null && holds(value, threshold.operator, threshold.limit),
      missing: value === null ? (typeof figure === 'string' ? figure : 'Nothing was measured.') : null,
      ...(isHint(threshold, measured.load) ? { fewAnswers: true } : {}),
      ...(value === null ? {} : timeoutsIn(threshold, measured.load)),
    };
  });
}

/** Whether so few answers lie above a percentile that it means little. */
function isHint(threshold: Threshold, load: LoadResult | null): boolean {
  const { aggregation } = threshold;
  if (load === null || aggregation.kind !== 'percentile') return false;
  const result = resultFor(threshold, load);
  if (typeof result === 'string' || typeof timesOf(threshold, result) === 'string') return false;
  // The 100th is the highest answer, and says so.
  return aggregation.p < 100 && !isSupported(timedIn(threshold, result), aggregation.p);
}

/** How many times a rule on times is based on. */
function timedIn(threshold: Threshold, result: HostResult): number {
  if (threshold.metric === 'http_req_tls_handshaking') return result.tlsHandshakes?.count ?? 0;
  return isOfRightAnswers(threshold) ? result.succeeded : answeredOf(result) + timeoutsOf(threshold, result);
}

/** How many requests of those that a rule is about took at least as long as they were waited for. */
const timeoutsOf = (threshold: Threshold, { latencyWithTimeoutsMs, failures }: HostResult): number =>
  threshold.metric === 'http_req_duration' && !isOfRightAnswers(threshold) && latencyWithTimeoutsMs !== undefined
    ? (failures.timeout ?? 0)
    : 0;

function timeoutsIn(threshold: Threshold, load: LoadResult | null): Pick<ThresholdResult, 'timeouts'> {
  const result = load === null ? '' : resultFor(threshold, load);
  const timeouts = typeof result === 'string' ? 0 : timeoutsOf(threshold, result);
  return timeouts === 0 ? {} : { timeouts };
}

/** `failed` when a rule that counts was broken, `invalid` when one of the others has no verdict, `passed` otherwise. */
export function thresholdVerdict(results: readonly ThresholdResult[]): 'passed' | 'failed' | 'invalid' {
  if (results.some(isBroken)) return 'failed';
  return results.every(({ withoutVerdict }) => withoutVerdict === undefined) ? 'passed' : 'invalid';
}

/** Whether a rule was broken and counts. */
export const isBroken = ({ passed, withoutVerdict }: ThresholdResult): boolean =>
  !passed && withoutVerdict === undefined;

/** Whether a figure passes a rule. */
export function holds(value: number, operator: Operator, limit: number): boolean {
  switch (operator) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '==':
      return value === limit;
    case '!=':
      return value !== limit;
  }
}

function unitOf({ metric, aggregation }: Threshold): ThresholdResult['unit'] {
  switch (metric) {
    case 'http_req_duration':
    case 'journey_duration':
    case 'stream_first_byte':
    case 'stream_first_event':
    case 'stream_between_events':
    case 'grpc_req_duration':
    case 'ws_connecting':
    case 'ws_session_duration':
    case 'ws_round_trip':
    case 'ws_ping':
    case 'http_req_waiting':
    case 'http_req_tls_handshaking':
      return 'ms';
    case 'http_req_failed':
    case 'checks':
    case 'journey_failed':
      return 'share';
    case 'journeys':
    case 'stream_events':
    case 'ws_sessions':
    case 'ws_msgs_sent':
    case 'ws_msgs_received':
      return aggregation.kind === 'rate' ? 'per second' : 'number';
    case 'http_reqs':
      return aggregation.kind === 'rate' ? 'per second' : 'requests';
    case 'dropped_iterations':
      return 'requests';
    case 'resource_cpu':
      return 'cores';
    case 'resource_memory':
      return 'bytes';
  }
}

function figureOf(threshold: Threshold, { load, resources }: Measured): Figure {
  if (threshold.metric === 'resource_cpu' || threshold.metric === 'resource_memory')
    return resourceFigure(threshold, resources);
  if (load === null) return 'No load was measured.';
  if (threshold.metric === 'dropped_iterations') return droppedIn(threshold, load);
  if (threshold.metric === 'checks') return checksFigure(threshold, load);
  if (isOfJourneys(threshold.metric)) return journeyFigure(threshold, load);
  if (isOfStreams(threshold.metric)) return streamFigure(threshold, threshold.metric, load);
  if (isOfProtocol(threshold.metric) || isOfSockets(threshold.metric)) return protocolFigure(threshold, load);
  const result = resultFor(threshold, load);
  if (typeof result === 'string') return result;
  const stage = stageFor(threshold, load);
  const seconds = stage === null || typeof stage === 'string' ? load.durationSeconds : stage.seconds;
  return loadFigure(threshold, isOfRightAnswers(threshold) ? ofRightAnswers(result, seconds) : result);
}

/** k6's tag for requests whose answer was as expected. */
const isOfRightAnswers = ({ tags }: Threshold): boolean => tags['expected_response'] === 'true';

/** The same result without the wrong answers. */
function ofRightAnswers(result: HostResult, durationSeconds: number): HostResult {
  const { succeeded, rightLatencyMs, rightLatencyPercentilesMs, latencyPercentilesMs } = result;
  return {
    ...result,
    sent: succeeded,
    failed: 0,
    requestsPerSecond: durationSeconds > 0 ? succeeded / durationSeconds : null,
    latencyMs: rightLatencyMs === undefined ? result.latencyMs : rightLatencyMs,
    latencyPercentilesMs: rightLatencyMs === undefined ? latencyPercentilesMs : rightLatencyPercentilesMs,
    latencyWithTimeoutsMs: undefined,
  };
}

function checksFigure({ tags: { check } }: Threshold, { checks = [] }: LoadResult): Figure {
  const matching = check === undefined ? checks : checks.filter(({ name }) => name === check);
  if (matching.length === 0 && checks.length > 0)
    return `There is no check ${String(check)}; available are ${checks.map(({ name }) => name).join(', ')}.`;
  const passed = matching.reduce((sum, each) => sum + each.passed, 0);
  const made = matching.reduce((sum, each) => sum + each.passed + each.failed, 0);
  return made === 0
    ? 'Nothing was checked: no request in the scenario has an expect, and no script called check().'
    : passed / made;
}

/** The stage that a rule is about, or why there is none; null when it is about the whole load. */
export function stageFor({ tags: { stage } }: Threshold, { stages }: LoadResult): StageResult | string | null {
  if (stage === undefined) return null;
  if (stages === undefined) return 'The load has no stages; set input stages.';
  const held = stages.filter(({ number }) => number !== null);
  return (
    held.find(({ number }) => String(number) === stage) ??
    `There is no stage ${stage}; the load has ${String(held.length)}.`
  );
}

function droppedIn(threshold: Threshold, load: LoadResult): Figure {
  const stage = stageFor(threshold, load) ?? load;
  return typeof stage === 'string' ? stage : stage.notSent;
}

/** The results that a rule is about, or why there are none. */
function resultFor(threshold: Threshold, load: LoadResult): HostResult | string {
  const stage = stageFor(threshold, load);
  if (stage !== null) return typeof stage === 'string' ? stage : stage.figures;
  const { host, name } = threshold.tags;
  if (name !== undefined) {
    const named = load.hosts.filter((each) => each.name === name && (host === undefined || each.host === host));
    const names = load.hosts.flatMap((each) => each.name ?? []);
    if (named.length > 1) return `${String(named.length)} requests have the name ${name}; add the host.`;
    return (
      named[0] ??
      `No request has the name ${name}; ${names.length === 0 ? 'only requests of a scenario have names' : `there are ${names.join(', ')}`}.`
    );
  }
  if (host === undefined) return load.total;
  const results = load.hosts.filter((each) => each.host === host);
  if (results.length > 1)
    return `The host ${host} was loaded on ${String(results.length)} paths, which a rule can't tell apart.`;
  return (
    results[0] ??
    `There was no load on the host ${host}; there was on ${load.hosts.map((each) => each.host).join(', ')}.`
  );
}

function loadFigure({ metric, aggregation }: Threshold, result: HostResult): Figure {
  if (metric === 'http_req_failed') return result.sent === 0 ? 'No request was sent.' : result.failed / result.sent;
  if (metric === 'http_reqs')
    return aggregation.kind === 'count' ? result.sent : (result.requestsPerSecond ?? 'No request was sent.');
  const times = timesOf({ metric }, result);
  return typeof times === 'string' ? times : durationFigure(aggregation, times.summaryMs, times.percentilesMs);
}

interface Times {
  readonly summaryMs: LatencySummary;
  readonly percentilesMs: Readonly<Record<string, number>> | undefined;
}

/** The times that a rule is about, or why there are none. */
function timesOf({ metric }: Pick<Threshold, 'metric'>, result: HostResult): Times | string {
  const { latencyMs, latencyPercentilesMs, waitingMs, waitingPercentilesMs, tlsHandshakes } = result;
  const { latencyWithTimeoutsMs, latencyWithTimeoutsPercentilesMs } = result;
  switch (metric) {
    case 'http_req_duration':
      if (latencyMs === null) return 'No request was answered.';
      // A request that nobody waited for any more took longer than any that was answered in time.
      return latencyWithTimeoutsMs === undefined
        ? { summaryMs: latencyMs, percentilesMs: latencyPercentilesMs }
        : { summaryMs: latencyWithTimeoutsMs, percentilesMs: latencyWithTimeoutsPercentilesMs };
    case 'http_req_waiting':
      if (waitingMs !== undefined) return { summaryMs: waitingMs, percentilesMs: waitingPercentilesMs };
      return answeredOf(result) === 0 ? 'No request was answered.' : 'The engine did not report when answers began.';
    case 'http_req_tls_handshaking':
      return tlsHandshakes === undefined
        ? 'There was no TLS handshake: nothing was loaded over HTTPS, or every handshake failed.'
        : { summaryMs: tlsHandshakes.timeMs, percentilesMs: tlsHandshakes.percentilesMs };
    default:
      return `There are no times of ${metric}.`;
  }
}

function resourceFigure(threshold: Threshold, resources: Resources | null): Figure {
  if (resources === null) return 'No resources were measured.';
  const { workload, node } = threshold.tags;
  const [kind, name, all] =
    workload === undefined
      ? (['node', String(node), resources.nodes] as const)
      : (['workload', workload, resources.workloads] as const);
  const matching = all.filter((each: WorkloadResources | NodeResources) => each.name === name);
  const [found] = matching;
  if (found === undefined)
    return `There is no ${kind} ${name}; available are ${all.map((each) => each.name).join(', ')}.`;
  if (matching.length > 1)
    return `There are ${String(matching.length)} workloads with the name ${name}, which a rule can't tell apart.`;
  return (
    measurementOf(threshold, found)?.value ??
    `Prometheus had no ${threshold.metric} of the ${kind} ${name} in the measured window.`
  );
}

function measurementOf(
  { metric, aggregation }: Threshold,
  found: WorkloadResources | NodeResources,
): Measurement | undefined {
  if (metric === 'resource_memory') return found.memoryBytes;
  return aggregation.kind === 'max' ? found.cpuCoresMax : found.cpuCores;
}
