import { portIsFree } from '../../adapters/machine.ts';
import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';

/** The port that was asked for is free, unless a cluster that is there may hold it for this run. */
export async function checkPort({ inputs, runner }: Context): Promise<void> {
  const port = inputs['http-port'];
  if (inputs.config !== null || inputs['reuse-cluster']) return;
  if (port === null || (await portIsFree(port))) return;
  runner.info(`Port ${String(port)} is taken`);
  throw new StageError(
    'port-in-use',
    `Input http-port is ${String(port)}, but something listens on port ${String(port)} already.`,
    {
      hint: 'Leave http-port empty to get a free port, or end the program that holds it.',
      tryThis: `sudo ss -ltnp 'sport = :${String(port)}'`,
    },
  );
}
