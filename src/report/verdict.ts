import { headline, toleranceText } from '../comparison/words.ts';
import type { OutcomeCode } from '../errors.ts';
import type { Inputs } from '../inputs/table.ts';
import { measuredText } from '../load/thresholds/measured-text.ts';
import { undelivered } from '../load/counts/delivery.ts';
import { evaluateThresholds, isBroken, thresholdVerdict } from '../load/thresholds/threshold-results.ts';
import { judged } from '../load/thresholds/without-verdict.ts';
import { parseThresholds } from '../load/thresholds/thresholds.ts';
import type { Comparison } from '../model/comparison.ts';
import type { LoadResult, ThresholdResult } from '../model/load.ts';
import type { Report } from '../model/report.ts';
import type { Failure } from '../model/run.ts';
import type { Witness } from '../model/witness.ts';
import type { PipelineState } from '../state.ts';
import { grouped } from '../text/numbers.ts';
import { endedEarlyText } from './words/ended-early.ts';
import { isPartial } from './words/trust.ts';

/** Every rule with what was measured, those of a script last; none before a load was sent as a whole. */
export function checkThresholds(state: PipelineState): ThresholdResult[] {
  const { settings, load, resources } = state;
  // Rules that hold, or do not, for a part of a load say nothing of the whole.
  if (load === null || isPartial(load)) return [];
  const results = judged(
    [
      ...evaluateThresholds(parseThresholds(settings['thresholds'] ?? '').thresholds, { load, resources }).map(
        (result) => withEarlyEnd(result, load),
      ),
      ...(load.scriptThresholds ?? []),
    ],
    load,
  );
  return state.failure?.code === 'cancelled'
    ? results.map((result) => afterCancelling(result, state))
    : results.map((result) => (result.passed ? doubted(result, state) : result));
}

/** A rule that ended the load stays broken, whatever the last requests made of its figure. */
function withEarlyEnd(result: ThresholdResult, { endedBy = [] }: LoadResult): ThresholdResult {
  const end = endedBy.find(({ rule }) => rule === result.rule);
  return end === undefined || !result.passed ? result : { ...result, passed: false, measured: end.measured };
}

/** Of a load that was broken off nothing is judged; of a whole one, only what was not read any more is not. */
function afterCancelling(result: ThresholdResult, { stages }: PipelineState): ThresholdResult {
  const brokenOff = stages.some(({ name, outcome }) => LOADING.has(name) && outcome === 'cancelled');
  if (brokenOff) return { ...result, withoutVerdict: 'The load was broken off.' };
  return result.measured === null && result.metric.startsWith('resource_')
    ? { ...result, withoutVerdict: 'The run was cancelled before the resources were read.' }
    : result;
}

/** The stages that send the load. */
const LOADING: ReadonlySet<string> = new Set(['run-load', 'compare-versions']);

/** That a rule holds proves nothing when somebody else may have answered. */
const doubted = (result: ThresholdResult, { witness }: PipelineState): ThresholdResult =>
  witness?.doubts[0] === undefined ? result : { ...result, withoutVerdict: witness.doubts[0] };

/** Whether the times of a load are those of its generator, or of another load than the one that was asked for. */
export const saysNothingOfTimes = (load: LoadResult): boolean =>
  load.generator?.limited === true || undelivered(load) !== null;

export interface Verdict {
  readonly result: Report['outcome']['result'];
  readonly failure: Failure | null;
}

/** Head was found to be worse than base, twice. */
const isRegression = ({ verdict, confirmed }: Comparison): boolean => verdict === 'slower' && confirmed === true;

/** How a run ended: by the first failure of a stage, otherwise by the comparison and the thresholds. */
export function verdictOn(state: PipelineState, thresholds: readonly ThresholdResult[]): Verdict {
  const { failure, load, comparison, witness } = state;
  if (failure !== null) return { result: failure.code === 'cancelled' ? 'cancelled' : 'failed', failure };
  const verdict = thresholdVerdict(thresholds);
  if (witness !== undefined && witness !== null && witness.doubts.length > 0 && verdict !== 'failed')
    return { result: 'invalid', failure: disagreeing(witness) };
  if (comparison !== undefined && isRegression(comparison)) return { result: 'failed', failure: worse(comparison) };
  if (load === null || load.total.sent === 0) return { result: 'failed', failure: NOTHING_MEASURED };
  if (verdict === 'failed') return { result: 'failed', failure: notKept(thresholds, load) };
  // A search has judged each step by itself, and a comparison says by itself what can be told.
  const ownVerdict = state.capacity !== undefined || comparison !== undefined;
  const unjudged = verdict === 'invalid' || (thresholds.length === 0 && !ownVerdict);
  if (unjudged && load.generator?.limited === true) return { result: 'invalid', failure: saturated(load) };
  const late = undelivered(load);
  if (late !== null && (verdict === 'invalid' || !ownVerdict))
    return { result: 'invalid', failure: notDelivered(late) };
  const undecided = thresholds.find(({ withoutVerdict }) => withoutVerdict !== undefined);
  return undecided === undefined
    ? { result: 'passed', failure: null }
    : { result: 'invalid', failure: undecidable(undecided) };
}

const NOTHING_MEASURED: Failure = {
  code: 'stage-order',
  stage: null,
  message: 'No load was sent, so there is nothing to judge.',
  hint: 'Run `load` before `report`.',
  tryThis: null,
};

const saturated = (load: LoadResult): Failure => ({
  code: 'generator-saturated',
  stage: 'run-load',
  message:
    `The load generator was the bottleneck, so these figures have no verdict. ${load.generator?.reason ?? ''}`.trim(),
  hint: 'Reduce the load (rate, concurrency), use a machine with more cores, or give the generator more threads (workers).',
  tryThis: null,
});

/** The generator was not the limit, but what it added to one figure decided a rule. */
const undecidable = ({ rule, withoutVerdict = '' }: ThresholdResult): Failure => ({
  code: 'generator-saturated',
  stage: 'run-load',
  message: `${rule} can't be judged. ${withoutVerdict}`.trim(),
  hint: 'Reduce the load (rate, concurrency), use a machine that does less meanwhile, or give the generator more threads (workers).',
  tryThis: null,
});

const disagreeing = ({ doubts }: Witness): Failure => ({
  code: 'witness-disagrees',
  stage: 'check-witnesses',
  message: doubts.join('\n'),
  hint: 'The figures are those of whatever answered. Check which rule handles the host (several with the same host and path, a redirect or a cache of the ingress, another Service), and whether anything else sends requests during the load.',
  tryThis: null,
});

const notDelivered = (late: string): Failure => ({
  code: 'rate-not-delivered',
  stage: 'run-load',
  message: `The rate was not delivered, so these latencies have no verdict. ${late}`,
  hint: 'Either the system does not keep up with this rate, or the load needs more connections: lower the rate or raise concurrency. To find the highest rate that the system keeps up with, set mode: capacity.',
  tryThis: null,
});

const worse = (comparison: Comparison): Failure => ({
  code: 'regression',
  stage: 'compare-versions',
  message: headline(comparison),
  hint: `The table has every metric with its interval. If you want this change, raise tolerance (now ${toleranceText(comparison)}), or set fail-on-regression to false.`,
  tryThis: null,
});

function notKept(thresholds: readonly ThresholdResult[], { total, endedBy, durationSeconds }: LoadResult): Failure {
  const failed = thresholds.filter(isBroken);
  const code: OutcomeCode = 'threshold-failed';
  return {
    code,
    stage: 'run-load',
    message: failed.map((result) => `${result.rule} does not hold: ${measuredText(result)}`).join('\n'),
    hint: [
      ...(endedBy === undefined ? [] : [endedEarlyText(endedBy, durationSeconds)]),
      (total.failures['client-resource'] ?? 0) > 0
        ? `For ${grouped(total.failures['client-resource'] ?? 0)} requests this machine had no port or file descriptor left, which is not the application's fault: raise the limit with \`ulimit -n 65536\` first, or use less concurrency.`
        : (total.failures.redirect ?? 0) > 0
          ? `${grouped(total.failures.redirect ?? 0)} answers were redirects and not what was requested: load the address that they lead to, or expect them in a scenario (expect.status).`
          : 'The tables show which host is slow or fails; a second run shows how much the figures vary.',
    ].join(' '),
    tryThis: null,
  };
}

/** Whether the step (or command) ends with an error: a result that is not valid is no ground for one. */
export function failsStep(
  { outcome, thresholds }: Pick<Report, 'outcome' | 'thresholds'>,
  inputs: Pick<Inputs, 'fail-on-threshold' | 'fail-on-regression'>,
): boolean {
  // Figures of nobody knows what must not stand under a green tick.
  if (outcome.code === 'witness-disagrees') return inputs['fail-on-threshold'];
  if (outcome.result === 'passed' || outcome.result === 'invalid') return false;
  if (outcome.code === 'threshold-failed') return inputs['fail-on-threshold'];
  if (outcome.code !== 'regression' || inputs['fail-on-regression']) return true;
  // A regression that may be does not hide a threshold that must be kept.
  return inputs['fail-on-threshold'] && thresholdVerdict(thresholds) === 'failed';
}
