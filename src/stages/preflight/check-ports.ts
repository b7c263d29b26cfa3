import { portIsFree } from '../../adapters/machine.ts';
import type { Context } from '../../context.ts';
import { StageError } from '../../errors.ts';

/** The requested ports are free, unless a reused cluster holds them for this run. */
export async function checkPorts({ inputs, runner }: Context): Promise<void> {
  if (inputs.config !== null || inputs['reuse-cluster']) return;
  for (const name of ['http-port', 'https-port'] as const) {
    const port = inputs[name];
    if (port === null || (await portIsFree(port))) continue;
    runner.info(`Port ${String(port)} is taken`);
    throw new StageError(
      'port-in-use',
      `Input ${name} is ${String(port)}, but port ${String(port)} is already in use.`,
      {
        hint: `Leave ${name} empty to get a free port, or end the program that holds it.`,
        tryThis: `sudo ss -ltnp 'sport = :${String(port)}'`,
      },
    );
  }
}
