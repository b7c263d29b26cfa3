import type { OutcomeCode } from '../errors.ts';
import type { Inputs } from '../inputs.ts';
import { measuredText } from '../load/junit.ts';
import { evaluateThresholds, thresholdVerdict } from '../load/threshold-results.ts';
import { parseThresholds } from '../load/thresholds.ts';
import type { PipelineState } from '../state.ts';
import type { Failure, LoadResult, Report, ThresholdResult } from './model.ts';

/** Every rule with what was measured, those of a script last; none before a load was sent. */
export const checkThresholds = ({ settings, load, resources }: PipelineState): ThresholdResult[] =>
  load === null
    ? []
    : [...evaluateThresholds(parseThresholds(settings['thresholds'] ?? '').thresholds, { load, resources }), ...(load.scriptThresholds ?? [])];

export interface Verdict {
  readonly result: Report['outcome']['result'];
  readonly failure: Failure | null;
}

/** How a run ended: by the first failure of a stage, otherwise by the thresholds. */
export function verdictOn({ failure, load }: PipelineState, thresholds: readonly ThresholdResult[]): Verdict {
  if (failure !== null) return { result: failure.code === 'cancelled' ? 'cancelled' : 'failed', failure };
  if (load === null || load.total.sent === 0) return { result: 'failed', failure: NOTHING_MEASURED };
  const verdict = thresholdVerdict(thresholds, load);
  if (verdict === 'passed') return { result: 'passed', failure: null };
  return verdict === 'invalid' ? { result: 'invalid', failure: saturated(load) } : { result: 'failed', failure: notKept(thresholds) };
}

const NOTHING_MEASURED: Failure = {
  code: 'stage-order',
  stage: null,
  message: 'No load was sent, so there is nothing to judge.',
  hint: 'Send one with the command `load` before `report`.',
  tryThis: null,
};

const saturated = (load: LoadResult): Failure => ({
  code: 'generator-saturated',
  stage: 'run-load',
  message: `The load generator was the limit, so no verdict rests on these figures. ${load.generator?.reason ?? ''}`.trim(),
  hint: 'Ask for less (rate, concurrency), use a runner with more cores, or give it more threads (workers).',
  tryThis: null,
});

function notKept(thresholds: readonly ThresholdResult[]): Failure {
  const failed = thresholds.filter(({ passed }) => !passed);
  const code: OutcomeCode = 'threshold-failed';
  return {
    code,
    stage: 'run-load',
    message: failed.map((result) => `${result.rule} does not hold: ${measuredText(result)}`).join('\n'),
    hint: 'The tables say which host is slow and what it used; a second run shows how much the figures vary.',
    tryThis: null,
  };
}

/** Whether the step (or command) ends with an error: a result that is not valid is no ground for one. */
export function failsStep({ outcome }: Pick<Report, 'outcome'>, inputs: Pick<Inputs, 'fail-on-threshold'>): boolean {
  if (outcome.result === 'passed' || outcome.result === 'invalid') return false;
  return outcome.code !== 'threshold-failed' || inputs['fail-on-threshold'];
}
