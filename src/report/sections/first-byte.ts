import type { HostResult, LatencySummary } from '../../model/load.ts';
import type { Report } from '../../model/report.ts';
import { grouped, milliseconds, NOT_MEASURED } from '../../text/numbers.ts';
import { rowsOf } from '../words/host-label.ts';
import { hostName } from './host-name.ts';
import { type Cell, figureColumn, notes, type Section, textColumn } from './section.ts';

const TIMES = ['p50', 'p95', 'p99', 'avg', 'max'] as const;

/** The time to the first byte and of TLS handshakes: parts of the latency with their own causes. */
export function firstByte({ load }: Report): Section | null {
  if (load === null) return null;
  const rows = rowsOf(load);
  const handshakes = rows.some(({ tlsHandshakes }) => tlsHandshakes !== undefined);
  return {
    id: 'first-byte',
    title: handshakes ? 'First byte and TLS handshakes' : 'Time to the first byte',
    inMarkdown: 'folded',
    blocks: [
      {
        kind: 'table',
        caption: 'Time to the first byte by host',
        columns: [textColumn('Host'), ...TIMES.map((name) => figureColumn(`First byte ${name}`))],
        rows: rows.flatMap((result) =>
          result.waitingMs === undefined ? [] : [[hostName(result), ...times(result.waitingMs)]],
        ),
      },
      {
        kind: 'table',
        caption: 'TLS handshakes by host',
        columns: [
          textColumn('Host'),
          ...['Handshakes', 'In the measured window', 'Resumed', ...TIMES].map(figureColumn),
        ],
        rows: rows.flatMap(handshakeRow),
      },
      ...notes(inWindow(load.total)),
    ],
  };
}

const times = (summary: LatencySummary): string[] => TIMES.map((name) => milliseconds(summary[name]));

const handshakeRow = (result: HostResult): Cell[][] => {
  const { tlsHandshakes } = result;
  if (tlsHandshakes === undefined) return [];
  const { count, inWindow, resumed, timeMs } = tlsHandshakes;
  return [
    [
      hostName(result),
      grouped(count),
      grouped(inWindow),
      resumed === null ? NOT_MEASURED : grouped(resumed),
      ...times(timeMs),
    ],
  ];
};

function inWindow({ tlsHandshakes }: HostResult): string[] {
  if (tlsHandshakes === undefined || tlsHandshakes.inWindow === 0) return [];
  return [
    `${grouped(tlsHandshakes.inWindow)} of ${grouped(tlsHandshakes.count)} handshakes took place in the measured window, and the latency of the requests that waited for them includes them. More warmup-requests open more connections beforehand; the server had closed the others.`,
  ];
}
