/**
 * model/ has the shapes that all floors share, above all that of the report. Nothing of what is measured is computed here.
 */
import { z } from 'zod';
import { autoscaledWorkload } from './autoscaling.ts';
import { capacity } from './capacity.ts';
import { comparison } from './comparison.ts';
import { loadResult, thresholdResult } from './load.ts';
import { httpsHost } from './https.ts';
import { followedRedirect } from './redirects.ts';
import { profiledWorkload } from './profiles.ts';
import { witness } from './witness.ts';
import { resources } from './resources.ts';
import { clusterNode, environment, failure, outcomeCode, runIdentity, settingsFile, stageRecord } from './run.ts';
import { count, interval, list, nullableNumber, table, text, timestamp } from './units.ts';

/**
 * The one data shape behind every rendering, and the contract with programs that read
 * `report.json`. schemas/report.schema.json is generated from it (`npm run update`).
 *
 * Units are in the names: `…Ms` milliseconds, `…Seconds` seconds, `…Bytes` bytes. A ratio is
 * between 0 and 1. `null` means that nothing was measured; it is never written as 0.
 *
 * Readers take every version of the list. A report is written in the oldest one that has all that it
 * holds, so that an older reader goes on with what it knows: 1.4 adds `https`, `settingsFile`, `leftOut`, `profiles`, `comparison.starts`, `change` and `byStarts` of its confirmations, `comparison.base.revision`, `comparison.workloads`, `comparison.pooledP99`, `load.protocols`, `load.journeys`, `load.stages`, `load.checks` and `rightLatencyMs` of hosts, 1.3 adds `run.headSha`, `run.step` and `run.jobId`, `redirects`, `witness`, the failure class `redirect`, `cancelled` of hosts, `thresholds[].withoutVerdict` and `.fewAnswers`, `load.generator.addedMs` and that of rounds, 1.2 `autoscaling`, `earlier`, `comparison.subject` and `comparison.capacities`, 1.1 `comparison`, `capacity` and `load.runners`.
 */
const REPORT_SCHEMA_VERSIONS = ['1.0', '1.1', '1.2', '1.3', '1.4'] as const;

const earlierFigure = z.strictObject({
  metric: z.enum(['throughput', 'p50', 'p90', 'p95', 'p99', 'failed']),
  unit: z.enum(['per second', 'ms', 'share']),
  value: nullableNumber,
  interval: interval.nullable(),
});
export type EarlierFigure = z.infer<typeof earlierFigure>;

const earlierFacts = {
  /** Where it was read from. */
  file: text,
  endedAt: timestamp,
  commit: text.nullable(),
  ref: text.nullable(),
  /** Where the log of that run can be read. */
  url: text.nullable(),
  /** Processors and memory, in words. */
  machine: text.nullable(),
};

/** What is kept of the report of an earlier run until this one has figures, too. */
export const readReport = z.strictObject({
  ...earlierFacts,
  /** The inputs that decide what is sent. */
  settings: table(text),
  figures: list(earlierFigure),
});
export type ReadReport = z.infer<typeof readReport>;

/** An earlier run as context: on another machine or at another time, so that no verdict rests on it. */
const earlierRun = z.strictObject({
  ...earlierFacts,
  /** In what the two loads differ, each in a part of a sentence. */
  differences: list(text),
  /** Empty when there are differences. */
  figures: list(earlierFigure.extend({ now: nullableNumber })),
});
export type EarlierRun = z.infer<typeof earlierRun>;

export const report = z.strictObject({
  /** The address of the JSON Schema. Like `outcome.next` in every report that this version writes. */
  $schema: text.optional(),
  schemaVersion: z.enum(REPORT_SCHEMA_VERSIONS),
  tool: z.strictObject({ name: text, version: text }),
  run: runIdentity,
  startedAt: timestamp,
  endedAt: timestamp,
  outcome: z.strictObject({
    /** `invalid`: the generator was the limit, so that the figures say nothing about the system. */
    result: z.enum(['passed', 'failed', 'cancelled', 'invalid']),
    code: outcomeCode,
    /** One sentence, fit for a heading. */
    summary: text,
    failure: failure.nullable(),
    helpUrl: text.nullable(),
    /** What to do now, for programs and agents. */
    next: z.strictObject({ sentence: text, command: text }).optional(),
  }),
  /** The inputs as they were understood, without the token. */
  settings: table(text),
  /** Missing when no file gave any of them. */
  settingsFile: settingsFile.optional(),
  environment: environment.nullable(),
  tools: table(z.strictObject({ version: text, sha256: text })),
  cluster: z
    .strictObject({
      name: text,
      nodeImage: text,
      httpPort: count.nullable(),
      nodes: list(clusterNode),
      /** Only of a cluster that was there before the run: the namespace of the run, and where the load went. */
      existing: z.strictObject({ namespace: text, address: text.nullable() }).optional(),
    })
    .nullable(),
  images: list(text),
  /** Objects of the manifests that were not applied, as input `leave-out` wants it; missing when all were. */
  leftOut: list(text).optional(),
  stages: list(stageRecord),
  load: loadResult.nullable(),
  /** What the hosts showed that were asked over HTTPS; missing unless one was. */
  https: list(httpsHost).optional(),
  /** Missing unless a redirect was followed before the load. */
  redirects: list(followedRedirect).optional(),
  thresholds: list(thresholdResult),
  /** Head against base; missing when only one version was loaded. */
  comparison: comparison.optional(),
  /** Of workloads of both versions, after a confirmed regression; missing when none was asked for, or none was confirmed. */
  profiles: list(profiledWorkload).optional(),
  /** Missing unless the run was to show how pods are added. */
  autoscaling: list(autoscaledWorkload).optional(),
  /** Missing when nobody asked for it; `load` is then that of the highest rate which kept the thresholds. That of head when two versions are compared. */
  capacity: capacity.optional(),
  /** The run of input `baseline-report`, beside this one; missing when none was given. */
  earlier: earlierRun.optional(),
  resources: resources.nullable(),
  /** What ingress and pods say of the load; missing where nothing was asked, as without a cluster. */
  witness: witness.optional(),
  /** Files of evidence, relative to the output folder. */
  diagnostics: list(text),
  warnings: list(text),
  /** A command that repeats the load on a laptop. */
  repeatWith: text,
});
export type Report = z.infer<typeof report>;
