import type { JourneyResult, LoadResult, StreamResult, WebSocketResult } from '../../model/load.ts';
import { durationFigure, type Figure } from './figure.ts';
import type { Threshold } from './thresholds.ts';

export const isOfJourneys = (metric: Threshold['metric']): boolean =>
  metric === 'journey_duration' || metric === 'journey_failed' || metric === 'journeys';

/** For the walks through one journey, or through all. */
export function journeyFigure(
  { metric, tags, aggregation }: Threshold,
  { journeys, durationSeconds }: LoadResult,
): Figure {
  if (journeys === undefined) return 'The load has no journeys; use a scenario with journeys.';
  const { journey } = tags;
  const matching = journey === undefined ? journeys : journeys.filter(({ name }) => name === journey);
  const names = journeys.map(({ name }) => name).join(', ');
  const [first] = matching;
  if (first === undefined) return `There is no journey ${String(journey)}; available are ${names}.`;
  if (metric === 'journey_duration') {
    if (matching.length > 1)
      return `There are several journeys (${names}), and a rule on time needs one: {journey:${first.name}}.`;
    return first.durationMs === null
      ? 'No journey finished.'
      : durationFigure(aggregation, first.durationMs, first.durationPercentilesMs);
  }
  const sum = (figure: (result: JourneyResult) => number): number =>
    matching.reduce((total, result) => total + figure(result), 0);
  const completed = sum((result) => result.completed);
  if (metric === 'journeys')
    return aggregation.kind === 'count'
      ? completed
      : durationSeconds > 0
        ? completed / durationSeconds
        : 'No time was measured.';
  const failed = sum((result) => result.failed);
  const ended = completed + failed;
  return ended === 0 ? 'No journey finished, and none failed.' : failed / ended;
}

const STREAM_TIMES = {
  stream_first_byte: 'firstByteMs',
  stream_first_event: 'firstEventMs',
  stream_between_events: 'betweenEventsMs',
  stream_events: null,
} as const satisfies Record<string, keyof StreamResult | null>;

export const isOfStreams = (metric: string): metric is keyof typeof STREAM_TIMES => Object.hasOwn(STREAM_TIMES, metric);

/** For the stream of one step. */
export function streamFigure(
  { tags: { name }, aggregation }: Threshold,
  metric: keyof typeof STREAM_TIMES,
  { journeys = [] }: LoadResult,
): Figure {
  const steps = journeys.flatMap((journey) => journey.steps.filter(({ stream }) => stream !== undefined));
  const stream = steps.find((step) => step.name === name)?.stream;
  if (stream === undefined)
    return `No step ${String(name)} has a stream; ${steps.length === 0 ? 'none has' : `there are ${steps.map((step) => step.name).join(', ')}`}.`;
  const field = STREAM_TIMES[metric];
  if (field === null)
    return aggregation.kind === 'count' ? stream.events : (stream.eventsPerSecond ?? 'No time was measured.');
  const times = stream[field];
  return times === null ? 'Too few events came.' : durationFigure(aggregation, times, times.percentiles);
}

const SOCKET_FIGURES = {
  ws_connecting: 'connectingMs',
  ws_round_trip: 'roundTripMs',
  ws_session_duration: 'sessionMs',
  ws_sessions: 'sessions',
  ws_msgs_sent: 'messagesSent',
  ws_msgs_received: 'messagesReceived',
} as const satisfies Record<string, keyof WebSocketResult>;

export const isOfSockets = (metric: string): metric is keyof typeof SOCKET_FIGURES =>
  Object.hasOwn(SOCKET_FIGURES, metric);

/** For what a k6 script spoke besides HTTP, or for the WebSockets of steps. */
export function protocolFigure({ metric, tags: { name }, aggregation }: Threshold, load: LoadResult): Figure {
  if (name !== undefined && isOfSockets(metric)) return socketFigure(metric, name, aggregation, load);
  const found = load.protocols?.find((each) => each.metric === metric);
  if (found === undefined)
    return `Nothing was measured of ${metric}: ${isOfSockets(metric) ? 'no step of a journey opens a WebSocket, and no k6 script did' : 'only a k6 script that speaks that protocol has it'}.`;
  if (found.durationMs !== null) return durationFigure(aggregation, found.durationMs, found.percentilesMs);
  // For a time without a single measurement.
  if (aggregation.kind !== 'rate' && aggregation.kind !== 'count') return `Nothing was measured of ${metric}.`;
  return aggregation.kind === 'count' ? found.count : (found.perSecond ?? 'No time was measured.');
}

/** For the WebSockets of one step. */
function socketFigure(
  metric: keyof typeof SOCKET_FIGURES,
  name: string,
  aggregation: Threshold['aggregation'],
  { journeys = [], durationSeconds }: LoadResult,
): Figure {
  const steps = journeys.flatMap((journey) => journey.steps.filter(({ webSocket }) => webSocket !== undefined));
  const webSocket = steps.find((step) => step.name === name)?.webSocket;
  if (webSocket === undefined)
    return `No step ${name} opens a WebSocket; ${steps.length === 0 ? 'none does' : `there are ${steps.map((step) => step.name).join(', ')}`}.`;
  const figure = webSocket[SOCKET_FIGURES[metric]];
  if (typeof figure !== 'number')
    return figure === null
      ? `Nothing was measured of ${metric}.`
      : durationFigure(aggregation, figure, figure.percentiles);
  if (aggregation.kind === 'count') return figure;
  return durationSeconds > 0 ? figure / durationSeconds : 'No time was measured.';
}
