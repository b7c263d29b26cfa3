import type { Runner } from './adapters/runner.ts';
import type { DescribedError } from './errors.ts';
import type { Report } from './model/report.ts';
import { answersLines } from './report/words/answers-text.ts';

/**
 * Logs what each host answered and how the run ended: one line when it passed, otherwise the run's one error (or a
 * warning, where the step does not fail).
 */
export function announce(runner: Runner, { outcome, load }: Pick<Report, 'outcome' | 'load'>, fails = true): void {
  const { failure, helpUrl, summary } = outcome;
  for (const line of load === null ? [] : answersLines(load)) runner.info(line);
  if (failure === null) {
    runner.info(summary);
    return;
  }
  const text = lessonOf(failure, helpUrl);
  const title = `${outcome.code}${failure.stage === null ? '' : ` in ${failure.stage}`}`;
  if (fails) runner.error(title, text);
  else runner.warning(`${title}: ${text}`);
}

/** The lines of an error: what failed, what to do, a command to paste, and where to read more. */
export const lessonOf = (
  { message, hint, tryThis }: Pick<DescribedError, 'message' | 'hint' | 'tryThis'>,
  helpUrl: string | null,
): string =>
  [message, hint, tryThis === null ? null : `Try: ${tryThis}`, helpUrl === null ? null : `More: ${helpUrl}`]
    .filter((line) => line !== null)
    .join('\n');
