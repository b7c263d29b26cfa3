import { deepEqual, ok } from 'node:assert/strict';
import type { OutcomeCode } from '../../src/errors.ts';
import type { Report } from '../../src/model/report.ts';
import type { Finished } from '../dist/runner.ts';
import { type Judged, reportOf } from './invariants.ts';

/** The main step ended with an outcome in a stage. @returns its report, for more. */
export function failed(job: Judged, main: Finished, code: OutcomeCode, stage: string): Report {
  const report = reportOf(job);
  const { outcome } = report;
  deepEqual(
    { code: outcome.code, stage: outcome.failure?.stage, exitCode: main.exitCode },
    { code, stage, exitCode: 1 },
    `${outcome.failure?.message ?? ''}\n${main.stderr}`,
  );
  deepEqual(job.outputs()['outcome'], code);
  return report;
}

/** The main step passed. @returns its report, for more. */
export function passed(job: Judged, main: Finished): Report {
  const report = reportOf(job);
  deepEqual(
    { code: report.outcome.code, exitCode: main.exitCode },
    { code: 'passed', exitCode: 0 },
    `${report.outcome.failure?.message ?? ''}\n${main.stderr}`,
  );
  return report;
}

/** The log of a step has a text. */
export function says({ stdout, stderr }: Finished, text: string | RegExp): void {
  const log = `${stdout}\n${stderr}`;
  ok(typeof text === 'string' ? log.includes(text) : text.test(log), `${String(text)} is not in the log:\n${log}`);
}
