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
  /**
   * The name of the step in the workflow or from the runner; missing for the first step of a job without a name of its
   * own.
   */
  step: text.optional(),
  /** The number of the job in GitHub's API; missing when the runner does not report it. */
  jobId: count.optional(),
  repository: text.nullable(),
  /**
   * The commit that the workflow runs for: the merge commit on `pull_request`, the head of a branch on events of the
   * repository.
   */
  sha: text.nullable(),
  /** The head commit of the pull request; missing, or null, when there is none or it is not known. */
  headSha: text.nullable().optional(),
  ref: text.nullable(),
  pullRequest: count.nullable(),
  /** Where to read the log of the run. */
  url: text.nullable(),
});
export type RunIdentity = z.infer<typeof runIdentity>;

/** The file of the repository that gave inputs. */
export const settingsFile = z.strictObject({
  file: text,
  /** The inputs that were taken from it, each with its line. */
  lines: table(count),
  /** Inputs in the file, with their values, that did not count because something else was given. */
  replaced: list(z.strictObject({ input: text, text })),
  /** Inputs that the command has no use for. */
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
