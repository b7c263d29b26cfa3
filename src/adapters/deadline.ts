import type { Clock } from '../clock.ts';

/**
 * Waits for a promise only as long as a deadline and the run allow. The work behind it can't be stopped, and its later
 * result is ignored.
 *
 * @throws Error after the deadline; the signal's reason when aborted; the promise's own rejection.
 */
export async function withDeadline<T>(
  work: Promise<T>,
  deadlineMs: number,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<T> {
  const done = new AbortController();
  const late = clock.sleep(deadlineMs, AbortSignal.any([done.signal, signal])).then(
    () => Promise.reject(new Error(`no result after ${String(deadlineMs / 1000)} s`)),
    () => {
      signal.throwIfAborted();
      return work;
    },
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
