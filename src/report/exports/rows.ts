import type { HostResult, LoadResult } from '../../model/load.ts';
import type { Report } from '../../model/report.ts';
import { hostLabel } from '../words/host-label.ts';

/** A report that has a load. */
export type MeasuredReport = Report & { readonly load: LoadResult };

/** A unique name for the figures of each host and path, or request of a scenario, and of all together. */
export const namedRows = ({ total, hosts }: LoadResult): { readonly name: string; readonly result: HostResult }[] => [
  { name: 'all hosts', result: total },
  ...hosts.map((result) => ({ name: hostLabel(result), result })),
];
