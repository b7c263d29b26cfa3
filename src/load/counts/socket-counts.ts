import type { ProtocolMetric, WebSocketResult } from '../../model/load.ts';
import { Histogram, type HistogramSnapshot } from './histogram.ts';
import { latencySummary, percentilesMs } from './host-figures.ts';

/** Events of a WebSocket. */
export type SocketEvent = 'begun' | 'opened' | 'sent' | 'received' | 'roundTrip' | 'ended';

/** The counts of a step's WebSockets, as plain data; times in microseconds. */
export interface SocketTally {
  readonly begun: number;
  readonly sent: number;
  readonly received: number;
  readonly opened: HistogramSnapshot;
  readonly roundTrip: HistogramSnapshot;
  readonly ended: HistogramSnapshot;
}

/** Counts events of WebSockets. */
export class Sockets {
  readonly #counts = { begun: 0, sent: 0, received: 0 };
  readonly #times = { opened: new Histogram(), roundTrip: new Histogram(), ended: new Histogram() };

  /** @param ms for an event that has a time. */
  add(event: SocketEvent, ms: number): void {
    switch (event) {
      case 'begun':
      case 'sent':
      case 'received':
        this.#counts[event] += 1;
        return;
      default:
        this.#times[event].record(ms * 1000);
    }
  }

  snapshot(): SocketTally {
    const { opened, roundTrip, ended } = this.#times;
    return {
      ...this.#counts,
      opened: opened.snapshot(),
      roundTrip: roundTrip.snapshot(),
      ended: ended.snapshot(),
    };
  }

  addSnapshot({ begun, sent, received, opened, roundTrip, ended }: SocketTally): void {
    this.#counts.begun += begun;
    this.#counts.sent += sent;
    this.#counts.received += received;
    this.#times.opened.addSnapshot(opened);
    this.#times.roundTrip.addSnapshot(roundTrip);
    this.#times.ended.addSnapshot(ended);
  }

  /**
   * @param seconds that were measured.
   * @param percentiles of the times, in addition to the usual ones.
   */
  result(seconds: number, percentiles: readonly number[]): WebSocketResult {
    const times = (histogram: Histogram): WebSocketResult['roundTripMs'] => {
      const summary = latencySummary(histogram);
      return summary === null ? null : { ...summary, percentiles: percentilesMs(histogram, percentiles) };
    };
    const { begun, sent, received } = this.#counts;
    return {
      sessions: begun,
      messagesSent: sent,
      messagesReceived: received,
      receivedPerSecond: seconds > 0 ? received / seconds : null,
      connectingMs: times(this.#times.opened),
      roundTripMs: times(this.#times.roundTrip),
      sessionMs: times(this.#times.ended),
    };
  }

  /** The counts under k6's names; `ws_round_trip` is not one of k6's. */
  metrics(seconds: number, percentiles: readonly number[]): ProtocolMetric[] {
    const rate = (count: number): number | null => (seconds > 0 ? count / seconds : null);
    const trend = (metric: string, histogram: Histogram): ProtocolMetric => ({
      metric,
      count: histogram.count,
      perSecond: rate(histogram.count),
      durationMs: latencySummary(histogram),
      ...(histogram.count === 0 ? {} : { percentilesMs: percentilesMs(histogram, percentiles) }),
    });
    const counter = (metric: string, count: number): ProtocolMetric => ({
      metric,
      count,
      perSecond: rate(count),
      durationMs: null,
    });
    const { begun, sent, received } = this.#counts;
    return [
      trend('ws_connecting', this.#times.opened),
      trend('ws_round_trip', this.#times.roundTrip),
      trend('ws_session_duration', this.#times.ended),
      counter('ws_sessions', begun),
      counter('ws_msgs_sent', sent),
      counter('ws_msgs_received', received),
    ];
  }
}
