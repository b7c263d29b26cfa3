import type { Report } from '../../model/report.ts';
import { grouped, NOT_MEASURED } from '../../text/numbers.ts';
import { hostName } from './host-name.ts';
import { type Section, textColumn } from './section.ts';

/** Why requests failed, by host. */
export function failedRequests({ load }: Report): Section | null {
  if (load === null || load.total.failed === 0) return null;
  return {
    id: 'failed',
    title: 'Failed requests',
    blocks: [
      {
        kind: 'table',
        caption: 'Failed requests by host',
        columns: ['Host', 'Failed', 'By class', 'HTTP statuses'].map(textColumn),
        rows: [...load.hosts, load.total]
          .filter(({ failed }) => failed > 0)
          .map((result) => [
            hostName(result),
            grouped(result.failed),
            counts(result.failures),
            counts(result.statuses),
          ]),
      },
    ],
  };
}

const counts = (record: Readonly<Record<string, number>>): string =>
  Object.entries(record)
    .map(([name, count]) => `${name}: ${String(count)}`)
    .join(', ') || NOT_MEASURED;
