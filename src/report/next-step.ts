import { helpUrl } from '../errors.ts';
import type { Report } from '../model/report.ts';

type Outcome = Pick<Report['outcome'], 'code' | 'failure'>;

/**
 * What to do after a run, for programs: one sentence and one command.
 *
 * @param repeatWith the command that repeats the run, where nothing else shows more.
 */
export function nextStep({ code, failure }: Outcome, repeatWith: string): NonNullable<Report['outcome']['next']> {
  if (failure === null)
    return { sentence: 'Nothing to do; a second run shows how much the figures vary.', command: repeatWith };
  const sentence =
    failure.hint === null
      ? `Read what was printed; ${helpUrl(code)} has the usual causes.`
      : (/^.*?[.?!](?=\s|$)/s.exec(failure.hint)?.[0] ?? failure.hint);
  return { sentence, command: failure.tryThis ?? repeatWith };
}
