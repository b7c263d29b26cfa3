import { answeredOf } from '../../load/counts/uncertainty.ts';
import type { HostResult, LoadResult } from '../../model/load.ts';
import { grouped, NOT_MEASURED } from '../../text/numbers.ts';
import { hostLabel } from './host-label.ts';

/** How often each status code was returned, in ascending order: `200: 49,616, 308: 12`. */
export const statusesText = ({ statuses }: Pick<HostResult, 'statuses'>): string => counts(statuses);

/** How often requests failed in each way: `timeout: 40, reset: 2`. */
export const failuresText = ({ failures }: Pick<HostResult, 'failures'>): string => counts(failures);

const counts = (record: Readonly<Partial<Record<string, number>>>): string =>
  Object.entries(record)
    .map(([name, count]) => `${name}: ${grouped(count ?? 0)}`)
    .join(', ') || NOT_MEASURED;

/** The one status of every answer; null when there are several, or none, or a request failed. */
export function onlyStatus({ total }: Pick<LoadResult, 'total'>): string | null {
  const [status, ...others] = Object.keys(total.statuses);
  return total.failed === 0 && others.length === 0 && answeredOf(total) === total.sent ? (status ?? null) : null;
}

/** The report has the remaining lines. */
const MOST_LINES = 20;

/** What each host answered, one log line for each. */
export function answersLines({ hosts }: Pick<LoadResult, 'hosts'>): string[] {
  const lines = hosts.slice(0, MOST_LINES).map((result) => {
    const failed = result.failed === 0 ? '' : `; ${grouped(result.failed)} failed (${failuresText(result)})`;
    return answeredOf(result) === 0
      ? `${hostLabel(result)} answered none of ${grouped(result.sent)} requests${failed}`
      : `${hostLabel(result)} answered with status ${statusesText(result)}${failed}`;
  });
  const more = hosts.length - lines.length;
  return more > 0 ? [...lines, `What ${String(more)} more hosts answered is in the report.`] : lines;
}
