import type { GeneratorCondition, LoadResult } from '../../model/load.ts';
import type { LoadPlan } from '../requests/plan.ts';
import { overAll } from './saturation.ts';
import { Histogram } from './histogram.ts';
import { JourneyCounts } from './journey-counts.ts';
import { loadFigures, type LoadMeasurement } from './measurement.ts';
import { Recorder } from './recorder.ts';

/** A load with the raw counts behind its figures. */
export interface CountedLoad {
  readonly load: LoadResult;
  readonly measurement: LoadMeasurement;
}

/**
 * Adds up loads of one plan that were sent one after another, with pauses in between. The figures cover all requests
 * together; there is no timeline and there are no slices.
 */
export class JoinedLoad {
  readonly #plan: LoadPlan;
  readonly #recorder: Recorder;
  readonly #sendDelay = new Histogram();
  readonly #journeys: JourneyCounts | null;
  readonly #generators: GeneratorCondition[] = [];
  #sum: Omit<LoadMeasurement, 'tallies' | 'timeline' | 'sendDelay'> | null = null;
  #workers = 0;

  constructor(plan: LoadPlan) {
    this.#plan = plan;
    this.#recorder = new Recorder(plan.targets);
    this.#journeys = plan.journeys === undefined ? null : new JourneyCounts(plan.journeys);
  }

  add({ load, measurement }: CountedLoad): void {
    const before = this.#sum;
    this.#recorder.addSnapshot(measurement.tallies);
    if (measurement.sendDelay !== null) this.#sendDelay.addSnapshot(measurement.sendDelay);
    if (measurement.journeys !== undefined) this.#journeys?.addSnapshot(measurement.journeys);
    if (load.generator !== null) this.#generators.push(load.generator);
    this.#workers = load.workers;
    this.#sum = {
      startedAt: before?.startedAt ?? measurement.startedAt,
      endedAt: measurement.endedAt,
      durationMs: (before?.durationMs ?? 0) + measurement.durationMs,
      sentLate: (before?.sentLate ?? 0) + measurement.sentLate,
      notSent: (before?.notSent ?? 0) + measurement.notSent,
    };
  }

  /** Null before a load was added. */
  result(): LoadResult | null {
    if (this.#sum === null) return null;
    const sendDelay = this.#plan.model.kind === 'open' ? this.#sendDelay.snapshot() : null;
    const load = loadFigures(
      this.#plan,
      {
        ...this.#sum,
        sendDelay,
        tallies: this.#recorder.snapshot(),
        ...(this.#journeys === null ? {} : { journeys: this.#journeys.snapshot() }),
      },
      this.#workers,
      this.#generator(),
    );
    return { ...load, generator: load.generator === null ? null : overAll(load.generator, sendDelay, load.total) };
  }

  /**
   * The generator counts as saturated when it was in most of the loads; its figures are those of the median one of
   * these.
   */
  #generator(): GeneratorCondition | null {
    const limited = this.#generators.filter((generator) => generator.limited);
    const most =
      2 * limited.length > this.#generators.length
        ? limited
        : this.#generators.filter((generator) => !generator.limited);
    return [...most].sort((a, b) => a.cpuShare - b.cpuShare)[Math.floor(most.length / 2)] ?? null;
  }
}
