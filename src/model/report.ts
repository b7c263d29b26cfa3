/** model/ has the data shapes that all layers share, above all the report. Nothing measured is computed here. */
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
 * The one data shape behind every format of the report, and the contract with programs that read `report.json`.
 * schemas/report.schema.json is generated from it (`npm run update`). Names include units: `…Ms` milliseconds,
 * `…Seconds` seconds, `…Bytes` bytes. A ratio is between 0 and 1. `null` means not measured and is never written as 0.
 *
 * Readers accept every version in the list. A report is written in the oldest version that has all its fields, so older
 * readers can read what they know: 1.4 adds `https`, `settingsFile`, `leftOut`, `profiles`, `comparison.starts`,
 * `change` and `byStarts` of its confirmations, `comparison.base.revision`, `comparison.workloads`,
 * `comparison.pooledP99`, `load.protocols`, `load.journeys`, `load.stages`, `load.checks` and `rightLatencyMs` of
 * hosts, 1.3 adds `run.headSha`, `run.step` and `run.jobId`, `redirects`, `witness`, the failure class `redirect`,
 * `cancelled` of hosts, `thresholds[].withoutVerdict` and `.fewAnswers`, `load.generator.addedMs` and that of rounds,
 * 1.2 `autoscaling`, `earlier`, `comparison.subject` and `comparison.capacities`, 1.1 `comparison`, `capacity` and
 * `load.runners`.
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
  /** The file that it was read from. */
  file: text,
  endedAt: timestamp,
  commit: text.nullable(),
  ref: text.nullable(),
  /** Where to read the log of that run. */
  url: text.nullable(),
  /** Processors and memory, in words. */
  machine: text.nullable(),
};

/** What is kept of an earlier run's report until this run has figures, too. */
export const readReport = z.strictObject({
  ...earlierFacts,
  /** The inputs that decide what is sent. */
  settings: table(text),
  figures: list(earlierFigure),
});
export type ReadReport = z.infer<typeof readReport>;

/** An earlier run as context: on another machine or at another time, so no verdict rests on it. */
const earlierRun = z.strictObject({
  ...earlierFacts,
  /** How the two loads differ, each as part of a sentence. */
  differences: list(text),
  /** Empty when there are differences. */
  figures: list(earlierFigure.extend({ now: nullableNumber })),
});
export type EarlierRun = z.infer<typeof earlierRun>;

export const report = z.strictObject({
  /** The address of the JSON Schema. Like `outcome.next`, it is in every report that this version writes. */
  $schema: text.optional(),
  schemaVersion: z.enum(REPORT_SCHEMA_VERSIONS),
  tool: z.strictObject({ name: text, version: text }),
  run: runIdentity,
  startedAt: timestamp,
  endedAt: timestamp,
  outcome: z.strictObject({
    /**
     * `invalid`: the figures do not describe the system under test, for example because the generator was saturated.
     */
    result: z.enum(['passed', 'failed', 'cancelled', 'invalid']),
    code: outcomeCode,
    /** One sentence, fit for a heading. */
    summary: text,
    failure: failure.nullable(),
    helpUrl: text.nullable(),
    /** What to do now, for programs and agents. */
    next: z.strictObject({ sentence: text, command: text }).optional(),
  }),
  /** The inputs as they were read, without the token. */
  settings: table(text),
  /** Missing when no file gave any. */
  settingsFile: settingsFile.optional(),
  environment: environment.nullable(),
  tools: table(z.strictObject({ version: text, sha256: text })),
  cluster: z
    .strictObject({
      name: text,
      nodeImage: text,
      httpPort: count.nullable(),
      nodes: list(clusterNode),
      /** Only for an existing cluster: the namespace of the run, and where the load was sent. */
      existing: z.strictObject({ namespace: text, address: text.nullable() }).optional(),
    })
    .nullable(),
  images: list(text),
  /** Objects that were not applied because of input `leave-out`; missing when all were applied. */
  leftOut: list(text).optional(),
  stages: list(stageRecord),
  load: loadResult.nullable(),
  /** The certificates of hosts that were loaded over HTTPS; missing without any. */
  https: list(httpsHost).optional(),
  /** Missing unless a redirect was followed before the load. */
  redirects: list(followedRedirect).optional(),
  thresholds: list(thresholdResult),
  /** Head against base; missing when only one version was loaded. */
  comparison: comparison.optional(),
  /**
   * Profiles of workloads of both versions, after a confirmed regression; missing when none was requested or confirmed.
   */
  profiles: list(profiledWorkload).optional(),
  /** Missing unless the run watched autoscalers. */
  autoscaling: list(autoscaledWorkload).optional(),
  /**
   * Missing when no search was requested. `load` is then the one at the highest rate that kept the thresholds; head's
   * when two versions are compared.
   */
  capacity: capacity.optional(),
  /** The run of input `baseline-report`, next to this one; missing when none was given. */
  earlier: earlierRun.optional(),
  resources: resources.nullable(),
  /** What the ingress and the pods saw of the load; missing when nothing was asked, as without a cluster. */
  witness: witness.optional(),
  /** Diagnostic files, relative to the output folder. */
  diagnostics: list(text),
  warnings: list(text),
  /** A command that repeats the load on a laptop. */
  repeatWith: text,
});
export type Report = z.infer<typeof report>;
