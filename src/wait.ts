import type { Clock } from './clock.ts';
import { messageOf, type OutcomeCode, StageError } from './errors.ts';

/** What a look at something showed: ready with a value, or not yet and why. */
export type Observation<T> =
  { readonly ready: true; readonly value: T } | { readonly ready: false; readonly why: string };

export interface WaitOptions {
  /** What is waited for, as it fits after "waited 30 s for". */
  readonly what: string;
  readonly deadlineMs: number;
  readonly everyMs: number;
  /** The outcome of a wait that times out. */
  readonly code: OutcomeCode;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Which errors of a look mean "not yet"; all of them, if not given. Another one ends the wait. */
  readonly retryOn?: (error: unknown) => boolean;
  /** Told once about each new reason for waiting on. */
  readonly onChange?: (why: string) => void;
}

/**
 * Looks again and again until something is ready. A look that throws counts as "not yet", with its
 * message as the reason: what is waited for may not exist so far.
 *
 * @throws StageError after the deadline, with what the last look showed; the signal's reason when aborted.
 */
export async function waitUntil<T>(look: () => Promise<Observation<T>>, options: WaitOptions): Promise<T> {
  const { what, deadlineMs, everyMs, code, clock, signal, retryOn = () => true, onChange } = options;
  const start = clock.now();
  let why = '';
  for (;;) {
    signal.throwIfAborted();
    const observation = await look().catch((error: unknown): Observation<T> => {
      signal.throwIfAborted();
      if (!retryOn(error)) throw error;
      return { ready: false, why: messageOf(error) };
    });
    if (observation.ready) return observation.value;
    if (observation.why !== why) onChange?.(observation.why);
    why = observation.why;
    const left = deadlineMs - (clock.now() - start);
    if (left <= 0) {
      throw new StageError(code, `Waited ${(deadlineMs / 1000).toFixed(0)} s for ${what}: ${why}`);
    }
    await clock.sleep(Math.min(everyMs, left), signal);
  }
}
