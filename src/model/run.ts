import { z } from 'zod';
import { type OutcomeCode, OUTCOMES } from '../errors.ts';
import { count, nullableNumber, timestamp } from './units.ts';

export const outcomeCode = z.enum(Object.keys(OUTCOMES) as [OutcomeCode, ...OutcomeCode[]]);

export const stageRecord = z.strictObject({
  name: z.string(),
  startedAt: timestamp,
  endedAt: timestamp.nullable(),
  durationMs: nullableNumber,
  outcome: z.enum(['running', 'ok', 'failed', 'cancelled']),
});
export type StageRecord = z.infer<typeof stageRecord>;

export const failure = z.strictObject({
  code: outcomeCode,
  stage: z.string().nullable(),
  message: z.string(),
  hint: z.string().nullable(),
  tryThis: z.string().nullable(),
});
export type Failure = z.infer<typeof failure>;

export const runIdentity = z.strictObject({
  /** False on a laptop. */
  onGitHub: z.boolean(),
  /** The event that started the workflow, such as `pull_request`. */
  event: z.string().nullable(),
  id: z.string(),
  attempt: count,
  workflow: z.string().nullable(),
  job: z.string().nullable(),
  repository: z.string().nullable(),
  sha: z.string().nullable(),
  ref: z.string().nullable(),
  pullRequest: count.nullable(),
  /** Where the log of the run can be read. */
  url: z.string().nullable(),
});
export type RunIdentity = z.infer<typeof runIdentity>;

export const environment = z.strictObject({
  os: z.string(),
  arch: z.string(),
  cpuModel: z.string(),
  cpus: count,
  memoryBytes: count,
  nodeVersion: z.string(),
  dockerVersion: z.string().nullable(),
  cgroupVersion: z.string().nullable(),
});

export const clusterNode = z.strictObject({
  name: z.string(),
  role: z.string(),
  version: z.string(),
  ready: z.boolean(),
});
export type ClusterNode = z.infer<typeof clusterNode>;
