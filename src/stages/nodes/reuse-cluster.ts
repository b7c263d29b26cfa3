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

/** Leaves in a cluster what lets a later step of this job know it. One without a name of the user's choice can't be asked for again. */
export async function markCluster(context: Context): Promise<void> {
  if (context.inputs['cluster-name'] === null) return;
  await kubectlOf(context).create(toJson([markObject(wantedMark(context))]), MARK_DEADLINE_MS);
}

/**
 * Takes the cluster that an earlier step of this job made. It stays that step's to remove, also when this one fails or is killed:
 * that is written down before anything else.
 *
 * @throws StageError `name-collision` when it is not such a cluster; it is left as it is.
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
      `There is a kind cluster named ${name}, which can't be reused: ${why}. It is left alone.`,
      {
        hint: 'In a workflow, give all steps that share the cluster the same cluster-name, node-image, nodes and config, in one job. Otherwise use another cluster-name.',
        tryThis: `docker ps --all --filter label=io.x-k8s.kind.cluster=${name}`,
      },
    );
  }
  runner.info(`Cluster ${name} is there, made by an earlier step: it is used again`);
  if (inputs.images.length + inputs['baseline-images'].length > 0) {
    warn(
      context,
      'The cluster was used before: a pod whose manifest did not change keeps running the image that it was started with. Give each build in input images a tag of its own.',
    );
  }
}

/** @throws StageError `port-in-use` when a port that was asked for is not that of a cluster which was there. */
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
