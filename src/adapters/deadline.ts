import type { Clock } from '../clock.ts';

/**
 * Waits no longer for a promise than a deadline and the run allow; what it stands for has no way to
 * be stopped, and how it ends later is of no interest.
 *
 * @throws Error after the deadline; the signal's reason when it is aborted; what the promise rejects with.
 */
export async function withDeadline<T>(
  work: Promise<T>,
  deadlineMs: number,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<T> {
  const done = new AbortController();
  const late = clock.sleep(deadlineMs, AbortSignal.any([done.signal, signal])).then(
    () => Promise.reject(new Error(`no end after ${String(deadlineMs / 1000)} s`)),
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
