import type { ProtocolMetric } from '../../model/load.ts';
import { Histogram } from '../counts/histogram.ts';
import { latencySummary, percentilesMs } from '../counts/host-figures.ts';
import type { Outcome } from '../sender.ts';
import type { K6Sample } from './k6-csv.ts';

/**
 * The metrics of gRPC and WebSockets (https://grafana.com/docs/k6/latest/using-k6/metrics/reference/), and how k6 adds
 * them up.
 */
const KINDS = {
  grpc_req_duration: 'trend',
  grpc_streams: 'counter',
  grpc_streams_msgs_sent: 'counter',
  grpc_streams_msgs_received: 'counter',
  ws_connecting: 'trend',
  ws_session_duration: 'trend',
  ws_ping: 'trend',
  ws_sessions: 'counter',
  ws_msgs_sent: 'counter',
  ws_msgs_received: 'counter',
} as const satisfies Record<string, 'trend' | 'counter'>;

export type ProtocolMetricName = keyof typeof KINDS;

export const PROTOCOL_METRICS = Object.keys(KINDS) as readonly ProtocolMetricName[];

export const isOfProtocol = (metric: string): metric is ProtocolMetricName => Object.hasOwn(KINDS, metric);

/** Adds up the metrics of protocols other than HTTP, in constant memory. */
export class K6Protocols {
  readonly #trends = new Map<string, Histogram>();
  readonly #counts = new Map<string, number>();

  /** @param value milliseconds of a trend, or by how much a counter grows. */
  add(metric: ProtocolMetricName, value: number): void {
    if (KINDS[metric] === 'counter') {
      this.#counts.set(metric, (this.#counts.get(metric) ?? 0) + value);
      return;
    }
    const trend = this.#trends.get(metric) ?? new Histogram();
    trend.record(value * 1000);
    this.#trends.set(metric, trend);
  }

  /** The report's part; empty when the script only used HTTP. */
  result(seconds: number, percentiles: readonly number[] = []): { readonly protocols?: ProtocolMetric[] } {
    const protocols = PROTOCOL_METRICS.flatMap((metric): ProtocolMetric[] => {
      const trend = this.#trends.get(metric);
      const count = trend?.count ?? this.#counts.get(metric);
      if (count === undefined) return [];
      const perSecond = seconds > 0 ? count / seconds : null;
      if (trend === undefined) return [{ metric, count, perSecond, durationMs: null }];
      const durationMs = latencySummary(trend);
      return [{ metric, count, perSecond, durationMs, percentilesMs: percentilesMs(trend, percentiles) }];
    });
    return protocols.length === 0 ? {} : { protocols };
  }
}

/** A gRPC call or the opening of a WebSocket: what corresponds to a request in another protocol. */
export interface K6Call {
  readonly host: string;
  readonly path: string;
  readonly outcome: Outcome;
}

/** Codes of gRPC (https://grpc.io/docs/guides/status-codes/) that say that no answer came. */
const GRPC_OK = 0;
const GRPC_DEADLINE = 4;
const GRPC_UNAVAILABLE = 14;
const SWITCHING_PROTOCOLS = 101;

/**
 * The call that a sample is about; null when it is about none. A call of gRPC takes as long as `grpc_req_duration` says
 * and is right when its status is OK. A WebSocket takes as long as its opening does: how long it stays open is up to
 * the script.
 */
export function callOf(sample: K6Sample): K6Call | null {
  if (sample.metric === 'grpc_req_duration') {
    const [, host = '', path = ''] = /^([^/]*)(\/.*)?$/.exec(sample.systemTag('url')) ?? [];
    return {
      host,
      path: path === '' ? '/' : path,
      outcome: grpcOutcome(grpcStatusOf(sample), sample.value),
    };
  }
  if (sample.metric !== 'ws_connecting') return null;
  const [, host = '', path = ''] = /^wss?:\/\/([^/?#]+)([^?#]*)/i.exec(sample.systemTag('url')) ?? [];
  const status = Number(sample.systemTag('status'));
  return {
    host: host.toLowerCase(),
    path: path === '' ? '/' : path,
    outcome:
      status === SWITCHING_PROTOCOLS
        ? outcomeOf(status, null, sample.value)
        : outcomeOf(status, status === 0 ? 'refused' : 'http-status', sample.value),
  };
}

/** A script can leave the tag out; then it is unknown whether a call was right. */
const grpcStatusOf = (sample: K6Sample): number => {
  const status = sample.systemTag('status');
  return status === '' ? NaN : Number(status);
};

/** An answer of gRPC is one of HTTP with the status 200, whatever its own status is. */
function grpcOutcome(status: number, durationMs: number): Outcome {
  switch (status) {
    case GRPC_OK:
      return outcomeOf(200, null, durationMs);
    case GRPC_DEADLINE:
      return outcomeOf(0, 'timeout', durationMs);
    case GRPC_UNAVAILABLE:
      return outcomeOf(0, 'refused', durationMs);
    default:
      return outcomeOf(200, 'wrong-answer', durationMs);
  }
}

const outcomeOf = (status: number, failure: Outcome['failure'], durationMs: number): Outcome => ({
  status: Number.isInteger(status) && status >= 0 && status <= 599 ? status : 0,
  bytes: 0,
  failure,
  serviceMs: Math.max(0, durationMs),
  retried: false,
  waitingMs: NaN,
  handshake: null,
});
