import { exists, readText } from '../adapters/files.ts';
import { type Context, warn } from '../context.ts';
import { messageOf } from '../errors.ts';
import { readEarlierReport } from '../report/words/earlier-run.ts';

/**
 * Keeps the figures of an earlier run to show next to those of this one. They are only context: a problem with the file
 * is a warning, and the first run of a repository has none.
 */
export function readBaselineReport(context: Context): Promise<void> {
  const { inputs, runner, store } = context;
  const file = inputs['baseline-report'];
  if (file === null) return Promise.resolve();
  if (!exists(file)) {
    runner.info(`There is no ${file} yet, so no earlier run is shown.`);
    return Promise.resolve();
  }
  const earlier = readEarlier(file);
  if ('problem' in earlier) warn(context, `Input baseline-report: ${earlier.problem}. No earlier run is shown.`);
  else store.update({ earlier });
  return Promise.resolve();
}

function readEarlier(file: string): ReturnType<typeof readEarlierReport> {
  try {
    const earlier = readEarlierReport(readText(file), file);
    return 'problem' in earlier ? { problem: `${file} ${earlier.problem}` } : earlier;
  } catch (error) {
    return { problem: messageOf(error).replace(/\.$/, '') };
  }
}
