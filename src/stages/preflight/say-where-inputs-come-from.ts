import type { Context } from '../../context.ts';
import { sourceSentences } from '../../report/words/settings-source.ts';

/** Logs which file set which inputs, and which of its inputs do not count. */
export function sayWhereInputsComeFrom({ store, runner }: Context): void {
  const { settingsFile } = store.state;
  if (settingsFile !== undefined) for (const sentence of sourceSentences(settingsFile)) runner.info(sentence);
}
