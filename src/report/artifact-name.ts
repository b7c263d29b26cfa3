import { createHash } from 'node:crypto';
import type { RunIdentity } from '../model/run.ts';
import { defaultHeader } from './markdown/marker.ts';

/** Which comment of ours it is on a pull request: one for each workflow, job, matrix leg and step. */
export const commentHeader = (run: RunIdentity, matrix: string): string =>
  defaultHeader({ workflow: run.workflow ?? '', job: run.job ?? '', matrix, step: run.step });

/**
 * A name that no other job and step of the run has: GitHub refuses a second artifact of the same name, also from
 * another leg of a matrix and from a further attempt. Two calls of one reusable workflow can't be told apart here; the
 * upload takes a further name then.
 */
export function artifactName(run: RunIdentity, matrix: string): string {
  const leg = createHash('sha256').update(commentHeader(run, matrix)).digest('hex').slice(0, 8);
  const job = (run.job ?? 'job').replace(/[^\w.-]/g, '-').slice(0, 60);
  return `load-test-${job}-${String(run.attempt)}-${leg}`;
}
