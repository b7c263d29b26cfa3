import type { LoadPlan } from '../requests/plan.ts';
import type { LoadStage } from '../requests/stages.ts';

/**
 * Cuts a plan into parts for workers that run side by side; together they send exactly what the plan says.
 *
 * Requests, warm-up and connections are dealt out one by one. Constant arrivals keep their even
 * gaps, because each worker sends every n-th of them. Each part has a seed of its own, so that the
 * same seed and number of workers send the same.
 *
 * @returns as many parts as there are workers, but never more than connections or requests; the
 *   plan itself when that is one.
 */
export function splitPlan(plan: LoadPlan, workers: number): LoadPlan[] {
  const of = Math.max(1, Math.min(workers, connectionsOf(plan), plan.requests ?? Infinity));
  if (of === 1) return [plan];
  return Array.from({ length: of }, (_, index) => ({
    ...plan,
    model: { ...plan.model, concurrency: usersOf(plan, index, of) },
    requests: plan.requests === null ? null : dealt(plan.requests, index, of),
    warmupRequests: dealt(plan.warmupRequests, index, of),
    seed: `${plan.seed}/worker-${String(index)}`,
    share: { index, of, seed: plan.seed },
    ...(plan.stages === undefined || plan.model.kind === 'open'
      ? {}
      : { stages: plan.stages.map((stage) => dealtStage(stage, index, of)) }),
  }));
}

/** Users that share a connection stay together. */
const connectionsOf = (plan: LoadPlan): number => Math.ceil(plan.model.concurrency / streamsOf(plan));

/** Stages count users one by one. */
const streamsOf = ({ streams = 1, stages }: LoadPlan): number => (stages === undefined ? streams : 1);

function usersOf(plan: LoadPlan, index: number, of: number): number {
  const { model } = plan;
  const streams = streamsOf(plan);
  const connections = dealt(connectionsOf(plan), index, of);
  // The last connection may have fewer users; it is the last one's that was dealt last.
  const missing = connectionsOf(plan) * streams - model.concurrency;
  const hasLast = (connectionsOf(plan) - 1) % of === index;
  return connections * streams - (hasLast ? missing : 0);
}

/** How many of `count` things the player at `index` gets when they are dealt out in turn. */
function dealt(count: number, index: number, of: number): number {
  return Math.ceil((count - index) / of);
}

/** Arrivals are dealt out one by one, users by their number. */
const dealtStage = ({ held, durationMs, from, to }: LoadStage, index: number, of: number): LoadStage => ({
  held,
  durationMs,
  from: Math.max(0, dealt(from, index, of)),
  to: Math.max(0, dealt(to, index, of)),
});

/** Workers for a machine that is shared with the system under test: one, or all cores but two. */
export function defaultWorkers(cores: number): number {
  return Math.max(1, cores - 2);
}
