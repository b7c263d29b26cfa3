import type { AddedLatency, HostResult, LoadResult, ThresholdResult } from '../../model/load.ts';
import { undelivered, undeliveredStage } from '../counts/delivery.ts';
import { evaluateThresholds, holds, stageFor } from './threshold-results.ts';
import { type MetricName, parseThresholds, type Threshold } from './thresholds.ts';

/** What a saturated generator falsifies: when requests were sent and how long they took. */
const FALSIFIED: ReadonlySet<string> = new Set<MetricName>([
  'http_req_duration',
  'http_req_waiting',
  'http_req_tls_handshaking',
  'http_reqs',
  'dropped_iterations',
  'journey_duration',
  'journeys',
  'stream_first_byte',
  'stream_first_event',
  'stream_between_events',
  'stream_events',
  'ws_connecting',
  'ws_round_trip',
  'ws_session_duration',
  'ws_sessions',
  'ws_msgs_sent',
  'ws_msgs_received',
]);
/** Response times, which are shorter when a load was not delivered completely. */
const ANSWER_TIMES: ReadonlySet<string> = new Set<MetricName>(['http_req_duration', 'http_req_waiting']);
/** The same of what a journey does, of which nobody keeps how much the generator added. */
const JOURNEY_TIMES: ReadonlySet<string> = new Set<MetricName>([
  'journey_duration',
  'stream_first_byte',
  'stream_first_event',
  'ws_connecting',
  'ws_round_trip',
]);

/** The results, with a sentence for each that gets no verdict. */
export const judged = (results: readonly ThresholdResult[], load: LoadResult): ThresholdResult[] =>
  results.map((result) => {
    const why = whyWithoutVerdict(result, load);
    return why === null ? result : { ...result, withoutVerdict: why };
  });

/**
 * Why no verdict may rest on a rule, in one sentence; null when one may.
 *
 * When the generator was the bottleneck, its figures of time say nothing about the system. Rules on anything else still
 * count, failed requests too, unless they hold without those requests for which this machine itself lacked a port or
 * file descriptor.
 *
 * When it was not the limit, but added something to the figure, a rule counts unless it would have ended otherwise
 * without that.
 *
 * When a rate was not delivered, a rule on times that holds may hold only because of that. One that sets a limit and
 * is broken counts: the whole load would have been slower still.
 */
function whyWithoutVerdict(result: ThresholdResult, load: LoadResult): string | null {
  const [threshold] = parseThresholds(result.rule).thresholds;
  if (threshold === undefined) return null;
  if (load.generator?.limited === true && isFalsified(threshold, result, load)) {
    return `The load generator was the bottleneck. ${load.generator.reason ?? ''}`.trim();
  }
  if (JOURNEY_TIMES.has(threshold.metric)) return isBrokenLimit(threshold, result) ? null : undelivered(load);
  if (!ANSWER_TIMES.has(threshold.metric)) return null;
  return (
    byTheGenerator(threshold, result, load) ??
    (isBrokenLimit(threshold, result) ? null : undeliveredTo(threshold, load))
  );
}

/** For a rule about a stage: what was not delivered in it. */
function undeliveredTo(threshold: Threshold, load: LoadResult): string | null {
  const stage = stageFor(threshold, load);
  return stage === null || typeof stage === 'string' ? undelivered(load) : undeliveredStage(load, stage);
}

/** A rule that would end differently without the generator's share was decided by the generator. */
function byTheGenerator(
  { operator, limit, aggregation }: Threshold,
  { measured, passed }: ThresholdResult,
  { generator }: LoadResult,
): string | null {
  if (generator?.addedMs === undefined || measured === null) return null;
  const added = addedTo(aggregation, generator.addedMs);
  if (holds(measured - added, operator, limit) === passed) return null;
  return `Up to ${added.toFixed(1)} ms of this figure came from the load generator; without that the rule would ${passed ? 'fail' : 'pass'}.`;
}

/** Of a percentile between those that are kept, what was added to the next one. */
function addedTo(aggregation: Threshold['aggregation'], addedMs: AddedLatency): number {
  switch (aggregation.kind) {
    case 'avg':
    case 'max':
      return addedMs[aggregation.kind];
    case 'med':
      return addedMs.p50;
    case 'percentile': {
      const { p } = aggregation;
      return p <= 50
        ? addedMs.p50
        : p <= 90
          ? addedMs.p90
          : p <= 95
            ? addedMs.p95
            : p <= 99
              ? addedMs.p99
              : addedMs.max;
    }
    default:
      return 0;
  }
}

const isFalsified = ({ metric }: Threshold, { rule, passed }: ThresholdResult, load: LoadResult): boolean =>
  FALSIFIED.has(metric) || (!passed && metric === 'http_req_failed' && holdsWithoutOwnFailures(rule, load));

const isBrokenLimit = ({ operator }: Threshold, { passed, measured }: ThresholdResult): boolean =>
  !passed && measured !== null && (operator === '<' || operator === '<=');

function holdsWithoutOwnFailures(rule: string, load: LoadResult): boolean {
  const without = (result: HostResult): HostResult => {
    const own = result.failures['client-resource'] ?? 0;
    return { ...result, sent: result.sent - own, failed: result.failed - own };
  };
  const others = {
    ...load,
    total: without(load.total),
    hosts: load.hosts.map(without),
    ...(load.stages === undefined
      ? {}
      : { stages: load.stages.map((stage) => ({ ...stage, figures: without(stage.figures) })) }),
  };
  if (others.total.sent === 0) return true;
  const results = evaluateThresholds(parseThresholds(rule).thresholds, { load: others, resources: null });
  return results.length > 0 && results.every(({ passed }) => passed);
}
