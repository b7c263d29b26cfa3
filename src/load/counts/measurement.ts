/**
 * counts/ counts requests, failures and latencies over time, how certain the figures are, and whether the generator was
 * saturated. All counts can be added up over threads and loads. thresholds/ judges the figures.
 */
import type { GeneratorCondition, HostResult, JourneyResult, LoadResult, StageResult } from '../../model/load.ts';
import type { LoadPlan } from '../requests/plan.ts';
import type { LoadStage } from '../requests/stages.ts';
import { Histogram, type HistogramSnapshot } from './histogram.ts';
import type { Journey, Step } from '../journeys/journey.ts';
import { JourneyCounts, type JourneySnapshot, socketMetrics } from './journey-counts.ts';
import { Recorder, type RecorderSnapshot } from './recorder.ts';
import { StageCounts, type StageSnapshot } from './stage-counts.ts';
import { loadSlice, Timeline, timelineSlices, type TimelineSnapshot } from './timeline.ts';
import { estimateUncertainty } from './uncertainty.ts';

/** What one generator measured, as plain data that can be sent to another thread. */
export interface LoadMeasurement {
  /** Calendar time of the measured window, in milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Length of the measured window by the monotonic clock. */
  readonly durationMs: number;
  readonly sentLate: number;
  readonly notSent: number;
  /** Microseconds by which requests were late although a connection was free; null in the closed model. */
  readonly sendDelay: HistogramSnapshot | null;
  readonly tallies: RecorderSnapshot;
  readonly timeline: TimelineSnapshot;
  /** Missing without journeys. */
  readonly journeys?: JourneySnapshot | undefined;
  /** Missing without stages. */
  readonly stages?: StageSnapshot | undefined;
}

/** Adds up what several generators measured at the same time; the window spans all of theirs. */
export function mergeMeasurements(plan: LoadPlan, parts: readonly LoadMeasurement[]): LoadMeasurement {
  const recorder = new Recorder(plan.targets);
  const sendDelay = new Histogram();
  const timeline = new Timeline();
  const journeys = plan.journeys === undefined ? null : new JourneyCounts(plan.journeys);
  const stages = plan.stages === undefined ? null : new StageCounts(plan.stages);
  for (const part of parts) {
    if (part.journeys !== undefined) journeys?.addSnapshot(part.journeys);
    if (part.stages !== undefined) stages?.addSnapshot(part.stages);
    recorder.addSnapshot(part.tallies);
    timeline.addSnapshot(part.timeline);
    if (part.sendDelay !== null) sendDelay.addSnapshot(part.sendDelay);
  }
  return {
    startedAt: Math.min(...parts.map((part) => part.startedAt)),
    endedAt: Math.max(...parts.map((part) => part.endedAt)),
    durationMs: Math.max(...parts.map((part) => part.durationMs)),
    sentLate: parts.reduce((sum, part) => sum + part.sentLate, 0),
    notSent: parts.reduce((sum, part) => sum + part.notSent, 0),
    sendDelay: plan.model.kind === 'open' ? sendDelay.snapshot() : null,
    tallies: recorder.snapshot(),
    timeline: timeline.snapshot(),
    ...(journeys === null ? {} : { journeys: journeys.snapshot() }),
    ...(stages === null ? {} : { stages: stages.snapshot() }),
  };
}

/** The report's part about the load. */
export function loadResult(
  plan: LoadPlan,
  measurement: LoadMeasurement,
  workers: number,
  generator: GeneratorCondition | null,
): LoadResult {
  const slices = timelineSlices(measurement.timeline, measurement.durationMs);
  const figures = loadFigures(plan, measurement, workers, generator);
  return {
    ...figures,
    timeline: slices.map(loadSlice),
    // A load in stages has no single value that an interval could contain.
    ...(plan.stages === undefined
      ? { uncertainty: estimateUncertainty(slices, figures.total, plan.seed) }
      : { stages: stageResults(plan, plan.stages, measurement.stages) }),
  };
}

/** The figures of a running load, without those that need its whole course or how it was sent. */
export const figuresSoFar = (plan: LoadPlan, measurement: LoadMeasurement, workers: number): LoadResult => ({
  ...loadFigures(plan, measurement, workers, null),
  ...(plan.stages === undefined ? {} : { stages: stageResults(plan, plan.stages, measurement.stages) }),
});

function journeyResults(
  { percentiles }: LoadPlan,
  journeys: readonly Journey[],
  measurement: Pick<LoadMeasurement, 'journeys' | 'durationMs'>,
): JourneyResult[] {
  const counts = new JourneyCounts(journeys);
  if (measurement.journeys !== undefined) counts.addSnapshot(measurement.journeys);
  return counts.results(measurement.durationMs / 1000, percentiles);
}

function stageResults(
  { percentiles }: LoadPlan,
  stages: readonly LoadStage[],
  snapshot: StageSnapshot | undefined,
): StageResult[] {
  const counts = new StageCounts(stages);
  if (snapshot !== undefined) counts.addSnapshot(snapshot);
  return counts.results(percentiles);
}

/** The figures without those that depend on the course of the load over time. */
export function loadFigures(
  plan: LoadPlan,
  measurement: Omit<LoadMeasurement, 'timeline'>,
  workers: number,
  generator: GeneratorCondition | null,
): LoadResult {
  const recorder = new Recorder(plan.targets);
  recorder.addSnapshot(measurement.tallies);
  const durationSeconds = measurement.durationMs / 1000;
  const results = recorder.results(durationSeconds, plan.percentiles);
  return {
    model: plan.model,
    seed: plan.seed,
    ...(plan.httpVersion === 2 ? { http2: { streams: plan.streams ?? 1 } } : {}),
    warmupRequests: plan.warmupRequests,
    rampUpSeconds: plan.rampUpMs / 1000,
    workers,
    startedAt: new Date(measurement.startedAt).toISOString(),
    endedAt: new Date(measurement.endedAt).toISOString(),
    durationSeconds,
    sentLate: measurement.sentLate,
    notSent: measurement.notSent,
    generator,
    ...results,
    ...checksOf(plan, results.hosts),
    ...(plan.journeys === undefined ? {} : { journeys: journeyResults(plan, plan.journeys, measurement) }),
    ...protocolsOf(plan, measurement),
  };
}

function protocolsOf(
  { journeys, percentiles }: LoadPlan,
  measurement: Pick<LoadMeasurement, 'journeys' | 'durationMs'>,
): Pick<LoadResult, 'protocols'> {
  if (journeys === undefined || measurement.journeys === undefined) return {};
  const protocols = socketMetrics(journeys, measurement.journeys, measurement.durationMs / 1000, percentiles);
  return protocols === null ? {} : { protocols };
}

/** The requests of a scenario that have an `expect`; for the echo services, only this program expects something. */
function checksOf({ targets, journeys }: LoadPlan, hosts: readonly HostResult[]): Pick<LoadResult, 'checks'> {
  const further = new Set((journeys ?? []).flatMap(({ steps }) => steps.flatMap(stepsThatExpect)));
  const checks = targets.flatMap(({ name, content, expectedText, expectedStatuses }, index) => {
    const result = hosts[index];
    const expects = expectedText !== undefined || expectedStatuses !== undefined || further.has(index);
    const isChecked = content !== undefined && expects;
    return isChecked && name !== undefined && result !== undefined
      ? [{ name, passed: result.succeeded, failed: result.failed }]
      : [];
  });
  return checks.length === 0 ? {} : { checks };
}

/** The target of a step that checks more in its answer than status and text. */
const stepsThatExpect = ({ target, save, expect }: Step): number[] => (save.length + expect.length > 0 ? [target] : []);
