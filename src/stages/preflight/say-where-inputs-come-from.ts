import type { Context } from '../../context.ts';
import { sourceSentences } from '../../report/words/settings-source.ts';

/** Which file gave which inputs, and what of it does not count. */
export function sayWhereInputsComeFrom({ store, runner }: Context): void {
  const { settingsFile } = store.state;
  if (settingsFile !== undefined) for (const sentence of sourceSentences(settingsFile)) runner.info(sentence);
}
