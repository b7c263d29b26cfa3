import { randomBytes } from 'node:crypto';
import { readText, writeFileAtomically } from '../adapters/files.ts';
import { portIsFree } from '../adapters/machine.ts';
import { type PrintedCause, printedCause } from '../cluster/failure-texts.ts';
import {
  INGRESS_HTTPS_PORT,
  INGRESS_OF,
  INGRESS_PORT,
  INGRESS_READY,
  kindConfig,
  needsCgroupV1,
} from '../cluster/kind-config.ts';
import { clusterName } from '../cluster/names.ts';
import { kubernetesMinor } from '../cluster/pinned-versions.ts';
import { type Context, dockerOf, kindOf, kubectlOf, outputPath, ownClusterOf, updateOwnCluster } from '../context.ts';
import { CommandError, lastLines, StageError } from '../errors.ts';
import { type Endpoint, endpointText, onLoopback, withHttps } from '../model/endpoint.ts';
import type { Side } from '../model/sides.ts';
import { sideBySide } from '../side-by-side.ts';
import { recordCluster } from './nodes/record-cluster.ts';
import { checkReusedPorts, markCluster, reuseCluster } from './nodes/reuse-cluster.ts';
import { withoutHttps } from './nodes/without-https.ts';
import { waitForNodes } from './nodes/wait-for-nodes.ts';
import { CreationProgress, whileCreating } from './nodes/while-creating.ts';

/** kind pulls nothing here, because the node image is present; kubeadm itself gives up after some minutes. */
const CREATE_DEADLINE_MS = 600_000;

/** Creates the cluster, or takes over that of an earlier step, and waits until every node is ready. */
export async function createCluster(context: Context): Promise<void> {
  const { inputs, store } = context;
  const name = inputs['cluster-name'] ?? clusterName(store.state.run, randomBytes(3).toString('hex'));
  const isThere = (await kindOf(context).clusters()).includes(name);
  if (isThere && !inputs['reuse-cluster']) throw nameCollision(name);
  if (isThere) {
    await reuseCluster(context, name);
    await sideBySide(context, ...nodesAndPorts(context));
    checkReusedPorts(context);
  } else {
    await beginNew(context, name);
    const progress = new CreationProgress();
    await sideBySide(
      context,
      async (each) => {
        await createOnFreePort(each, progress).finally(progress.end);
        await sideBySide(each, ...nodesAndPorts(context), markCluster);
      },
      (each) => whileCreating(each, progress),
    );
  }
  const { ingress, baselineIngress = ingress } = ownClusterOf(context);
  if (ingress?.tls === undefined || baselineIngress?.tls === undefined) {
    withoutHttps(context, {
      why: `no node publishes its port ${String(INGRESS_HTTPS_PORT)}`,
      mend: `Give the node of the ingress extraPortMappings with containerPort ${String(INGRESS_HTTPS_PORT)} and listenAddress 127.0.0.1 in the kind configuration of input config.`,
    });
  }
}

type Part = (context: Context) => Promise<void>;

/** A node gets its label when it joins, and only the label tells the ports of two controllers apart. */
const nodesAndPorts = ({ inputs }: Context): Part[] =>
  inputs['baseline-ingress-controller'] === null
    ? [waitForNodes, readPorts]
    : [
        async (context) => {
          await waitForNodes(context);
          await readPortsOfBoth(context);
        },
      ];

/** Records the cluster before it exists. */
async function beginNew(context: Context, name: string): Promise<void> {
  const { inputs, runner } = context;
  const networkExisted = await dockerOf(context).networkExists('kind');
  recordCluster(context, name, { networkExisted });
  runner.saveState('made-network', String(!networkExisted));
  runner.info(`Creating cluster ${name} with ${inputs['node-image']}`);
}

/** Ports 80 and 443 are the expected ones, but two runs on one machine may both have found them free. */
async function createOnFreePort(context: Context, progress: CreationProgress): Promise<void> {
  const { inputs } = context;
  if (inputs.config !== null) {
    await create(context, progress, readText(inputs.config));
    return;
  }
  const fixed = {
    nodes: inputs.nodes,
    registryMirrors: inputs['registry-mirror'].length > 0,
    wholeLogs: inputs.engine === 'k6-operator',
    twoControllers: inputs['baseline-ingress-controller'] !== null,
    acceptCgroupV1: needsCgroupV1(
      kubernetesMinor(inputs['node-image']),
      context.store.state.environment?.cgroupVersion ?? null,
    ),
  };
  const ifFree = async (port: number): Promise<number | null> => ((await portIsFree(port)) ? port : null);
  const given = { httpPort: inputs['http-port'], httpsPort: inputs['https-port'] };
  const wanted = {
    httpPort: given.httpPort ?? (await ifFree(INGRESS_PORT)),
    httpsPort: given.httpsPort ?? (await ifFree(INGRESS_HTTPS_PORT)),
  };
  try {
    await create(context, progress, kindConfig({ ...fixed, ...wanted }));
  } catch (error) {
    const taken = error instanceof StageError && error.code === 'port-in-use';
    const chosen = wanted.httpPort !== given.httpPort || wanted.httpsPort !== given.httpsPort;
    if (!taken || !chosen) throw error;
    context.runner.info('Another program took a port of the ingress; trying again with free ports');
    await kindOf(context).delete(ownClusterOf(context));
    await create(context, progress, kindConfig({ ...fixed, ...given }));
  }
}

async function create(context: Context, progress: CreationProgress, configuration: string): Promise<void> {
  const { name, kubeconfig } = ownClusterOf(context);
  const config = outputPath(context, 'kind-config.yaml');
  writeFileAtomically(config, configuration);
  try {
    await kindOf(context).create(
      { name, image: context.store.state.loadedNodeImage ?? context.inputs['node-image'], config, kubeconfig },
      CREATE_DEADLINE_MS,
      progress.reach,
    );
  } catch (error) {
    throw createError(context, name, error);
  }
}

/** kind may have chosen the ports, and a user's own configuration may map them on only one node. */
async function readPorts(context: Context): Promise<void> {
  const ingress = await entryOfFirst(context, await dockerOf(context).containersOfCluster(ownClusterOf(context).name));
  if (ingress === null) throw noPort('', 'on the node that runs the ingress');
  updateOwnCluster(context, { ingress });
  context.runner.info(`The ingress is at ${entryText(ingress)}`);
}

/** The ports of two controllers that are compared. */
async function readPortsOfBoth(context: Context): Promise<void> {
  const containers = await dockerOf(context).containersOfCluster(ownClusterOf(context).name);
  const [head, base] = [await entryOfSide(context, containers, 'head'), await entryOfSide(context, containers, 'base')];
  updateOwnCluster(context, { ingress: head, baselineIngress: base });
  context.runner.info(`The controller of head is at ${entryText(head)}, the one of base at ${entryText(base)}`);
}

const entryText = (entry: Endpoint): string =>
  [
    `http://${endpointText(entry)}`,
    ...(entry.tls === undefined ? [] : [`https://${endpointText({ ...entry, port: entry.tls.port })}`]),
  ].join(' and ');

/** The ports that lead to the node with the label of one side; kind names containers after their nodes. */
async function entryOfSide(context: Context, containers: readonly string[], side: Side): Promise<Endpoint> {
  const label = `${INGRESS_OF}=${side}`;
  const nodes = await kubectlOf(context).nodesWith(label);
  const entry = await entryOfFirst(
    context,
    containers.filter((container) => nodes.includes(container)),
  );
  if (entry === null)
    throw noPort(` with the label ${label}`, `on one node with the labels ${INGRESS_READY}=true and ${label}`);
  return entry;
}

/** The port of the first container that publishes the ingress port. */
async function entryOfFirst(context: Context, containers: readonly string[]): Promise<Endpoint | null> {
  for (const container of containers) {
    const port = await publishedPort(context, container, INGRESS_PORT);
    if (port === null) continue;
    return withHttps(onLoopback(port), await publishedPort(context, container, INGRESS_HTTPS_PORT));
  }
  return null;
}

const publishedPort = (context: Context, container: string, port: number): Promise<number | null> =>
  dockerOf(context)
    .publishedPort(container, port)
    .catch((error: unknown) => {
      // `docker port` fails for a port that a container does not publish.
      if (error instanceof CommandError && error.reason === 'exit') return null;
      throw error;
    });

const noPort = (which: string, where: string): StageError =>
  new StageError('input-invalid', `No node of the cluster${which} publishes its port ${String(INGRESS_PORT)}.`, {
    hint: `The kind configuration in input config needs extraPortMappings with containerPort 80 and listenAddress 127.0.0.1 ${where}.`,
  });

const nameCollision = (name: string): StageError =>
  new StageError('name-collision', `A kind cluster named ${name} already exists. The run does not touch it.`, {
    hint: 'Leave cluster-name empty to get a unique name, or delete the other cluster. To reuse one that an earlier step of the same job made, set reuse-cluster: true.',
    tryThis: `docker ps --all --quiet --filter label=io.x-k8s.kind.cluster=${name} | xargs docker rm --force --volumes`,
  });

/** Advice for messages of kind and Docker. */
const HINTS: Readonly<Record<PrintedCause, string>> = {
  'disk-full':
    'Free some disk space where Docker keeps its images and containers: docker system df shows what uses it.',
  'docker-unreachable': 'The Docker engine stopped answering: it was stopped, or ran out of memory or disk.',
  'registry-rate-limit': 'The registry rejects further pulls for now. Log in first (docker login), or wait.',
  'port-in-use':
    'Another program just took a port of the ingress. Leave http-port and https-port empty to get free ones.',
  'network-pool': 'Networks of earlier runs are still there. Remove the unused ones: docker network prune.',
  'image-pull': 'Check node-image, and that this machine reaches the registry.',
};

function createError(context: Context, name: string, error: unknown): unknown {
  if (!(error instanceof CommandError) || error.reason === 'cancelled') return error;
  const said = `${error.result.stderr}\n${error.result.stdout}`;
  if (/already exist for a cluster/.test(said)) {
    // Someone else was faster with the same name, so the existing cluster is theirs.
    context.store.update({ system: null });
    return nameCollision(name);
  }
  const cause = printedCause(said);
  const line =
    lastLines(error.result.stderr, 40).find((text) => /^(ERROR|error)/.test(text)) ?? lastLines(said, 1)[0] ?? '';
  const what =
    error.reason === 'timeout' ? `It took longer than ${String(CREATE_DEADLINE_MS / 60_000)} minutes.` : line;
  return new StageError(
    cause ?? 'cluster-create-failed',
    `kind could not create the cluster ${name}: ${what}\n${error.message}`,
    {
      hint: cause === null ? 'The logs of the nodes are among the diagnostics.' : HINTS[cause],
      tryThis: error.result.command,
      cause: error,
    },
  );
}
