import type { Context } from '../context.ts';
import { InputError } from '../inputs/table.ts';
import { targetsOf } from './loading/targets.ts';
import { warnAboutCredentials } from './preflight/warn-about-credentials.ts';

/** @throws InputError with every fault of the inputs; StageError `input-invalid` with every fault of the scenario. */
export async function checkInputs(context: Context): Promise<void> {
  if (context.faults.length > 0) throw new InputError(context.faults);
  targetsOf(context);
  warnAboutCredentials(context);
  return Promise.resolve();
}
