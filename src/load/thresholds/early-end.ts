import type { EarlyEnd, LoadResult } from '../../model/load.ts';
import { evaluateThresholds } from './threshold-results.ts';
import type { Threshold } from './thresholds.ts';

/**
 * The rules that end a load which has come so far: those that say so (`abortOnFail`), whose time has come
 * (`delayAbortEval`) and that are broken. Where nothing was measured yet nothing is broken.
 */
export function brokenSoFar(thresholds: readonly Threshold[], soFar: LoadResult): EarlyEnd[] {
  const elapsedMs = soFar.durationSeconds * 1000;
  const due = thresholds.filter(({ abort }) => abort !== undefined && elapsedMs >= abort.delayMs);
  return evaluateThresholds(due, { load: soFar, resources: null }).flatMap(({ rule, passed, measured }) =>
    passed || measured === null ? [] : [{ rule, measured, afterSeconds: soFar.durationSeconds }],
  );
}

/** Whether a load must be evaluated while it is sent. */
export const canEndEarly = (thresholds: readonly Threshold[]): boolean =>
  thresholds.some(({ abort }) => abort !== undefined);
