import type { JourneyResult, LatencySummary, ProtocolMetric, StreamResult, WebSocketResult } from '../../model/load.ts';
import type { Journey, Step } from '../journeys/journey.ts';
import type { StreamTimes } from '../journeys/stream-watch.ts';
import { Histogram, type HistogramSnapshot } from './histogram.ts';
import { latencySummary, percentilesMs } from './host-figures.ts';
import { type SocketEvent, Sockets, type SocketTally } from './socket-counts.ts';

export type { SocketEvent } from './socket-counts.ts';

/** The counts of one journey, as plain data that can be sent to another thread. */
interface JourneyTally {
  readonly begun: number;
  readonly completed: number;
  readonly failed: number;
  /** Microseconds of its response times together, without thinking, for finished walks. */
  readonly duration: HistogramSnapshot;
  /** By step: how often it was skipped because an earlier one failed. */
  readonly notBegun: readonly number[];
  readonly problems: ReadonlyMap<string, number>;
  readonly streams: readonly (StreamTally | null)[];
  readonly sockets: readonly (SocketTally | null)[];
}

/** The counts of a step's streams; times in microseconds. */
interface StreamTally {
  readonly streams: number;
  readonly events: number;
  readonly firstByte: HistogramSnapshot;
  readonly firstEvent: HistogramSnapshot;
  readonly between: HistogramSnapshot;
}

class Streams {
  streams = 0;
  events = 0;
  readonly firstByte = new Histogram();
  readonly firstEvent = new Histogram();
  readonly between = new Histogram();

  snapshot(): StreamTally {
    const { streams, events, firstByte, firstEvent, between } = this;
    const times = { firstByte: firstByte.snapshot(), firstEvent: firstEvent.snapshot(), between: between.snapshot() };
    return { streams, events, ...times };
  }

  addSnapshot({ streams, events, firstByte, firstEvent, between }: StreamTally): void {
    this.streams += streams;
    this.events += events;
    this.firstByte.addSnapshot(firstByte);
    this.firstEvent.addSnapshot(firstEvent);
    this.between.addSnapshot(between);
  }

  result(seconds: number, percentiles: readonly number[]): StreamResult {
    const times = (histogram: Histogram): StreamResult['firstByteMs'] =>
      histogram.count === 0 ? null : { ...summaryOf(histogram), percentiles: percentilesMs(histogram, percentiles) };
    return {
      streams: this.streams,
      events: this.events,
      eventsPerSecond: seconds > 0 ? this.events / seconds : null,
      firstByteMs: times(this.firstByte),
      firstEventMs: times(this.firstEvent),
      betweenEventsMs: times(this.between),
    };
  }
}

/** For a histogram that is not empty. */
function summaryOf(histogram: Histogram): LatencySummary {
  const summary = latencySummary(histogram);
  if (summary === null) throw new RangeError('The histogram is empty');
  return summary;
}

export type JourneySnapshot = readonly JourneyTally[];

class Tally {
  begun = 0;
  completed = 0;
  failed = 0;
  readonly duration = new Histogram();
  readonly notBegun: number[];
  /** By step; null when the answer is not a stream. */
  readonly streams: readonly (Streams | null)[];
  /** By step; null when no WebSocket is opened. */
  readonly sockets: readonly (Sockets | null)[];
  /** By the index of the step and the problem, separated by a line break. */
  readonly problems = new Map<string, number>();

  constructor(steps: readonly Step[]) {
    this.notBegun = steps.map(() => 0);
    this.streams = steps.map(({ stream }) => (stream === undefined ? null : new Streams()));
    this.sockets = steps.map(({ echo }) => (echo === undefined ? null : new Sockets()));
  }

  addProblem(key: string, count: number): void {
    this.problems.set(key, (this.problems.get(key) ?? 0) + count);
  }
}

/** Counts walks through journeys. Their requests are counted by the load's recorder, like any others. */
export class JourneyCounts {
  readonly #journeys: readonly Journey[];
  readonly #tallies: readonly Tally[];

  constructor(journeys: readonly Journey[]) {
    this.#journeys = journeys;
    this.#tallies = journeys.map(({ steps }) => new Tally(steps));
  }

  begun(journey: number): void {
    const tally = this.#tallies[journey];
    if (tally !== undefined) tally.begun += 1;
  }

  completed(journey: number, durationMs: number): void {
    const tally = this.#tallies[journey];
    if (tally === undefined) return;
    tally.completed += 1;
    tally.duration.record(durationMs * 1000);
  }

  /** @param problem why an answer with the right status and text was wrong; null for any other failure. */
  failed(journey: number, step: number, problem: string | null): void {
    const tally = this.#tallies[journey];
    if (tally === undefined) return;
    tally.failed += 1;
    for (let after = step + 1; after < tally.notBegun.length; after++)
      tally.notBegun[after] = (tally.notBegun[after] ?? 0) + 1;
    if (problem !== null) tally.addProblem(`${String(step)}\n${problem}`, 1);
  }

  /** A stream has ended, or was followed for the requested time. */
  streamed(journey: number, step: number, { firstByteMs, firstEventMs, events }: StreamTimes): void {
    const streams = this.#tallies[journey]?.streams[step] ?? null;
    if (streams === null) return;
    streams.streams += 1;
    streams.events += events;
    if (firstByteMs !== null) streams.firstByte.record(firstByteMs * 1000);
    if (firstEventMs !== null) streams.firstEvent.record(firstEventMs * 1000);
  }

  /** The time from one event to the next. */
  gap(journey: number, step: number, ms: number): void {
    this.#tallies[journey]?.streams[step]?.between.record(ms * 1000);
  }

  /** Something happened at the WebSocket of a step; `ms` is its time if it has one. */
  socket(journey: number, step: number, event: SocketEvent, ms: number): void {
    this.#tallies[journey]?.sockets[step]?.add(event, ms);
  }

  snapshot(): JourneySnapshot {
    return this.#tallies.map(({ begun, completed, failed, duration, notBegun, problems, streams, sockets }) => ({
      begun,
      completed,
      failed,
      duration: duration.snapshot(),
      notBegun: [...notBegun],
      problems: new Map(problems),
      streams: streams.map((each) => each?.snapshot() ?? null),
      sockets: sockets.map((each) => each?.snapshot() ?? null),
    }));
  }

  addSnapshot(snapshot: JourneySnapshot): void {
    this.#tallies.forEach((tally, index) => {
      const other = snapshot[index];
      if (other === undefined) return;
      tally.begun += other.begun;
      tally.completed += other.completed;
      tally.failed += other.failed;
      tally.duration.addSnapshot(other.duration);
      other.notBegun.forEach((count, step) => (tally.notBegun[step] = (tally.notBegun[step] ?? 0) + count));
      other.streams.forEach((each, step) => {
        if (each !== null) tally.streams[step]?.addSnapshot(each);
      });
      other.sockets.forEach((each, step) => {
        if (each !== null) tally.sockets[step]?.addSnapshot(each);
      });
      for (const [key, count] of other.problems) tally.addProblem(key, count);
    });
  }

  /**
   * @param seconds that were measured.
   * @param percentiles of the times, in addition to the usual ones.
   */
  results(seconds: number, percentiles: readonly number[] = []): JourneyResult[] {
    return this.#tallies.map(({ begun, completed, failed, duration, notBegun, problems, streams, sockets }, index) => {
      const { name = '', steps = [] } = this.#journeys[index] ?? {};
      const stepName = (step: number): string => steps[step]?.name ?? '';
      return {
        name,
        begun,
        completed,
        failed,
        unfinished: begun - completed - failed,
        durationMs: latencySummary(duration),
        ...(percentiles.length > 0 && duration.count > 0
          ? { durationPercentilesMs: percentilesMs(duration, percentiles) }
          : {}),
        steps: steps.map((step, at) => ({
          name: step.name,
          notBegun: notBegun[at] ?? 0,
          ...streamOf(streams[at] ?? null, seconds, percentiles),
          ...socketOf(sockets[at] ?? null, seconds, percentiles),
        })),
        problems: [...problems]
          .map(([key, count]) => ({ ...placeIn(key, stepName), count }))
          .sort((a, b) => b.count - a.count),
      };
    });
  }
}

/** What was measured over the WebSockets of all steps together, under k6's names; null without any. */
export function socketMetrics(
  journeys: readonly Journey[],
  snapshot: JourneySnapshot,
  seconds: number,
  percentiles: readonly number[] = [],
): ProtocolMetric[] | null {
  if (journeys.every(({ steps }) => steps.every(({ echo }) => echo === undefined))) return null;
  const all = new Sockets();
  for (const each of snapshot.flatMap(({ sockets }) => sockets)) if (each !== null) all.addSnapshot(each);
  return all.metrics(seconds, percentiles);
}

function placeIn(key: string, stepName: (step: number) => string): { step: string; problem: string } {
  const [step = '', problem = ''] = key.split('\n', 2);
  return { step: stepName(Number(step)), problem };
}

const streamOf = (
  streams: Streams | null,
  seconds: number,
  percentiles: readonly number[],
): { readonly stream?: StreamResult } => (streams === null ? {} : { stream: streams.result(seconds, percentiles) });

const socketOf = (
  sockets: Sockets | null,
  seconds: number,
  percentiles: readonly number[],
): { readonly webSocket?: WebSocketResult } =>
  sockets === null ? {} : { webSocket: sockets.result(seconds, percentiles) };
