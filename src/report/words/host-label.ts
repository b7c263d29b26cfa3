import type { HostResult } from '../../model/load.ts';

type Target = Pick<HostResult, 'name' | 'host' | 'path'>;

/** How the results of one target are called: the name that a scenario gave it, or its host and path. */
export const hostLabel = ({ name, host, path }: Target): string => name ?? (path === '/' ? host : `${host}${path}`);

/** Whether these are the results of all targets together. */
export const isTotal = ({ host, path }: Target): boolean => host === 'all' && path === '';
