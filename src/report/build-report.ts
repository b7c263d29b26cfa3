import { schemaAddress } from '../addresses.ts';
import { scalingResult } from '../cluster/scaling-result.ts';
import { headline } from '../comparison/words.ts';
import { helpUrl } from '../errors.ts';
import { spoiltFigures } from '../load/counts/saturation.ts';
import { hostsText } from '../load/requests/targets.ts';
import type { CapacityResult } from '../model/capacity.ts';
import { courseOf } from '../model/comparison.ts';
import { askedText } from '../model/endpoint.ts';
import type { LoadResult, ThresholdResult } from '../model/load.ts';
import type { EarlierRun, Report } from '../model/report.ts';
import type { Failure } from '../model/run.ts';
import type { FollowedRedirect } from '../model/redirects.ts';
import type { PipelineState } from '../state.ts';
import { approximate, grouped, milliseconds, percent, perSecond, range } from '../text/numbers.ts';
import { nextStep } from './next-step.ts';
import { afterTheRun, repeatCommand } from './repeat.ts';
import { checkThresholds, saysNothingOfTimes, verdictOn } from './verdict.ts';
import { besideEarlierRun } from './words/earlier-run.ts';
import { followedText } from './words/redirect-text.ts';
import { weakPercentiles } from './words/trust.ts';

/*
 * This folder makes the report of a run from its state and renders it: sections/ has its content, words/ and charts/
 * the building blocks, and markdown/, html/ and exports/ the printers. Reading files, network access and where a report
 * goes are the job of adapters/ and stages/.
 */

/** The report of a run at any point, with everything that is known so far. */
export function buildReport(state: PipelineState, endedAt: string): Report {
  const thresholds = checkThresholds(state);
  const settings = settingsOf(state);
  const earlier = besideEarlierRun(state, settings);
  const outcome = outcomeOf(state, thresholds);
  const repeatWith = repeatCommand(state);
  return {
    $schema: schemaAddress('report'),
    schemaVersion: schemaVersionOf(state, earlier, thresholds),
    tool: state.tool,
    run: state.run,
    startedAt: state.startedAt,
    endedAt: state.endedAt ?? endedAt,
    outcome: { ...outcome, next: nextStep(outcome, state) },
    settings,
    ...(state.settingsFile === undefined ? {} : { settingsFile: state.settingsFile }),
    environment: state.environment,
    tools: toolVersions(state),
    cluster: clusterPart(state),
    images: state.images,
    ...(state.leftOut === undefined ? {} : { leftOut: state.leftOut }),
    stages: state.stages,
    load: state.load,
    ...httpsOf(state),
    ...redirectsOf(state),
    thresholds,
    ...(state.comparison === undefined ? {} : { comparison: state.comparison }),
    ...(state.profiles === undefined ? {} : { profiles: state.profiles }),
    ...capacityOf(state),
    ...autoscalingOf(state),
    ...(earlier === null ? {} : { earlier }),
    resources: state.resources,
    ...(state.witness === undefined || state.witness === null ? {} : { witness: state.witness }),
    diagnostics: state.diagnostics,
    warnings: [...redirectsOfLoad(state).map(followedText), ...state.warnings],
    repeatWith,
  };
}

function schemaVersionOf(
  state: PipelineState,
  earlier: EarlierRun | null,
  thresholds: readonly ThresholdResult[],
): Report['schemaVersion'] {
  const {
    run,
    replicaRecords,
    load,
    comparison,
    profiles,
    leftOut,
    capacity,
    witness,
    settingsFile,
    httpsHosts = [],
  } = state;
  if (
    settingsFile !== undefined ||
    leftOut !== undefined ||
    httpsHosts.length > 0 ||
    profiles !== undefined ||
    load?.protocols !== undefined ||
    load?.journeys !== undefined ||
    load?.endedBy !== undefined ||
    load?.stages !== undefined ||
    comparison?.starts !== undefined ||
    comparison?.capacities?.pairs.some(({ start }) => start !== undefined) === true ||
    comparison?.base.revision !== undefined ||
    comparison?.head.revision !== undefined ||
    comparison?.metrics.some(({ confirmation }) => confirmation?.change !== undefined) === true ||
    comparison?.workloads !== undefined ||
    comparison?.pooledP99 !== undefined ||
    load?.checks !== undefined ||
    load?.total.rightLatencyMs !== undefined ||
    load?.total.latencyWithTimeoutsMs !== undefined
  )
    return '1.4';
  if (
    [run.headSha, run.step, run.jobId].some((known) => (known ?? null) !== null) ||
    thresholds.some(({ withoutVerdict, fewAnswers }) => withoutVerdict !== undefined || fewAnswers !== undefined) ||
    load?.generator?.addedMs !== undefined ||
    load?.total.cancelled !== undefined ||
    comparison?.rounds.some(({ base, head }) => base.addedMs !== undefined || head.addedMs !== undefined) === true ||
    (witness ?? null) !== null ||
    redirectsOfLoad(state).length > 0 ||
    load?.total.failures.redirect !== undefined
  )
    return '1.3';
  if (
    earlier !== null ||
    comparison?.subject !== undefined ||
    (comparison !== undefined && courseOf(comparison).kind === 'steps') ||
    (replicaRecords !== undefined && load !== null)
  )
    return '1.2';
  return comparison === undefined && capacity === undefined && load?.runners === undefined ? '1.0' : '1.1';
}

/** Of head when two versions are compared. */
function capacityOf({ capacity, comparison }: PipelineState): Pick<Report, 'capacity'> {
  const course = comparison === undefined ? null : courseOf(comparison);
  const known = capacity ?? (course?.kind === 'steps' ? course.capacities.head : undefined);
  return known === undefined ? {} : { capacity: known };
}

function autoscalingOf({ replicaRecords, load, resources }: PipelineState): Pick<Report, 'autoscaling'> {
  if (replicaRecords === undefined || load === null) return {};
  return { autoscaling: replicaRecords.map((record) => scalingResult(record, load, resources)) };
}

function httpsOf({ httpsHosts = [] }: PipelineState): Pick<Report, 'https'> {
  return httpsHosts.length === 0 ? {} : { https: httpsHosts };
}

function redirectsOf(state: PipelineState): Pick<Report, 'redirects'> {
  const redirects = redirectsOfLoad(state);
  return redirects.length === 0 ? {} : { redirects };
}

/** Redirects that affected the load; an earlier command may have checked other paths. */
function redirectsOfLoad({ redirects = [], load, comparison }: PipelineState): FollowedRedirect[] {
  // Versions have their own host names, and a script does not say what it will request.
  if (load === null || comparison !== undefined || load.hosts.length === 0) return redirects;
  return redirects.filter(({ host, to }) => load.hosts.some((loaded) => loaded.host === host && loaded.path === to));
}

/** The inputs, with the hosts that were found when none were given. */
const settingsOf = ({ settings, foundTargets }: PipelineState): Report['settings'] =>
  foundTargets === null || settings['hosts'] !== '' ? settings : { ...settings, hosts: hostsText(foundTargets) };

function clusterPart({ system, httpsHosts = [] }: Pick<PipelineState, 'system' | 'httpsHosts'>): Report['cluster'] {
  switch (system?.kind) {
    case 'own': {
      const { name, nodeImage, nodes, ingress } = system;
      return { name, nodeImage, httpPort: ingress?.port ?? null, nodes };
    }
    case 'existing': {
      const { namespace, ingress } = system;
      const schemes = httpsHosts.length > 0 ? (['http', 'https'] as const) : (['http'] as const);
      const address = ingress === null ? null : askedText(ingress, schemes);
      // The report's schema requires a node image and nodes, which are unknown here.
      const unknown = { nodeImage: '', nodes: [] };
      return { name: namespace, ...unknown, httpPort: ingress?.port ?? null, existing: { namespace, address } };
    }
    case 'echo':
    case undefined:
      return null;
  }
}

function toolVersions({ tools }: PipelineState): Report['tools'] {
  const versions: Report['tools'] = {};
  for (const name of ['kind', 'kubectl', 'helm', 'k6'] as const) {
    const tool = tools[name];
    if (tool !== undefined) versions[name] = { version: tool.version, sha256: tool.sha256 };
  }
  return versions;
}

function outcomeOf(state: PipelineState, thresholds: readonly ThresholdResult[]): Report['outcome'] {
  const { result, failure: found } = verdictOn(state, thresholds);
  const failure = found === null ? null : afterTheRun(found, state);
  if (failure === null) {
    const passed = `Load test passed${state.capacity === undefined ? figures(state.load) : foundCapacity(state.capacity)}`;
    return {
      result,
      code: 'passed',
      summary: state.comparison === undefined ? passed : headline(state.comparison),
      failure,
      helpUrl: null,
    };
  }
  if (failure.code === 'regression' && state.comparison !== undefined)
    return { result, code: failure.code, summary: headline(state.comparison), failure, helpUrl: helpUrl(failure.code) };
  const firstLine = countedFirst(failure);
  const summary = {
    passed: '',
    cancelled: `Load test cancelled${failure.stage === null ? '' : ` during ${failure.stage}`}`,
    invalid: `Load test without a verdict: ${firstLine}`,
    failed: `Load test failed: ${firstLine}`,
  }[result];
  return { result, code: failure.code, summary, failure, helpUrl: helpUrl(failure.code) };
}

/** The outcomes whose message has a line for each fault. */
const LISTS: ReadonlySet<Failure['code']> = new Set(['threshold-failed', 'witness-disagrees', 'input-invalid']);

/** A headline: the first of several faults, and how many more there are. */
function countedFirst({ code, message }: Failure): string {
  const [first = '', ...others] = message.split('\n');
  return LISTS.has(code) && others.length > 0 ? `${first} (and ${String(others.length)} more)` : first;
}

function foundCapacity({ ratePerSecond, interval, highestKept }: CapacityResult): string {
  if (ratePerSecond !== null)
    return `: thresholds kept up to ${perSecond(ratePerSecond)} (${range(interval, perSecond)})`;
  return highestKept === null ? '' : `: thresholds kept at ${perSecond(highestKept)} and maybe beyond`;
}

/** No time in a headline when no verdict may rest on it. */
function figures(load: LoadResult | null): string {
  if (load === null) return '';
  const { sent, successRatio, latencyMs } = load.total;
  const p95 = saysNothingOfTimes(load)
    ? '; its times are not reliable'
    : latencyMs === null || spoiltFigures(load.generator, latencyMs).includes('p95')
      ? ''
      : `, p95 ${approximate(milliseconds(latencyMs.p95), weakPercentiles(load.total).has('p95'))}`;
  return `: ${grouped(sent)} requests, ${percent(successRatio)} succeeded${p95}`;
}
