import { StageError } from '../errors.ts';

/** The runner sends SIGINT and, 7.5 s later, SIGTERM; a closed terminal sends SIGHUP. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** An abort signal that is aborted by the first signal to this process that asks it to end. */
export function cancelledBySignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of SIGNALS) {
    process.on(name, () => {
      controller.abort(
        new StageError('cancelled', `The run was cancelled (${name}).`, {
          hint: 'What was measured until then is in the report. The cluster is removed at the end of the job.',
        }),
      );
    });
  }
  return controller.signal;
}
