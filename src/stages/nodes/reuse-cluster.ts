import { remove } from '../../adapters/files.ts';
import { toJson } from '../../cluster/manifests.ts';
import {
  type ClusterMark,
  MARK,
  markObject,
  ownerName,
  readMark,
  whyNotReused,
} from '../../cluster/reusable-cluster.ts';
import { type Context, kindOf, kubectlOf, ownClusterOf, warn } from '../../context.ts';
import { StageError } from '../../errors.ts';
import { recordCluster } from './record-cluster.ts';

const MARK_DEADLINE_MS = 30_000;

/**
 * Leaves in a cluster what a later step of this job needs to recognise it. A cluster without a name chosen by the user
 * can't be asked for again.
 */
export async function markCluster(context: Context): Promise<void> {
  if (context.inputs['cluster-name'] === null) return;
  await kubectlOf(context).create(toJson([markObject(wantedMark(context))]), MARK_DEADLINE_MS);
}

/**
 * Takes over the cluster that an earlier step of this job created. That step still removes it, even if this one fails
 * or is killed: this is recorded first.
 *
 * @throws StageError `name-collision` when it is not such a cluster; it is left unchanged.
 */
export async function reuseCluster(context: Context, name: string): Promise<void> {
  const { inputs, store, runner } = context;
  runner.saveState('reused-cluster', 'true');
  const cluster = recordCluster(context, name, { networkExisted: true, reused: true });
  await kindOf(context).exportKubeconfig(cluster);
  const why = whyNotReused(await markOf(context), wantedMark(context));
  if (why !== null) {
    remove(cluster.kubeconfig);
    // Nothing of it belongs to this run, not even its diagnostics.
    store.update({ system: null });
    throw new StageError(
      'name-collision',
      `The kind cluster named ${name} can't be reused: ${why}. The run does not touch it.`,
      {
        hint: 'In a workflow, give all steps that share the cluster the same cluster-name, node-image, nodes and config, in one job. Otherwise use another cluster-name.',
        tryThis: `docker ps --all --filter label=io.x-k8s.kind.cluster=${name}`,
      },
    );
  }
  runner.info(`Cluster ${name} was made by an earlier step and is reused`);
  if (inputs.images.length + inputs['baseline-images'].length > 0) {
    warn(
      context,
      'The cluster was used before: pods with an unchanged manifest keep running the image that they were started with. Give each build in input images its own tag.',
    );
  }
}

/** @throws StageError `port-in-use` when a requested port is not the one of the existing cluster. */
export function checkReusedPorts(context: Context): void {
  const { ingress, name } = ownClusterOf(context);
  const found = { 'http-port': ingress?.port, 'https-port': ingress?.tls?.port };
  for (const input of ['http-port', 'https-port'] as const) {
    const wanted = context.inputs[input];
    if (wanted === null || wanted === found[input]) continue;
    const made = found[input] === undefined ? 'without a port for HTTPS' : `with port ${String(found[input])}`;
    throw new StageError(
      'port-in-use',
      `Input ${input} is ${String(wanted)}, but the cluster ${name} was made ${made}.`,
      { hint: `Leave ${input} empty when a cluster is reused.` },
    );
  }
}

async function markOf(context: Context): Promise<ClusterMark | null> {
  return readMark(
    await kubectlOf(context).text(
      'get',
      'ConfigMap',
      MARK.name,
      `--namespace=${MARK.namespace}`,
      '--ignore-not-found',
      '--output=json',
    ),
  );
}

const wantedMark = ({ inputs, store }: Context): ClusterMark => ({
  owner: ownerName(store.state.run, inputs.matrix),
  nodeImage: inputs['node-image'],
  nodes: inputs.config === null ? inputs.nodes : null,
});
