import { createHash } from 'node:crypto';
import type { RunIdentity } from '../model/run.ts';
import { defaultHeader } from './markdown/marker.ts';

/** Which comment of ours it is on a pull request: one for each workflow, job and matrix leg. */
export const commentHeader = (run: RunIdentity, matrix: string): string =>
  defaultHeader({ workflow: run.workflow ?? '', job: run.job ?? '', matrix });

/**
 * A name that no other job of the run has: GitHub refuses a second artifact of the same name, also
 * from another leg of a matrix and from a further attempt.
 */
export function artifactName(run: RunIdentity, matrix: string): string {
  const leg = createHash('sha256').update(commentHeader(run, matrix)).digest('hex').slice(0, 8);
  const job = (run.job ?? 'job').replace(/[^\w.-]/g, '-').slice(0, 60);
  return `load-test-${job}-${String(run.attempt)}-${leg}`;
}
