import type { StageResult } from '../../model/load.ts';
import { type LoadStage, numbersOf } from '../requests/stages.ts';
import type { Outcome } from '../sender.ts';
import { Recorder, type RecorderSnapshot } from './recorder.ts';

/** The counts of each stage, as plain data that can be sent to another thread. */
export interface StageSnapshot {
  readonly tallies: RecorderSnapshot;
  readonly late: Float64Array;
  readonly overdue: Float64Array;
  /** Of journeys. */
  readonly begun: Float64Array;
}

/** Counts the outcomes of each stage's requests: those that were due in it, whenever they ended. */
export class StageCounts {
  readonly #stages: readonly LoadStage[];
  readonly #recorder: Recorder;
  readonly #late: Float64Array;
  readonly #overdue: Float64Array;
  readonly #begun: Float64Array;

  constructor(stages: readonly LoadStage[]) {
    this.#stages = stages;
    this.#recorder = new Recorder(stages.map(() => ({ host: 'all', path: '' })));
    this.#late = new Float64Array(stages.length);
    this.#overdue = new Float64Array(stages.length);
    this.#begun = new Float64Array(stages.length);
  }

  record(stage: number, outcome: Outcome, delayMs: number): void {
    this.#recorder.record(stage, outcome, delayMs);
  }

  /** A request was sent late because every connection was busy. */
  addLate(stage: number): void {
    this.#late[stage] = (this.#late[stage] ?? 0) + 1;
  }

  /** A request was due but never sent. */
  addOverdue(stage: number): void {
    this.#overdue[stage] = (this.#overdue[stage] ?? 0) + 1;
  }

  /** A journey was begun. */
  addBegun(stage: number): void {
    this.#begun[stage] = (this.#begun[stage] ?? 0) + 1;
  }

  snapshot(): StageSnapshot {
    return {
      tallies: this.#recorder.snapshot(),
      late: this.#late.slice(),
      overdue: this.#overdue.slice(),
      begun: this.#begun.slice(),
    };
  }

  addSnapshot({ tallies, late, overdue, begun }: StageSnapshot): void {
    this.#recorder.addSnapshot(tallies);
    late.forEach((count, stage) => (this.#late[stage] = (this.#late[stage] ?? 0) + count));
    begun.forEach((count, stage) => (this.#begun[stage] = (this.#begun[stage] ?? 0) + count));
    overdue.forEach((count, stage) => (this.#overdue[stage] = (this.#overdue[stage] ?? 0) + count));
  }

  /** @param percentiles of the latency, in addition to the usual ones. */
  results(percentiles: readonly number[] | undefined): StageResult[] {
    const numbers = numbersOf(this.#stages);
    return this.#stages.map(({ durationMs, from, to }, index) => {
      const seconds = durationMs / 1000;
      return {
        number: numbers[index] ?? null,
        seconds,
        from,
        to,
        sentLate: this.#late[index] ?? 0,
        notSent: this.#overdue[index] ?? 0,
        ...((this.#begun[index] ?? 0) > 0 ? { journeys: this.#begun[index] ?? 0 } : {}),
        // Each has its own length, which its throughput is based on.
        figures: this.#recorder.resultOf(index, seconds, percentiles),
      };
    });
  }
}
