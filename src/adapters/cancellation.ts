import { StageError } from '../errors.ts';

/** The runner sends SIGINT and, 7.5 s later, SIGTERM; a closed terminal sends SIGHUP. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** 128 and the number of the signal, as shells give it for a program that a signal ended. */
const EXIT_CODES = new Map<unknown, number>([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]);

/**
 * An abort signal that the first termination signal to this process aborts.
 *
 * @param hint what is kept, and what happens to what was created.
 */
export function cancelledBySignals(hint: string): AbortSignal {
  const controller = new AbortController();
  for (const name of SIGNALS) {
    process.on(name, () => {
      controller.abort(
        new StageError('cancelled', `The run was cancelled (${name}).`, {
          hint,
          cause: name,
        }),
      );
    });
  }
  return controller.signal;
}

/** The exit code of a command line that was ended by a signal; null when none was. */
export function exitCodeOf({ reason }: AbortSignal): number | null {
  return reason instanceof StageError && reason.code === 'cancelled' ? (EXIT_CODES.get(reason.cause) ?? null) : null;
}

/**
 * The same signal, but an uncaught error aborts it, too, with that error as the reason. The run then ends like any
 * failed run, with its report, instead of in the middle of a line.
 *
 * @param tell is called for each such error, because after the last stage nobody checks the signal's reason.
 */
export function orUncaughtErrors(signal: AbortSignal, tell: (text: string) => void): AbortSignal {
  const controller = new AbortController();
  tellUncaughtErrors(tell, (error) => {
    controller.abort(error);
  });
  return AbortSignal.any([signal, controller.signal]);
}

/** Is called for each uncaught error, which then no longer ends the process. */
export function tellUncaughtErrors(tell: (text: string) => void, then: (error: Error) => void = () => undefined): void {
  // Unhandled rejections arrive here, too.
  process.on('uncaughtException', (error) => {
    tell(`An unhandled error: ${error.stack ?? error.message}`);
    then(error);
  });
}

/** Aborted after `ms`, or `afterCancelMs` after the given signal, whichever comes first. */
export function deadlineOf(signal: AbortSignal, ms: number, afterCancelMs: number): AbortSignal {
  const controller = new AbortController();
  const late = (): void => {
    controller.abort(new DOMException('The time is up', 'TimeoutError'));
  };
  const shorten = (): void => {
    setTimeout(late, afterCancelMs).unref();
  };
  setTimeout(late, ms).unref();
  if (signal.aborted) shorten();
  else signal.addEventListener('abort', shorten, { once: true });
  return controller.signal;
}
