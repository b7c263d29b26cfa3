import type { LoadPlan } from '../requests/plan.ts';
import { addBuckets } from './histogram.ts';
import type { LoadMeasurement } from './measurement.ts';
import { Recorder, type TargetCounts } from './recorder.ts';

/** The progress of a load, as plain data that can be sent to another thread. Counts only grow. */
export interface LoadCounts {
  /** Requests in flight, including those of the ramp-up. */
  readonly inFlight: number;
  readonly sentLate: number;
  /** Known at the end; 0 until then. */
  readonly notSent: number;
  /** In the order of the plan's targets. */
  readonly targets: readonly TargetCounts[];
}

/** Adds up the counts of several generators that share one load. */
export const addCounts = (parts: readonly LoadCounts[]): LoadCounts => ({
  inFlight: sum(parts, ({ inFlight }) => inFlight),
  sentLate: sum(parts, ({ sentLate }) => sentLate),
  notSent: sum(parts, ({ notSent }) => notSent),
  targets: (parts[0]?.targets ?? []).map((target, index) => {
    const each = parts.flatMap(({ targets }) => targets[index] ?? []);
    return {
      sent: sum(each, ({ sent }) => sent),
      failures: target.failures.map((_, failure) => sum(each, ({ failures }) => failures[failure] ?? 0)),
      responseTime: addBuckets(each.map(({ responseTime }) => responseTime)),
    };
  }),
});

/** The counts at the end of a load. */
export function countsOf(plan: LoadPlan, { tallies, sentLate, notSent }: LoadMeasurement): LoadCounts {
  const recorder = new Recorder(plan.targets);
  recorder.addSnapshot(tallies);
  return { inFlight: 0, sentLate, notSent, targets: recorder.counts() };
}

const sum = <T>(parts: readonly T[], figure: (part: T) => number): number =>
  parts.reduce((total, part) => total + figure(part), 0);
