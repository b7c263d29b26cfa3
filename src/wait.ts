import type { Clock } from './clock.ts';
import { messageOf, type OutcomeCode, StageError } from './errors.ts';

/** The result of a check: ready with a value, or not ready with the reason. */
export type Observation<T> =
  { readonly ready: true; readonly value: T } | { readonly ready: false; readonly why: string };

export interface WaitOptions {
  /** What is waited for, to follow "Waited 30 s for". */
  readonly what: string;
  readonly deadlineMs: number;
  readonly everyMs: number;
  /** The outcome when the wait times out. */
  readonly code: OutcomeCode;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Which errors of a check mean "not yet"; all of them by default. Other errors end the wait. */
  readonly retryOn?: (error: unknown) => boolean;
  /** Called once for each new reason to keep waiting. */
  readonly onChange?: (why: string) => void;
}

/**
 * Checks repeatedly until something is ready. A check that throws counts as "not yet" with its message as the reason,
 * because what is waited for may not exist yet.
 *
 * @throws StageError after the deadline, with the result of the last check; the signal's reason when aborted.
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
