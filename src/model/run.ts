import { z } from 'zod';
import { type OutcomeCode, OUTCOMES } from '../errors.ts';
import { count, list, nullableNumber, table, text, timestamp } from './units.ts';

export const outcomeCode = z.enum(Object.keys(OUTCOMES) as [OutcomeCode, ...OutcomeCode[]]);

export const stageRecord = z.strictObject({
  name: text,
  startedAt: timestamp,
  endedAt: timestamp.nullable(),
  durationMs: nullableNumber,
  outcome: z.enum(['running', 'ok', 'failed', 'cancelled']),
});
export type StageRecord = z.infer<typeof stageRecord>;

export const failure = z.strictObject({
  code: outcomeCode,
  stage: text.nullable(),
  message: text,
  hint: text.nullable(),
  tryThis: text.nullable(),
});
export type Failure = z.infer<typeof failure>;

export const runIdentity = z.strictObject({
  /** False on a laptop. */
  onGitHub: z.boolean(),
  /** The event that started the workflow, such as `pull_request`. */
  event: text.nullable(),
  id: text,
  attempt: count,
  workflow: text.nullable(),
  job: text.nullable(),
  /** The step as the workflow or the runner names it; missing for the first of a job that has no name of its own. */
  step: text.optional(),
  /** The number of the job in GitHub's API; missing where the runner does not tell it. */
  jobId: count.optional(),
  repository: text.nullable(),
  /** What the workflow runs for: on `pull_request` the merge commit, on events of the repository the head of a branch. */
  sha: text.nullable(),
  /** The head commit of the pull request; missing, or null, when there is none or it is not known. */
  headSha: text.nullable().optional(),
  ref: text.nullable(),
  pullRequest: count.nullable(),
  /** Where the log of the run can be read. */
  url: text.nullable(),
});
export type RunIdentity = z.infer<typeof runIdentity>;

/** The file of the repository that gave inputs. */
export const settingsFile = z.strictObject({
  file: text,
  /** The inputs that were taken from it, each with its line. */
  lines: table(count),
  /** Those that it has and that did not count, since something else was given; with what it has. */
  replaced: list(z.strictObject({ input: text, text })),
  /** Those that the command has no use for. */
  leftOut: list(text),
});
export type SettingsFile = z.infer<typeof settingsFile>;

export const environment = z.strictObject({
  os: text,
  arch: text,
  cpuModel: text,
  cpus: count,
  memoryBytes: count,
  nodeVersion: text,
  dockerVersion: text.nullable(),
  cgroupVersion: text.nullable(),
});

export const clusterNode = z.strictObject({
  name: text,
  role: text,
  version: text,
  ready: z.boolean(),
});
export type ClusterNode = z.infer<typeof clusterNode>;
