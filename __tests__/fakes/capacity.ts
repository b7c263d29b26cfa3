import type { CapacityStep } from '../../src/model/capacity.ts';

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
