import type { JourneyResult, LoadResult, StreamResult, WebSocketResult } from '../../model/load.ts';
import type { Report } from '../../model/report.ts';
import { grouped, milliseconds, percent, perSecond } from '../../text/numbers.ts';
import { type Cell, figureColumn, notes, type Section, textColumn } from './section.ts';

const STATISTICS = ['p50', 'p95', 'p99', 'max'] as const;

/**
 * How the walks through each journey ended, how long they took, and what failed. Their requests are in the table of
 * hosts.
 */
export function journeys({ load }: Report): Section | null {
  if (load?.journeys === undefined) return null;
  const notBegun = load.journeys.flatMap(({ name, steps }) =>
    steps.filter((step) => step.notBegun > 0).map((step): Cell[] => [name, step.name, grouped(step.notBegun)]),
  );
  return {
    id: 'journeys',
    title: 'Journeys',
    blocks: [
      {
        kind: 'table',
        caption: 'Journeys',
        columns: [
          textColumn('Journey'),
          ...['Finished', ...STATISTICS, 'Throughput', 'Begun', 'Failed', 'Unfinished'].map(figureColumn),
        ],
        rows: load.journeys.map((journey) => row(journey, load)),
      },
      {
        kind: 'table',
        caption: 'Steps that were skipped because an earlier one failed',
        columns: [textColumn('Journey'), textColumn('Step'), figureColumn('Not begun')],
        rows: notBegun,
      },
      {
        kind: 'table',
        caption: 'Answers that did not match what a step needs',
        columns: [textColumn('Step'), textColumn('What was wrong'), figureColumn('Answers')],
        rows: load.journeys.flatMap(({ problems }) =>
          problems.map(({ step, problem, count }): Cell[] => [step, problem, grouped(count)]),
        ),
      },
      {
        kind: 'table',
        caption: 'Streams',
        columns: [
          textColumn('Stream'),
          ...['First byte p50', 'First byte p95', 'First event p50', 'First event p95'].map(figureColumn),
          ...['Between events p50', 'Between events p99', 'Events', 'Events a second', 'Streams'].map(figureColumn),
        ],
        rows: load.journeys.flatMap(({ steps }) =>
          steps.flatMap(({ name, stream }) => (stream === undefined ? [] : [streamRow(name, stream)])),
        ),
      },
      {
        kind: 'table',
        caption: 'WebSockets',
        columns: [
          textColumn('WebSocket'),
          ...['Round trip p50', 'Round trip p95', 'Round trip p99', 'Connecting p50', 'Connecting p95'].map(
            figureColumn,
          ),
          ...['Messages sent', 'Received', 'Received a second', 'Sessions'].map(figureColumn),
        ],
        rows: load.journeys.flatMap(({ steps }) =>
          steps.flatMap(({ name, webSocket }) => (webSocket === undefined ? [] : [webSocketRow(name, webSocket)])),
        ),
      },
      ...notes(explanationsOf(load)),
    ],
  };
}

function row({ name, begun, completed, failed, unfinished, durationMs }: JourneyResult, load: LoadResult): Cell[] {
  const ended = completed + failed;
  return [
    name,
    percent(ended === 0 ? null : completed / ended),
    ...STATISTICS.map((statistic) => milliseconds(durationMs?.[statistic] ?? null)),
    perSecond(load.durationSeconds > 0 ? completed / load.durationSeconds : null),
    grouped(begun),
    grouped(failed),
    grouped(unfinished),
  ];
}

const streamRow = (name: string, stream: StreamResult): Cell[] => [
  name,
  milliseconds(stream.firstByteMs?.p50 ?? null),
  milliseconds(stream.firstByteMs?.p95 ?? null),
  milliseconds(stream.firstEventMs?.p50 ?? null),
  milliseconds(stream.firstEventMs?.p95 ?? null),
  milliseconds(stream.betweenEventsMs?.p50 ?? null),
  milliseconds(stream.betweenEventsMs?.p99 ?? null),
  grouped(stream.events),
  perSecond(stream.eventsPerSecond),
  grouped(stream.streams),
];

const webSocketRow = (name: string, webSocket: WebSocketResult): Cell[] => [
  name,
  milliseconds(webSocket.roundTripMs?.p50 ?? null),
  milliseconds(webSocket.roundTripMs?.p95 ?? null),
  milliseconds(webSocket.roundTripMs?.p99 ?? null),
  milliseconds(webSocket.connectingMs?.p50 ?? null),
  milliseconds(webSocket.connectingMs?.p95 ?? null),
  grouped(webSocket.messagesSent),
  grouped(webSocket.messagesReceived),
  perSecond(webSocket.receivedPerSecond),
  grouped(webSocket.sessions),
];

function explanationsOf({ journeys: all = [] }: LoadResult): string[] {
  return [
    'The time of a journey is the sum of its response times without the pauses, over finished journeys.',
    ...(all.some(({ steps }) => steps.some(({ webSocket }) => webSocket !== undefined))
      ? ['A WebSocket counts as a request with the time to open it; in a journey its round trips count, too.']
      : []),
    ...(all.some(({ unfinished }) => unfinished > 0)
      ? ['Unfinished: time was up before the last step. Requests sent by then are counted.']
      : []),
  ];
}
