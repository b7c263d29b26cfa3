import { createRandom } from '../random.ts';
import type { LoadStage } from '../requests/stages.ts';
import { type ArrivalSettings, unitArrivals } from './schedule.ts';

/** An arrival at the very end of the load does not count; rounding errors there do not matter. */
const END = 1e-9;

/**
 * The moments at which requests of an open load in stages are meant to leave: unit arrivals mapped through the inverse
 * of the cumulated rate, as in schedule.ts. In a stage whose rate goes from a to b over d, a·t + (b - a)·t²/(2d)
 * requests have been meant to leave by t, so that number n leaves at 2n / (a + sqrt(a² + 2n·(b - a)/d)).
 *
 * @returns a function that gives the next moment in milliseconds after the start, never less than the one before;
 *   Infinity after the last stage.
 */
export function stagedArrivalTimes(
  stages: readonly LoadStage[],
  { arrivals, seed, share }: Pick<ArrivalSettings, 'arrivals' | 'seed' | 'share'>,
): () => number {
  const pieces = piecesOf(stages);
  const next = unitArrivals(arrivals, createRandom(`${seed}/arrivals`), share ?? { index: 0, of: 1 });
  let at = 0;
  return () => {
    const n = next();
    for (; ; at++) {
      const piece = pieces[at];
      if (piece === undefined) return Infinity;
      if (n < piece.endCount - END) return piece.startMs + timeIn(piece, Math.max(0, n - piece.startCount));
    }
  };
}

interface Piece {
  readonly startMs: number;
  /** Requests that are due before it, and by its end. */
  readonly startCount: number;
  readonly endCount: number;
  /** Requests per millisecond at its beginning, and by how much that changes in a millisecond. */
  readonly rate: number;
  readonly slope: number;
}

function piecesOf(stages: readonly LoadStage[]): Piece[] {
  let [startMs, startCount] = [0, 0];
  return stages.map(({ durationMs, from, to }) => {
    const endCount = startCount + (durationMs * (from + to)) / 2000;
    const piece = { startMs, startCount, endCount, rate: from / 1000, slope: (to - from) / 1000 / durationMs };
    [startMs, startCount] = [startMs + durationMs, endCount];
    return piece;
  });
}

function timeIn({ rate, slope }: Piece, count: number): number {
  if (count === 0) return 0;
  // Below 0 only because of rounding, at the end of a ramp to 0.
  return (2 * count) / (rate + Math.sqrt(Math.max(0, rate * rate + 2 * slope * count)));
}

/** @returns a function that gives the index of the stage that a moment, in milliseconds after the start, belongs to. */
export function stageAt(stages: readonly LoadStage[]): (ms: number) => number {
  let end = 0;
  const ends = stages.map(({ durationMs }) => (end += durationMs));
  return (ms) => {
    const index = ends.findIndex((each) => ms < each);
    return index < 0 ? ends.length - 1 : index;
  };
}
