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

/** Raised when a reader of older state files could not understand the new ones. */
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
  /** The namespaces of each; none without a cluster. */
  namespaces: z.strictObject({ base: namespaces, head: namespaces }),
  /** The addresses that both have, with the hosts as their manifests name them. */
  targets: z.array(askedTarget),
});
export type ComparedVersions = z.infer<typeof comparedVersions>;

/** What was seen of one autoscaler while the load ran; times are Unix times in seconds. */
const replicaRecord = autoscalerFacts.extend({
  /** In cores, of one pod. */
  cpuRequest: z.number().nullable(),
  replicas: z.array(z.strictObject({ time: z.number(), desired: z.int(), ready: z.int() })),
  seenUtilization: z.array(z.strictObject({ time: z.number(), share: z.number() })),
});
export type ReplicaRecord = z.infer<typeof replicaRecord>;

/**
 * Everything that one stage knows and a later one, or a later process, needs. It is written to
 * `state.json` after every change; nothing in it is secret.
 */
export const pipelineState = z.strictObject({
  version: z.literal(STATE_VERSION),
  tool: z.strictObject({ name: z.string(), version: z.string() }),
  /** The machine and the user; only in the file, where it is written and looked at. */
  writtenBy: z.strictObject({ machine: z.string(), user: z.int().nullable() }).optional(),
  run: runIdentity,
  /** Inputs by name, as texts. */
  settings: z.record(z.string(), z.string()),
  /** Missing when no file gave any of them. */
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
  /** What is under test; null until it is begun. */
  system: system.nullable(),
  /** What the engine calls the node image when it came from the runner's cache; missing otherwise. */
  loadedNodeImage: z.string().optional(),
  /** What was looked for in the runner's cache and is not there. */
  cacheMisses: z.array(z.enum(['node', 'workloads'])).optional(),
  /** Missing when only one version is deployed. */
  comparedVersions: comparedVersions.optional(),
  images: z.array(z.string()),
  /** Objects of the manifests that were not applied, as input `leave-out` wants it; missing when all were. */
  leftOut: z.array(z.string()).optional(),
  /** The hooks of Helm charts that were run, so that a later command does not run them again; missing before the first. */
  hooksRun: z.array(z.enum(['pre-install', 'post-install'])).optional(),
  /** Whether the command of input prepare has run; missing before it did. */
  prepared: z.boolean().optional(),
  /** The addresses that the rules of the user's own manifests lead to; null when there are none of those. */
  foundTargets: z.array(z.strictObject({ host: z.string(), path: z.string() })).nullable(),
  /** By what each host is asked that neither the inputs nor a scenario name a scheme for; missing before the manifests were read. */
  routeSchemes: z.array(z.strictObject({ host: z.string(), scheme })).optional(),
  /** Whom the certificates of the run are issued by, in PEM, and the Secrets that hold them, as `namespace/name`; missing without any. */
  ownCertificates: z.strictObject({ authority: z.string(), secrets: z.array(z.string()) }).optional(),
  /** What the hosts showed that were asked over HTTPS; missing before that was looked at. */
  httpsHosts: z.array(httpsHost).optional(),
  /** Paths that are loaded instead of the requested ones; missing before that was checked. */
  redirects: z.array(followedRedirect).optional(),
  /** Container restarts by pod UID at the start of the load. */
  restartsAtStart: z.record(z.string(), z.int()).nullable(),
  stages: z.array(stageRecord),
  load: loadResult.nullable(),
  /** Missing when only one version is loaded, as in states of versions that could do no more. */
  comparison: comparison.optional(),
  /** Missing unless a regression was confirmed and profiles were asked for. */
  profiles: z.array(profiledWorkload).optional(),
  /** Missing unless the run is to show how pods are added. */
  replicaRecords: z.array(replicaRecord).optional(),
  /** Missing unless it was looked for. */
  capacity: capacity.optional(),
  /** Of input `baseline-report`; missing without one. */
  earlier: readReport.optional(),
  resources: resources.nullable(),
  /** What was sent in all loads, and what was counted meanwhile; missing before that was looked at. */
  countedLoads: z.array(countedLoad).optional(),
  /** Missing, or null, while that was not held against each other. */
  witness: witness.nullable().optional(),
  failure: failure.nullable(),
  diagnostics: z.array(z.string()),
  warnings: z.array(z.string()),
  /** Commands that are running now, so that the post step can end what a killed main left. */
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
