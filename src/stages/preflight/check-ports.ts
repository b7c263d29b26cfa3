import { portIsFree } from '../../adapters/machine.ts';
import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';

/** The ports that were asked for are free, unless a cluster that is there may hold them for this run. */
export async function checkPorts({ inputs, runner }: Context): Promise<void> {
  if (inputs.config !== null || inputs['reuse-cluster']) return;
  for (const name of ['http-port', 'https-port'] as const) {
    const port = inputs[name];
    if (port === null || (await portIsFree(port))) continue;
    runner.info(`Port ${String(port)} is taken`);
    throw new StageError(
      'port-in-use',
      `Input ${name} is ${String(port)}, but something listens on port ${String(port)} already.`,
      {
        hint: `Leave ${name} empty to get a free port, or end the program that holds it.`,
        tryThis: `sudo ss -ltnp 'sport = :${String(port)}'`,
      },
    );
  }
}
