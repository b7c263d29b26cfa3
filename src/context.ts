import { type Docker, openDocker } from './adapters/commands/docker.ts';
import { type Kind, openKind } from './adapters/commands/kind.ts';
import { type Kubectl, openKubectl } from './adapters/commands/kubectl.ts';
import { quoteCommand, type Shell } from './adapters/commands/shell.ts';
import { inFolder } from './adapters/files.ts';
import type { Runner } from './adapters/runner.ts';
import type { StateStore } from './adapters/state-file.ts';
import type { Clock } from './clock.ts';
import type { ToolName } from './cluster/pinned-versions.ts';
import { StageError } from './errors.ts';
import type { InputFault, Inputs } from './inputs/table.ts';
import { type Endpoint, onLoopback } from './model/endpoint.ts';
import type { Side } from './model/sides.ts';
import type { ClusterState, ExistingCluster, InstalledTool } from './state.ts';

/** What every stage is given. Data of earlier stages is in the store. */
export interface Context {
  readonly inputs: Inputs;
  /** What is wrong with the inputs; the first stage reports it. */
  readonly faults: readonly InputFault[];
  /** The folder of the action, with manifests/. */
  readonly actionRoot: string;
  readonly store: StateStore;
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

/** @throws StageError `stage-order` before the cluster was created or after it was deleted. */
export function clusterOf({ store }: Context): ClusterState {
  const { cluster } = store.state;
  if (cluster === null) throw missing('there is no cluster yet', 'up');
  if (cluster.deletedAt !== null) throw missing(`the cluster ${cluster.name} was deleted`, 'up');
  return cluster;
}

/**
 * Where requests go to: a port on 127.0.0.1, unless the cluster was there before the run.
 *
 * @param side of a comparison; both have one ingress unless two controllers are compared.
 */
export function ingressOf(context: Context, side: Side = 'head'): Endpoint {
  const { existing } = context.store.state.httpPort === null ? clusterOf(context) : {};
  if (existing !== undefined) {
    if (existing.address === null) throw missing('the address of the ingress is not known', 'up');
    return existing.address;
  }
  const own = context.store.state.httpPort ?? clusterOf(context).httpPort;
  const port = side === 'base' ? (context.store.state.cluster?.baselineHttpPort ?? own) : own;
  if (port === null) throw missing('the port of the ingress is not known', 'up');
  return onLoopback(port);
}

/** The namespace of the run in a cluster that is not its own. */
export function existingOf(context: Context): ExistingCluster {
  const { existing } = clusterOf(context);
  if (existing === undefined) throw missing('the cluster is one of the run', 'up');
  return existing;
}

/** The option that says where kubectl looks for pods and workloads: in a cluster of others in the namespace of the run only. */
export const namespaceFlag = (context: Context): string => {
  const { existing } = clusterOf(context);
  return existing === undefined ? '--all-namespaces' : `--namespace=${existing.namespace}`;
};

export const dockerOf = ({ shell }: Context): Docker => openDocker(shell);
export const kindOf = (context: Context): Kind => openKind(context.shell, toolOf(context, 'kind').path);
export const kubectlOf = (context: Context): Kubectl =>
  openKubectl(
    context.shell,
    toolOf(context, 'kubectl').path,
    clusterOf(context).kubeconfig,
    clusterOf(context).existing?.context,
  );

/** A command for the user to paste, which asks the cluster of the run and not the one that kubectl would ask otherwise. */
export function kubectlCommand({ store }: Context, ...args: string[]): string {
  const { cluster } = store.state;
  const where =
    cluster === null
      ? []
      : [
          `--kubeconfig=${cluster.kubeconfig}`,
          ...(cluster.existing === undefined ? [] : [`--context=${cluster.existing.context}`]),
        ];
  return quoteCommand('kubectl', [...where, ...args]);
}

/** A path in the output folder. */
export const outputPath = ({ store }: Context, ...names: string[]): string => inFolder(store.outputDir, ...names);

/** Replaces the cluster in the state by a changed one. */
export function updateCluster(context: Context, change: Partial<ClusterState>): void {
  context.store.update({ cluster: { ...clusterOf(context), ...change } });
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
