import { killLeftGroup } from './adapters/commands/process-groups.ts';
import { exists, inFolder, remove, removeLeftParts, reserveOf, rewriteFile } from './adapters/files.ts';
import { cacheFolder } from './adapters/github/cache.ts';
import { withoutSecrets } from './adapters/secrets.ts';
import { removeTemporaryFolder } from './adapters/temporary-folder.ts';
import { announce } from './announce.ts';
import type { Context } from './context.ts';
import { describeError } from './errors.ts';
import { failsStep } from './report/verdict.ts';
import { collectDiagnostics } from './stages/collect-diagnostics.ts';
import { deleteCluster } from './stages/delete-cluster.ts';
import { publishReport } from './stages/publish-report.ts';
import { releaseNamespace } from './stages/release-namespace.ts';

const PUBLISH_DEADLINE_MS = 60_000;

/**
 * Ends a run: removes what it created, unless that is to be kept. Can be called repeatedly.
 *
 * @throws StageError `cleanup-incomplete` when something is left.
 */
export async function tearDown(context: Context): Promise<void> {
  endLeftCommands(context);
  removeLeftParts(context.store.outputDir);
  removeLeftCredentials(context);
  try {
    await removeSystem(context);
  } finally {
    // The last, as a tool may be in one of them.
    if (!context.inputs['keep-cluster']) removeTemporary(context);
  }
}

async function removeSystem(context: Context): Promise<void> {
  const { store, inputs, runner } = context;
  const { system } = store.state;
  switch (system?.kind) {
    case 'own':
      if (system.reused === true) {
        remove(system.kubeconfig);
        runner.info(`Cluster ${system.name} is left for the step that made it`);
      } else if (inputs['keep-cluster']) {
        runner.notice(`Input keep-cluster is true: cluster ${system.name} is left running.`);
      } else {
        await runner.group('delete-cluster', () => deleteCluster(context));
      }
      return;
    case 'existing':
      if (inputs['keep-cluster']) {
        runner.notice(`Input keep-cluster is true: namespace ${system.namespace} is left.`);
      } else {
        await runner.group('release-namespace', () => releaseNamespace(context));
      }
      return;
    case 'echo':
    case undefined:
      runner.info('No cluster was made: there is nothing to remove');
  }
}

/**
 * Ends a run that was killed before it could report: collects the evidence, reports in its place, and prints the error
 * that it could not print.
 */
export async function tearDownKilled(context: Context): Promise<void> {
  endLeftCommands(context);
  remove(reserveOf(context.store.outputDir));
  recordKill(context);
  await warnOnly(context, 'collect-diagnostics', () => collectDiagnostics(context));
  try {
    await tearDown(context);
  } finally {
    await warnOnly(context, 'publish-report', async () => {
      const report = await publishReport(context, AbortSignal.timeout(PUBLISH_DEADLINE_MS));
      context.runner.saveState('reported', 'true');
      announce(context.runner, report, failsStep(report, context.inputs));
    });
  }
}

/** A `kind create` that outlived the main step would go on creating containers. */
function endLeftCommands({ store, runner }: Context): void {
  for (const group of store.state.processGroups) {
    if (killLeftGroup(group))
      runner.info(`Killed a command that the main step had left running (process group ${String(group.pid)})`);
  }
  store.update({ processGroups: [] });
}

/**
 * What holds headers of a scenario or logins of registries while a command runs, and stays when this program is killed
 * meanwhile.
 */
function removeLeftCredentials({ store: { outputDir } }: Context): void {
  for (const path of [['k6', 'script.js'], ['k6', 'samples.csv'], ['helm'], ['kubeconfig-of-commands']]) {
    const file = inFolder(outputDir, ...path);
    if (path[1] === 'script.js' && exists(file)) rewriteFile(file, withoutSecrets);
    else remove(file);
  }
}

function removeTemporary({ store, inputs }: Context): void {
  for (const folder of store.state.temporary ?? []) removeTemporaryFolder(folder);
  if (store.state.temporary !== undefined) store.update({ temporary: [] });
  if (inputs['cache-images'] && store.state.run.onGitHub) remove(cacheFolder());
}

function recordKill({ store, clock }: Context): void {
  // The run had ended, and was killed while it published the report.
  if (store.state.endedAt !== null) return;
  const running = store.state.stages.find(({ outcome }) => outcome === 'running');
  const now = clock.date().toISOString();
  store.update({
    endedAt: now,
    stages: store.state.stages.map((stage) =>
      stage === running ? { ...stage, endedAt: now, outcome: 'cancelled' } : stage,
    ),
    failure: store.state.failure ?? {
      code: 'cancelled',
      stage: (running ?? store.state.stages.at(-1))?.name ?? null,
      message: 'The main step was killed before it could report.',
      hint: 'The job was cancelled, ran into its time limit, or the machine ran out of memory.',
      tryThis: null,
    },
  });
}

async function warnOnly({ runner }: Context, name: string, run: () => Promise<void>): Promise<void> {
  try {
    await runner.group(name, run);
  } catch (error) {
    runner.warning(`${name}: ${describeError(error).message}`);
  }
}
