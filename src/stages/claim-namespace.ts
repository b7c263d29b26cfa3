import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { buildKustomization, wasRefused } from '../adapters/commands/kubectl.ts';
import { writeFileAtomically } from '../adapters/files.ts';
import {
  labelled,
  labelsOf,
  namespaceObject,
  parseScopes,
  placed,
  type Placement,
  referenceOf,
} from '../cluster/existing-cluster.ts';
import { describeObject } from '../cluster/manifest-entries.ts';
import { inApplyOrder, type KubernetesObject, parseManifests, toYaml, toJson } from '../cluster/manifests.ts';
import { clusterName } from '../cluster/names.ts';
import { type Context, kubectlOf, outputPath, toolOf, updateExistingCluster } from '../context.ts';
import { CommandError, lastLines, StageError } from '../errors.ts';
import { renderedObjects } from './rendering/rendered-parts.ts';

const CREATE_DEADLINE_MS = 60_000;

/** What the post step needs if the state on disk is lost, saved as `existing-cluster` in the runner's state. */
export interface SavedExistingCluster {
  readonly kubeconfig: string;
  readonly context: string;
  readonly namespace: string;
  readonly kubectl: { readonly version: string; readonly path: string; readonly sha256: string };
}

/**
 * Creates a namespace in an existing cluster for the application. Nothing else in the cluster is changed unless an
 * input allows it, and no existing object is touched.
 */
export async function claimNamespace(context: Context): Promise<void> {
  const { inputs, store, runner } = context;
  if (inputs.kubeconfig === null || inputs.context === null) throw new Error('validate lets no other inputs pass');
  const namespace = clusterName(store.state.run, randomBytes(3).toString('hex'));
  const kubeconfig = resolve(inputs.kubeconfig);
  // Recorded before anything exists: whatever happens next, the post step knows what to remove.
  store.update({
    system: {
      kind: 'existing',
      kubeconfig,
      context: inputs.context,
      namespace,
      ingress: inputs['ingress-address'],
      outside: [],
      deletedAt: null,
    },
  });
  const saved: SavedExistingCluster = {
    kubeconfig,
    context: inputs.context,
    namespace,
    kubectl: toolOf(context, 'kubectl'),
  };
  runner.saveState('existing-cluster', JSON.stringify(saved));

  const scopes = parseScopes(
    await reach(context).catch((error: unknown) => {
      // Nothing was created, so the post step need not search a cluster that does not answer.
      store.update({ system: null });
      throw error;
    }),
  );
  const placement = placed(renderedObjects(context, 'application'), scopes);
  refuseOutside(context, placement);
  context.rendered.keep('application', await moved(context, placement, namespace));
  updateExistingCluster(context, { outside: placement.outside.map((object) => referenceOf(object, scopes)) });

  await create(context, [namespaceObject(namespace, placement.namespaceLabels)]);
  runner.info(`Namespace ${namespace} was created for the application`);
  const { foundations, rest, extensions } = inApplyOrder(placement.outside);
  for (const object of [...foundations, ...rest, ...extensions]) await create(context, [labelled(object, namespace)]);
}

/** The kinds that the cluster knows. This is also the first request to it, so a wrong kubeconfig is reported here. */
async function reach(context: Context): Promise<string> {
  try {
    return await kubectlOf(context).text('api-resources', '--no-headers');
  } catch (error) {
    if (!(error instanceof CommandError) || error.reason === 'cancelled') throw error;
    throw new StageError(
      'cluster-unreachable',
      `The cluster of context ${String(context.inputs.context)} does not answer: ${lastLines(error.result.stderr, 2).join('\n')}`,
      {
        hint: 'Nothing was created. Check that this machine reaches the API server, that the kubeconfig has this context, and that its credentials have not expired.',
        tryThis: error.result.command,
        cause: error,
      },
    );
  }
}

function refuseOutside({ inputs }: Context, { outside }: Placement): void {
  if (outside.length === 0 || inputs['allow-cluster-changes']) return;
  const names = outside.map(describeObject);
  throw new StageError(
    'cluster-change-refused',
    `The manifests contain objects that don't belong to a single namespace: ${names.join(', ')}.`,
    {
      hint: 'Nothing was created. In an existing cluster, the run changes only a namespace of its own. Remove these objects, or set allow-cluster-changes: true to create them for the duration of the run.',
    },
  );
}

/** Kustomize knows every field that refers to a namespace, such as the subjects of a RoleBinding. */
async function moved(context: Context, { inside }: Placement, namespace: string): Promise<KubernetesObject[]> {
  const folder = outputPath(context, 'manifests', 'own-namespace');
  writeFileAtomically(outputPath(context, 'manifests', 'own-namespace', 'application.yaml'), toYaml(inside));
  const kustomization = {
    resources: ['application.yaml'],
    namespace,
    labels: [{ pairs: labelsOf(namespace), includeSelectors: false }],
  };
  writeFileAtomically(
    outputPath(context, 'manifests', 'own-namespace', 'kustomization.yaml'),
    JSON.stringify(kustomization),
  );
  return parseManifests(await buildKustomization(context.shell, toolOf(context, 'kubectl').path, folder));
}

/** `create`, not `apply`: an existing object is someone else's. */
async function create(context: Context, objects: readonly KubernetesObject[]): Promise<void> {
  const what = objects.map(describeObject).join(', ');
  try {
    await kubectlOf(context).create(toJson(objects), CREATE_DEADLINE_MS);
  } catch (error) {
    if (!wasRefused(error)) throw error;
    const said = lastLines(error.result.stderr, 3).join('\n');
    const hint = /AlreadyExists/.test(said)
      ? 'The run leaves it unchanged, because it only removes what it created itself.'
      : /[Ff]orbidden/.test(said)
        ? 'The user of the kubeconfig lacks a permission; docs/existing-cluster.md lists the ones that are needed.'
        : 'The message above is from the API server.';
    throw new StageError('apply-failed', `Kubernetes refused to create ${what}: ${said}`, { hint, cause: error });
  }
}
