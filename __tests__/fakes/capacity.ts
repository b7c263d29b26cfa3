import type { CapacityStep } from '../../src/model/capacity.ts';
import type { LoadResult } from '../../src/model/load.ts';
import type { sendBuiltIn } from '../../src/stages/run-load.ts';
import { hostResult, load } from './state.ts';

export const capacityStep = (
  ratePerSecond: number,
  kept: boolean,
  changes: Partial<CapacityStep> = {},
): CapacityStep => ({
  ratePerSecond,
  durationSeconds: 5,
  sent: 500,
  failed: 0,
  notSent: 0,
  latencyMs: { p50: 1, p95: 2, p99: 3 },
  kept,
  reason: kept ? null : 'it was slow',
  generatorLimited: false,
  ...changes,
});

/**
 * The load of a system that answers in 10 ms up to its capacity, and in a second beyond.
 *
 * @param pass moves the clock by so many milliseconds.
 * @param capacityOf requests per second that a host can take.
 * @param changes to what is measured at a rate.
 */
export const loadOfSystem =
  (
    pass: (ms: number) => void,
    capacityOf: (host: string) => number,
    changes: (rate: number) => Partial<LoadResult> = () => ({}),
  ): typeof sendBuiltIn =>
  (_, plan) => {
    if (plan.model.kind !== 'open' || plan.durationMs === null) throw new Error('A step is an open load with an end');
    const host = plan.targets[0]?.host ?? '';
    const { ratePerSecond } = plan.model;
    pass(plan.rampUpMs + plan.durationMs);
    const ms = ratePerSecond > capacityOf(host) ? 1000 : 10;
    const sent = Math.round((ratePerSecond * plan.durationMs) / 1000);
    const result = hostResult({
      host,
      path: '/',
      sent,
      succeeded: sent,
      statuses: { '200': sent },
      requestsPerSecond: ratePerSecond,
      latencyMs: { avg: ms, min: ms, p50: ms, p90: ms, p95: ms, p99: ms, max: ms },
    });
    return Promise.resolve(
      load({
        model: plan.model,
        seed: plan.seed,
        durationSeconds: plan.durationMs / 1000,
        total: { ...result, host: 'all', path: '' },
        hosts: [result],
        ...changes(ratePerSecond),
      }),
    );
  };
