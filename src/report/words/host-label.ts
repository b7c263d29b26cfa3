import type { HostResult } from '../../model/load.ts';

/** How the results of one target are called: the name that a scenario gave it, or its host and path. */
export const hostLabel = ({ name, host, path }: Pick<HostResult, 'name' | 'host' | 'path'>): string =>
  name ?? (path === '/' ? host : `${host}${path}`);
