import { areBeyond, boundsByStarts, type StartEffects } from '../src/comparison/between-starts.ts';
import { CONFIRMATION_ERROR, CONFIRMATION_LOOKS } from '../src/comparison/confirm.ts';
import { startsOfLook } from '../src/comparison/plan.ts';
import { createRandom, type Random } from '../src/load/random.ts';
import { normal } from './comparison-noise.ts';
import { percent } from './comparison-simulated.ts';
import { table } from './statistics.ts';

interface StartsCase {
  /** Standard deviation of what a start of one version adds by chance. */
  readonly spread: number;
  /** What head really is slower by. */
  readonly slowdown: number;
  readonly tolerance: number;
}

export interface StartsAlone extends StartsCase {
  readonly comparisons: number;
  /** Comparisons in which the first start lies beyond the tolerance, to either side, and in which the others confirm that. */
  readonly hits: number;
  readonly confirmed: number;
}

const CASES: readonly StartsCase[] = [
  ...[0.01, 0.02, 0.03, 0.04, 0.05, 0.1].map((spread) => ({ spread, slowdown: 0, tolerance: 0.05 })),
  { spread: 0.03, slowdown: 0.05, tolerance: 0.05 },
  { spread: 0.01, slowdown: 0, tolerance: 0 },
];

/**
 * What starts do to a verdict when rounds have no noise at all, the worst case for equal versions: then each difference between the first
 * starts that is beyond the tolerance is a hit, and only other starts can tell it from a change.
 *
 * @param comparisons of each case; many are needed, since few of them are confirmed, and cheap.
 */
export function benchStartsAlone(comparisons: number, cases: readonly StartsCase[] = CASES): StartsAlone[] {
  return cases.map((given) => {
    const random = createRandom(`starts alone/${JSON.stringify(given)}`);
    const made = Array.from({ length: comparisons }, () => compareStarts(given, random));
    return {
      ...given,
      comparisons,
      hits: made.filter((result) => result !== 'nothing').length,
      confirmed: made.filter((result) => result === 'confirmed').length,
    };
  });
}

function compareStarts(
  { spread, slowdown, tolerance }: StartsCase,
  random: Random,
): 'nothing' | 'refused' | 'confirmed' {
  const margin = Math.log1p(tolerance);
  const draw = (): number => Math.log1p(slowdown) + spread * (normal(random) - normal(random));
  const first = draw();
  if (Math.abs(first) <= margin) return 'nothing';
  const start = (ratio: number): StartEffects => {
    const centre = Math.sign(first) * ratio;
    return { centre, effects: [centre] };
  };
  const others: StartEffects[] = [];
  let left = CONFIRMATION_ERROR;
  for (let look = 1; look <= CONFIRMATION_LOOKS; look++) {
    others.push(...Array.from({ length: startsOfLook(look, Infinity, 1) }, () => start(draw())));
    const error = look === CONFIRMATION_LOOKS ? left : left / 2;
    left -= error;
    const bounds = boundsByStarts(start(first), others, error);
    if (areBeyond(others, bounds, { margin, toward: 1, isRatio: true })) return 'confirmed';
    const mean = others.reduce((sum, { centre }) => sum + centre, 0) / others.length;
    if (mean <= margin) return 'refused';
  }
  return 'refused';
}

export function startsAloneTable(results: readonly StartsAlone[]): string {
  return table(
    ['spread of starts', 'slow-down', 'tolerance', 'hits', 'confirmed', 'that is one in'],
    results.map(({ spread, slowdown, tolerance, comparisons, hits, confirmed }) => [
      percent(spread),
      percent(slowdown),
      percent(tolerance),
      percent(hits / comparisons),
      `${((100 * confirmed) / comparisons).toFixed(4)} %`,
      confirmed === 0 ? `more than ${String(comparisons)}` : String(Math.round(comparisons / confirmed)),
    ]),
  );
}
