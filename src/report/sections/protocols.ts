import type { Report } from '../../model/report.ts';
import { grouped, milliseconds, perSecond } from '../../text/numbers.ts';
import { figureColumn, notes, type Section, textColumn } from './section.ts';

const STATISTICS = ['avg', 'p50', 'p95', 'p99', 'max'] as const;

/** What was measured of gRPC and WebSockets under the names of k6. Those of journeys have rows of their own there. */
export function protocols({ load }: Report): Section | null {
  if (load?.protocols === undefined || load.journeys !== undefined) return null;
  return {
    id: 'protocols',
    title: 'gRPC and WebSockets',
    blocks: [
      {
        kind: 'table',
        caption: 'What k6 measured of gRPC and WebSockets',
        columns: [textColumn('Metric'), ...['Count', 'Rate', ...STATISTICS].map(figureColumn)],
        rows: load.protocols.map(({ metric, count, perSecond: rate, durationMs }) => [
          { code: metric },
          grouped(count),
          perSecond(rate),
          ...STATISTICS.map((name) => milliseconds(durationMs?.[name] ?? null)),
        ]),
      },
      ...notes(['A gRPC call counts as a request with its whole time, a WebSocket with the time to open it.']),
    ],
  };
}
