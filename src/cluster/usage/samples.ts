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
