import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';
import { type Observation, waitUntil, type WaitOptions } from '../../wait.ts';

const LOOK_EVERY_MS = 500;

type HealthWait = Pick<WaitOptions, 'what' | 'code'> & Partial<Pick<WaitOptions, 'everyMs' | 'retryOn'>>;

/**
 * Waits for something in the cluster, up to input `wait`, and logs each new reason for waiting.
 *
 * @param look a StageError of it ends the wait unless `retryOn` says otherwise, because it names what time will not
 * heal. Only an unusable answer is retried: it may come from something in between.
 * @throws StageError of `look`, or one with the given code when the time is up.
 */
export const waitFor = <T>(
  { inputs, clock, signal, runner }: Context,
  look: () => Promise<Observation<T>>,
  { everyMs = LOOK_EVERY_MS, retryOn = mayHeal, ...what }: HealthWait,
): Promise<T> =>
  waitUntil(look, {
    ...what,
    deadlineMs: inputs.wait,
    everyMs,
    clock,
    signal,
    retryOn,
    onChange: (why) => {
      runner.info(why);
    },
  });

function mayHeal(error: unknown): boolean {
  return !(error instanceof StageError) || error.code === 'unexpected-answer';
}
