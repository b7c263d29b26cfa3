import { type Docker, openDocker } from './adapters/commands/docker.ts';
import { type Kind, openKind } from './adapters/commands/kind.ts';
import { type Kubectl, openKubectl } from './adapters/commands/kubectl.ts';
import { quoteCommand, type Shell } from './adapters/commands/shell.ts';
import { inFolder } from './adapters/files.ts';
import type { RenderedManifests } from './adapters/rendered-manifests.ts';
import type { Runner } from './adapters/runner.ts';
import type { StateStore } from './adapters/state-file.ts';
import type { Clock } from './clock.ts';
import type { ToolName } from './cluster/pinned-versions.ts';
import { StageError } from './errors.ts';
import type { Fault } from './inputs/faults.ts';
import type { Inputs } from './inputs/table.ts';
import type { Endpoint } from './model/endpoint.ts';
import type { Side } from './model/sides.ts';
import type { InstalledTool } from './state.ts';
import {
  type Cluster,
  clusterIn,
  type ExistingCluster,
  ingressIn,
  kubectlContext,
  madeIn,
  namespaceOption,
  type OwnCluster,
} from './system.ts';

/** What every stage gets. Data of earlier stages is in the store. */
export interface Context {
  readonly inputs: Inputs;
  /** Faults of the inputs; the first stage reports them. */
  readonly faults: readonly Fault[];
  /** The folder of the action, with manifests/. */
  readonly actionRoot: string;
  readonly store: StateStore;
  /** The objects to apply, by the part that they belong to. */
  readonly rendered: RenderedManifests;
  readonly runner: Runner;
  readonly shell: Shell;
  readonly clock: Clock;
  /** Aborted when the run is cancelled. */
  readonly signal: AbortSignal;
}

/** @throws StageError `stage-order` before the tools are installed. */
export function toolOf({ store }: Context, name: ToolName): InstalledTool {
  const tool = store.state.tools[name];
  if (tool === undefined) throw missing(`${name} is not installed yet`, 'up');
  return tool;
}

/**
 * @throws StageError `stage-order` without a cluster: before it was created, after it was deleted, and in the try mode.
 */
export function clusterOf({ store }: Context): Cluster {
  const cluster = clusterIn(store.state.system);
  if (cluster === null) throw missing('there is no cluster yet', 'up');
  if (cluster.deletedAt !== null) throw missing(`the ${madeIn(cluster)} was deleted`, 'up');
  return cluster;
}

/** @throws StageError `stage-order` unless there is a cluster that the run created. */
export function ownClusterOf(context: Context): OwnCluster {
  const cluster = clusterOf(context);
  if (cluster.kind !== 'own') throw missing('the cluster was there before the run', 'up');
  return cluster;
}

/** @throws StageError `stage-order` unless the run uses an existing cluster. */
export function existingClusterOf(context: Context): ExistingCluster {
  const cluster = clusterOf(context);
  if (cluster.kind !== 'existing') throw missing('the cluster was made by the run', 'up');
  return cluster;
}

/**
 * Where requests are sent.
 *
 * @param side of a comparison; both share one ingress unless two controllers are compared.
 * @throws StageError `stage-order` while the address is not known.
 */
export function ingressOf(context: Context, side: Side = 'head'): Endpoint {
  const { system } = context.store.state;
  const ingress = ingressIn(system?.kind === 'echo' ? system : clusterOf(context), side);
  if (ingress === null) throw missing('the address of the ingress is not known', 'up');
  return ingress;
}

/** The option that tells kubectl where to look for pods and workloads. */
export const namespaceFlag = (context: Context): string => namespaceOption(clusterOf(context));

export const dockerOf = ({ shell }: Context): Docker => openDocker(shell);
export const kindOf = (context: Context): Kind => openKind(context.shell, toolOf(context, 'kind').path);
export const kubectlOf = (context: Context): Kubectl =>
  openKubectl(
    context.shell,
    toolOf(context, 'kubectl').path,
    clusterOf(context).kubeconfig,
    kubectlContext(clusterOf(context)),
  );

/** A command for the user to paste. It asks the cluster of the run, not kubectl's current context. */
export function kubectlCommand({ store }: Context, ...args: string[]): string {
  const cluster = clusterIn(store.state.system);
  const chosen = cluster === null ? undefined : kubectlContext(cluster);
  const where = [
    ...(cluster === null ? [] : [`--kubeconfig=${cluster.kubeconfig}`]),
    ...(chosen === undefined ? [] : [`--context=${chosen}`]),
  ];
  return quoteCommand('kubectl', [...where, ...args]);
}

/** A path in the output folder. */
export const outputPath = ({ store }: Context, ...names: string[]): string => inFolder(store.outputDir, ...names);

/** Replaces the run's cluster in the state by a changed copy. */
export function updateOwnCluster(context: Context, change: Partial<Omit<OwnCluster, 'kind'>>): void {
  context.store.update({ system: { ...ownClusterOf(context), ...change } });
}

/** Like `updateCluster`, for an existing cluster. */
export function updateExistingCluster(context: Context, change: Partial<Omit<ExistingCluster, 'kind'>>): void {
  context.store.update({ system: { ...existingClusterOf(context), ...change } });
}

/** Warns in the log now and in the report later. */
export function warn({ store, runner }: Context, text: string): void {
  runner.warning(text);
  store.update({ warnings: [...store.state.warnings, text] });
}

const missing = (what: string, command: string): StageError =>
  new StageError('stage-order', `This stage can't run: ${what}.`, {
    hint: `Start with the command \`${command}\` and the same output folder.`,
  });
