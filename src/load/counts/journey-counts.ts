import type { JourneyResult } from '../../model/load.ts';
import type { Journey } from '../journeys/journey.ts';
import { Histogram, type HistogramSnapshot } from './histogram.ts';
import { latencySummary, percentilesMs } from './recorder.ts';

/** What was counted of one journey, as plain data that can cross to another thread. */
interface JourneyTally {
  readonly begun: number;
  readonly completed: number;
  readonly failed: number;
  /** Microseconds that its answers took together, without thinking, of those that came to their end. */
  readonly duration: HistogramSnapshot;
  /** By step: how often it was not begun because one before it had failed. */
  readonly notBegun: readonly number[];
  readonly problems: ReadonlyMap<string, number>;
}

export type JourneySnapshot = readonly JourneyTally[];

class Tally {
  begun = 0;
  completed = 0;
  failed = 0;
  readonly duration = new Histogram();
  readonly notBegun: number[];
  /** By the index of the step and what was wrong, with a line end between. */
  readonly problems = new Map<string, number>();

  constructor(steps: number) {
    this.notBegun = Array.from({ length: steps }, () => 0);
  }

  addProblem(key: string, count: number): void {
    this.problems.set(key, (this.problems.get(key) ?? 0) + count);
  }
}

/** Counts walks through journeys. Their requests are counted by the recorder of the load, as any other. */
export class JourneyCounts {
  readonly #journeys: readonly Journey[];
  readonly #tallies: readonly Tally[];

  constructor(journeys: readonly Journey[]) {
    this.#journeys = journeys;
    this.#tallies = journeys.map(({ steps }) => new Tally(steps.length));
  }

  begun(journey: number): void {
    const tally = this.#tallies[journey];
    if (tally !== undefined) tally.begun += 1;
  }

  completed(journey: number, durationMs: number): void {
    const tally = this.#tallies[journey];
    if (tally === undefined) return;
    tally.completed += 1;
    tally.duration.record(durationMs * 1000);
  }

  /** @param problem why an answer was wrong that had the right status and text; null for any other failure. */
  failed(journey: number, step: number, problem: string | null): void {
    const tally = this.#tallies[journey];
    if (tally === undefined) return;
    tally.failed += 1;
    for (let after = step + 1; after < tally.notBegun.length; after++)
      tally.notBegun[after] = (tally.notBegun[after] ?? 0) + 1;
    if (problem !== null) tally.addProblem(`${String(step)}\n${problem}`, 1);
  }

  snapshot(): JourneySnapshot {
    return this.#tallies.map(({ begun, completed, failed, duration, notBegun, problems }) => ({
      begun,
      completed,
      failed,
      duration: duration.snapshot(),
      notBegun: [...notBegun],
      problems: new Map(problems),
    }));
  }

  addSnapshot(snapshot: JourneySnapshot): void {
    this.#tallies.forEach((tally, index) => {
      const other = snapshot[index];
      if (other === undefined) return;
      tally.begun += other.begun;
      tally.completed += other.completed;
      tally.failed += other.failed;
      tally.duration.addSnapshot(other.duration);
      other.notBegun.forEach((count, step) => (tally.notBegun[step] = (tally.notBegun[step] ?? 0) + count));
      for (const [key, count] of other.problems) tally.addProblem(key, count);
    });
  }

  /** @param percentiles of the duration, beside the usual ones. */
  results(percentiles: readonly number[] = []): JourneyResult[] {
    return this.#tallies.map(({ begun, completed, failed, duration, notBegun, problems }, index) => {
      const { name = '', steps = [] } = this.#journeys[index] ?? {};
      const stepName = (step: number): string => steps[step]?.name ?? '';
      return {
        name,
        begun,
        completed,
        failed,
        unfinished: begun - completed - failed,
        durationMs: latencySummary(duration),
        ...(percentiles.length > 0 && duration.count > 0
          ? { durationPercentilesMs: percentilesMs(duration, percentiles) }
          : {}),
        steps: steps.map((step, at) => ({ name: step.name, notBegun: notBegun[at] ?? 0 })),
        problems: [...problems]
          .map(([key, count]) => ({ ...placeIn(key, stepName), count }))
          .sort((a, b) => b.count - a.count),
      };
    });
  }
}

function placeIn(key: string, stepName: (step: number) => string): { step: string; problem: string } {
  const [step = '', problem = ''] = key.split('\n', 2);
  return { step: stepName(Number(step)), problem };
}
