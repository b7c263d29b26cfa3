import type { HostResult, LoadResult, Report } from '../model.ts';

/** A report that has a load. */
export type MeasuredReport = Report & { readonly load: LoadResult };

/** A name for the figures of each host and path, and of all together; each name is there once. */
export const namedRows = ({ total, hosts }: LoadResult): { readonly name: string; readonly result: HostResult }[] => [
  { name: 'all hosts', result: total },
  ...hosts.map((result) => ({ name: `${result.host}${result.path === '/' ? '' : result.path}`, result })),
];
