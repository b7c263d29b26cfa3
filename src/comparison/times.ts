import type { ComparedTime, MetricComparison } from '../model/comparison.ts';
import type { LoadResult } from '../model/load.ts';
import type { Journey } from '../load/journeys/journey.ts';

/**
 * A time that does not belong to a single request: of a journey, or from a message to its answer over the WebSockets of
 * a step.
 */
export type TimeName = Pick<ComparedTime, 'of' | 'name'>;

/** A step, planned or measured. */
interface TimedStep {
  readonly name: string;
  readonly talks: boolean;
}

/** The time of a journey with one request is the time of that request. */
const timesOfJourney = (name: string, steps: readonly TimedStep[]): TimeName[] => [
  ...(steps.length > 1 || steps.some(({ talks }) => talks) ? [{ of: 'journey', name } as const] : []),
  ...steps.flatMap((step) => (step.talks ? [{ of: 'round-trip', name: step.name } as const] : [])),
];

/** The times that are compared in addition to those of the requests of a load with such journeys. */
export const timesOf = (journeys: readonly Journey[]): TimeName[] =>
  journeys.flatMap(({ name, steps }) =>
    timesOfJourney(
      name,
      steps.map((step) => ({ name: step.name, talks: step.echo !== undefined })),
    ),
  );

/** The median of each of them in a window, in the same order, in milliseconds; null when there is none. */
export const mediansOf = ({ journeys = [] }: LoadResult): (number | null)[] =>
  journeys.flatMap(({ name, steps, durationMs }) =>
    timesOfJourney(
      name,
      steps.map((step) => ({ name: step.name, talks: step.webSocket !== undefined })),
    ).map((time) =>
      time.of === 'journey'
        ? (durationMs?.p50 ?? null)
        : (steps.find((step) => step.name === time.name)?.webSocket?.roundTripMs?.p50 ?? null),
    ),
  );

/** @param found the comparison of each, in the order of `names`; null where no block counts. */
export const comparedTimes = (
  names: readonly TimeName[],
  found: readonly (MetricComparison | null)[],
): ComparedTime[] =>
  names.flatMap((name, index): ComparedTime[] => {
    const latency = found[index] ?? null;
    return latency === null ? [] : [{ ...name, latency }];
  });
