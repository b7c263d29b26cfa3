import { sideHeadings, sideNames } from '../../comparison/sides.ts';
import type { CapacityResult, CapacityStep } from '../../model/capacity.ts';
import { courseOf } from '../../model/comparison.ts';
import type { Report } from '../../model/report.ts';
import { type Side, SIDES } from '../../model/sides.ts';
import { grouped, milliseconds, perSecond, range, windowLength } from '../../text/numbers.ts';

/** One search for a capacity. */
export interface Search {
  /** The version that was searched; null when there is only one. */
  readonly version: Side | null;
  /** The version's name within a sentence, and at its beginning; empty when there is only one. */
  readonly name: string;
  readonly heading: string;
  readonly capacity: CapacityResult;
}

/** The searches of a run: none, one, or those of base and head. */
export function searchesOf({ capacity, comparison }: Pick<Report, 'capacity' | 'comparison'>): Search[] {
  if (capacity === undefined) return [];
  const course = comparison === undefined ? null : courseOf(comparison);
  if (comparison === undefined || course?.kind !== 'steps') return [{ version: null, name: '', heading: '', capacity }];
  const [names, headings] = [sideNames(comparison), sideHeadings(comparison)];
  return SIDES.map((version) => ({
    version,
    name: names[version],
    heading: headings[version],
    capacity: course.capacities[version],
  }));
}

/** The result of a search in one or two sentences. */
export function capacityText({
  ratePerSecond,
  interval,
  highestKept,
  lowestBroken,
  end,
  steps,
}: CapacityResult): string {
  if (ratePerSecond !== null) {
    return `The thresholds are kept up to ${perSecond(ratePerSecond)} (95 % interval ${range(interval, perSecond)}, from ${String(steps.length)} steps).${UNFINISHED[end]}`;
  }
  if (highestKept !== null)
    return `The thresholds are kept at ${perSecond(highestKept)} and maybe beyond: ${OPEN_END[end]}`;
  if (lowestBroken !== null)
    return `The thresholds were broken at every rate; the lowest tried was ${perSecond(lowestBroken)}. ${UNFINISHED[end]}`.trim();
  return `The capacity is unknown: ${OPEN_END[end]}`;
}

const UNFINISHED: Readonly<Record<CapacityResult['end'], string>> = {
  precise: '',
  time: ' capacity-limit was reached before the interval got narrower.',
  steps: ' The maximum number of steps was reached before the interval got narrower.',
  generator: ' Then the load generator was the bottleneck.',
  range: '',
  cancelled: ' The search was not finished.',
};

const OPEN_END: Readonly<Record<CapacityResult['end'], string>> = {
  precise: 'no step broke them.',
  time: 'capacity-limit was reached before a step broke them.',
  steps: 'the maximum number of steps was reached before one broke them.',
  generator: 'the load generator was the bottleneck, not the system under test.',
  range: 'higher rates are not tried.',
  cancelled: 'the search was not finished.',
};

/** One step as a log line. */
export function stepText(step: CapacityStep): string {
  const latency = step.latencyMs === null ? 'no answer' : `p95 ${milliseconds(step.latencyMs.p95)}`;
  return `${perSecond(step.ratePerSecond)} for ${windowLength(step.durationSeconds)}: ${latency}, ${grouped(step.failed)} failed: ${verdictOf(step)}`;
}

/** The result of a step, and why. */
export function verdictOf({ kept, generatorLimited, reason }: CapacityStep): string {
  if (kept) return 'kept';
  return generatorLimited
    ? `not counted, as the generator was the bottleneck (${reason ?? ''})`
    : `broken, ${reason ?? ''}`;
}

export const inOrderOfRate = (steps: readonly CapacityStep[]): CapacityStep[] =>
  [...steps].sort((a, b) => a.ratePerSecond - b.ratePerSecond);

export interface LatencyAtRate {
  readonly ratePerSecond: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** The latency at each rate that was tried, in order; if a rate was tried several times, the slowest. */
export function latencyByRate(steps: readonly CapacityStep[]): LatencyAtRate[] {
  const points = new Map<number, LatencyAtRate>();
  for (const { ratePerSecond, latencyMs } of inOrderOfRate(steps)) {
    const before = points.get(ratePerSecond);
    const slower = (a: number | null | undefined, b: number | undefined): number | null =>
      a === null || a === undefined ? (b ?? null) : Math.max(a, b ?? a);
    points.set(ratePerSecond, {
      ratePerSecond,
      p50Ms: slower(before?.p50Ms, latencyMs?.p50),
      p99Ms: slower(before?.p99Ms, latencyMs?.p99),
    });
  }
  return [...points.values()];
}
