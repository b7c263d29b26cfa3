import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { Failure, option } from './world.js';

const OF_THE_CLUSTER = ['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'IngressClass'];

const API_RESOURCES = `namespaces  ns  v1  false  Namespace
configmaps  cm  v1  true  ConfigMap
services  svc  v1  true  Service
deployments  deploy  apps/v1  true  Deployment
ingresses  ing  networking.k8s.io/v1  true  Ingress
clusterroles  rbac.authorization.k8s.io/v1  false  ClusterRole
`;

const list = (items) => `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items })}\n`;
const CONDITIONS = [
  { type: 'PodScheduled', status: 'True' },
  { type: 'Ready', status: 'True' },
];

/** @returns what `kubectl` prints. */
export async function kubectl(world, given, io) {
  const { scenario } = world;
  const applied = world.things('applied');
  const args = ['--kubeconfig', '--context'].reduce((left, name) => (left[0] === name ? left.slice(2) : left), given);
  switch (args[0]) {
    case 'version':
      return JSON.stringify({ clientVersion: { gitVersion: scenario.kubectlVersion ?? 'v1.35.8' } }, null, 2);
    case 'kustomize':
      return scenario.kustomize === undefined
        ? build(resolve(io.cwd ?? '', args[1]))
        : await really(scenario.kustomize, args);
    case 'apply':
      for (const object of objectsOf(await io.stdin())) {
        applied.add(`${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`, { object });
      }
      return 'serverside-applied\n';
    case 'create':
      for (const object of objectsOf(await io.stdin())) {
        const name = `${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`;
        if (applied.has(name))
          throw new Failure(
            `Error from server (AlreadyExists): ${object.kind} "${object.metadata.name}" already exists`,
          );
        applied.add(name, { object });
      }
      return 'created\n';
    case 'delete':
      for (const { name } of applied.all()) {
        const [kind, namespace, object] = name.split('/');
        const isIt =
          kind === args[1].split('.')[0] && namespace === (option(args, '--namespace') ?? '') && object === args[2];
        if (isIt || (args[1] === 'Namespace' && namespace === args[2])) applied.remove(name);
      }
      return 'deleted\n';
    case 'api-resources':
      return API_RESOURCES;
    case 'get':
      return get(world, args);
    case 'wait':
    case 'describe':
      return `${args.join(' ')}\n##[error]poison in a description\n`;
    case 'logs':
      return 'a line of a pod\n::error::poison in a log\n';
    default:
      throw new Failure(`error: unknown command "${args[0]}" for "kubectl"`);
  }
}

/** What goes to kubectl is JSON, one object a line. */
const objectsOf = (json) =>
  json
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Has the real program do it, which lives and dies with this one: both are in one process group. */
async function really(program, args) {
  const [exitCode] = await once(spawn(program, args, { stdio: 'inherit' }), 'close');
  process.exit(exitCode ?? 1);
}

/** As much of Kustomize as to put the files of a kustomization one after the other. */
async function build(folder) {
  const file = join(folder, 'kustomization.yaml');
  let resources;
  let namespace;
  try {
    ({ resources = [], namespace } = parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Failure(`error: invalid Kustomization: ${error.message}`);
  }
  const texts = await Promise.all(
    resources.map(async (resource) => {
      const path = join(dirname(file), resource);
      if (!existsSync(path))
        throw new Failure(
          `error: accumulating resources: accumulation err='accumulating resources from '${resource}': no such file'`,
        );
      if (
        !existsSync(join(path, 'kustomization.yaml')) &&
        relative(realpathSync(folder), realpathSync(path)).startsWith('..')
      ) {
        throw new Failure(
          `error: accumulating resources: accumulation err='accumulating resources from '${resource}': security; file '${realpathSync(path)}' is not in or below '${realpathSync(folder)}'`,
        );
      }
      return existsSync(join(path, 'kustomization.yaml')) ? await build(path) : readFileSync(path, 'utf8');
    }),
  );
  const built = texts.join('\n---\n');
  return namespace === undefined ? built : inNamespace(built, namespace);
}

function inNamespace(built, namespace) {
  const objects = parseAllDocuments(built)
    .map((document) => document.toJS())
    .filter((object) => object !== null);
  for (const { kind, metadata } of objects) if (!OF_THE_CLUSTER.includes(kind)) metadata.namespace = namespace;
  return objects.map((object) => stringify(object)).join('---\n');
}

function nodes({ things }) {
  return things('containers')
    .all()
    .filter(({ role }) => role !== undefined);
}

function workloads({ things }) {
  return things('applied')
    .all()
    .map(({ object }) => object)
    .filter(({ kind }) => ['Deployment', 'StatefulSet', 'DaemonSet'].includes(kind));
}

function get(world, args) {
  if (args[1] === '--raw') return raw(world, args[2]);
  if (args.includes('--ignore-not-found')) {
    const [kind] = args[1].split('.');
    const found = world
      .things('applied')
      .all()
      .find(({ name }) => name === `${kind}/${option(args, '--namespace') ?? ''}/${args[2]}`);
    return found === undefined ? '' : JSON.stringify(found.object);
  }
  if (args[1] === 'nodes' && option(args, '--output') === 'name') {
    return nodes(world)
      .filter(({ role }) => role === 'control-plane')
      .map(({ name }) => `node/${name}\n`)
      .join('');
  }
  if (args[1] === 'nodes') {
    return list(
      nodes(world).map(({ name, role }) => ({
        metadata: { name, labels: role === 'control-plane' ? { 'node-role.kubernetes.io/control-plane': '' } : {} },
        status: {
          conditions: [{ type: 'Ready', status: 'True', message: 'kubelet is posting ready status' }],
          nodeInfo: { kubeletVersion: 'v1.35.8' },
        },
      })),
    );
  }
  if (args[1] === 'pods' && args.some((arg) => arg.startsWith('--output=custom-columns=')))
    return pods(world, args)
      .map(({ metadata, status }) => `${metadata.namespace}  ${metadata.name}  ${status.phase}  True  0\n`)
      .join('');
  if (args[1] === 'events' && option(args, '--output') === 'json') return list([]);
  if (args[1] === 'pods' && option(args, '--output') === 'json') return list(pods(world, args));
  if (args[1].startsWith('Deployment')) {
    return list(
      workloads(world).map(({ kind, metadata, spec }) => {
        const replicas = spec.replicas ?? 1;
        const status = {
          observedGeneration: 1,
          replicas,
          updatedReplicas: replicas,
          readyReplicas: replicas,
          availableReplicas: replicas,
        };
        return { kind, metadata: { ...metadata, generation: 1 }, spec, status };
      }),
    );
  }
  return `${args.join(' ')}\n`;
}

function pods(world, args) {
  const namespace = option(args, '--namespace');
  const dns = {
    metadata: { name: 'coredns-1', namespace: 'kube-system', uid: 'dns' },
    spec: {},
    status: { phase: 'Running', conditions: CONDITIONS },
  };
  const ofWorkloads = workloads(world).map(({ kind, metadata, spec }) => ({
    metadata: {
      name: `${metadata.name}-0`,
      namespace: metadata.namespace,
      uid: `uid-${metadata.name}`,
      labels: { 'pod-template-hash': '5f' },
      ownerReferences: [
        kind === 'Deployment' ? { kind: 'ReplicaSet', name: `${metadata.name}-5f` } : { kind, name: metadata.name },
      ],
    },
    spec: {
      nodeName: nodes(world).find(({ role }) => role === 'control-plane')?.name,
      containers: spec.template?.spec?.containers ?? [],
    },
    status: {
      phase: 'Running',
      conditions: CONDITIONS,
      containerStatuses: (spec.template?.spec?.containers ?? []).map(({ name }) => ({
        name,
        ready: true,
        restartCount: 0,
        state: { running: {} },
      })),
    },
  }));
  return [dns, ...ofWorkloads].filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
}

/** As much of Prometheus as to be asked for targets, times of scrapes and ranges of samples. */
function raw(world, path) {
  const answer = (data) => JSON.stringify({ status: 'success', data });
  if (path.includes('/targets'))
    return answer({
      activeTargets: nodes(world).map(({ name }) => ({
        labels: { job: 'cadvisor', node: name },
        scrapeUrl: `http://${name}`,
        health: 'up',
        lastError: '',
      })),
    });
  const query = new URL(path, 'http://prometheus').searchParams;
  const end = Number(query.get('time') ?? Date.now() / 1000);
  if (query.get('query') === 'timestamp(up)')
    return answer({
      resultType: 'vector',
      result: [{ metric: { job: 'cadvisor', instance: 'a' }, value: [end, String(end)] }],
    });
  // Pods receive what is sent to them: more bytes than a test has requests.
  const [first, last] = query.get('query')?.includes('network') === true ? ['1000000', '9000000'] : ['10', '11'];
  const counter = [
    [end - 2, first],
    [end, last],
  ];
  const ofPods = pods(world, []).flatMap(({ metadata, spec }) =>
    (spec.containers ?? []).map(({ name }) => ({
      metric: { namespace: metadata.namespace, pod: metadata.name, container: name, id: `/pod/${metadata.name}` },
      values: counter,
    })),
  );
  const ofNodes = nodes(world).map(({ name }) => ({ metric: { node: name, id: '/' }, values: counter }));
  return answer({ resultType: 'matrix', result: [...ofPods, ...ofNodes] });
}
