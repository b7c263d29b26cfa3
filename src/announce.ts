import type { Runner } from './adapters/runner.ts';
import type { Report } from './report/model.ts';

/** Says how the run ended: one line when it passed, otherwise the one error (or, when it fails nothing, warning) of the run. */
export function announce(runner: Runner, { outcome }: Report, fails = true): void {
  const { failure, helpUrl, summary } = outcome;
  if (failure === null) {
    runner.info(summary);
    return;
  }
  const lines = [
    failure.message,
    ...(failure.hint === null ? [] : [failure.hint]),
    ...(failure.tryThis === null ? [] : [`Try: ${failure.tryThis}`]),
    ...(helpUrl === null ? [] : [`More: ${helpUrl}`]),
  ];
  const title = `${outcome.code}${failure.stage === null ? '' : ` in ${failure.stage}`}`;
  if (fails) runner.error(title, lines.join('\n'));
  else runner.warning(`${title}: ${lines.join('\n')}`);
}
