import { withoutSecretsDeep } from '../adapters/secrets.ts';
import type { Context } from '../context.ts';
import type { Report } from '../model/report.ts';
import { buildReport } from '../report/build-report.ts';

/** The report of what is known so far, without secrets that a tool may have printed into it. */
export const finishedReport = ({ store, clock }: Pick<Context, 'store' | 'clock'>): Report =>
  withoutSecretsDeep(buildReport(store.state, clock.date().toISOString()));
