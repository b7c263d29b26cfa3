import { describe, expect, test } from '@jest/globals';
import { judgeStep, queueGrowth, requestsFor } from '../../../src/load/capacity/capacity-step.ts';
import { createRandom } from '../../../src/load/random.ts';
import { parseThresholds, type Threshold } from '../../../src/load/thresholds/thresholds.ts';
import type { LoadResult, LoadSlice } from '../../../src/model/load.ts';
import { hostResult, load } from '../../fakes/state.ts';

const rules = (text: string): Threshold[] => parseThresholds(text).thresholds;
const PLAN = { ratePerSecond: 100, durationMs: 5000 };
const slices = (p50Ms: (seconds: number) => number | null): LoadSlice[] =>
  Array.from({ length: 40 }, (_, index) => ({
    startSeconds: index / 8,
    seconds: 0.125,
    answered: 12,
    failed: 0,
    p50Ms: p50Ms(index / 8),
    p99Ms: 10,
  }));
const judged = (changes: Partial<LoadResult>, text = 'http_req_failed: rate<0.01') =>
  judgeStep(PLAN, load({ timeline: slices(() => 2), ...changes }), rules(text));

describe('the requests that a step needs', () => {
  const table = [
    { text: 'http_req_duration: p(95)<500', expected: 200 },
    { text: 'http_req_duration: p(99)<500', expected: 1000 },
    { text: 'http_req_duration: p(99.9)<500', expected: 10_000 },
    { text: 'http_req_failed: rate<0.01', expected: 300 },
    { text: 'http_req_failed: rate<0.001', expected: 3000 },
    { text: 'http_req_failed: rate<=0', expected: 100 },
    { text: 'http_req_duration: max<500', expected: 100 },
    { text: 'http_req_duration: p(95)<500\nhttp_req_failed: rate<0.01', expected: 300 },
    { text: 'http_req_failed: rate<0.0000001', expected: 100_000 },
  ];
  test.each(table)('are $expected for $text', ({ text, expected }) => {
    expect(requestsFor(rules(text))).toBe(expected);
  });
});

describe('a step', () => {
  test('whose thresholds hold is kept', () => {
    expect(judged({})).toMatchObject({
      ratePerSecond: 100,
      sent: 200,
      failed: 0,
      kept: true,
      reason: null,
      latencyMs: { p50: 2, p95: 6, p99: 10 },
    });
  });

  test('that breaks a threshold is not, and says which', () => {
    expect(judged({}, 'http_req_failed: rate<0.01\nhttp_req_duration: p(95)<5')).toMatchObject({
      kept: false,
      reason: 'http_req_duration: p(95)<5 does not hold: 6.0 ms',
    });
  });

  test('of which every request failed is not', () => {
    expect(judged({ total: hostResult({ sent: 200, succeeded: 0, failed: 200, latencyMs: null }) })).toMatchObject({
      kept: false,
      latencyMs: null,
    });
  });

  test('that could not send what was due is not', () => {
    expect(judged({ notSent: 3 })).toMatchObject({ kept: false, reason: '3 of 203 requests never left' });
    expect(judged({ notSent: 2 })).toMatchObject({ kept: true });
  });

  test('that was hardly answered is not, where no rule says how much may fail', () => {
    const refused = hostResult({ sent: 200, succeeded: 100, failed: 100, failures: { refused: 100 } });
    expect(judged({ total: refused }, 'http_req_duration: p(95)<500')).toMatchObject({
      kept: false,
      reason: '100 of 200 requests failed, and no rule on http_req_failed allows that',
    });
    expect(judged({ total: refused }, 'http_req_duration: p(95)<500\nhttp_req_failed: rate<0.6').kept).toBe(true);
    const two = hostResult({ sent: 200, succeeded: 198, failed: 2, failures: { refused: 2 } });
    expect(judged({ total: two }, 'http_req_duration: p(95)<500').kept).toBe(true);
  });

  test('whose queue grew is not, though every request was answered well', () => {
    expect(judged({ timeline: slices((seconds) => 2 + 50 * seconds) })).toMatchObject({
      kept: false,
      reason: 'the queue grew: the latency rose by 50 ms per second',
    });
  });

  test('says whether the generator was the bottleneck', () => {
    const generator = {
      cpuShare: 1,
      eventLoopUtilization: 1,
      eventLoopDelayMs: { p50: 1, p99: 1, max: 1 },
      sendDelayMs: null,
      limited: true,
      reason: 'It was busy.',
    };
    expect(judged({ generator })).toMatchObject({ generatorLimited: true, kept: true });
  });
});

describe('the growth of a queue', () => {
  test('is the share by which more arrives than is served', () => {
    // Of 105 that arrive 100 are served: who arrives after t seconds waits for 5 % of them.
    expect(queueGrowth(slices((seconds) => 1 + seconds * (1 - 100 / 105) * 1000))).toBeCloseTo(1 - 100 / 105, 6);
  });

  test('is not found where latency only wavers', () => {
    const random = createRandom('wavers');
    expect(queueGrowth(slices(() => 2 + 20 * random.uniform()))).toBe(0);
  });

  test('is not made up by a stall that passes', () => {
    expect(queueGrowth(slices((seconds) => (seconds > 3 && seconds < 3.5 ? 400 : 2)))).toBeLessThan(0.01);
  });

  test('needs some slices with answers', () => {
    expect(queueGrowth([])).toBe(0);
    expect(queueGrowth(slices((seconds) => (seconds < 0.5 ? 1000 * seconds : null)))).toBe(0);
  });
});
