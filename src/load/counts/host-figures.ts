import { BUCKETS_PER_DECADE, type HostResult, type LatencySummary } from '../../model/load.ts';
import type { Target } from '../requests/plan.ts';
import { Histogram } from './histogram.ts';
import { FAILURE_CLASSES, type Tally } from './tally.ts';

/**
 * The figures of a target as the report shows them.
 *
 * @param durationSeconds the measured window, for requests per second; null figures when it is 0.
 * @param percentiles of the times, beside the usual ones.
 */
export function hostResult(
  { host, path, name }: Target,
  tally: Tally,
  durationSeconds: number,
  percentiles: readonly number[],
): HostResult {
  const failed = tally.failures.reduce((sum, count) => sum + count, 0);
  const answered = tally.latency.count;
  return {
    host,
    path,
    ...(name === undefined ? {} : { name }),
    sent: tally.sent,
    succeeded: tally.sent - failed,
    failed,
    ...(tally.cancelled === 0 ? {} : { cancelled: tally.cancelled }),
    successRatio: tally.sent === 0 ? null : (tally.sent - failed) / tally.sent,
    failures: Object.fromEntries(
      FAILURE_CLASSES.map((name, index) => [name, tally.failures[index] ?? 0] as const).filter(
        ([, count]) => count > 0,
      ),
    ),
    retried: tally.retried,
    statuses: statusCounts(tally.statuses),
    bytesReceived: tally.bytesReceived,
    requestsPerSecond: durationSeconds > 0 ? answered / durationSeconds : null,
    latencyMs: latencySummary(tally.latency),
    ...(answered > 0 ? { latencyHistogram: latencyHistogram(tally.latency) } : {}),
    ...(percentiles.length > 0 && answered > 0
      ? { latencyPercentilesMs: percentilesMs(tally.latency, percentiles) }
      : {}),
    ...rightFigures(tally, percentiles),
    ...figuresWithTimeouts(tally, percentiles),
    serviceTimeMs: latencySummary(tally.serviceTime),
    ...waitingFigures(tally, percentiles),
    ...handshakeFigures(tally, percentiles),
  };
}

function waitingFigures(
  { waiting }: Tally,
  percentiles: readonly number[],
): Pick<HostResult, 'waitingMs' | 'waitingPercentilesMs'> {
  const waitingMs = latencySummary(waiting);
  if (waitingMs === null) return {};
  return percentiles.length > 0
    ? { waitingMs, waitingPercentilesMs: percentilesMs(waiting, percentiles) }
    : { waitingMs };
}

function handshakeFigures({ handshakes }: Tally, percentiles: readonly number[]): Pick<HostResult, 'tlsHandshakes'> {
  const timeMs = handshakes === null ? null : latencySummary(handshakes.time);
  if (handshakes === null || timeMs === null) return {};
  const { time, inWindow, resumed } = handshakes;
  return {
    tlsHandshakes: {
      count: time.count,
      inWindow,
      resumed,
      timeMs,
      ...(percentiles.length > 0 ? { percentilesMs: percentilesMs(time, percentiles) } : {}),
    },
  };
}

/** Only when they differ from those of all answers. */
function rightFigures(
  { latency, rightLatency }: Tally,
  percentiles: readonly number[],
): Pick<HostResult, 'rightLatencyMs' | 'rightLatencyPercentilesMs'> {
  if (rightLatency === latency) return {};
  const rightLatencyMs = latencySummary(rightLatency);
  return percentiles.length > 0 && rightLatencyMs !== null
    ? { rightLatencyMs, rightLatencyPercentilesMs: percentilesMs(rightLatency, percentiles) }
    : { rightLatencyMs };
}

/** Only where a request timed out. */
function figuresWithTimeouts(
  { latency, timedOut }: Tally,
  percentiles: readonly number[],
): Pick<HostResult, 'latencyWithTimeoutsMs' | 'latencyWithTimeoutsPercentilesMs'> {
  if (timedOut === null) return {};
  const all = new Histogram();
  all.add(latency);
  all.add(timedOut);
  const latencyWithTimeoutsMs = latencySummary(all);
  if (latencyWithTimeoutsMs === null) return {};
  return percentiles.length > 0
    ? { latencyWithTimeoutsMs, latencyWithTimeoutsPercentilesMs: percentilesMs(all, percentiles) }
    : { latencyWithTimeoutsMs };
}

/** Edges to four digits, more than the buckets distinguish. */
function latencyHistogram(microseconds: Histogram): NonNullable<HostResult['latencyHistogram']> {
  const { edges, counts } = microseconds.buckets(BUCKETS_PER_DECADE);
  return { edgesMs: edges.map((edge) => Number((edge / 1000).toPrecision(4))), counts: [...counts] };
}

/** Percentiles, 0 to 100, of a histogram of microseconds, in milliseconds. */
export function percentilesMs(microseconds: Histogram, percentiles: readonly number[]): Record<string, number> {
  return Object.fromEntries(percentiles.map((p) => [String(p), microseconds.percentile(p) / 1000]));
}

function statusCounts(statuses: Float64Array): Record<string, number> {
  const counts: Record<string, number> = {};
  statuses.forEach((count, status) => {
    if (count > 0) counts[String(status)] = count;
  });
  return counts;
}

/** The figures of a histogram of microseconds in milliseconds; null when it is empty. */
export function latencySummary(microseconds: Histogram): LatencySummary | null {
  if (microseconds.count === 0) return null;
  const ms = (value: number): number => value / 1000;
  return {
    avg: ms(microseconds.mean),
    min: ms(microseconds.min),
    p50: ms(microseconds.percentile(50)),
    p90: ms(microseconds.percentile(90)),
    p95: ms(microseconds.percentile(95)),
    p99: ms(microseconds.percentile(99)),
    max: ms(microseconds.max),
  };
}
