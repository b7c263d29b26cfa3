import type { Context } from '../context.ts';
import { checkRoutes } from './health/check-routes.ts';
import { runPrepare } from './loading/user-command.ts';

/** Runs the command of input `prepare` for each version, once in a cluster of the run. */
export async function prepare(context: Context): Promise<void> {
  const { store, runner } = context;
  if (store.state.prepared === true) {
    runner.info('The command of input prepare has run already');
    return;
  }
  await runPrepare(context);
  store.update({ prepared: true });
}

/** The same, and then every host has to answer as the load expects it. */
export async function prepareAndCheck(context: Context): Promise<void> {
  await prepare(context);
  await checkRoutes(context);
}
