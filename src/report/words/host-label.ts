import type { HostResult, LoadResult } from '../../model/load.ts';

type Target = Pick<HostResult, 'name' | 'host' | 'path'>;

/** The name of one target's results: its name in the scenario, or its host and path. */
export const hostLabel = ({ name, host, path }: Target): string => name ?? (path === '/' ? host : `${host}${path}`);

/** Whether these are the results of all targets together. */
export const isTotal = ({ host, path }: Target): boolean => host === 'all' && path === '';

/** The results of each host, and those of all hosts unless there is only one. */
export const rowsOf = ({ hosts, total }: Pick<LoadResult, 'hosts' | 'total'>): HostResult[] =>
  hosts.length === 1 && hosts[0]?.sent === total.sent ? [...hosts] : [...hosts, total];
