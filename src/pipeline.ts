/**
 * The stages of a run, in order; only this file decides the order. stages/ has a file for each of them, and folders for
 * code that several share. Stages do not call one another: what a stage learns goes into the state.
 */
import { deadlineOf } from './adapters/cancellation.ts';
import { remove, reserveOf } from './adapters/files.ts';
import { type Context, outputPath, warn } from './context.ts';
import { describeError } from './errors.ts';
import { clusterAskedFor, type Inputs, isComparison } from './inputs/table.ts';
import type { Report } from './model/report.ts';
import type { StageRecord } from './model/run.ts';
import { checkHealth } from './stages/check-health.ts';
import { checkWitnesses } from './stages/check-witnesses.ts';
import { claimNamespace } from './stages/claim-namespace.ts';
import { collectDiagnostics } from './stages/collect-diagnostics.ts';
import { compareCapacities } from './stages/compare-capacities.ts';
import { compareVersions } from './stages/compare-versions.ts';
import { createCluster } from './stages/create-cluster.ts';
import { deploy } from './stages/deploy.ts';
import { findCapacity } from './stages/find-capacity.ts';
import { findIngress } from './stages/find-ingress.ts';
import { installTools } from './stages/install-tools.ts';
import { prepareAndCheck } from './stages/prepare.ts';
import { prepareNodes } from './stages/prepare-nodes.ts';
import { announceRun } from './stages/publish-comment.ts';
import { profileVersions } from './stages/profile-versions.ts';
import { publishReport } from './stages/publish-report.ts';
import { readBaselineReport } from './stages/read-baseline-report.ts';
import { readResources } from './stages/read-resources.ts';
import { renderManifests } from './stages/render-manifests.ts';
import { runLoad } from './stages/run-load.ts';
import { validate } from './stages/validate.ts';
import { clusterIn } from './system.ts';

export interface Stage {
  readonly name: string;
  readonly run: (context: Context) => Promise<void>;
  /** Whether the stage is part of a run with these inputs. Missing: of every run. */
  readonly when?: (inputs: Inputs) => boolean;
}

const onOwnCluster = (inputs: Inputs): boolean => clusterAskedFor(inputs) === 'own';
const withOwnNodes = (inputs: Inputs): boolean =>
  onOwnCluster(inputs) &&
  (inputs['cache-images'] ||
    [inputs.images, inputs['baseline-images'], inputs['registry-mirror']].some((wanted) => wanted.length > 0));
const onExistingCluster = (inputs: Inputs): boolean => clusterAskedFor(inputs) === 'existing';
const areProfilesAsked = (inputs: Inputs): boolean =>
  isComparison(inputs) && inputs.mode === 'load' && inputs.profile.length > 0;
const isNoComparison = (inputs: Inputs): boolean => !isComparison(inputs);

/** Runs without a cluster have this stage, too. */
export const READ_BASELINE_REPORT: Stage = {
  name: 'read-baseline-report',
  run: readBaselineReport,
  when: (inputs) => inputs['baseline-report'] !== null,
};

/** Checks whether the run can work, before anything is created. */
export const PREPARE: readonly Stage[] = [
  { name: 'validate', run: validate }, // inputs, Docker, disk, cgroup, port, checksums
  { name: 'announce-run', run: announceRun }, // the comment says that a run is in progress
  READ_BASELINE_REPORT, // of an earlier run, for context
  { name: 'install-tools', run: installTools }, // kind, kubectl and the node image, in parallel
  { name: 'render-manifests', run: renderManifests }, // every kustomization builds
];

/** Brings up the system under test. */
export const PROVISION: readonly Stage[] = [
  { name: 'create-cluster', run: createCluster, when: onOwnCluster }, // three nodes, all ready; meanwhile as much as possible of the next two stages
  { name: 'prepare-nodes', run: prepareNodes, when: withOwnNodes }, // registry mirrors, images of this machine and of the cache
  { name: 'claim-namespace', run: claimNamespace, when: onExistingCluster }, // in the cluster of input kubeconfig
  { name: 'deploy', run: deploy }, // ingress controller, Prometheus, application
  { name: 'find-ingress', run: findIngress, when: onExistingCluster }, // where the load connects to
];

/** One load, or many, until the highest rate that keeps the thresholds is found. */
export const RUN_LOAD: Stage = {
  name: 'run-load',
  run: (context) => (context.inputs.mode === 'capacity' ? findCapacity(context) : runLoad(context)),
};

/**
 * Base and head in turns: at one load until it is clear which is slower, or at many until it is clear which can handle
 * more.
 */
const COMPARE_VERSIONS: Stage = {
  name: 'compare-versions',
  run: (context) => (context.inputs.mode === 'capacity' ? compareCapacities(context) : compareVersions(context)),
};

/** Like `comparison`, where something other than Deployments must be restarted to confirm a change. */
export const compareVersionsWith = (startAgain: () => Promise<number>): Stage => ({
  name: COMPARE_VERSIONS.name,
  run: (context) =>
    context.inputs.mode === 'capacity' ? compareCapacities(context, startAgain) : compareVersions(context, startAgain),
});

/** What a user does to an application before the load. */
const PREPARE_APPLICATION: Stage = {
  name: 'prepare',
  run: prepareAndCheck,
  when: (inputs) => inputs.prepare !== null,
};

/** Measures the application. */
export const MEASURE: readonly Stage[] = [
  { name: 'check-health', run: checkHealth }, // nothing is loaded before it is healthy
  PREPARE_APPLICATION, // a command of the user, for each version
  { ...RUN_LOAD, when: isNoComparison }, // warm-up, then the measured requests
  { ...COMPARE_VERSIONS, when: isComparison }, // two versions or two controllers in turns, until it is clear which is slower
  { name: 'read-resources', run: readResources }, // CPU, memory and network of that time
  { name: 'check-witnesses', run: checkWitnesses }, // what the ingress and the pods saw of the same load
  { name: 'profile-versions', run: profileVersions, when: areProfilesAsked }, // where a confirmed regression spends its time
];

export const PIPELINE: readonly Stage[] = [...PREPARE, ...PROVISION, ...MEASURE];

/** The runner sends SIGTERM to a cancelled run after 7.5 seconds and kills it 2.5 seconds later. */
const PUBLISH_DEADLINE_MS = 120_000;
const PUBLISH_DEADLINE_CANCELLED_MS = 4000;

/**
 * Runs the stages in order up to the first error, and then always reports.
 *
 * @returns the report; its outcome says whether the run passed. The first error wins; later failures are only warnings.
 */
export async function runPipeline(context: Context, stages: readonly Stage[] = PIPELINE): Promise<Report> {
  // Files of an earlier run in the same folder must not pass for evidence of this one.
  remove(outputPath(context, 'diagnostics'));
  const passed = await runStages(context, stages);
  const evidence = clusterIn(context.store.state.system) !== null;
  if (!passed && evidence && !context.signal.aborted) await runLast(context, 'collect-diagnostics', collectDiagnostics);
  return await finish(context);
}

/**
 * Runs stages in order up to the first error, which is kept in the state.
 *
 * @returns whether all of them passed.
 */
export async function runStages(context: Context, stages: readonly Stage[]): Promise<boolean> {
  for (const stage of stages) {
    if (stage.when?.(context.inputs) === false) continue;
    if (!(await runStage(context, stage))) return false;
  }
  return true;
}

async function runStage(context: Context, { name, run }: Stage): Promise<boolean> {
  const { store, runner, clock } = context;
  const start = clock.now();
  const record = (outcome: StageRecord['outcome'], ended: boolean): void => {
    const others = store.state.stages.filter((other) => other.name !== name);
    const startedAt = store.state.stages.find((other) => other.name === name && other.outcome === 'running')?.startedAt;
    const now = clock.date().toISOString();
    const times = ended ? { endedAt: now, durationMs: clock.now() - start } : { endedAt: null, durationMs: null };
    store.update({ stages: [...others, { name, startedAt: startedAt ?? now, ...times, outcome }] });
  };
  return await runner.group(name, async () => {
    record('running', false);
    try {
      context.signal.throwIfAborted();
      await run(context);
      context.signal.throwIfAborted();
      record('ok', true);
      // A command line may have repeated a stage that failed before.
      if (store.state.failure?.stage === name) store.update({ failure: null });
    } catch (thrown) {
      const cause: unknown = context.signal.aborted ? context.signal.reason : thrown;
      const error = describeError(cause);
      record(error.code === 'cancelled' ? 'cancelled' : 'failed', true);
      store.update({ failure: { stage: name, ...error } });
      if (error.code === 'internal' && cause instanceof Error) runner.info(cause.stack ?? error.message);
      else if (runner.saysErrorsOnce !== true) runner.info(error.message);
    }
    const ok = store.state.stages.at(-1)?.outcome === 'ok';
    // Where progress is drawn live, the time is shown next to the stage.
    if (runner.progress === undefined)
      runner.info(`${ok ? 'done' : 'ended'} in ${((clock.now() - start) / 1000).toFixed(1)} s`);
    return ok;
  });
}

/** Runs what comes after the outcome is known and can't change it. */
async function runLast(context: Context, name: string, run: (context: Context) => Promise<void>): Promise<void> {
  await context.runner.group(name, async () => {
    try {
      await run(context);
    } catch (error) {
      context.runner.warning(`${name}: ${describeError(error).message}`);
    }
  });
}

async function finish(context: Context): Promise<Report> {
  const { store, runner, clock, signal } = context;
  // When the disk has filled up, writing the report needs the space that this frees.
  remove(reserveOf(store.outputDir));
  const loss = runner.logLoss();
  if (loss !== null) warn(context, `The log of this run is incomplete, because it could not be written: ${loss}.`);
  store.update({ endedAt: clock.date().toISOString() });
  const deadline = deadlineOf(signal, PUBLISH_DEADLINE_MS, PUBLISH_DEADLINE_CANCELLED_MS);
  return await runner.group('publish-report', () => publishReport(context, deadline));
}
