import type { Context } from '../context.ts';
import { InputError } from '../inputs.ts';

/** @throws InputError with every fault of the inputs. */
export async function checkInputs({ faults }: Context): Promise<void> {
  if (faults.length > 0) throw new InputError(faults);
  return Promise.resolve();
}
