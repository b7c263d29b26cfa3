import { describe, expect, test } from '@jest/globals';
import { Histogram } from '../../../src/load/counts/histogram.ts';
import {
  type GeneratorSample,
  judgeGenerator,
  mergeSamples,
  type SaturationEvidence,
  spoiltFigures,
} from '../../../src/load/counts/saturation.ts';
import { generatorCondition } from '../../../src/model/load.ts';

const quiet: GeneratorSample = {
  cpuShare: 0.2,
  eventLoopUtilization: 0.3,
  cpuWaitShare: 0.02,
  eventLoopDelayMs: { p50: 0.1, p90: 0.4, p95: 0.6, p99: 1, max: 12 },
};
const latencyMs = { avg: 20, min: 10, p50: 20, p90: 30, p95: 35, p99: 40, max: 80 };
/** Answers in 0.2 ms: all else is lateness. */
const serviceTimeMs = { avg: 0.2, min: 0.1, p50: 0.2, p90: 0.2, p95: 0.3, p99: 0.4, max: 2 };

function delays(...milliseconds: number[]): SaturationEvidence['measurement']['sendDelay'] {
  const histogram = new Histogram();
  milliseconds.forEach((ms) => {
    histogram.record(ms * 1000);
  });
  return histogram.snapshot();
}

const evidence = (changes: Partial<SaturationEvidence> = {}): SaturationEvidence => ({
  sample: quiet,
  measurement: { sendDelay: null, durationMs: 10_000 },
  clientResourceFailures: 0,
  latencyMs,
  serviceTimeMs: latencyMs,
  ...changes,
});

describe('a generator', () => {
  test('at ease is no limit, and added nothing worth telling', () => {
    const condition = judgeGenerator(
      evidence({ measurement: { sendDelay: delays(0.1, 0.2, 0.4), durationMs: 10_000 } }),
    );
    expect(condition).toEqual({
      ...quiet,
      eventLoopDelayMs: { p50: 0.1, p99: 1, max: 12 },
      sendDelayMs: { p50: 0.2, p99: 0.4, max: 0.4 },
      addedMs: { avg: 0.1, p50: 0.1, p90: 0.4, p95: 0.6, p99: 1, max: 12 },
      limited: false,
      reason: null,
    });
    expect(generatorCondition.parse(condition)).toEqual(condition);
    const calm = { ...quiet, eventLoopDelayMs: { p50: 0, p90: 0, p95: 1, p99: 1, max: 4 } };
    expect(judgeGenerator(evidence({ sample: calm })).addedMs).toBeUndefined();
  });

  const loop = (changes: Partial<GeneratorSample['eventLoopDelayMs']>): GeneratorSample => ({
    ...quiet,
    eventLoopDelayMs: { p50: 0, p90: 0, p95: 0, p99: 1, max: 1, ...changes },
  });

  test.each<[string, Partial<SaturationEvidence>, string]>([
    ['without free ports', { clientResourceFailures: 3 }, '3 requests failed because this machine ran out of ports'],
    ['that stood still', { sample: loop({ max: 2000 }) }, 'was blocked for 2000 ms'],
    [
      'that stood still while others had the core',
      { sample: { ...loop({ max: 2000 }), cpuWaitShare: 0.25 } },
      'was blocked for 2000 ms',
    ],
    [
      'that sends half of its requests late',
      { serviceTimeMs, measurement: { sendDelay: delays(0, 12, 12, 20), durationMs: 10_000 } },
      'half of the requests up to 12 ms late',
    ],
    [
      'that reads half of its answers late',
      { sample: loop({ p50: 8, p90: 9, p95: 9, p99: 12, max: 30 }) },
      'half of the requests up to 8.0 ms late',
    ],
    [
      'whose lateness is most of the median, though it waits for a core',
      {
        sample: { ...quiet, cpuWaitShare: 0.2 },
        serviceTimeMs,
        measurement: { sendDelay: delays(0, 15, 15), durationMs: 10_000 },
      },
      'half of the requests up to 15 ms late',
    ],
    [
      'that reads half of its answers late in the open model, whoever had the core',
      {
        sample: { ...loop({ p50: 8, p90: 9, p95: 9, p99: 12 }), cpuWaitShare: 0.4 },
        measurement: { sendDelay: delays(0), durationMs: 10_000 },
      },
      'half of the requests up to 8.0 ms late',
    ],
    [
      'without a pause',
      { sample: { ...quiet, eventLoopUtilization: 0.99, cpuShare: 0.97 } },
      'was busy for 99 % of the time, using 97 % of a core',
    ],
  ])('%s is the limit, and says why', (_, changes, reason) => {
    expect(judgeGenerator(evidence(changes))).toMatchObject({
      limited: true,
      reason: expect.stringContaining(reason) as unknown,
    });
  });

  test.each<[string, Partial<SaturationEvidence>]>([
    ['late requests, few of many', { serviceTimeMs, measurement: { sendDelay: delays(0, 0, 20), durationMs: 10_000 } }],
    ['a loop that comes round late now and then', { sample: loop({ p99: 12, max: 30 }) }],
    [
      'one pause in a long window',
      { sample: loop({ max: 400 }), measurement: { sendDelay: null, durationMs: 60_000 } },
    ],
    [
      'a late loop that waits for a core that others have',
      { sample: { ...loop({ p50: 8, p90: 9, p95: 9, p99: 12 }), cpuWaitShare: 0.2 } },
    ],
    [
      'a late loop of little CPU time, where waiting is not told',
      { sample: { ...loop({ p50: 8, p90: 9, p95: 9, p99: 12 }), cpuShare: 0.1, cpuWaitShare: null } },
    ],
    [
      'a loop without a pause that others keep from its core',
      { sample: { ...quiet, eventLoopUtilization: 0.99, cpuShare: 0.3, cpuWaitShare: 0.65 } },
    ],
    [
      'a pause that is short beside the longest latency',
      { sample: loop({ max: 297 }), latencyMs: { ...latencyMs, max: 12_000 } },
    ],
    ['a load without an answer', { latencyMs: null, serviceTimeMs: null }],
    [
      'an open load that sent nothing',
      { measurement: { sendDelay: delays(), durationMs: 0 }, latencyMs: null, serviceTimeMs: null },
    ],
  ])('%s does not make it one', (_, changes) => {
    expect(judgeGenerator(evidence(changes)).limited).toBe(false);
  });
});

test.each<[string, Partial<SaturationEvidence>, true | undefined]>([
  [
    'it waited for a core longer than it had one',
    { sample: { ...quiet, cpuWaitShare: 0.25, eventLoopDelayMs: { p50: 0, p90: 0, p95: 0, p99: 1, max: 2000 } } },
    true,
  ],
  [
    'all its work is shorter than its longest delay',
    { sample: { ...quiet, cpuShare: 0.02, eventLoopDelayMs: { p50: 0, p90: 0, p95: 0, p99: 1, max: 2000 } } },
    true,
  ],
  ['it had work all the time', { sample: { ...quiet, eventLoopUtilization: 0.99, cpuShare: 0.97 } }, undefined],
  ['its ports were used up', { sample: { ...quiet, cpuWaitShare: 0.9 }, clientResourceFailures: 3 }, undefined],
])('whether other programs held it up is told: %s', (_, changes, heldUp) => {
  const condition = judgeGenerator(evidence(changes));
  expect(condition).toMatchObject({ limited: true });
  expect(condition.heldUp).toBe(heldUp);
});

describe('what the generator added', () => {
  const tiny = { avg: 0.5, min: 0.1, p50: 0.2, p90: 0.3, p95: 0.4, p99: 12.4, max: 20 };
  const late = delays(...Array.from({ length: 98 }, () => 0.05), 12, 19);

  test('is in the percentiles that late requests reach, and in no others', () => {
    const condition = judgeGenerator(
      evidence({
        sample: { ...quiet, eventLoopDelayMs: { p50: 0, p90: 0, p95: 0, p99: 0, max: 0 } },
        measurement: { sendDelay: late, durationMs: 2000 },
        latencyMs: tiny,
        serviceTimeMs,
      }),
    );
    expect(condition.limited).toBe(false);
    expect(condition.addedMs?.p99).toBeCloseTo(12, 1);
    expect(condition.addedMs?.p50).toBeLessThan(0.1);
    expect(spoiltFigures(condition, tiny)).toEqual(['p99', 'max']);
  });

  test('is not more than what latency and service time differ in: the late requests are not the slow ones', () => {
    const slow = { ...tiny, p99: 400, max: 900 };
    const condition = judgeGenerator(
      evidence({
        sample: { ...quiet, eventLoopDelayMs: { p50: 0, p90: 0, p95: 0, p99: 0, max: 0 } },
        measurement: { sendDelay: late, durationMs: 2000 },
        latencyMs: slow,
        serviceTimeMs: { ...slow, p99: 399, max: 899 },
      }),
    );
    expect(condition.addedMs).toBeUndefined();
  });
});

test('of several workers the worst counts, and they share the CPU time of their process', () => {
  const busy: GeneratorSample = {
    cpuShare: 1.8,
    eventLoopUtilization: 0.9,
    cpuWaitShare: null,
    eventLoopDelayMs: { p50: 0, p90: 1, p95: 2, p99: 5, max: 6 },
  };
  expect(mergeSamples([busy, { ...quiet, cpuShare: 1.7 }])).toEqual({
    cpuShare: 0.9,
    eventLoopUtilization: 0.9,
    cpuWaitShare: 0.02,
    eventLoopDelayMs: { p50: 0.1, p90: 1, p95: 2, p99: 5, max: 12 },
  });
});
