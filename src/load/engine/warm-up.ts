import type { LoadPlan, Target } from '../requests/plan.ts';
import type { Outcome } from '../sender.ts';
import type { TrafficPorts } from './pacing.ts';
import { valueStream } from './schedule.ts';

/**
 * Sends the warm-up requests of the plan: every connection is opened and requests the hosts in turn. Outcomes are
 * discarded, except TLS handshakes, which the recorder gets. Returns early, leaving requests in flight, when the signal
 * is aborted.
 */
export async function warmUp(
  plan: LoadPlan,
  { sender, recorder }: Pick<TrafficPorts, 'sender' | 'recorder'>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { concurrency } = plan.model;
  const order = openersFirst(plan.targets);
  const warmUpConnection = async (connection: number): Promise<void> => {
    const values = valueStream(`${plan.seed}/warm-up-${String(connection)}`);
    for (let i = connection; i < plan.warmupRequests && signal?.aborted !== true; i += concurrency) {
      const target = order[Math.floor(i / concurrency) % order.length] ?? 0;
      const { handshake } = await new Promise<Outcome>((resolve) => {
        sender.send(connection, target, resolve, values);
      });
      if (handshake !== null) recorder.recordHandshake(target, handshake, false);
    }
  };
  const connections = Array.from({ length: Math.min(concurrency, plan.warmupRequests) }, (_, index) => index);
  await unlessAborted(Promise.all(connections.map(warmUpConnection)), signal);
}

/** Targets in order, but first one of each HTTPS host, because each of these opens its own connection. */
function openersFirst(targets: readonly Target[]): number[] {
  const opens = (index: number): boolean =>
    targets[index]?.scheme === 'https' &&
    targets.findIndex(({ host, scheme }) => scheme === 'https' && host === targets[index]?.host) === index;
  const all = [...targets.keys()];
  return [...all.filter(opens), ...all.filter((index) => !opens(index))];
}

/**
 * Waits for the work, but only until the signal is aborted. Leaves no listener behind: a signal outlives its loads, and
 * a capacity search has dozens of them.
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
