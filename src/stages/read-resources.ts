import { queryNow, readSamples, timeOf } from '../adapters/prometheus.ts';
import { parsePods } from '../cluster/kubernetes-json.ts';
import { workloadsOf } from '../cluster/manifests.ts';
import { prometheusService, type PrometheusService } from '../cluster/prometheus-service.ts';
import { resourceUsage, type SelectorName, SELECTORS, type SeriesByName } from '../cluster/usage/resource-usage.ts';
import { clusterOf, type Context, kubectlOf, namespaceFlag } from '../context.ts';
import { messageOf, StageError } from '../errors.ts';
import { type Comparison, courseOf, roundsOfLastStart, startsOfPairs } from '../model/comparison.ts';
import type { Resources } from '../model/resources.ts';
import type { PipelineState } from '../state.ts';
import { type Observation, waitUntil } from '../wait.ts';
import { renderedObjects } from './rendering/rendered-parts.ts';

const NOT_OURS =
  "CPU, memory and network were not measured: the run installs no Prometheus in an existing cluster. Name the cluster's own with prometheus-service.";

/**
 * Longer than the scrape interval of manifests/platform/prometheus plus the time to store a sample; someone else's
 * Prometheus may take longer.
 */
const SAMPLES_ARRIVE_MS = 5000;

/**
 * Reads what the system under test used during the load. If Prometheus has died, the figures are missing, but the run
 * goes on.
 */
export async function readResources(context: Context): Promise<void> {
  const { inputs, store, runner, signal } = context;
  const { load, comparison } = store.state;
  if (!inputs.prometheus) {
    runner.info('Input prometheus is false: nothing to read');
    return;
  }
  const service = prometheusService(inputs);
  if (load === null) {
    throw new StageError('stage-order', "This stage can't run: no load was sent yet.", {
      hint: 'Start with the command `load`.',
    });
  }
  if (service === null) {
    store.update({
      resources: { startedAt: load.startedAt, endedAt: load.endedAt, workloads: [], nodes: [], missing: [NOT_OURS] },
    });
    runner.info(NOT_OURS);
    return;
  }
  if (comparison !== undefined && wasReadBeforeRestart(comparison) && store.state.resources !== null) {
    runner.info('The resources were read before the versions were restarted');
    return;
  }
  const window = { startedAt: lastStartOf(store.state) ?? load.startedAt, endedAt: load.endedAt };
  await waitForSamples(context, service, Date.parse(window.endedAt) / 1000);
  const resources = await read(context, service, window).catch((error: unknown): Resources => {
    signal.throwIfAborted();
    const why = messageOf(error);
    return { ...window, workloads: [], nodes: [], missing: [`Prometheus could not be read: ${why}`] };
  });
  store.update({ resources });
  for (const sentence of resources.missing) runner.warning(sentence);
  runner.info(`${String(resources.workloads.length)} workloads and ${String(resources.nodes.length)} nodes measured`);
}

/**
 * The load of a search for the capacity is over before the versions are restarted, and its pods are gone afterwards.
 */
function wasReadBeforeRestart(comparison: Comparison): boolean {
  const course = courseOf(comparison);
  return course.kind === 'steps' && startsOfPairs(course.pairs) > 0;
}

/**
 * When the rounds of the last start of both versions began; null without another start. The pods of earlier starts are
 * gone, and so are their figures.
 */
function lastStartOf({ comparison }: PipelineState): string | null {
  const rounds = comparison === undefined ? [] : roundsOfLastStart(comparison);
  const times = rounds.flatMap(({ base, head }) => [base.startedAt, head.startedAt]).sort();
  return times[0] ?? null;
}

/**
 * The last seconds are complete once every target has been scraped again. Someone else's Prometheus is not asked,
 * because its targets are not ours to see.
 */
async function waitForSamples(context: Context, service: PrometheusService, endSeconds: number): Promise<void> {
  const { clock, signal } = context;
  if (clusterOf(context).kind === 'existing') {
    await clock.sleep(SAMPLES_ARRIVE_MS, signal);
    return;
  }
  const kubectl = kubectlOf(context);
  const look = async (): Promise<Observation<undefined>> => {
    const scraped = await queryNow(kubectl, service, 'timestamp(up)');
    return scraped.length > 0 && scraped.every(({ value }) => value > endSeconds)
      ? { ready: true, value: undefined }
      : { ready: false, why: 'not every target has been scraped since' };
  };
  await waitUntil(look, {
    what: 'the samples of the last seconds',
    deadlineMs: SAMPLES_ARRIVE_MS,
    everyMs: 500,
    code: 'prometheus-unavailable',
    clock,
    signal,
  }).catch((error: unknown) => {
    // What has not arrived by now is reported as missing.
    if (!(error instanceof StageError)) throw error;
  });
}

/** Less may be what a request takes through the API server. */
const SMALLEST_SKEW_MS = 1000;

/**
 * How far the clock of a cluster that was there before is ahead of the one of this machine, by which the window of the
 * load is known: negative when it is behind, 0 when they agree or nobody can tell. A cluster of the run has the same
 * clock.
 */
async function clockAheadMs(context: Context, service: PrometheusService): Promise<number> {
  const { clock, signal, runner } = context;
  if (clusterOf(context).kind === 'own') return 0;
  const [beganMs, askedMs] = [clock.now(), clock.date().getTime()];
  const theirs = await timeOf(kubectlOf(context), service).catch((error: unknown) => {
    signal.throwIfAborted();
    runner.info(`The clock of the cluster is not known: ${messageOf(error)}`);
    return NaN;
  });
  const tookMs = clock.now() - beganMs;
  const aheadMs = theirs * 1000 - (askedMs + tookMs / 2);
  return Math.abs(aheadMs) > SMALLEST_SKEW_MS + tookMs / 2 ? Math.round(aheadMs) : 0;
}

async function read(
  context: Context,
  service: PrometheusService,
  window: { startedAt: string; endedAt: string },
): Promise<Resources> {
  const kubectl = kubectlOf(context);
  const aheadMs = await clockAheadMs(context, service);
  const there = (time: string): string => new Date(Date.parse(time) + aheadMs).toISOString();
  const theirs = { startedAt: there(window.startedAt), endedAt: there(window.endedAt) };
  const range = { start: Date.parse(theirs.startedAt) / 1000, end: Date.parse(theirs.endedAt) / 1000 };
  const names = Object.keys(SELECTORS) as SelectorName[];
  const cluster = clusterOf(context);
  // A shared Prometheus may have the series of thousands of pods.
  const matcher = cluster.kind === 'own' ? '' : `{namespace="${cluster.namespace}"}`;
  const [pods, ...series] = await Promise.all([
    kubectl.get('pods', namespaceFlag(context)),
    ...names.map((name) => readSamples(kubectl, service, `${SELECTORS[name]}${matcher}`, range)),
  ]);
  const namespaces = new Set(measuredNamespaces(context));
  const used = resourceUsage({
    window: theirs,
    series: Object.fromEntries(names.map((name, index) => [name, series[index] ?? []])) as unknown as SeriesByName,
    pods: parsePods(pods).filter(({ metadata }) => namespaces.has(metadata.namespace)),
    nodes: cluster.kind === 'own' ? cluster.nodes.map(({ name }) => name) : [],
    restartsAtStart: context.store.state.restartsAtStart,
  });
  if (aheadMs === 0) return used;
  const seconds = (Math.abs(aheadMs) / 1000).toFixed(1);
  const sentence = `The clock of the cluster is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the clock of this machine. The samples were matched to the load by the clock of the cluster.`;
  return { ...used, ...window, missing: [...used.missing, sentence] };
}

/** The workloads of the application and of what carries its load. */
const measuredNamespaces = (context: Context): string[] =>
  (['ingress-controller', 'baseline-ingress-controller', 'prometheus', 'application'] as const)
    .flatMap((part) => workloadsOf(renderedObjects(context, part)))
    .map(({ namespace }) => namespace);
