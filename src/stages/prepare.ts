import type { Context } from '../context.ts';
import { checkRoutes } from './health/check-routes.ts';
import { runPrepare } from './loading/user-command.ts';

/** Runs the command of input `prepare` for each version, once in a cluster of the run. */
export async function prepare(context: Context): Promise<void> {
  const { store, runner } = context;
  if (store.state.prepared === true) {
    runner.info('The command of input prepare has already run');
    return;
  }
  await runPrepare(context);
  store.update({ prepared: true });
}

/** Like `prepareOnce`; afterwards every host must answer as the load expects. */
export async function prepareAndCheck(context: Context): Promise<void> {
  await prepare(context);
  await checkRoutes(context);
}
