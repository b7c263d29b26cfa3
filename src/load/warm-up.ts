import type { LoadPlan } from './plan.ts';
import { valueStream } from './schedule.ts';
import type { Sender } from './sender.ts';

/**
 * Sends the warm-up requests of the plan and forgets their outcomes: every connection is opened and
 * asks the hosts in turn. Returns early, leaving requests on their way, when the signal is aborted.
 */
export async function warmUp(plan: LoadPlan, sender: Sender, signal: AbortSignal | undefined): Promise<void> {
  const connections = Math.min(plan.model.concurrency, plan.warmupRequests);
  await Promise.race([
    Promise.all(Array.from({ length: connections }, (_, connection) => warmUpConnection(connection, plan, sender, signal))),
    aborted(signal),
  ]);
}

async function warmUpConnection(
  connection: number,
  plan: LoadPlan,
  sender: Sender,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { concurrency } = plan.model;
  const values = valueStream(`${plan.seed}/warm-up-${String(connection)}`);
  for (let i = connection; i < plan.warmupRequests && signal?.aborted !== true; i += concurrency) {
    const target = Math.floor(i / concurrency) % plan.targets.length;
    await new Promise((resolve) => {
      sender.send(connection, target, resolve, values);
    });
  }
}

/** Resolves when the signal is aborted; never without a signal. */
export function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) resolve();
    signal?.addEventListener('abort', () => { resolve(); }, { once: true });
  });
}
