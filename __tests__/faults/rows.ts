import type { Row } from './row.ts';
import { CLUSTER_ROWS } from './rows/cluster.ts';
import { PREFLIGHT_ROWS } from './rows/preflight.ts';

/** The fault matrix. */
export const ROWS: readonly Row[] = [...PREFLIGHT_ROWS, ...CLUSTER_ROWS];
