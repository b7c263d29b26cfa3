import { z } from 'zod';
import { autoscalerFacts } from './model/autoscaling.ts';
import { capacity } from './model/capacity.ts';
import { comparedVersion, comparison, comparisonSubject } from './model/comparison.ts';
import { loadResult } from './model/load.ts';
import { httpsHost } from './model/https.ts';
import { followedRedirect } from './model/redirects.ts';
import { countedLoad, witness } from './model/witness.ts';
import { profiledWorkload } from './model/profiles.ts';
import { readReport } from './model/report.ts';
import { resources } from './model/resources.ts';
import { environment, failure, runIdentity, type RunIdentity, settingsFile, stageRecord } from './model/run.ts';
import { system } from './system.ts';

/** Increase it when a reader of older state files could not understand new ones. */
export const STATE_VERSION = 2;

const tool = z.strictObject({ version: z.string(), path: z.string(), sha256: z.string() });
export type InstalledTool = z.infer<typeof tool>;

const namespaces = z.array(z.string());
const scheme = z.enum(['http', 'https']);
const askedTarget = z.strictObject({
  host: z.string(),
  scheme: scheme.optional(),
  path: z.string(),
  expectedText: z.string().optional(),
});
const comparedVersions = z.strictObject({
  subject: comparisonSubject.optional(),
  base: comparedVersion,
  head: comparedVersion,
  /** The namespaces of each version; none without a cluster. */
  namespaces: z.strictObject({ base: namespaces, head: namespaces }),
  /** The addresses that both versions have, with the host names from their manifests. */
  targets: z.array(askedTarget),
});
export type ComparedVersions = z.infer<typeof comparedVersions>;

/** What was observed of one autoscaler during the load; times are Unix times in seconds. */
const replicaRecord = autoscalerFacts.extend({
  /** In cores, of one pod. */
  cpuRequest: z.number().nullable(),
  replicas: z.array(z.strictObject({ time: z.number(), desired: z.int(), ready: z.int() })),
  seenUtilization: z.array(z.strictObject({ time: z.number(), share: z.number() })),
});
export type ReplicaRecord = z.infer<typeof replicaRecord>;

/**
 * Everything that one stage knows and a later stage or process needs. It is written to `state.json` after every change
 * and contains no secrets.
 */
export const pipelineState = z.strictObject({
  version: z.literal(STATE_VERSION),
  tool: z.strictObject({ name: z.string(), version: z.string() }),
  /** The machine and the user; only in the file, where it is written and checked. */
  writtenBy: z.strictObject({ machine: z.string(), user: z.int().nullable() }).optional(),
  run: runIdentity,
  /** Inputs by name, as texts. */
  settings: z.record(z.string(), z.string()),
  /** Missing when no file gave any. */
  settingsFile: settingsFile.optional(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  environment: environment.nullable(),
  tools: z.strictObject({
    kind: tool.optional(),
    kubectl: tool.optional(),
    k6: tool.optional(),
    helm: tool.optional(),
  }),
  /** The system under test; null until it exists. */
  system: system.nullable(),
  /** The engine's name for the node image when it came from the runner's cache; missing otherwise. */
  loadedNodeImage: z.string().optional(),
  /** What the runner's cache was asked for and did not have. */
  cacheMisses: z.array(z.enum(['node', 'workloads'])).optional(),
  /** Missing when only one version is deployed. */
  comparedVersions: comparedVersions.optional(),
  images: z.array(z.string()),
  /** Objects that were not applied because of input `leave-out`; missing when all were applied. */
  leftOut: z.array(z.string()).optional(),
  /** The Helm hooks that have run, so a later command does not run them again; missing before the first. */
  hooksRun: z.array(z.enum(['pre-install', 'post-install'])).optional(),
  /** Whether the command of input prepare has run; missing before it did. */
  prepared: z.boolean().optional(),
  /** The addresses in the rules of the user's own manifests; null when there are none. */
  foundTargets: z.array(z.strictObject({ host: z.string(), path: z.string() })).nullable(),
  /**
   * The scheme of each host for which neither the inputs nor a scenario name one; missing before the manifests were
   * read.
   */
  routeSchemes: z.array(z.strictObject({ host: z.string(), scheme })).optional(),
  /** The run's own CA in PEM, and the Secrets with its certificates as `namespace/name`; missing without any. */
  ownCertificates: z.strictObject({ authority: z.string(), secrets: z.array(z.string()) }).optional(),
  /** The certificates of hosts that are loaded over HTTPS; missing before they were checked. */
  httpsHosts: z.array(httpsHost).optional(),
  /** Paths that are loaded instead of the requested ones; missing before redirects were checked. */
  redirects: z.array(followedRedirect).optional(),
  /** Container restarts by pod UID at the start of the load. */
  restartsAtStart: z.record(z.string(), z.int()).nullable(),
  stages: z.array(stageRecord),
  load: loadResult.nullable(),
  /** Missing when only one version is loaded, as in the state of older versions of the tool. */
  comparison: comparison.optional(),
  /** Missing unless a regression was confirmed and profiles were requested. */
  profiles: z.array(profiledWorkload).optional(),
  /** Missing unless the run watches autoscalers. */
  replicaRecords: z.array(replicaRecord).optional(),
  /** Missing unless the run searched for it. */
  capacity: capacity.optional(),
  /** Of input `baseline-report`; missing without one. */
  earlier: readReport.optional(),
  resources: resources.nullable(),
  /** What was sent in all loads, and what the controllers counted; missing before they were read. */
  countedLoads: z.array(countedLoad).optional(),
  /** Missing, or null, while the two have not been compared. */
  witness: witness.nullable().optional(),
  failure: failure.nullable(),
  diagnostics: z.array(z.string()),
  warnings: z.array(z.string()),
  /** Folders for temporary files that are still needed; missing without any. */
  temporary: z.array(z.string()).optional(),
  /** Commands that are running now, so the post step can kill what a killed main step left behind. */
  processGroups: z.array(
    z.strictObject({ pid: z.int(), startTime: z.string().nullable(), tag: z.string().optional() }),
  ),
});
export type PipelineState = z.infer<typeof pipelineState>;

/** The state before anything has happened. */
export const initialState = (given: {
  tool: { name: string; version: string };
  run: RunIdentity;
  settings: Readonly<Record<string, string>>;
  startedAt: Date;
}): PipelineState => ({
  version: STATE_VERSION,
  tool: given.tool,
  run: given.run,
  settings: { ...given.settings },
  startedAt: given.startedAt.toISOString(),
  endedAt: null,
  environment: null,
  tools: {},
  system: null,
  images: [],
  foundTargets: null,
  restartsAtStart: null,
  stages: [],
  load: null,
  resources: null,
  failure: null,
  diagnostics: [],
  warnings: [],
  processGroups: [],
});
