import type { LoadPlan } from '../requests/plan.ts';
import type { Sender } from '../sender.ts';
import { valueStream } from './schedule.ts';

/**
 * Sends the warm-up requests of the plan and forgets their outcomes: every connection is opened and
 * asks the hosts in turn. Returns early, leaving requests on their way, when the signal is aborted.
 */
export async function warmUp(plan: LoadPlan, sender: Sender, signal: AbortSignal | undefined): Promise<void> {
  const connections = Math.min(plan.model.concurrency, plan.warmupRequests);
  const warmUps = Array.from({ length: connections }, (_, connection) =>
    warmUpConnection(connection, plan, sender, signal),
  );
  await unlessAborted(Promise.all(warmUps), signal);
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

/**
 * Waits for the work, but no longer than until the signal is aborted. Leaves no listener behind: a signal
 * outlives its loads, and a search for the capacity has dozens of them.
 */
export async function unlessAborted(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
    if (signal?.aborted === true) resolve();
  });
  signal?.addEventListener('abort', onAbort);
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
