import type { LoadSlice } from '../../model/load.ts';
import { isAnswered, type Outcome } from '../sender.ts';
import { COARSE_BITS, Histogram, type HistogramSnapshot } from './histogram.ts';

/** Width of the slices at the start of a run; it doubles whenever there are too many. */
const FIRST_WIDTH_MS = 62.5;
const MOST_SLICES = 160;

/** A part of the measured window and what ended in it. */
export class Slice {
  answered = 0;
  failed = 0;
  /** Microseconds, within 0.8 %. */
  readonly latency = new Histogram(COARSE_BITS);

  add(other: Slice): void {
    this.answered += other.answered;
    this.failed += other.failed;
    this.latency.add(other.latency);
  }
}

/** The timeline of a run as plain data that can be sent to another thread. */
export interface TimelineSnapshot {
  readonly widthMs: number;
  readonly slices: readonly {
    readonly answered: number;
    readonly failed: number;
    readonly latency: HistogramSnapshot;
  }[];
}

/**
 * Counts outcomes by when they ended. A run of any length has at most 160 slices: when there are more, pairs are merged
 * into slices of twice the width, so memory does not grow with the duration.
 */
export class Timeline {
  #widthMs = FIRST_WIDTH_MS;
  #slices: Slice[] = [];

  /** @param elapsedMs milliseconds since the measured window began. */
  record(elapsedMs: number, outcome: Outcome, delayMs: number): void {
    const slice = this.#sliceAt(elapsedMs);
    if (outcome.failure !== null) slice.failed += 1;
    if (!isAnswered(outcome)) return;
    slice.answered += 1;
    slice.latency.record((delayMs + outcome.serviceMs) * 1000);
  }

  /** A copy of everything counted so far. */
  snapshot(): TimelineSnapshot {
    const slices = this.#slices.map(({ answered, failed, latency }) => ({
      answered,
      failed,
      latency: latency.snapshot(),
    }));
    return { widthMs: this.#widthMs, slices };
  }

  /** Adds another timeline of the same window. */
  addSnapshot(other: TimelineSnapshot): void {
    while (this.#widthMs < other.widthMs) this.#doubleWidth();
    restoreSlices(other).forEach((slice, index) => {
      this.#sliceAt(index * other.widthMs).add(slice);
    });
  }

  #sliceAt(elapsedMs: number): Slice {
    while (elapsedMs >= MOST_SLICES * this.#widthMs) this.#doubleWidth();
    const index = Math.max(0, Math.floor(elapsedMs / this.#widthMs));
    return this.#slices[index] ?? this.#sliceAdded(index);
  }

  // Separate, so the second slice of a load takes a path that V8 saw for the first one.
  #sliceAdded(index: number): Slice {
    while (this.#slices.length < index) this.#slices.push(new Slice());
    const slice = new Slice();
    this.#slices.push(slice);
    return slice;
  }

  #doubleWidth(): void {
    this.#slices = inPairs(this.#slices);
    this.#widthMs *= 2;
  }
}

function inPairs(slices: readonly Slice[]): Slice[] {
  return slices.flatMap((slice, index) => {
    if (index % 2 === 1) return [];
    const next = slices[index + 1];
    if (next !== undefined) slice.add(next);
    return [slice];
  });
}

function restoreSlices(snapshot: TimelineSnapshot): Slice[] {
  return snapshot.slices.map(({ answered, failed, latency }) => {
    const slice = new Slice();
    slice.answered = answered;
    slice.failed = failed;
    slice.latency.addSnapshot(latency);
    return slice;
  });
}

/** A slice with its place in the window. */
export interface PlacedSlice {
  readonly startMs: number;
  readonly lengthMs: number;
  readonly slice: Slice;
}

/**
 * The slices that cover a window of `durationMs`. The last one ends with the window; what was
 * answered after the end, because requests on their way are awaited, is counted in it.
 */
export function timelineSlices(snapshot: TimelineSnapshot, durationMs: number): PlacedSlice[] {
  const { widthMs } = snapshot;
  const restored = restoreSlices(snapshot);
  const covering = Math.ceil(durationMs / widthMs);
  const placed = Array.from({ length: covering }, (_, index) => ({
    startMs: index * widthMs,
    lengthMs: Math.min(widthMs, durationMs - index * widthMs),
    slice: restored[index] ?? new Slice(),
  }));
  for (const late of restored.slice(covering)) placed.at(-1)?.slice.add(late);
  return placed;
}

/** A slice as the report shows it. */
export function loadSlice({ startMs, lengthMs, slice }: PlacedSlice): LoadSlice {
  const { answered, failed, latency } = slice;
  const ms = (p: number): number | null => (latency.count === 0 ? null : latency.percentile(p) / 1000);
  return { startSeconds: startMs / 1000, seconds: lengthMs / 1000, answered, failed, p50Ms: ms(50), p99Ms: ms(99) };
}
