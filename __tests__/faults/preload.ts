import { join } from 'node:path';

/** The faults that preload.js can bring about inside of the action's own process. */
export type Preloaded =
  | 'inotify'
  | 'container'
  | 'small-disk'
  | 'free-port'
  | 'disk-full'
  | 'exception'
  | 'rejection'
  | 'memory'
  | 'stall'
  | 'clock'
  | 'fast-clock';

/**
 * An environment in which the step itself meets a fault: what the system tells it, or what happens in
 * its own code. `moment` is the stage at whose start the fault begins, for those that have one.
 */
export const preload = (fault: Preloaded, moment = ''): Record<string, string> => ({
  NODE_OPTIONS: `--import=file://${join(import.meta.dirname, 'preload.js')}`,
  PRELOADED_FAULT: fault,
  PRELOADED_AT: moment,
});

/** From a stage on the step waits a part of its time only, so that deadlines of minutes can be looked at in seconds. */
export const fastClock = (moment: string, factor = 20): Record<string, string> => ({
  ...preload('fast-clock', moment),
  PRELOADED_FACTOR: String(factor),
});
