import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { arrivalTimes } from '../../../src/load/engine/schedule.ts';
import { defaultWorkers, splitPlan } from '../../../src/load/engine/split-plan.ts';
import type { LoadPlan } from '../../../src/load/requests/plan.ts';
import { plan } from './fakes.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

test('the parts of a plan are together exactly the plan', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 100 }),
      fc.nat(1000),
      fc.nat(100),
      (workers, concurrency, requests, warmupRequests) => {
        const whole = plan({ model: { kind: 'closed', concurrency }, requests: requests + 1, warmupRequests });
        const parts = splitPlan(whole, workers);
        expect(sum(parts.map((part) => part.requests ?? 0))).toBe(whole.requests);
        expect(sum(parts.map((part) => part.model.concurrency))).toBe(concurrency);
        expect(sum(parts.map((part) => part.warmupRequests))).toBe(warmupRequests);
        expect(new Set(parts.map((part) => part.seed)).size).toBe(parts.length);
        expect(parts.length).toBe(Math.min(workers, concurrency, requests + 1));
        for (const part of parts) {
          expect(part.model.concurrency).toBeGreaterThanOrEqual(1);
          expect(part.requests).toBeGreaterThanOrEqual(1);
        }
      },
    ),
  );
});

test('users that share a connection stay together', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 8 }),
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 2, max: 12 }),
      (workers, concurrency, streams) => {
        const whole = plan({ model: { kind: 'closed', concurrency }, requests: 1000, httpVersion: 2, streams });
        const users = splitPlan(whole, workers).map((part) => part.model.concurrency);
        expect(sum(users)).toBe(concurrency);
        expect(Math.min(...users)).toBeGreaterThanOrEqual(1);
        expect(sum(users.map((count) => Math.ceil(count / streams)))).toBe(Math.ceil(concurrency / streams));
      },
    ),
  );
});

test('one worker sends the plan as it is', () => {
  const whole = plan({ requests: null, durationMs: 1000 });
  expect(splitPlan(whole, 1)).toEqual([whole]);
  expect(splitPlan(whole, 0)).toEqual([whole]);
});

describe('the arrivals of all workers', () => {
  const open = (arrivals: 'constant' | 'poisson'): LoadPlan =>
    plan({
      model: { kind: 'open', ratePerSecond: 1000, arrivals, concurrency: 8 },
      requests: null,
      durationMs: 20_000,
      rampUpMs: 100,
    });
  const arrivalsOf = (parts: readonly LoadPlan[], arrivals: 'constant' | 'poisson', untilMs: number): number[] =>
    parts
      .flatMap((part) => {
        const next = arrivalTimes({
          arrivals,
          ratePerSecond: 1000,
          rampUpMs: part.rampUpMs,
          seed: part.seed,
          share: part.share,
        });
        const times: number[] = [];
        for (let time = next(); time < untilMs; time = next()) times.push(time);
        return times;
      })
      .sort((a, b) => a - b);

  test('are those of one, when they are constant', () => {
    const whole = open('constant');
    const one = arrivalsOf(splitPlan(whole, 1), 'constant', 1000);
    expect(arrivalsOf(splitPlan(whole, 3), 'constant', 1000)).toEqual(one);
    expect(one).toHaveLength(950);
  });

  test('have the rate and the spread of one, when they are Poisson', () => {
    const times = arrivalsOf(splitPlan(open('poisson'), 3), 'poisson', 20_000);
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    const mean = sum(gaps) / gaps.length;
    const deviation = Math.sqrt(sum(gaps.map((gap) => (gap - mean) ** 2)) / gaps.length);
    expect(mean).toBeCloseTo(1, 1);
    expect(deviation / mean).toBeCloseTo(1, 1);
  });
});

test.each([
  [1, 1],
  [2, 1],
  [3, 1],
  [4, 2],
  [16, 14],
])('on %p cores there are %p workers by default', (cores, workers) => {
  expect(defaultWorkers(cores)).toBe(workers);
});
