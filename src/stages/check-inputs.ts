import { type Context, warn } from '../context.ts';
import { InputError } from '../inputs/faults.ts';
import { withoutMeaning } from '../inputs/without-meaning.ts';
import { targetsOf } from './loading/targets.ts';
import { sayWhereInputsComeFrom } from './preflight/say-where-inputs-come-from.ts';
import { warnAboutCredentials } from './preflight/warn-about-credentials.ts';

/** @throws InputError with every fault of the inputs; StageError `input-invalid` with every fault of the scenario. */
export async function checkInputs(context: Context): Promise<void> {
  sayWhereInputsComeFrom(context);
  if (context.faults.length > 0) throw new InputError(context.faults);
  const { inputs, store } = context;
  const command = { hasCluster: false, compares: store.state.comparedVersions !== undefined };
  for (const sentence of withoutMeaning(inputs, store.state.settings, command)) warn(context, sentence);
  targetsOf(context);
  warnAboutCredentials(context);
  return Promise.resolve();
}
