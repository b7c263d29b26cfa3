import type { Report } from '../../model/report.ts';
import { grouped, milliseconds, perSecond } from '../../text/numbers.ts';
import { figureColumn, notes, type Section, textColumn } from './section.ts';

const STATISTICS = ['avg', 'p50', 'p95', 'p99', 'max'] as const;

/** What was measured for gRPC and WebSockets, under k6's names. Journeys' WebSockets have their own rows. */
export function protocols({ load }: Report): Section | null {
  if (load?.protocols === undefined || load.journeys !== undefined) return null;
  return {
    id: 'protocols',
    title: 'gRPC and WebSockets',
    blocks: [
      {
        kind: 'table',
        caption: 'gRPC and WebSockets as measured by k6',
        columns: [textColumn('Metric'), ...['Count', 'Rate', ...STATISTICS].map(figureColumn)],
        rows: load.protocols.map(({ metric, count, perSecond: rate, durationMs }) => [
          { code: metric },
          grouped(count),
          perSecond(rate),
          ...STATISTICS.map((name) => milliseconds(durationMs?.[name] ?? null)),
        ]),
      },
      ...notes(['A gRPC call counts as a request with its whole duration, a WebSocket with the time to open it.']),
    ],
  };
}
