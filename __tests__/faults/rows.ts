import type { Row } from './row.ts';
import { APPLICATION_ROWS } from './rows/application.ts';
import { CLUSTER_ROWS } from './rows/cluster.ts';
import { DOWNLOAD_ROWS } from './rows/downloads.ts';
import { FUZZ_ROWS } from './rows/fuzz.ts';
import { GITHUB_ROWS } from './rows/github.ts';
import { HTTPS_ROWS } from './rows/https.ts';
import { LAB_ROWS } from './rows/lab.ts';
import { LOG_ROWS } from './rows/log.ts';
import { LOAD_ROWS } from './rows/load.ts';
import { METRICS_ROWS } from './rows/metrics.ts';
import { PREFLIGHT_ROWS } from './rows/preflight.ts';
import { SECRET_ROWS } from './rows/secrets.ts';
import { SIGNAL_ROWS } from './rows/signals.ts';
import { TRUST_ROWS } from './rows/trust.ts';
import { USER_ROWS } from './rows/user.ts';

/** The fault matrix. */
export const ROWS: readonly Row[] = [
  ...DOWNLOAD_ROWS,
  ...PREFLIGHT_ROWS,
  ...CLUSTER_ROWS,
  ...APPLICATION_ROWS,
  ...LOAD_ROWS,
  ...HTTPS_ROWS,
  ...METRICS_ROWS,
  ...GITHUB_ROWS,
  ...SIGNAL_ROWS,
  ...LOG_ROWS,
  ...SECRET_ROWS,
  ...TRUST_ROWS,
  ...USER_ROWS,
  ...FUZZ_ROWS,
  ...LAB_ROWS,
];
