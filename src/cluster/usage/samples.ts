import type { Measurement } from '../../model/resources.ts';

export interface Sample {
  /** Unix time in seconds, with fractions. */
  readonly time: number;
  readonly value: number;
}

/** One series of Prometheus with its raw samples in order of time. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly Sample[];
}

const NOTHING: Measurement = { value: null, samples: 0 };

/**
 * Increase per second of counters, added up over the series.
 *
 * Each series counts from its first to its last sample, (last - first) / time between them, with
 * Prometheus' rule for resets: a counter that fell started again at 0. Nothing is extrapolated. The
 * sum is null as soon as one series has fewer than two samples: a part would pass for the whole.
 *
 * @returns `samples` is that of the series with the fewest.
 */
export function ratePerSecond(series: readonly Series[]): Measurement {
  return total(series, (samples) => {
    const [first, last] = [samples[0], samples.at(-1)];
    if (first === undefined || last === undefined || last.time <= first.time) return null;
    return increase(samples) / (last.time - first.time);
  });
}

/** The highest increase per second between two neighbouring samples of each counter, added up; null as above. */
export const highestRatePerSecond = (series: readonly Series[]): Measurement =>
  total(series, (samples) => {
    const rates = samples.slice(1).map((sample, index) => rateBetween(samples[index] ?? sample, sample));
    return rates.length === 0 ? null : Math.max(...rates);
  });

/** Increase per second of a counter between two samples; 0 when no time lies between them. */
export const rateBetween = (before: Sample, after: Sample): number =>
  after.time > before.time ? increase([before, after]) / (after.time - before.time) : 0;

/** Increase of counters from first to last sample, added up over the series; null as above. */
export const totalIncrease = (series: readonly Series[]): Measurement =>
  total(series, (samples) => (samples.length < 2 ? null : increase(samples)));

/** The highest sample of each gauge, added up over the series. */
export const totalOfMaxima = (series: readonly Series[]): Measurement =>
  total(series, (samples) => (samples.length === 0 ? null : Math.max(...samples.map(({ value }) => value))));

function total(series: readonly Series[], measure: (samples: readonly Sample[]) => number | null): Measurement {
  if (series.length === 0) return NOTHING;
  const samples = Math.min(...series.map((one) => one.samples.length));
  let sum = 0;
  for (const one of series) {
    const value = measure(one.samples);
    if (value === null) return { value: null, samples };
    sum += value;
  }
  return { value: sum, samples };
}

function increase(samples: readonly Sample[]): number {
  return samples.slice(1).reduce((sum, { value }, index) => {
    const before = samples[index]?.value ?? 0;
    return sum + (value >= before ? value - before : value);
  }, 0);
}
