/** The highest value that is distinguished: about 35 minutes in microseconds. */
export const HIGHEST_VALUE = 2 ** 31 - 1;

/** log2 of the counters per power of two: 1024 of them keep every value within 0.1 % (3 digits). */
const FINE_BITS = 10;
/** 128 counters keep every value within 0.8 %, in an eighth of the memory. */
export const COARSE_BITS = 7;

/** The content of a histogram as plain data that can be sent to another thread. */
export interface HistogramSnapshot {
  /** Counters up to the last that is not 0. */
  readonly counts: Float64Array;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Counts integers from 0 to 2^31 - 1 in 180 kB, however many there are, and gives back their
 * percentiles within 0.1 %. Below 2048 every value has its own counter; above, each power of two is
 * cut into 1024 equal parts: the layout of HdrHistogram (Gil Tene, http://hdrhistogram.org) with
 * three significant digits. Count, sum, minimum and maximum are exact.
 */
export class Histogram {
  readonly #bits: number;
  readonly #counts: Float64Array;
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = -Infinity;

  /** @param bits log2 of the counters per power of two; histograms that are added up must have the same. */
  constructor(bits = FINE_BITS) {
    this.#bits = bits;
    this.#counts = new Float64Array(countersOf(bits));
  }

  /** Counts one value; it is rounded to an integer and limited to 0 … HIGHEST_VALUE. */
  record(value: number): void {
    const v = value > 0 ? (value < HIGHEST_VALUE ? Math.round(value) : HIGHEST_VALUE) : 0;
    const index = counterOf(v, this.#bits);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#count += 1;
    this.#sum += v;
    if (v < this.#min) this.#min = v;
    if (v > this.#max) this.#max = v;
  }

  /** Adds everything that another histogram counted. */
  add(other: Histogram): void {
    this.addSnapshot(other.#contents());
  }

  /** Adds everything in a snapshot. */
  addSnapshot(snapshot: HistogramSnapshot): void {
    const { counts } = snapshot;
    const own = this.#counts;
    for (let index = 0; index < counts.length; index++) own[index] = (own[index] ?? 0) + (counts[index] ?? 0);
    this.#count += snapshot.count;
    this.#sum += snapshot.sum;
    this.#min = Math.min(this.#min, snapshot.min);
    this.#max = Math.max(this.#max, snapshot.max);
  }

  /** A copy of the content; `Histogram.restore` is its inverse. */
  snapshot(): HistogramSnapshot {
    const { counts, ...rest } = this.#contents();
    return { counts: counts.slice(), ...rest };
  }

  /** A histogram that continues from a snapshot. */
  #contents(): HistogramSnapshot {
    const used = this.#count === 0 ? 0 : counterOf(this.#max, this.#bits) + 1;
    return {
      counts: this.#counts.subarray(0, used),
      count: this.#count,
      sum: this.#sum,
      min: this.#min,
      max: this.#max,
    };
  }

  static restore(snapshot: HistogramSnapshot, bits = FINE_BITS): Histogram {
    const histogram = new Histogram(bits);
    histogram.addSnapshot(snapshot);
    return histogram;
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** The smallest value, exactly; NaN when nothing was counted. */
  get min(): number {
    return this.#count === 0 ? NaN : this.#min;
  }

  /** The largest value, exactly; NaN when nothing was counted. */
  get max(): number {
    return this.#count === 0 ? NaN : this.#max;
  }

  /** The mean, exactly but for float rounding; NaN when nothing was counted. */
  get mean(): number {
    return this.#count === 0 ? NaN : this.#sum / this.#count;
  }

  /**
   * The `p`-th percentile, 0 <= p <= 100, by nearest rank: the smallest counted value that at least
   * p % of all values do not exceed (rank ceil(p/100 · count), at least 1), reported as the highest
   * value of its counter and never above the maximum. So it is at least the exact percentile and
   * at most 0.1 % above it. p = 0 gives the exact minimum; NaN when nothing was counted.
   */
  percentile(p: number): number {
    if (this.#count === 0) return NaN;
    if (p <= 0) return this.#min;
    // The product may be just above a whole number by float error (e.g. 99.9 % of 1000).
    const rank = Math.min(this.#count, Math.max(1, Math.ceil((p / 100) * this.#count - 1e-12 * this.#count)));
    let seen = 0;
    for (let index = 0; index < this.#counts.length; index++) {
      seen += this.#counts[index] ?? 0;
      if (seen >= rank) return Math.min(this.#max, highestOf(index, this.#bits));
    }
    return this.#max;
  }

  /**
   * The distribution in buckets of the same width on a logarithmic scale, from the first that holds
   * a value to the last. A value near an edge may be one bucket off, by as little as it is exact.
   *
   * @param perDecade buckets from 1 to 10, from 10 to 100, and so on; 0 is counted as 1.
   */
  buckets(perDecade: number): Buckets {
    if (this.#count === 0) return { edges: [], counts: [] };
    const bucketOf = (value: number): number => Math.floor(Math.log10(Math.max(1, value)) * perDecade + 1e-9);
    const first = bucketOf(this.#min);
    const counts = Array.from({ length: bucketOf(this.#max) - first + 1 }, () => 0);
    const count = (value: number, times: number): void => {
      const bucket = bucketOf(value) - first;
      counts[bucket] = (counts[bucket] ?? 0) + times;
    };
    // The lowest counter's first value is known exactly; without it an edge within that counter
    // would leave the first bucket empty.
    count(this.#min, 1);
    const lowest = counterOf(this.#min, this.#bits);
    this.#counts.forEach((times, index) => {
      const others = index === lowest ? times - 1 : times;
      if (others > 0) count(Math.min(this.#max, highestOf(index, this.#bits)), others);
    });
    return {
      edges: Array.from({ length: counts.length + 1 }, (_, index) => 10 ** ((first + index) / perDecade)),
      counts,
    };
  }

  /**
   * The distribution in buckets of a native histogram of Prometheus
   * (https://prometheus.io/docs/specs/native_histograms/#standard-exponential-schemas): upper edges are
   * whole powers of 2^(2^-schema). A value near an edge may be one bucket off, by as little as it is exact.
   *
   * @param schema -4 to 8; 4 has 16 buckets for each power of two, each 4.4 % wide.
   * @param unit what one of the buckets' own units is in units of this histogram: 1e6 for seconds of microseconds.
   */
  exponentialBuckets(schema: number, unit: number): ExponentialBuckets {
    const counters = this.#counts;
    const zeros = counters[0] ?? 0;
    const bucketOf = exponentialBucketOf(this.#bits, schema, unit);
    const last = this.#count === 0 ? 0 : counterOf(this.#max, this.#bits);
    const counts: number[] = [];
    let first = 0;
    for (let index = 1; index <= last; index++) {
      const times = counters[index] ?? 0;
      if (times === 0) continue;
      const bucket = bucketOf[index] ?? 0;
      if (counts.length === 0) first = bucket;
      while (counts.length <= bucket - first) counts.push(0);
      counts[bucket - first] = (counts[bucket - first] ?? 0) + times;
    }
    return { count: this.#count, sum: this.#sum / unit, zeros, first, counts };
  }
}

/**
 * Counts of values whose upper edges are whole powers of 2^(2^-schema), as native histograms of Prometheus have them.
 */
export interface ExponentialBuckets {
  readonly count: number;
  readonly sum: number;
  /** Values of 0, or below it. */
  readonly zeros: number;
  /** Of the first bucket: bucket i holds values above base^(i - 1) up to base^i. */
  readonly first: number;
  readonly counts: readonly number[];
}

/** Counts of values between edges that grow by the same factor. */
export interface Buckets {
  /** One more than there are counts: bucket i holds values from edge i up to, but without, edge i + 1. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

const bucketTables = new Map<string, Int32Array>();

/** The exponential bucket of each counter, computed once: thousands of logarithms would disturb a running load. */
function exponentialBucketOf(bits: number, schema: number, unit: number): Int32Array {
  const key = [bits, schema, unit].join('/');
  let table = bucketTables.get(key);
  if (table === undefined) {
    table = Int32Array.from({ length: countersOf(bits) }, (_, index) =>
      Math.ceil(Math.log2(highestOf(index, bits) / unit) * 2 ** schema - 1e-9),
    );
    bucketTables.set(key, table);
  }
  return table;
}

/**
 * Adds up buckets of the same schema.
 *
 * @returns empty buckets when there are none.
 */
export function addBuckets(parts: readonly ExponentialBuckets[]): ExponentialBuckets {
  const filled = parts.filter(({ counts }) => counts.length > 0);
  const first = filled.length === 0 ? 0 : Math.min(...filled.map((part) => part.first));
  const end = filled.length === 0 ? 0 : Math.max(...filled.map((part) => part.first + part.counts.length));
  const sum = (figure: (part: ExponentialBuckets) => number): number =>
    parts.reduce((total, part) => total + figure(part), 0);
  return {
    count: sum(({ count }) => count),
    sum: sum((part) => part.sum),
    zeros: sum(({ zeros }) => zeros),
    first,
    counts: Array.from({ length: end - first }, (_, index) =>
      sum((part) => part.counts[first + index - part.first] ?? 0),
    ),
  };
}

/** How many counters there are up to HIGHEST_VALUE. */
const countersOf = (bits: number): number => ((31 - bits) << bits) + (1 << bits);

/** Index of the counter of an integer: its power of two, then its leading bits after the first. */
function counterOf(value: number, bits: number): number {
  const shift = Math.max(0, 31 - bits - Math.clz32(value));
  return (shift << bits) + (value >>> shift);
}

/** The largest integer that a counter stands for. */
function highestOf(index: number, bits: number): number {
  const shift = Math.max(0, (index >>> bits) - 1);
  const leading = index - (shift << bits);
  return (leading + 1) * 2 ** shift - 1;
}
