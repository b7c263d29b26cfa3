import type { Chart } from '../../adapters/manifest-files.ts';
import { openKubectl } from '../../adapters/commands/kubectl.ts';
import { renderArguments } from '../../adapters/commands/helm.ts';
import { quoteCommand } from '../../adapters/commands/shell.ts';
import { addedApiVersions, kubernetesVersionOf } from '../../cluster/helm/charts.ts';
import { type KubernetesObject, parseManifests } from '../../cluster/manifests.ts';
import { type Context, outputPath, toolOf, warn } from '../../context.ts';
import { CommandError, lastLines, messageOf, StageError } from '../../errors.ts';
import { clusterAskedFor, type Inputs } from '../../inputs/table.ts';
import type { Side } from '../../model/sides.ts';
import { linesOf } from '../../text/lines.ts';
import { helmOf } from '../install-tools.ts';
import { CHART_INPUTS } from '../preflight/check-charts.ts';

/** What the charts of one version are rendered with. */
export interface ChartOptions {
  /** Null for the name of the chart. */
  readonly release: string | null;
  readonly values: readonly string[];
  readonly set: readonly string[];
  /** Other objects that will be in the cluster; the chart may use their definitions. */
  readonly platform: readonly KubernetesObject[];
}

/** The inputs for the charts of a version. */
export function chartOptions(inputs: Inputs, side: Side, platform: readonly KubernetesObject[]): ChartOptions {
  const { values, set, release } = CHART_INPUTS[side];
  return {
    release: inputs[release] ?? inputs['helm-release'],
    values: inputs[values],
    set: inputs[set],
    platform,
  };
}

/**
 * Renders a Helm chart as an install would, for the Kubernetes version that it will run on, and first gets missing
 * dependencies.
 *
 * @param before the objects of the entries before it.
 * @throws StageError `manifest-invalid` with Helm's reason.
 */
export async function renderChart(
  context: Context,
  chart: Chart,
  options: ChartOptions,
  before: readonly KubernetesObject[],
): Promise<KubernetesObject[]> {
  const { runner, inputs } = context;
  const helm = await helmOf(context);
  if (chart.missing !== null) await getDependencies(context, chart, chart.missing);
  if (!chart.pinned)
    warn(
      context,
      `${chart.reference} names no version, so Helm takes the newest, and the next run may test another one. Give ${chart.reference}:VERSION.`,
    );
  const cluster = await capabilitiesOf(context);
  const settings = {
    release: options.release ?? releaseName(chart.name),
    chart: chart.reference,
    version: chart.version,
    namespace: inputs.namespace,
    kubeVersion: cluster.kubeVersion,
    apiVersions: [...new Set([...addedApiVersions([...options.platform, ...before]), ...cluster.apiVersions])],
    values: options.values,
    set: options.set,
  };
  const tryThis = quoteCommand('helm', renderArguments({ ...settings, apiVersions: [] }));
  try {
    const { yaml, said } = await helm.render(settings);
    for (const line of linesOf(said)) runner.info(`helm: ${line}`);
    const objects = parseManifests(yaml);
    if (objects.length === 0) throw new Error('it renders no objects; check whether its values disable everything');
    return objects;
  } catch (error) {
    throw chartError(error, 'Helm does not render it', tryThis);
  }
}

/** A release name must be a DNS name. */
const releaseName = (chart: string): string =>
  chart
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 53)
    .replace(/^-+|-+$/g, '');

async function getDependencies(context: Context, chart: Chart, missing: NonNullable<Chart['missing']>): Promise<void> {
  const { folder, locked, charts } = missing;
  if (!locked)
    warn(
      context,
      `${folder} has no Chart.lock, so Helm takes the newest matching versions of its dependencies (${charts.map(({ name }) => name).join(', ')}), and the next run may test others. Commit the Chart.lock that \`helm dependency update\` writes.`,
    );
  context.runner.info(`${folder}: Helm gets ${charts.map(({ name }) => name).join(', ')} into its charts folder`);
  const addresses = charts.map(({ repository }) => repository).filter((address) => /^https?:/.test(address));
  const helm = await helmOf(context);
  try {
    await helm.buildDependencies(folder, addresses, outputPath(context, 'helm'));
  } catch (error) {
    throw chartError(
      error,
      `the charts that it depends on (${charts.map(({ name, repository }) => `${name} of ${repository || 'its charts folder'}`).join(', ')}) can't be got`,
      quoteCommand('helm', ['dependency', 'build', chart.reference]),
    );
  }
}

function chartError(error: unknown, what: string, tryThis: string): unknown {
  if (error instanceof CommandError && error.reason !== 'exit' && error.reason !== 'timeout') return error;
  const why =
    error instanceof CommandError && error.reason === 'exit'
      ? lastLines(error.result.stderr, 8).join('\n')
      : messageOf(error);
  return new StageError('manifest-invalid', `${what}: ${why.replace(/^Error: /, '').trim()}`, {
    tryThis,
    cause: error,
  });
}

interface Capabilities {
  readonly kubeVersion: string;
  readonly apiVersions: readonly string[];
}

/**
 * The capabilities that charts can ask for: of a cluster of the run the node image tells them, of an existing one the
 * cluster.
 */
export async function capabilitiesOf(context: Context): Promise<Capabilities> {
  const { inputs } = context;
  const ofKubectl = inputs['kubectl-version'].replace(/^v/, '');
  if (clusterAskedFor(inputs) === 'own') {
    const kubeVersion = kubernetesVersionOf(inputs['node-image']);
    if (kubeVersion === null)
      context.runner.info(
        `The tag of node-image names no Kubernetes version, so charts are rendered for the version of kubectl, ${ofKubectl}.`,
      );
    return { kubeVersion: kubeVersion ?? ofKubectl, apiVersions: [] };
  }
  return await capabilitiesOfExisting(context);
}

async function capabilitiesOfExisting(context: Context): Promise<Capabilities> {
  const { kubeconfig, context: named } = context.inputs;
  if (kubeconfig === null || named === null) throw new Error('validate lets no other inputs pass');
  const kubectl = openKubectl(context.shell, toolOf(context, 'kubectl').path, kubeconfig, named);
  try {
    const [version, apis] = await Promise.all([kubectl.raw('/version'), kubectl.text('api-versions')]);
    const kubeVersion = /"gitVersion":\s*"v?([^"]+)"/.exec(version)?.[1];
    if (kubeVersion === undefined) throw new Error('it does not say which version it is');
    return { kubeVersion, apiVersions: linesOf(apis) };
  } catch (error) {
    context.signal.throwIfAborted();
    throw new StageError(
      'cluster-unreachable',
      `The cluster of context ${named} does not report its capabilities for charts: ${lastLines(messageOf(error), 2).join('\n')}`,
      {
        hint: 'Nothing was created. Check that this machine reaches the API server, that the kubeconfig has this context, and that its credentials have not expired.',
        cause: error,
      },
    );
  }
}
