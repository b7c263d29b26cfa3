import type { Journey } from '../journeys/journey.ts';
import type { LoadPlan } from '../requests/plan.ts';
import type { Sender } from '../sender.ts';
import { JourneyTraffic } from './journey-traffic.ts';
import type { TrafficPorts } from './pacing.ts';

/** Walks journeys, without pauses and without counting, until each connection has sent its part of the warm-up. */
export async function warmUpJourneys(
  plan: LoadPlan,
  journeys: readonly Journey[],
  { sender, clock, recorder }: Omit<TrafficPorts, 'onFree'>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { concurrency } = plan.model;
  const left = Array.from({ length: concurrency }, (_, index) =>
    Math.ceil((plan.warmupRequests - index) / concurrency),
  );
  const hasLeft = (connection: number): boolean => (left[connection] ?? 0) > 0 && signal?.aborted !== true;
  const quick = journeys.map((journey) => ({
    ...journey,
    steps: journey.steps.map((step) => ({ ...step, thinkMs: [0, 0] as const })),
  }));
  await Promise.all(
    left.map(async (_, connection) => {
      if (!hasLeft(connection)) return;
      await new Promise<void>((resolve) => {
        const counted: Sender = {
          send: (to, target, done, values) => {
            left[connection] = (left[connection] ?? 0) - 1;
            sender.send(
              to,
              target,
              (outcome) => {
                if (hasLeft(connection)) {
                  done(outcome);
                  return;
                }
                if (outcome.handshake !== null) recorder.recordHandshake(target, outcome.handshake, false);
                resolve();
              },
              values,
            );
          },
          close: () => Promise.resolve(),
        };
        const warm = { ...plan, seed: `${plan.seed}/warm-up-${String(connection)}`, stages: undefined };
        const onFree = (): void => {
          traffic.send(connection, 0, false);
        };
        const traffic = new JourneyTraffic(warm, quick, { sender: counted, clock, recorder, onFree }, 'warm-up');
        traffic.send(connection, 0, false);
      });
    }),
  );
}
