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

/** Every rule with its measured value, those of a script last; none before a load was sent completely. */
export function checkThresholds(state: PipelineState): ThresholdResult[] {
  const { settings, load, resources } = state;
  // Rules on part of a load say nothing about the whole.
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

/** A rule that ended the load stays broken, whatever the last requests did to its figure. */
function withEarlyEnd(result: ThresholdResult, { endedBy = [] }: LoadResult): ThresholdResult {
  const end = endedBy.find(({ rule }) => rule === result.rule);
  return end === undefined || !result.passed ? result : { ...result, passed: false, measured: end.measured };
}

/**
 * Rules on an interrupted load are not judged; on a complete load, only rules on figures that were not read are not
 * judged.
 */
function afterCancelling(result: ThresholdResult, { stages }: PipelineState): ThresholdResult {
  const brokenOff = stages.some(({ name, outcome }) => LOADING.has(name) && outcome === 'cancelled');
  if (brokenOff) return { ...result, withoutVerdict: 'The load was interrupted.' };
  return result.measured === null && result.metric.startsWith('resource_')
    ? { ...result, withoutVerdict: 'The run was cancelled before the resources were read.' }
    : result;
}

/** The stages that send the load. */
const LOADING: ReadonlySet<string> = new Set(['run-load', 'compare-versions']);

/** A passing rule proves nothing when something else may have answered. */
const doubted = (result: ThresholdResult, { witness }: PipelineState): ThresholdResult =>
  witness?.doubts[0] === undefined ? result : { ...result, withoutVerdict: witness.doubts[0] };

/** Whether the times of a load are caused by its generator, or belong to a different load than requested. */
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
  // A search has judged each step itself, and so has a comparison.
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

const ofGenerator = (message: string, machine: string): Failure => ({
  code: 'generator-saturated',
  stage: 'run-load',
  message: message.trim(),
  hint: `Reduce the load (rate, concurrency), use a machine ${machine}, or give the generator more threads (workers).`,
  tryThis: null,
});

const saturated = ({ generator }: LoadResult): Failure =>
  ofGenerator(
    `The load generator was the bottleneck, so these figures get no verdict. ${generator?.reason ?? ''}`,
    'with more cores',
  );

/** The generator was not the bottleneck, but what it added to one figure decided a rule. */
const undecidable = ({ rule, withoutVerdict = '' }: ThresholdResult): Failure =>
  ofGenerator(`${rule} can't be judged. ${withoutVerdict}`, 'that does less meanwhile');

const disagreeing = ({ doubts }: Witness): Failure => ({
  code: 'witness-disagrees',
  stage: 'check-witnesses',
  message: doubts.join('\n'),
  hint: 'The figures describe whatever answered. Check which rule handles the host (several rules with the same host and path, a redirect or cache in the ingress, another Service), and whether anything else sends requests during the load.',
  tryThis: null,
});

const notDelivered = (late: string): Failure => ({
  code: 'rate-not-delivered',
  stage: 'run-load',
  message: `The rate was not delivered, so these latencies get no verdict. ${late}`,
  hint: "Either the system can't keep up with this rate, or the load needs more connections: lower the rate or raise concurrency. To find the highest rate that the system can handle, set mode: capacity.",
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
        ? `${grouped(total.failures['client-resource'] ?? 0)} requests failed because this machine ran out of ports or file descriptors, which is not the application's fault: raise the limit with \`ulimit -n 65536\`, or lower concurrency.`
        : (total.failures.redirect ?? 0) > 0
          ? `${grouped(total.failures.redirect ?? 0)} answers were redirects: load the address that they lead to, or expect them in a scenario (expect.status).`
          : 'The tables show which host is slow or fails. A second run shows how much the figures vary.',
    ].join(' '),
    tryThis: null,
  };
}

/** Whether the step (or command) ends with an error; an invalid result is no reason for one. */
export function failsStep(
  { outcome, thresholds }: Pick<Report, 'outcome' | 'thresholds'>,
  inputs: Pick<Inputs, 'fail-on-threshold' | 'fail-on-regression'>,
): boolean {
  // Figures that may not describe the application must not get a green tick.
  if (outcome.code === 'witness-disagrees') return inputs['fail-on-threshold'];
  if (outcome.result === 'passed' || outcome.result === 'invalid') return false;
  if (outcome.code === 'threshold-failed') return inputs['fail-on-threshold'];
  if (outcome.code !== 'regression' || inputs['fail-on-regression']) return true;
  // A possible regression does not hide a broken threshold.
  return inputs['fail-on-threshold'] && thresholdVerdict(thresholds) === 'failed';
}
