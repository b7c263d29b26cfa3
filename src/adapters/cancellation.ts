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
 * An abort signal that is aborted by the first signal to this process that asks it to end.
 *
 * @param hint what is kept, and what becomes of what was made.
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

/** The exit code of a command line that was ended by a signal to this process; null when none did. */
export function exitCodeOf({ reason }: AbortSignal): number | null {
  return reason instanceof StageError && reason.code === 'cancelled' ? (EXIT_CODES.get(reason.cause) ?? null) : null;
}

/**
 * The same signal, aborted as well by an error that nobody caught, with that error as the reason: the
 * run then ends like any other that failed, with its report, instead of in the middle of a line.
 *
 * @param tell is told of each such error: after the last stage no one looks at the signal's reason.
 */
export function orUncaughtErrors(signal: AbortSignal, tell: (text: string) => void): AbortSignal {
  const controller = new AbortController();
  tellUncaughtErrors(tell, (error) => {
    controller.abort(error);
  });
  return AbortSignal.any([signal, controller.signal]);
}

/** Is told of each error that nobody caught, which then no longer ends the process. */
export function tellUncaughtErrors(tell: (text: string) => void, then: (error: Error) => void = () => undefined): void {
  // Rejections that nobody handles arrive here, too.
  process.on('uncaughtException', (error) => {
    tell(`An error that nothing waited for: ${error.stack ?? error.message}`);
    then(error);
  });
}

/** Aborted after `ms`, or `afterCancelMs` after the given signal, whichever is sooner. */
export function deadlineOf(signal: AbortSignal, ms: number, afterCancelMs: number): AbortSignal {
  const controller = new AbortController();
  const late = (): void => {
    controller.abort(new DOMException('The time is over', 'TimeoutError'));
  };
  const shorten = (): void => {
    setTimeout(late, afterCancelMs).unref();
  };
  setTimeout(late, ms).unref();
  if (signal.aborted) shorten();
  else signal.addEventListener('abort', shorten, { once: true });
  return controller.signal;
}
