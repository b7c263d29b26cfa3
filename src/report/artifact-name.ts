import { createHash } from 'node:crypto';
import type { RunIdentity } from '../model/run.ts';
import { defaultHeader } from './markdown/marker.ts';

/** Identifies a comment on a pull request: there is one for each workflow, job, matrix leg and step. */
export const commentHeader = (run: RunIdentity, matrix: string): string =>
  defaultHeader({ workflow: run.workflow ?? '', job: run.job ?? '', matrix, step: run.step });

/**
 * A name that no other job and step of the run has: GitHub refuses a second artifact with the same name, even from
 * another matrix leg or a later attempt. Two calls of one reusable workflow can't be told apart here; the upload then
 * adds a number.
 */
export function artifactName(run: RunIdentity, matrix: string): string {
  const leg = createHash('sha256').update(commentHeader(run, matrix)).digest('hex').slice(0, 8);
  const job = (run.job ?? 'job').replace(/[^\w.-]/g, '-').slice(0, 60);
  return `load-test-${job}-${String(run.attempt)}-${leg}`;
}
