import { createRandom, type Random } from '../src/load/random.ts';

/** What disturbs a window, on the logarithmic scale, beside the version that is loaded. */
export interface NoiseModel {
  readonly name: string;
  /** Makes the disturbance of each window in the order of time; `second` tells whether it is the second of its round. */
  readonly begin: (random: Random) => (second: boolean) => number;
  /** The share of requests that fail in a window; none without it. */
  readonly failing?: ((random: Random) => number) | undefined;
}

/** A standard normal number (Box and Muller 1958). */
export function normal(random: Random): number {
  return Math.sqrt(2 * random.exponential(1)) * Math.cos(2 * Math.PI * random.uniform());
}

/** Student's t with 3 degrees of freedom, scaled to a standard deviation of 1: extremes are common. */
function heavyTailed(random: Random): number {
  const chi = normal(random) ** 2 + normal(random) ** 2 + normal(random) ** 2;
  return normal(random) / Math.sqrt(chi / 3) / Math.sqrt(3);
}

const DEVIATION = 0.03;

const independent: NoiseModel['begin'] = (random) => () => DEVIATION * normal(random);

/** What runners do, one at a time and then all at once; the noise of a window has a standard deviation of 3 % or more. */
export const NOISE_MODELS: readonly NoiseModel[] = [
  { name: 'independent, lognormal, 3 %', begin: independent },
  { name: 'heavy tails (t with 3 degrees of freedom), 5 %', begin: (random) => () => 0.05 * heavyTailed(random) },
  {
    name: 'one window in ten 40 % slower',
    begin: (random) => () => DEVIATION * normal(random) + (random.uniform() < 0.1 ? Math.log(1.4) : 0),
  },
  {
    name: 'memory (first-order autocorrelation 0.8), 5 %',
    begin: (random) => {
      let state = 0.05 * normal(random);
      return () => (state = 0.8 * state + 0.05 * Math.sqrt(1 - 0.8 ** 2) * normal(random));
    },
  },
  {
    name: 'drift: 30 % slower at the end, in a curve',
    begin: (random) => {
      let window = 0;
      return () => Math.log1p(0.3) * (window++ / 120) ** 2 + DEVIATION * normal(random);
    },
  },
  {
    name: 'the second of a round 5 % slower',
    begin: (random) => (second) => (second ? 0.05 : 0) + DEVIATION * normal(random),
  },
  {
    name: 'a period of 4 windows, 10 %',
    begin: (random) => {
      let window = random.integer(4);
      return () => 0.1 * Math.sin((Math.PI / 2) * window++) + DEVIATION * normal(random);
    },
  },
  {
    name: 'one request in a hundred fails, in bursts',
    begin: independent,
    failing: (random) => (random.uniform() < 0.1 ? 0.1 * random.uniform() : 0.01 * random.uniform()),
  },
  {
    name: 'all of it',
    begin: (random) => {
      let state = 0;
      let window = 0;
      return (second) => {
        state = 0.8 * state + 0.03 * normal(random);
        return (
          state +
          0.04 * heavyTailed(random) +
          (second ? 0.05 : 0) +
          0.1 * (window++ / 120) +
          (random.uniform() < 0.05 ? 0.3 : 0)
        );
      };
    },
    failing: (random) => (random.uniform() < 0.05 ? 0.05 * random.uniform() : 0),
  },
];

export const noiseModel = (name: string, seed: string): { readonly model: NoiseModel; readonly random: Random } => {
  const model = NOISE_MODELS.find((candidate) => candidate.name === name);
  if (model === undefined) throw new RangeError(`There is no noise ${name}`);
  return { model, random: createRandom(seed) };
};
